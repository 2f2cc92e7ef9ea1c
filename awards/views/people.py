"""Who took part: a host's people and the office's check of them, and who is rewarded for an adopted proposal."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from awards.actions import people as actions
from awards.choices import HostPersonState
from awards.facts import proposed_on
from awards.forms.people import ACCEPT, CheckForm, NameForm, ProposersForm
from awards.models import HostPerson
from awards.policies import can_change_person, can_check_people, can_name_people, can_name_proposers, can_see_people
from districts.models import District
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from proposals.facts import proposers as proposing
from proposals.models import Proposal

TONES = {HostPersonState.NAMED: "wait", HostPersonState.ACCEPTED: "done", HostPersonState.REFUSED: "none"}


# --- A host's people -------------------------------------------------------------------------------------------------


@guard(District, can_see_people)
def people(request: SignedInRequest, district: District) -> HttpResponse:
    """Show whom the district's host named, with the form of whoever may name, and that of whoever checks."""
    return _people(request, district)


@require_POST
@guard(District, can_name_people)
def name_person(request: SignedInRequest, district: District) -> HttpResponseBase:
    """Name somebody for the district's hosting award."""
    form = NameForm(request.POST, district=district)
    if form.is_valid():
        try:
            named = actions.name_person(district=district, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已提報{named.person.name}，並通知人事處審查。")
            return redirect("awards:people", pk=district.pk)
    return _people(request, district, name_form=form, status=422)


@require_POST
@guard(District, can_check_people)
def check_people(request: SignedInRequest, district: District) -> HttpResponseBase:
    """Accept those who are ticked, or leave them out for a reason."""
    form = CheckForm(request.POST)
    if form.is_valid():
        accept = form.cleaned_data["decision"] == ACCEPT
        seen, reason = form.cleaned_data["seen"], form.cleaned_data["reason"]
        try:
            checked = actions.check_people(district=district, seen=seen, accept=accept, reason=reason, by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            told = f"已同意列入 {len(checked)} 人。" if accept else f"已登錄不列入 {len(checked)} 人，並通知承辦單位。"
            messages.success(request, told)
            return redirect("awards:people", pk=district.pk)
    return _people(request, district, check_form=form, status=422)


@require_POST
@guard(HostPerson, can_change_person)
def remove_person(request: SignedInRequest, named: HostPerson) -> HttpResponseBase:
    """Take somebody off the list."""
    district, name = named.district_id, named.person.name
    try:
        actions.remove_person(named=named, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已將{name}自名單移除。")
    return redirect("awards:people", pk=district)


def _people(
    request: SignedInRequest,
    district: District,
    *,
    name_form: NameForm | None = None,
    check_form: CheckForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = district.host_people.select_related("person", "named_by", "checked_by").order_by(
        "-part", "pk"
    )  # 主管 first, as the clause names them
    named = [(row, TONES[HostPersonState(row.state)]) for row in rows]
    may_name, may_check = can_name_people(request.user, district), can_check_people(request.user, district)
    host = district.host_on(district.plan.nearest(timezone.localdate()))
    context = {
        "district": district,
        "host": host,
        "named": named,
        "waiting": sum(row.state == HostPersonState.NAMED for row, _ in named),
        "name_form": (name_form or NameForm(district=district)) if may_name else None,
        "check_form": (check_form or CheckForm()) if may_check else None,
        "ticked": set(check_form.seen) if check_form else set(),
    }
    return render(request, "awards/people.html", context, status=status)


# --- The people behind an adopted proposal ---------------------------------------------------------------------------


@guard(Proposal, can_name_proposers)
def proposers(request: SignedInRequest, proposal: Proposal) -> HttpResponse | HttpResponseBase:
    """Name who is rewarded for an adopted proposal; several split it, none leaves it to what the portal finds."""
    proposal = Proposal.objects.filter(pk=proposal.pk).with_proposers().select_related("package").get()
    decision = proposal.decisions.in_force().select_related("proposal__package").first()
    day = proposed_on(decision) if decision else timezone.localdate()
    form = ProposersForm(
        request.POST if request.method == "POST" else None, proposal=proposal, agencies=_agencies(proposal), day=day
    )
    if form.is_valid():
        try:
            actions.name_proposers(proposal=proposal, people=list(form.cleaned_data["people"]), by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _named(proposal, list(form.cleaned_data["people"])))
            return redirect(f"{reverse('awards:overview')}?year={proposal.plan.year}#proposers")
    context = {
        "proposal": proposal,
        "proposers": proposing(proposal),
        "decision": decision,
        "day": day,
        "form": form,
    }
    return render(request, "awards/proposers.html", context, status=422 if form.errors else 200)


def _agencies(proposal: Proposal) -> set[int]:
    """Return all agencies behind a proposal, those of what was merged into it too."""
    return {
        agency
        for one in (proposal, *proposal.merged.all())
        for agency in (one.agency_id, *(joined.agency_id for joined in one.co_proposers.all()))
    }


def _named(proposal: Proposal, people: list[Any]) -> str:
    if not people:
        return f"「{proposal.subject}」的獎勵人員改由系統依提案人認定。"
    return f"已指定「{proposal.subject}」的獎勵人員：{'、'.join(person.name for person in people)}。"
