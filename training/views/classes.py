"""Classes (班別): the list, one of them, its steps from announcement to cancellation, its papers and files."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, prefetch_related_objects
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.choices import Status
from districts.policies import is_somebody
from districts.standing import standing
from meetings.views.papers import RENDERERS
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from personnel_portal.uploads import kinds, sending
from personnel_portal.uploads.actions import keep_each
from training.actions import classes as actions
from training.choices import ClassState, HoursState
from training.documents import classes as papers
from training.facts import days, registering, stage
from training.filters import ClassFilter
from training.forms.classes import CancelForm, FilesForm
from training.forms.refusals import say
from training.models import ClassFile, ClassTopic, TrainingClass
from training.policies import can_remove_class_file, can_run_class

HOURS_TONES = {HoursState.SUBMITTED: "wait", HoursState.RETURNED: "late", HoursState.GRANTED: "done"}
STEPS = (ClassState.DRAFT, ClassState.OPEN, ClassState.CLOSED, ClassState.FINISHED)


# --- The list --------------------------------------------------------------------------------------------------------


def _window(one: Any) -> str:
    if one.opens_at is None or one.closes_at is None:
        return ""
    opens, closes = timezone.localdate(one.opens_at), timezone.localdate(one.closes_at)
    return (
        f"{roc.short(opens)}–{roc.short(closes)}"
        if opens.year != closes.year
        else f"{roc.short(opens)}–{closes.month}/{closes.day}"
    )


def _stage(one: Any) -> lists.Cell:
    return lists.Cell(*stage(one, timezone.now()))


def _places(one: Any) -> lists.Cell:
    return lists.Cell(f"{one.seated}／{one.quota}", note=f"候補 {one.waiting}" if one.waiting else "")


COLUMNS = [
    lists.Column("name", "班別", str, sort=("course__name", "number"), link=lambda c: c.get_absolute_url(), width=44),
    lists.Column("college", "學院", lambda c: c.course.college.name if c.course.college else None, width=18),
    lists.Column("days", "訓期", lambda c: days(c.begins, c.ends), sort=("begins",), width=22),
    lists.Column("window", "報名期間", _window, sort=("closes_at",), width=24),
    lists.Column("places", "錄取／名額", _places, numeric=True),
    lists.Column("hours", "時數", lambda c: f"{c.hours.normalize():f}", sort=("hours",), numeric=True, width=8),
    lists.Column("organiser", "主辦機關", "organiser.short_name", sort=("organiser__short_name",), width=20),
    lists.Column("state", "狀態", _stage, sort=("state",)),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the classes that the person may see, those that come first first."""
    classes = TrainingClass.objects.visible_to(request.user).with_days()
    return lists.show(
        request,
        queryset=classes.order_by("-begins", "course__name"),
        columns=COLUMNS,
        filterset_class=ClassFilter,
        title="班別與報名",
        name="訓練班別",
        empty="尚無班別。班別由「訓練課程」的各課程頁建立，公告後列於此。",
        office_id=standing(request.user).office_id,
    )


# --- One class -------------------------------------------------------------------------------------------------------


