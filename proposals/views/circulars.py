"""Circulars (通函): the list, one with its minutes and who has acknowledged it, and how the office makes one."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Agency, Plan
from districts.policies import is_reviewer, is_somebody
from districts.standing import standing
from meetings.choices import MeetingKind, MinutesState
from meetings.facts import reach
from meetings.models import Meeting, MinutesFile
from meetings.views.papers import RENDERERS
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents.paper import Items
from personnel_portal.documents.sheets import FORMATS
from personnel_portal.guards import Verdict, guard
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from proposals import documents
from proposals.actions import circulars as actions
from proposals.filters import CircularFilter
from proposals.forms.circulars import DraftForm, PublishForm, TextForm
from proposals.models import Circular, CircularRecipient, Proposal
from proposals.policies import can_acknowledge, can_manage_circular

HISTORY = ("circular.published", "circular.reminded")


def _state(circular: Any) -> lists.Cell:
    if circular.published_at is None:
        return lists.Cell("草稿", "none")
    if circular.corrected:
        return lists.Cell("已更正", "soon")
    return lists.Cell("已公布", "done")


def _acknowledged(circular: Any) -> lists.Cell:
    if not circular.reached:
        return lists.Cell("—")
    if circular.reached == 1:
        return lists.Cell("已簽收", "done") if circular.read else lists.Cell("待簽收", "soon")
    return lists.Cell(f"{circular.read}／{circular.reached}", "done" if circular.read == circular.reached else "soon")


COLUMNS = [
    lists.Column("issued_on", "發文日期", sort=("issued_on",)),
    lists.Column("number", "文號", sort=("number",), width=24),
    lists.Column("purpose", "主旨", sort=("purpose",), link=lambda c: c.get_absolute_url(), width=60),
    lists.Column("state", "狀態", _state),
    lists.Column("acknowledged", "簽收", _acknowledged),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the circulars, the newest first; each says how many of the agencies that the person sees acknowledged it."""
    mine = standing(request.user)
    seen = Q() if mine.is_office else Q(recipients__agency__in=mine.reads_for)
    found = Circular.objects.visible_to(request.user).annotate(
        reached=Count("recipients", filter=seen, distinct=True),
        read=Count("recipients", filter=seen & Q(recipients__acknowledged_at__isnull=False), distinct=True),
        corrected=Count("corrections", filter=Q(corrections__published_at__isnull=False), distinct=True),
    )
    return lists.show(
        request,
        queryset=found,
        columns=COLUMNS,
        filterset_class=CircularFilter,
        title="通函",
        empty="尚無通函。專任會報紀錄備查後，由人事處擬稿、發文並公布於此。",
        actions=[lists.Action("擬通函", reverse("proposals:draft_circular"))] if mine.is_reviewer else [],
        office_id=mine.office_id,
    )


ACKNOWLEDGEMENTS = [
    lists.Column("agency", "機關", "agency.short_name", width=24),
    lists.Column("official_name", "機關全銜", "agency.official_name", width=44),
    lists.Column("state", "簽收", lambda one: "已簽收" if one.acknowledged_at else "尚未簽收"),
    lists.Column("by", "簽收人", lambda one: one.acknowledged_by.get_full_name() if one.acknowledged_by else None),
    lists.Column("at", "簽收時間", "acknowledged_at", width=18),
]


@guard(Circular)
def circular(request: SignedInRequest, circular: Circular) -> HttpResponseBase:
    """Show a circular with the accepted minutes that it carries, and the acknowledgements that the person may see.

    `?export=ods` hands the office the acknowledgements.
    """
    user, mine = request.user, standing(request.user)
    recipients = CircularRecipient.objects.visible_to(user).filter(circular=circular)
    recipients = recipients.select_related("agency", "acknowledged_by").order_by("agency__kind", "agency__pk")
    if mine.is_office and request.GET.get("export") in lists.EXPORTS:
        return lists.show(
            request,
            queryset=recipients,
            columns=ACKNOWLEDGEMENTS,
            title=f"{circular.number}簽收情形",
            empty="尚無簽收對象。",
            office_id=mine.office_id,
        )
    reached = list(recipients)
    context = {
        "circular": circular,
        "lines": list(Items(documents.outline(circular.explanation)).lines()),
        "minutes": _minutes(user, circular),
        "corrections": Circular.objects.visible_to(user).filter(corrects=circular),
        "own": [recipient for recipient in reached if recipient.agency_id in mine.works_for],
        "missing": [recipient for recipient in reached if recipient.acknowledged_at is None],
        "read": [recipient for recipient in reached if recipient.acknowledged_at is not None],
        "reached": reached,
        "exports": [(form, FORMATS[form][0]) for form in lists.EXPORTS],
        "can_manage": can_manage_circular(user, circular),
        "history": Entry.objects.for_target(circular).filter(act__in=HISTORY) if mine.is_office else [],
        **(_warnings(circular) if mine.is_office else {}),
    }
    return render(request, "proposals/circular.html", context)


