"""Semesters of a study leave: their days, timetable, grades, and the hours registered from them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Plan
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.uploads import kinds
from personnel_portal.uploads.actions import keep
from personnel_portal.uploads.sending import send as send_file
from training.actions import study_terms as actions
from training.forms.study import GradesForm, HoursForm, SemesterForm, TimetableForm
from training.models import LearningRecord, Semester, Study
from training.policies import can_handle_semester, can_handle_study, can_keep_semester
from training.studying import owes_timetable, terms_of, timetable_due


@guard(Study, can_handle_study)
def add(request: SignedInRequest, study: Study) -> HttpResponseBase:
    """Enter a semester; the next one that is not there is proposed."""
    there = set(study.semesters.values_list("year", "term"))
    year, term = next(
        ((year, term) for year, term, _ in terms_of(study) if (year, term) not in there), (study.from_year, 1)
    )
    semester = Semester(study=study, year=year, term=term)
    return _edit(request, semester, title="登錄學期")


@guard(Semester, can_handle_semester)
def edit(request: SignedInRequest, semester: Semester) -> HttpResponseBase:
    """Correct the days of a semester."""
    return _edit(request, semester, title=f"更正{semester.label}")


def _edit(request: SignedInRequest, semester: Semester, *, title: str) -> HttpResponseBase:
    form = SemesterForm(request.POST or None, semester=semester)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_semester(semester=form.filled(), by=request.user)
            messages.success(request, f"已儲存{saved.label}。")
            return redirect(saved)
        except ValidationError as refusal:
            _show(form, refusal)
    back = semester.get_absolute_url() if semester.pk else semester.study.get_absolute_url()
    context = {"form": form, "title": title, "study": semester.study, "back": back}
    return render(request, "training/semester_form.html", context, status=422 if form.errors else 200)


def _show(form: Any, refusal: ValidationError) -> None:
    form.add_error(None, refusal if hasattr(refusal, "error_dict") else refusal.messages)


@guard(Semester)
def detail(request: SignedInRequest, semester: Semester) -> HttpResponse:
    """Show a semester with what was handed in and what is due."""
    return _page(request, semester)


def _page(request: SignedInRequest, semester: Semester, *, status: int = 200, **forms: Any) -> HttpResponse:
    keeps, handles = can_keep_semester(request.user, semester), can_handle_semester(request.user, semester)
    is_over = semester.ends <= timezone.localdate()
    context: dict[str, Any] = {
        "semester": semester,
        "study": semester.study,
        "is_over": is_over,
        "due": timetable_due(semester, _plan_of(semester)) if owes_timetable(semester.study) else None,
        "record": LearningRecord.objects.filter(person=semester.study.person, reference=semester.reference).first(),
        "timetable_form": TimetableForm() if keeps else None,
        "grades_form": GradesForm(initial={"credits": semester.credits}) if keeps and is_over else None,
        "hours_form": HoursForm(initial={"hours": semester.hours}) if handles and semester.grades_id else None,
        "handles": bool(handles),
        **forms,
    }
    return render(request, "training/semester.html", context, status=status)


def _plan_of(semester: Semester) -> Plan:
    """Return the plan in force when the semester starts: later years of a study follow their own plan's deadlines."""
    plan = semester.study.plan
    plans = Plan.objects.filter(office=plan.office_id, kind=plan.kind, issuing_body=plan.issuing_body)
    return plans.filter(starts__lte=semester.starts, ends__gte=semester.starts).first() or plan


@require_POST
@guard(Semester, can_keep_semester)
def timetable(request: SignedInRequest, semester: Semester) -> HttpResponseBase:
    """Hand in the timetable."""
    form = TimetableForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            stored = keep(form.cleaned_data["upload"], by=request.user, allowed=kinds.ATTACHMENTS)
            actions.file_timetable(semester=semester, stored=stored, by=request.user)
            messages.success(request, "已提送課表。")
            return redirect(semester)
        except ValidationError as refusal:
            form.add_error("upload", refusal.messages)
    return _page(request, semester, status=422, timetable_form=form)


@require_POST
@guard(Semester, can_keep_semester)
def grades(request: SignedInRequest, semester: Semester) -> HttpResponseBase:
    """Hand in the grades."""
    form = GradesForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            stored = keep(form.cleaned_data["upload"], by=request.user, allowed=kinds.ATTACHMENTS)
            credits_ = form.cleaned_data["credits"]
            actions.file_grades(semester=semester, stored=stored, credits_=credits_, by=request.user)
            messages.success(request, "已送交成績，並通知人事單位登錄學習時數。")
            return redirect(semester)
        except ValidationError as refusal:
            form.add_error("upload", refusal.messages)
    return _page(request, semester, status=422, grades_form=form)


@require_POST
@guard(Semester, can_handle_semester)
def hours(request: SignedInRequest, semester: Semester) -> HttpResponseBase:
    """Register learning hours from the grades."""
    form = HoursForm(request.POST)
    if form.is_valid():
        try:
            made = actions.register_hours(semester=semester, hours=form.cleaned_data["hours"], by=request.user)
            messages.success(request, f"已登錄學習時數 {made.hours} 小時，計入 {made.year} 年度。")
            return redirect(semester)
        except ValidationError as refusal:
            form.add_error("hours", refusal.messages)
    return _page(request, semester, status=422, hours_form=form)


@guard(Semester)
def file(request: SignedInRequest, semester: Semester, kind: str) -> HttpResponseBase:
    """Send the timetable or the grades."""
    stored = {"timetable": semester.timetable, "grades": semester.grades}.get(kind)
    if stored is None:
        raise Http404("尚未送交這份檔案。")
    return send_file(stored, by=request.user, target=semester.study)
