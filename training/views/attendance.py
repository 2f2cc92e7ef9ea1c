"""Who was there: the grid of a class, its correction once hours were granted, check-in codes, and sheets."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from districts.choices import SheetKind
from districts.standing import standing
from districts.views import staging
from districts.views.staging import Intake
from meetings.actions.shown import ChangedMeanwhileError
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.documents.sheets import FORMATS
from personnel_portal.guards import guard, require
from training import crediting
from training.actions import attendance as actions
from training.actions.attendance import Square
from training.actions.crediting import correct_attendance as correct
from training.choices import HoursState, Place
from training.crediting import Earned, Mark, Roll, plain
from training.forms.attendance import AttendanceGrid, CodeForm, ReasonForm, unpacked
from training.forms.attendance_sheet import LAYOUT, AttendanceSheetForm, classes_of, lines
from training.models import Session, TrainingClass
from training.policies import can_attend, can_grant_hours, can_import_attendance, can_run_class, can_run_session


@guard(TrainingClass, can_run_class)
def attendance(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Enter the attendance of everybody on one screen; once hours were granted, lead on to what a correction changes."""
    training_class = crediting.whole(training_class)
    roll = crediting.of_class(training_class)
    grid = AttendanceGrid(roll)
    if request.method != "POST":
        return _page(request, roll, grid)
    marks = grid.read(request.POST.dict(), fill="fill" in request.POST)
    if grid.problems:
        return _page(request, roll, grid, status=422)
    if training_class.hours_state == HoursState.GRANTED:
        require(can_grant_hours(request.user, training_class))
        return _difference(request, roll, marks, grid.shown(marks))
    try:
        changed = actions.enter_attendance(
            training_class=training_class, marks=marks, shown=grid.shown(marks), by=request.user
        )
    except ValidationError as refusal:
        if isinstance(refusal, ChangedMeanwhileError):
            grid.confirm(refusal.now)
        return _page(request, roll, grid, refusals=refusal.messages, status=422)
    messages.success(request, f"已登錄 {changed} 格出席情形。" if changed else "出席情形沒有變更。")
    return redirect("training:attendance", training_class.pk)