def _minutes(user: Any, circular: Circular) -> list[tuple[Meeting, list[MinutesFile]]]:
    """Return the meetings with the accepted files that the person may read; none while minutes are not accepted."""
    meetings = list(_meetings(circular))
    files: dict[int, list[MinutesFile]] = {meeting.pk: [] for meeting in meetings}
    found = MinutesFile.objects.visible_to(user).filter(
        version__minutes__meeting__in=meetings,
        version__minutes__state=MinutesState.ACCEPTED,
        version__accepted_at__isnull=False,
    )
    for file in found.select_related("stored", "version__minutes").order_by("role", "pk"):
        files[file.version.minutes.meeting_id].append(file)
    return [(meeting, files[meeting.pk]) for meeting in meetings]


def _meetings(circular: Circular) -> QuerySet[Meeting]:
    return circular.meetings.select_related("district", "minutes").order_by("district__order", "starts_at")


def _warnings(circular: Circular) -> dict[str, Any]:
    """Return what the office must know before it publishes: minutes that would stay closed, decisions that wait."""
    meetings = list(_meetings(circular))
    return {
        "unaccepted": [meeting for meeting in meetings if meeting.minutes.state != MinutesState.ACCEPTED],
        "pending": Proposal.objects.of_meetings(meetings).undecided().count(),
    }