@guard(TrainingClass)
def detail(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Show a class: what it is for, when and where, its hours, its files, and what can be done with it now."""
    topics = Prefetch("topics", ClassTopic.objects.select_related("topic"))
    prefetch_related_objects([training_class], "sessions", topics, "course__readings", "course__after", "agencies")
    return render(request, "training/class.html", _detail(request, training_class))


def _detail(request: SignedInRequest, one: TrainingClass) -> dict[str, Any]:
    """Return what the page of a class shows."""
    sessions = sorted(one.sessions.all(), key=lambda session: session.starts)
    runs = can_run_class(request.user, one)
    files = ClassFile.objects.visible_to(request.user).filter(training_class=one).select_related("stored")
    word, tone = stage(one, timezone.now())
    return {
        "training_class": one,
        "course": one.course,
        "stage": word,
        "tone": tone,
        "steps": _steps(one),
        "sessions": sessions,
        "days": days(sessions[0].starts, max(session.ends for session in sessions)) if sessions else "",
        "minutes": sum(session.minutes for session in sessions),
        "statuses": [Status(status).label for status in one.statuses if status in Status.values],
        "panel": registering(request.user, one),
        "runs": runs,
        "may": _steps_open(one) if runs else {},
        "files": list(files),
        "files_form": FilesForm(),
        "hours_tone": HOURS_TONES.get(HoursState(one.hours_state), "none"),
        "history": Entry.objects.for_target(one)[:15] if runs or standing(request.user).is_office else [],
    }


def _steps(one: TrainingClass) -> list[tuple[str, str]]:
    if one.state == ClassState.CANCELLED:
        return [(ClassState.DRAFT.label, "past"), (ClassState.CANCELLED.label, "stop")]
    at = STEPS.index(ClassState(one.state))
    states = [(step.label, "past" if n < at else "now" if n == at else "next") for n, step in enumerate(STEPS)]
    granted = one.hours_state == HoursState.GRANTED
    return [*states, ("核給時數", "now" if granted else "next")]


def _steps_open(one: TrainingClass) -> dict[str, bool]:
    """Return which steps lead on from where the class stands; whether they succeed is the actions' matter."""
    alive = one.state in (ClassState.DRAFT, ClassState.OPEN, ClassState.CLOSED)
    free = alive and one.hours_state in (HoursState.OPEN, HoursState.RETURNED)
    return {
        "edit": free,
        "open": one.state in (ClassState.DRAFT, ClassState.CLOSED),
        "close": one.state == ClassState.OPEN,
        "cancel": one.state in (ClassState.OPEN, ClassState.CLOSED),
        "remove": one.state == ClassState.DRAFT,
        "files": one.state != ClassState.CANCELLED,
    }


# --- Steps -----------------------------------------------------------------------------------------------------------


@require_POST
@guard(TrainingClass, can_run_class)
def open_class(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Announce a class, or let a closed one take registrations again."""
    try:
        opened = actions.open_class(training_class=training_class, by=request.user)
        messages.success(request, f"「{opened}」已公告受理報名。")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect(training_class)


@require_POST
@guard(TrainingClass, can_run_class)
def close_class(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Take no more registrations."""
    try:
        actions.close_class(training_class=training_class, by=request.user)
        messages.success(request, "已停止報名；候補人員仍依序遞補。")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect(training_class)


@guard(TrainingClass, can_run_class)
def cancel_class(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Ask why a class is not held, and cancel it."""
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_class(training_class=training_class, by=request.user, **form.cleaned_data)
            messages.success(request, "已停辦，並寄信通知已報名人員。")
            return redirect(training_class)
        except ValidationError as refusal:
            say(form, refusal)
    active = training_class.registrations.active().count()
    context = {
        "title": f"停辦「{training_class}」？",
        "consequences": [
            f"{active} 筆報名（含候補）一併取消，並寄信說明原因。",
            "停辦後不能再開班；另行辦理請新增下一期。",
        ],
        "form": form,
        "action": "停辦",
        "danger": True,
        "cancel_url": training_class.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


@guard(TrainingClass, can_run_class)
def remove_class(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Ask, and remove a draft."""
    course = training_class.course
    if request.method == "POST":
        try:
            actions.remove_draft(training_class=training_class, by=request.user)
            messages.success(request, "已刪除班別草稿。")
            return redirect(course)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect(training_class)
    context = {
        "title": f"刪除「{training_class}」草稿？",
        "consequences": ["場次、類別時數與檔案一併刪除，無法復原。"],
        "action": "刪除",
        "danger": True,
        "cancel_url": training_class.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


# --- Papers and files ------------------------------------------------------------------------------------------------


@guard(TrainingClass)
def class_plan(request: SignedInRequest, training_class: TrainingClass, form: str) -> HttpResponseBase:
    """Hand out the 實施計畫 of a class; marked as a draft until it is announced."""
    if form not in RENDERERS:
        raise Http404
    render_paper, content_type = RENDERERS[form]
    content = render_paper(papers.class_plan(training_class))
    office = training_class.course.plan.office_id
    record("class.plan_printed", training_class, by=request.user, office_id=office, form=form)
    name = f"{training_class}實施計畫.{form}"
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type)


@require_POST
@guard(TrainingClass, can_run_class)
def add_class_files(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Keep files with a class; a refused one does not hold back the others."""
    form = FilesForm(request.POST, request.FILES)
    if form.is_valid():
        batch = keep_each(form.cleaned_data["handouts"], by=request.user, allowed=kinds.ATTACHMENTS)
        is_handout = form.cleaned_data["is_handout"]
        added = actions.add_files(
            training_class=training_class, stored=batch.kept, is_handout=is_handout, by=request.user
        )
        if added:
            messages.success(request, f"已加入 {added} 個檔案。")
        if not batch.refused:
            return redirect(training_class)
        for refusal in batch.refused:
            form.add_error("handouts", refusal)
    context = {"training_class": training_class, "form": form}
    return render(request, "training/class_files.html", context, status=422)


@guard(ClassFile)
def class_file(request: SignedInRequest, file: ClassFile) -> HttpResponseBase:
    """Send a file of a class to somebody who may have it."""
    return sending.send(file.stored, by=request.user, target=file.training_class)


@require_POST
@guard(ClassFile, can_remove_class_file)
def remove_class_file(request: SignedInRequest, file: ClassFile) -> HttpResponseBase:
    """Take a file off a class."""
    actions.remove_file(file=file, by=request.user)
    messages.success(request, f"已移除「{file.stored.name}」。")
    return redirect(f"{reverse('training:training_class', args=[file.training_class_id])}#files")
