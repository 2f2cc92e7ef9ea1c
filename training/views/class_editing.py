"""Planning and changing a class, with its sessions and its hours by topic."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from districts.choices import AgencyKind
from districts.models import Agency
from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from training.actions import classes as actions
from training.actions.classes import Parts
from training.choices import ClassState
from training.forms.classes import SESSIONS, ClassForm
from training.forms.refusals import say
from training.models import Course, Topic, TrainingClass
from training.policies import can_add_class, can_run_class


@guard(Course, can_add_class)
def add_class(request: SignedInRequest, course: Course) -> HttpResponseBase:
    """Plan a class of a course; what the course says is a beginning."""
    initial = {
        "form": course.form,
        "mode": course.mode,
        "goals": course.goals,
        "audience": course.audience,
        "responsible": course.responsible if course.responsible not in ("人事處", "各單位") else "",
    }
    form, sessions = _forms(request, TrainingClass(course=course), initial)
    if request.method == "POST" and form.is_valid() and sessions.is_valid():
        training_class = form.save(commit=False)
        try:
            made = actions.add_class(training_class=training_class, parts=_parts(form, sessions), by=request.user)
            messages.success(request, "已建立班別草稿；確認內容後請公告受理報名。")
            return redirect(made)
        except ValidationError as refusal:
            training_class.pk = None
            say(form, refusal)
    return _page(request, form, sessions, f"新增班別：{course.name}", course.get_absolute_url())


@guard(TrainingClass, can_run_class)
def edit_class(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Change a class, its sessions and its hours by topic."""
    form, sessions = _forms(request, training_class)
    if request.method == "POST" and form.is_valid() and sessions.is_valid():
        try:
            changed = actions.change_class(
                training_class=training_class,
                changes=form.changes,
                parts=_parts(form, sessions),
                shown=form.as_shown,
                by=request.user,
            )
            messages.success(request, f"已儲存「{changed}」。")
            return redirect(changed)
        except ValidationError as refusal:
            say(form, refusal)
    title = f"編輯班別：{training_class}"
    told = training_class.state != ClassState.DRAFT
    return _page(request, form, sessions, title, training_class.get_absolute_url(), told=told)


def _forms(
    request: SignedInRequest, training_class: TrainingClass, initial: dict[str, Any] | None = None
) -> tuple[ClassForm, Any]:
    data = request.POST if request.method == "POST" else None
    office = training_class.course.plan.office_id
    agencies = list(Agency.objects.filter(office=office, is_active=True).order_by("kind", "pk"))
    form = ClassForm(
        data,
        instance=training_class,
        initial=initial,
        organisers=_organisers(request, agencies, training_class),
        agencies=agencies,
        topics=list(Topic.objects.visible_to(request.user)),
    )
    return form, SESSIONS(data, instance=training_class, prefix="sessions")


def _organisers(request: SignedInRequest, agencies: list[Agency], training_class: TrainingClass) -> list[Agency]:
    """Return who can run the class: any agency where the office decides, the office first; else the person's own."""
    mine = standing(request.user)
    if mine.is_reviewer:
        return sorted(agencies, key=lambda agency: agency.kind != AgencyKind.OFFICE)
    own = mine.works_for | ({training_class.organiser_id} if training_class.pk else set())
    return [agency for agency in agencies if agency.pk in own]


def _parts(form: ClassForm, sessions: Any) -> Parts:
    changed = sessions.save(commit=False)
    return Parts(
        sessions=changed,
        removed=sessions.deleted_objects,
        topics=form.hours_by_topic,
        agencies=form.cleaned_data["agencies"],
    )


def _page(
    request: SignedInRequest, form: ClassForm, sessions: Any, title: str, back: str, *, told: bool = False
) -> HttpResponseBase:
    context = {"form": form, "rows": sessions, "title": title, "back": back, "told": told}
    wrong = form.errors or sessions.total_error_count()
    return render(request, "training/class_form.html", context, status=422 if wrong else 200)