@guard(policy=is_reviewer)
def draft(request: SignedInRequest) -> HttpResponse:
    """Choose the meetings of a new circular: `?kind=B` all of a kind, `?meeting=` one, `?corrects=` those of another."""
    corrects = _corrected(request)
    plans = Plan.objects.visible_to(request.user).liaison()
    plan = corrects.plan if corrects else plans.of_year(request.GET.get("year", ""), timezone.localdate())
    if plan is None:
        raise Http404
    form = DraftForm(
        request.POST if request.method == "POST" else None,
        plan=plan,
        initial={"meetings": _chosen(request, plan, corrects)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft_circular(
                plan=plan, meetings=list(form.cleaned_data["meetings"]), corrects=corrects, by=request.user
            )
            messages.success(request, "已擬稿，請檢視內容；發文後登錄文號即可公布。")
            return redirect("proposals:edit_circular", pk=made.pk)
        except ValidationError as error:
            form.add_error(None, error)
    context = {
        "form": form,
        "plan": plan,
        "plans": plans,
        "corrects": corrects,
        "kinds": MeetingKind,
        "absent": _absent(plan),
    }
    return render(request, "proposals/circular_draft.html", context, status=422 if form.errors else 200)


def _corrected(request: SignedInRequest) -> Circular | None:
    asked = request.GET.get("corrects", "")
    if not asked:
        return None
    published = Circular.objects.visible_to(request.user).filter(published_at__isnull=False).select_related("plan")
    return get_object_or_404(published, pk=asked if asked.isdecimal() and len(asked) < 10 else 0)


def _chosen(request: SignedInRequest, plan: Plan, corrects: Circular | None) -> list[Meeting]:
    if corrects:
        return list(corrects.meetings.all())
    held = Meeting.objects.in_plan(plan).held()
    if (asked := request.GET.get("meeting", "")).isdecimal() and len(asked) < 10:
        return list(held.filter(pk=asked))
    return list(held.filter(kind=request.GET.get("kind", MeetingKind.FULL_TIME)))


def _absent(plan: Plan) -> list[tuple[str, list[str]]]:
    """Return for each kind the districts that held no such meeting yet."""
    held = set(Meeting.objects.in_plan(plan).held().values_list("kind", "district"))
    districts = list(plan.districts.all())
    found = [(kind.label, [d.name for d in districts if (kind.value, d.pk) not in held]) for kind in MeetingKind]
    return [(label, names) for label, names in found if names]


@guard(Circular, can_manage_circular)
def edit(request: SignedInRequest, circular: Circular) -> HttpResponse:
    """Edit the text of a draft."""
    form = TextForm(request.POST if request.method == "POST" else None, instance=circular)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_circular(circular=circular, by=request.user, shown=form.as_shown, **form.changes)
            messages.success(request, "已儲存通函。")
            return redirect(circular)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "circular": circular, "meetings": _meetings(circular), **_warnings(circular)}
    return render(request, "proposals/circular_edit.html", context, status=422 if form.errors else 200)


@require_POST
@guard(Circular, can_manage_circular)
def redraft(request: SignedInRequest, circular: Circular) -> HttpResponse:
    """Write the text anew."""
    try:
        actions.redraft_circular(circular=circular, by=request.user)
        messages.success(request, "已依目前的決議與已公布研處結果重新擬稿。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(circular)
    return redirect("proposals:edit_circular", pk=circular.pk)


@guard(Circular, can_manage_circular)
def discard(request: SignedInRequest, circular: Circular) -> HttpResponse:
    """Ask, then remove a draft."""
    if request.method == "POST":
        try:
            actions.discard_circular(circular=circular, by=request.user)
            messages.success(request, "已刪除通函草稿。")
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("proposals:circulars")
    context = {
        "title": "刪除這份通函草稿？",
        "text": circular.purpose,
        "consequences": ["主旨與說明一併刪除，無法復原；會議紀錄與決議不受影響。"],
        "action": "刪除",
        "cancel_url": circular.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@guard(Circular, can_manage_circular)
def publish(request: SignedInRequest, circular: Circular) -> HttpResponse:
    """Enter 文號 and date, and publish; the page says whom it reaches and what it does not open."""
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _, reached = actions.publish_circular(circular=circular, by=request.user, **form.cleaned_data)
            messages.success(request, f"已公布，並寄信通知 {len(reached.addresses)} 人。")
            return redirect(circular)
        except ValidationError as error:
            form.add_error(None, error)
    agencies = list(Agency.objects.filter(office=circular.plan.office_id, is_active=True).members())
    context = {
        "form": form,
        "circular": circular,
        "agencies": len(agencies),
        "reach": reach(agencies),
        **_warnings(circular),
    }
    return render(request, "proposals/circular_publish.html", context, status=422 if form.errors else 200)


@guard(Circular)
def letter(request: SignedInRequest, circular: Circular, form: str) -> HttpResponseBase:
    """Return the circular as a 函."""
    if form not in RENDERERS:
        raise Http404
    render_paper, content_type = RENDERERS[form]
    content = render_paper(documents.circular_letter(circular))
    record("circular.printed", circular, by=request.user, office_id=circular.plan.office_id, form=form)
    name = f"通函{circular.number or '草稿'}.{form}"
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type)


def _reviews(user: Any, circular: Circular) -> Verdict:
    return is_reviewer(user)


@require_POST
@guard(Circular, _reviews)
def remind(request: SignedInRequest, circular: Circular) -> HttpResponse:
    """Remind the agencies that have not acknowledged it."""
    try:
        reached = actions.remind_missing(circular=circular, by=request.user)
        messages.success(request, f"已寄出提醒，收件 {len(reached.addresses)} 人。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(circular)


@require_POST
@guard(CircularRecipient, can_acknowledge)
def acknowledge(request: SignedInRequest, recipient: CircularRecipient) -> HttpResponse:
    """Acknowledge in the name of an agency."""
    try:
        actions.acknowledge_circular(recipient=recipient, by=request.user)
        messages.success(request, f"已代表{recipient.agency.short_name}簽收。")
    except ValidationError as error:
        messages.info(request, error.messages[0])
    return redirect(recipient.circular)
