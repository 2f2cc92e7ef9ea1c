"""The office calendar: loaded years, their days, the import, and closures."""

from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.actions import calendar as actions
from districts.calendar import coverage
from districts.forms.calendar import CalendarFileForm, ClosureForm
from districts.models import CalendarDay, Closure, Office
from districts.policies import is_admin
from personnel_portal import roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard

_SUNDAY_FIRST = Calendar(firstweekday=6)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year view; `off` as published or by its weekday, `closed` by a closure, `note` why."""

    day: date
    in_month: bool
    off: bool
    closed: bool
    note: str


@guard(policy=is_admin)
def office_calendar(request: SignedInRequest) -> HttpResponse:
    """Show the loaded years, one year day by day, and the closures."""
    return _page(request, ClosureForm(), CalendarFileForm())


@require_POST
@guard(policy=is_admin)
def import_calendar(request: SignedInRequest) -> HttpResponse:
    """Replace a year by the government's CSV."""
    form = CalendarFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            summary = actions.import_calendar(content=form.cleaned_data["file"].read(), by=request.user)
        except ValidationError as refusal:
            form.add_error("file", refusal)
        else:
            messages.success(request, str(summary))
            year = roc.year(date(summary.year, 1, 1))
            return redirect(f"{reverse('districts:office_calendar')}?year={year}")
    return _page(request, ClosureForm(), form, status=422)


@require_POST
@guard(policy=is_admin)
def declare_closure(request: SignedInRequest) -> HttpResponse:
    """Close the office on a day; which deadlines move is shown before it is confirmed."""
    office = Office.objects.visible_to(request.user).get()
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return _page(request, form, CalendarFileForm(), status=422)
    day = form.cleaned_data["day"]
    if "confirmed" not in request.POST:
        return _confirm(request, office, day, title=f"登錄 {roc.long(day)}停止上班", closed=True, form=form)
    try:
        actions.declare_closure(office=office, by=request.user, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _page(request, form, CalendarFileForm(), status=422)
    messages.success(request, f"已登錄 {roc.long(day)}停止上班，期限受影響者將收到通知。")
    return redirect("districts:office_calendar")


@guard(Closure, lambda user, closure: is_admin(user))
def withdraw_closure(request: SignedInRequest, closure: Closure) -> HttpResponse:
    """Take a closure back; which deadlines move back is shown before it is confirmed."""
    if request.method == "POST":
        day = closure.day
        actions.withdraw_closure(closure=closure, by=request.user)
        messages.success(request, f"已撤銷 {roc.long(day)}停止上班。")
        return redirect("districts:office_calendar")
    title = f"撤銷 {roc.long(closure.day)}停止上班"
    return _confirm(request, closure.office, closure.day, title=title, closed=False)


def _confirm(
    request: SignedInRequest, office: Office, day: date, *, title: str, closed: bool, form: ClosureForm | None = None
) -> HttpResponse:
    today = timezone.localdate()
    moved = actions.moved_deadlines(office, day, closed=closed, today=today)
    context = {
        "title": title,
        "consequences": [*moved, _told(closed)]
        if moved
        else ["沒有固定期限因此變動；由事件起算的期限自動依新日曆計算。"],
        "form": form,
        "action": "確定登錄" if closed else "確定撤銷",
        "cancel_url": reverse("districts:office_calendar"),
    }
    return render(request, "districts/confirm_again.html", context)


def _told(closed: bool) -> str:
    return "受影響機關的人員將收到通知。" if closed else "提醒依改回的期限寄送。"


def _page(
    request: SignedInRequest, closure_form: ClosureForm, file_form: CalendarFileForm, status: int = 200
) -> HttpResponse:
    loaded = coverage()
    today = timezone.localdate()
    year = _asked_year(request, today)
    closures = Closure.objects.visible_to(request.user)
    context = {
        "loaded": loaded,
        "year": year,
        "roc_year": roc.year(date(year, 1, 1)),
        "covered": any(each.year == year for each in loaded),
        "months": _year(year, {closure.day: closure.reason for closure in closures.filter(day__year=year)}),
        "closures": closures,
        "closure_form": closure_form,
        "file_form": file_form,
    }
    return render(request, "districts/office_calendar.html", context, status=status)


def _asked_year(request: SignedInRequest, today: date) -> int:
    """Return the Gregorian year that the address asks for in ROC years, else this year."""
    asked = request.GET.get("year", "")
    return roc.gregorian(int(asked)) if asked.isdecimal() and len(asked) < 4 and int(asked) else today.year


def _year(year: int, closures: Mapping[date, str]) -> list[tuple[int, list[list[Day]]]]:
    published = {day.day: day for day in CalendarDay.objects.of_years(year - 1, year + 1)}

    def day_of(day: date, month: int) -> Day:
        known = published.get(day)
        return Day(
            day=day,
            in_month=day.month == month,
            off=known.is_off if known else day.weekday() >= 5,
            closed=day in closures,
            note=closures.get(day) or (known.note if known else ""),
        )

    return [
        (month, [[day_of(day, month) for day in week] for week in _SUNDAY_FIRST.monthdatescalendar(year, month)])
        for month in range(1, 13)
    ]
