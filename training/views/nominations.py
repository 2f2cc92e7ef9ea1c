"""Nominations (薦送): agencies name people by rank, the office approves or refuses."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Agency, Person, Posting
from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from training.actions import nominations as actions
from training.actions.registration import Answer
from training.choices import Form, Place
from training.eligibility import closed, starts_at
from training.facts import places_of
from training.forms.registration import APPROVE, DecideForm, NominationForm
from training.models import Registration, TrainingClass
from training.policies import can_decide_nominations, can_nominate, can_see_nominations
from training.views.registration import TONES


@guard(TrainingClass, can_see_nominations)
def nominations(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Show a class's nominations by agency and rank, with the form of whoever nominates, and that of whoever decides."""
    return _page(request, training_class)


@require_POST
@guard(TrainingClass, can_nominate)
def nominate(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Nominate somebody of an agency that one works for."""
    form = _nomination_form(request, training_class)
    if form and form.is_valid():
        try:
            made = actions.nominate(
                training_class=training_class, agency=form.agency, by=request.user, **form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已薦送{made.person.name}（第 {made.rank} 順位），待人事處審核。")
            return redirect("training:nominations", pk=training_class.pk)
    return _page(request, training_class, form=form, status=422)


@require_POST
@guard(TrainingClass, can_decide_nominations)
def decide(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Approve the nominations that are ticked, or refuse them for a reason."""
    form = DecideForm(request.POST)
    if form.is_valid():
        approve = form.cleaned_data["decision"] == APPROVE
        try:
            answers = actions.decide_nominations(
                training_class=training_class,
                chosen=form.cleaned_data["chosen"],
                approve=approve,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _told(answers, approve=approve))
            return redirect("training:nominations", pk=training_class.pk)
    return _page(request, training_class, decide_form=form, status=422)


def _told(answers: list[Answer], *, approve: bool) -> str:
    if not approve:
        return f"已登錄不予薦送 {len(answers)} 人，並通知薦送機關。"
    waiting = sum(bool(answer.turn) for answer in answers)
    behind = f"，其中 {waiting} 人因名額已滿列為候補" if waiting else ""
    return f"已同意薦送 {len(answers)} 人{behind}。"


def _page(
    request: SignedInRequest,
    training_class: TrainingClass,
    *,
    form: NominationForm | None = None,
    decide_form: DecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = Registration.objects.visible_to(request.user).with_turn()
    rows = rows.filter(training_class=training_class, rank__isnull=False).select_related("person", "agency")
    shut = closed(training_class, timezone.now(), starts_at(training_class), nominating=True)
    may_decide = bool(can_decide_nominations(request.user, training_class))
    context = {
        "training_class": training_class,
        "nominations": [(row, TONES[Place(row.place)]) for row in rows.order_by("agency__short_name", "rank", "queue")],
        "pending": rows.filter(place=Place.NOMINATED).exists(),
        "places": places_of(training_class),
        "shut": shut,
        "form": form or (None if shut else _nomination_form(request, training_class)),
        "agencies": Agency.objects.filter(pk__in=standing(request.user).works_for, is_active=True).order_by("pk"),
        "decide_form": (decide_form or DecideForm()) if may_decide else None,
        "chosen": decide_form.chosen if decide_form else set(),
    }
    return render(request, "training/nominations.html", context, status=status)


def _nomination_form(request: SignedInRequest, training_class: TrainingClass) -> NominationForm | None:
    """Return the form for an agency that one works for: the posted one, `?agency=`, else the first; none without any."""
    agencies = list(Agency.objects.filter(pk__in=standing(request.user).works_for, is_active=True).order_by("pk"))
    if not agencies or (training_class.form != Form.NOMINATED and request.method != "POST"):
        return None
    asked = request.POST.get("agency") or request.GET.get("agency", "")
    agency = next((one for one in agencies if str(one.pk) == asked), agencies[0])
    at_work = Posting.objects.on(timezone.localdate()).filter(agency=agency).values("person")
    people = Person.objects.filter(pk__in=at_work).order_by("name", "pk")
    data = request.POST if request.method == "POST" and "rank" in request.POST else None
    next_rank = training_class.registrations.active().filter(agency=agency).count() + 1
    return NominationForm(data, agency=agency, people=people, initial={"rank": next_rank})
