"""Hours of a class: from its end to the grant, the lists and papers that go with them, and what a person has of it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.standing import standing
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import odf, pdf, sheets
from personnel_portal.documents.paper import Paper
from personnel_portal.documents.sheets import FORMATS
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from training import crediting
from training.actions import crediting as actions
from training.actions.attendance import window
from training.actions.questionnaire import refusal as no_questionnaire
from training.choices import ClassState, HoursState, Place
from training.crediting import Mark, Roll, plain
from training.documents import attendance as papers
from training.forms.attendance import ReasonForm
from training.models import Registration, TrainingClass
from training.policies import can_grant_hours, can_read_hours, can_run_class, can_submit_hours

ACTS = (
    "attendance.corrected",
    "attendance.entered",
    "class.finished",
    "hours.submitted",
    "hours.returned",
    "hours.granted",
)
HISTORY = 20
AT_A_TIME = 50  # certificates of one file
PAPER_TYPES = {
    "pdf": ("application/pdf", pdf.render),
    "odt": ("application/vnd.oasis.opendocument.text", odf.render),
}


@guard(TrainingClass, can_read_hours)
def class_hours(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Show everybody's hours with their arithmetic, where they stand, and the next step."""
    return _hours_page(request, crediting.whole(training_class), ReasonForm())


def _hours_page(
    request: SignedInRequest, training_class: TrainingClass, form: ReasonForm, status: int = 200
) -> HttpResponse:
    roll = crediting.of_class(training_class)
    by_unit = actions.run_by_unit(training_class)
    state, hours_state = training_class.state, training_class.hours_state
    finished = state == ClassState.FINISHED
    can_grant = bool(can_grant_hours(request.user, training_class))
    context = {
        "training_class": training_class,
        "roll": roll,
        "topics": list(training_class.topics.select_related("topic")),
        "steps": _steps(training_class, by_unit),
        "leaves": crediting.leaves_counted(roll.terms) if roll.terms else "",
        "clause": crediting.CLAUSE,
        "can_finish": state in (ClassState.OPEN, ClassState.CLOSED) and can_run_class(request.user, training_class),
        "can_submit": by_unit
        and finished
        and hours_state in (HoursState.OPEN, HoursState.RETURNED)
        and can_submit_hours(request.user, training_class),
        "can_grant": finished and can_grant and hours_state == (HoursState.SUBMITTED if by_unit else HoursState.OPEN),
        "can_return": can_grant and hours_state == HoursState.SUBMITTED,
        "is_granted": hours_state == HoursState.GRANTED,
        "certificates": [(part.start + 1, part.stop) for part in _parts(len(roll.credited))],
        "is_returned": hours_state == HoursState.RETURNED,
        "form": form,
        "formats": [(key, FORMATS[key][0]) for key in ("ods", "xlsx", "csv")],
        "entries": Entry.objects.for_target(training_class).filter(act__in=ACTS)[:HISTORY],
        "standing": standing(request.user),
    }
    return render(request, "training/class_hours.html", context, status=status)


def _steps(training_class: TrainingClass, by_unit: bool) -> list[tuple[str, str]]:
    """Return where the hours stand: the unit's step only where a unit submits them."""
    state = training_class.hours_state
    names = ["登錄出席", "結訓", *(["報送"] if by_unit else []), "核給"]
    done = {HoursState.SUBMITTED: 3, HoursState.GRANTED: len(names)}.get(
        HoursState(state), 2 if training_class.state == ClassState.FINISHED else 0
    )
    word = "stop" if state == HoursState.RETURNED else "now"
    return [(name, "past" if place < done else word if place == done else "next") for place, name in enumerate(names)]


def _step(
    request: SignedInRequest, training_class: TrainingClass, act: Callable[..., Any], told: str, **more: Any
) -> HttpResponse:
    try:
        act(training_class=training_class, by=request.user, **more)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, told)
    return redirect("training:class_hours", training_class.pk)