def _page(
    request: SignedInRequest,
    roll: Roll,
    grid: AttendanceGrid,
    *,
    refusals: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    training_class = roll.training_class
    is_granted = training_class.hours_state == HoursState.GRANTED
    context = {
        "training_class": training_class,
        "roll": roll,
        "grid": grid,
        "refusals": refusals or [],
        "closed": _closed(request, training_class),
        "is_granted": is_granted,
        "leaves": crediting.leaves_counted(roll.terms) if roll.terms else "",
        "standing": standing(request.user),
    }
    return render(request, "training/attendance.html", context, status=status)


def _closed(request: SignedInRequest, training_class: TrainingClass) -> str:
    """Return why nothing can be entered here by the person."""
    try:
        actions.refuse_closed(training_class)
    except ValidationError as refusal:
        is_granted = training_class.hours_state == HoursState.GRANTED
        return "" if is_granted and can_grant_hours(request.user, training_class) else refusal.messages[0]
    return ""


# --- Corrections -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """What a correction changes for a person."""

    earned: Earned
    changes: list[tuple[int, str, str]]
    absent: int
    hours: str
    arithmetic: str

    @property
    def before(self) -> str:
        return plain(self.earned.hours)


def _difference(
    request: SignedInRequest,
    roll: Roll,
    marks: dict[Square, Mark | None],
    shown: dict[Square, str],
    *,
    form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show whose hours a correction changes, and ask for its reason."""
    kept = {square: mark for square, mark in marks.items() if mark}
    if not kept or len(kept) < len(marks):
        messages.error(request, "更正時不能取消登錄，請選擇實際的出席情形。" if marks else "出席情形沒有變更。")
        return redirect("training:attendance", roll.training_class.pk)
    context = {
        "training_class": roll.training_class,
        "differences": [found for earned in roll.people if (found := _of(earned, roll, kept))],
        "packed": [f"{p}-{s}|{mark.stamp}|{shown.get((p, s), '')}" for (p, s), mark in kept.items()],
        "form": form or ReasonForm(),
    }
    return render(request, "training/attendance_correction.html", context, status=status)


def _of(earned: Earned, roll: Roll, marks: dict[Square, Mark]) -> Difference | None:
    own = {session: mark for (person, session), mark in marks.items() if person == earned.registration.pk}
    if not own:
        return None
    changes = [
        (
            number,
            str(Mark.of(earned.marks[session.pk])) if session.pk in earned.marks else "未登錄",
            str(own[session.pk]),
        )
        for number, session in enumerate(roll.sessions, start=1)
        if session.pk in own
    ]
    absent = min(earned.supposing(own), earned.terms.total)
    hours = plain(earned.terms.earned(absent).hours)
    return Difference(earned, changes, absent, hours, earned.terms.arithmetic(absent))


@require_POST
@guard(TrainingClass, can_grant_hours)
def correct_attendance(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Correct the attendance of a class whose hours were granted, with a reason; the records follow."""
    form = ReasonForm(request.POST)
    try:
        marks, shown = unpacked(request.POST.getlist("mark"))
        if not form.is_valid():
            roll = crediting.of_class(crediting.whole(training_class))
            return _difference(request, roll, marks, shown, form=form, status=422)
        reason = form.cleaned_data["reason"]
        hours = correct(training_class=training_class, marks=marks, shown=shown, reason=reason, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("training:attendance", training_class.pk)
    told = "、".join(f"{who} {before} → {after} 小時" for who, (before, after) in hours.items())
    messages.success(request, f"已更正出席情形。{f'學習時數隨之變更：{told}。' if told else '核給時數不變。'}")
    return redirect("training:class_hours", training_class.pk)


# --- Check-in --------------------------------------------------------------------------------------------------------


@guard(Session, can_run_session)
@never_cache
def session_code(request: SignedInRequest, session: Session) -> HttpResponse:
    """Show the code of a session for the room; posting makes another one."""
    if request.method == "POST":
        try:
            actions.renew_code(session=session, by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, "已更換簽到碼，原簽到碼失效。")
        return redirect("training:session_code", session.pk)
    people = session.training_class.registrations.filter(place=Place.REGISTERED).count()
    context = {
        "session": session,
        "training_class": session.training_class,
        "window": actions.window(session),
        "people": people,
        "entered": session.attendance.count(),
    }
    return render(request, "training/session_code.html", context)


@guard(Session)
@never_cache
def check_in(request: SignedInRequest, session: Session) -> HttpResponse:
    """Check in to a session by its code; whoever has no place in the class does not find the page."""
    require(can_attend(request.user))
    rows = session.training_class.registrations.select_related("person", "agency").filter(place=Place.REGISTERED)
    registration = get_object_or_404(rows, person=standing(request.user).person_id)
    known = session.attendance.filter(registration=registration).first()
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            row = actions.check_in(
                session=session, registration=registration, code=code, by=request.user, now=timezone.now()
            )
        except ValidationError as refusal:
            form.add_error("code", refusal)
        else:
            late = f"遲到 {row.missed} 分鐘" if row.missed else "準時"
            messages.success(request, f"已完成簽到（{late}）。")
            return redirect("training:check_in", session.pk)
    opens, closes = actions.window(session)
    context = {
        "session": session,
        "training_class": session.training_class,
        "registration": registration,
        "mark": Mark.of(known) if known else None,
        "known": known,
        "form": form,
        "opens": opens,
        "closes": closes,
        "is_open": opens <= timezone.now() <= closes,
    }
    return render(request, "training/check_in.html", context, status=422 if form.errors else 200)


# --- Sheets ----------------------------------------------------------------------------------------------------------


def _blank(request: Any, form: str) -> HttpResponseBase:
    """Hand out the columns: for a class (`?class=`) with its people and sessions, else with an example."""
    text = request.GET.get("class", "")
    if not text:
        return staging.blank_of(SheetKind.ATTENDANCE, LAYOUT)(request, form)
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise Http404
    training_class = get_object_or_404(classes_of(request.user), pk=text)
    rows = ([*line, ""] for line in lines(crediting.whole(training_class)))
    return sheets.response(form, f"{training_class}出席情形", LAYOUT.labels, rows)


INTAKE = Intake(
    kind=SheetKind.ATTENDANCE,
    layout=LAYOUT,
    form=AttendanceSheetForm,
    take=actions.import_attendance,
    pages={
        "list": "training:classes",
        "upload": "training:import_attendance",
        "sheet": "training:attendance_import",
        "take": "training:take_attendance",
        "refused": "training:refused_attendance",
    },
    blanks={form: FORMATS[form][0] for form in ("ods", "xlsx")},
    blank=_blank,
    upload_template="training/attendance_upload.html",
)


@guard(policy=can_import_attendance)
def import_attendance(request: SignedInRequest) -> HttpResponseBase:
    """Upload the attendance of a class (`?class=`), or fetch its template (`?template=ods`)."""
    chosen: Any = partial(AttendanceSheetForm, chosen=request.GET.get("class", ""))
    return staging.upload(request, replace(INTAKE, form=chosen))


attendance_import, take_attendance, refused_attendance = staging.views(
    {SheetKind.ATTENDANCE: INTAKE}, can_import_attendance
)