@require_POST
@guard(TrainingClass, can_run_class)
def finish_class(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """End a class; those who attended are asked what they think."""
    return _step(request, training_class, actions.finish_class, "已結訓，並通知實際上課的學員填答問卷。")


@require_POST
@guard(TrainingClass, can_submit_hours)
def submit_hours(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Submit the hours of a unit's class."""
    return _step(request, training_class, actions.submit_hours, "已報送人事處，核給後另行通知。")


@require_POST
@guard(TrainingClass, can_grant_hours)
def grant_hours(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Grant the hours."""
    return _step(request, training_class, actions.grant_hours, "已核給學習時數並登入學習紀錄，已通知全體學員。")


@require_POST
@guard(TrainingClass, can_grant_hours)
def return_hours(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Send the hours back to the unit, with a reason."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _hours_page(request, crediting.whole(training_class), form, status=422)
    reason = form.cleaned_data["reason"]
    return _step(request, training_class, actions.return_hours, "已退請補正，並通知主辦機關。", reason=reason)


# --- Lists and papers ------------------------------------------------------------------------------------------------


@guard(TrainingClass, can_read_hours)
def hours_list(request: SignedInRequest, training_class: TrainingClass, form: str) -> HttpResponseBase:
    """Return the hours of a class as a sheet, each with what it follows from."""
    if form not in FORMATS:
        raise Http404
    roll = crediting.of_class(crediting.whole(training_class))
    columns, rows = papers.hours_sheet(roll)
    record("hours.listed", training_class, by=request.user, office_id=_office(training_class), form=form)
    return sheets.response(form, f"{training_class}時數清冊", columns, rows)


@guard(TrainingClass, can_read_hours)
def attendance_sheet(request: SignedInRequest, training_class: TrainingClass, form: str) -> HttpResponseBase:
    """Return the sheet that people sign, a page for each session."""
    if form not in PAPER_TYPES:
        raise Http404
    training_class = crediting.whole(training_class)
    paper = papers.attendance_sheet(training_class)
    act = "attendance.sheet_printed"
    return _file(request.user, training_class, paper, f"{training_class}簽到表", form, act)


@guard(Registration)
def certificate(request: SignedInRequest, registration: Registration) -> HttpResponseBase:
    """Return somebody's certificate, where hours were granted."""
    training_class = crediting.whole(registration.training_class)
    people = crediting.of_class(training_class, only=registration).people
    if not _certified(training_class) or not any(earned.hours for earned in people):
        messages.error(request, "尚未核給學習時數，沒有證明書可下載。")
        return redirect("training:registration_hours", registration.pk)
    paper = papers.certificates(training_class, people)
    name = f"{papers.certificate_title(training_class)}_{people[0].registration.person.name}"
    return _file(request.user, training_class, paper, name, "pdf", "certificate.printed", person=str(registration))


@guard(TrainingClass, can_read_hours)
def certificates(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Return the certificates of those who were granted hours, one after another, some of a large class at a time."""
    training_class = crediting.whole(training_class)
    people = [earned for earned in crediting.of_class(training_class).people if earned.hours]
    if not _certified(training_class) or not people:
        messages.error(request, "本班尚未核給學習時數，沒有證明書可產製。")
        return redirect("training:class_hours", training_class.pk)
    first = request.GET.get("from", "")
    part = next((part for part in _parts(len(people)) if str(part.start + 1) == first), range(AT_A_TIME))
    some = people[part.start : part.stop]
    paper = papers.certificates(training_class, some)
    name = f"{training_class}{papers.certificate_title(training_class)}"
    return _file(request.user, training_class, paper, name, "pdf", "certificate.printed", people=len(some))


def _parts(people: int) -> list[range]:
    """Return the certificates of a class in parts, each of which is rendered in some seconds."""
    return [range(first, min(first + AT_A_TIME, people)) for first in range(0, people, AT_A_TIME)]


def _certified(training_class: TrainingClass) -> bool:
    return training_class.hours_state == HoursState.GRANTED


def _file(
    by: User, training_class: TrainingClass, paper: Paper, name: str, form: str, act: str, **detail: Any
) -> FileResponse:
    content_type, render_as = PAPER_TYPES[form]
    content = BytesIO(render_as(paper))
    record(act, training_class, by=by, office_id=_office(training_class), form=form, **detail)
    return FileResponse(content, as_attachment=True, filename=f"{name}.{form}", content_type=content_type)


def _office(training_class: TrainingClass) -> int:
    return training_class.course.plan.office_id


# --- What a person has of a class ------------------------------------------------------------------------------------


@guard(Registration)
def registration_hours(request: SignedInRequest, registration: Registration) -> HttpResponse:
    """Show somebody's own attendance and hours, where to check in, the certificate and the questionnaire."""
    training_class = crediting.whole(registration.training_class)
    registration.training_class = training_class
    roll = crediting.of_class(training_class, only=registration)
    earned = roll.people[0] if roll.people else None
    is_own = registration.person_id == standing(request.user).person_id
    context = {
        "registration": registration,
        "training_class": training_class,
        "roll": roll,
        "earned": earned,
        "sessions": _sessions(roll),
        "clause": crediting.CLAUSE,
        "leaves": crediting.leaves_counted(roll.terms) if roll.terms else "",
        "is_own": is_own,
        "is_granted": _certified(training_class),
        "granted": plain(earned.hours) if earned else "",
        "can_answer": is_own and registration.place == Place.REGISTERED and not _no_questionnaire(registration),
    }
    return render(request, "training/registration_hours.html", context)


def _no_questionnaire(registration: Registration) -> str:
    return no_questionnaire(registration, timezone.localdate())


def _sessions(roll: Roll) -> list[tuple[Any, str, bool]]:
    """Return each session with what was entered for the one person, and whether check-in is open."""
    now, found = timezone.now(), []
    marks = roll.people[0].marks if roll.people else {}
    for session in roll.sessions:
        opens, closes = window(session)
        mark = marks.get(session.pk)
        found.append((session, str(Mark.of(mark)) if mark else "", not mark and opens <= now <= closes))
    return found
