"""Learning hours: a person's meter, an agency's people, the county's agencies, and records entered by hand."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Person
from districts.policies import is_office, is_somebody
from districts.standing import Standing, standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.rules.meter import Meter, Reading
from training import meter
from training.actions import hours as actions
from training.filters import AgencyHoursFilter, PeopleHoursFilter
from training.forms.hours import RecordForm
from training.models import LearningRecord
from training.policies import can_change_record, can_enter_hours, can_see_agency_hours

SHOWN = 5  # years that a person's page offers; the lists offer all


def year_of(request: SignedInRequest) -> int:
    """Return the (ROC) year that the address names, by default this one."""
    text = request.GET.get("year", "")
    return int(text) if text in dict(meter.years()) else roc.year(timezone.localdate())


# --- One person ------------------------------------------------------------------------------------------------------


@guard(policy=is_somebody)
def own(request: SignedInRequest) -> HttpResponse:
    """Show the person's own meter."""
    return _meter_page(request, Person.objects.get(pk=standing(request.user).person_id or 0), is_own=True)


@guard(Person)
def person(request: SignedInRequest, person: Person) -> HttpResponse:
    """Show the meter of one of one's people."""
    return _meter_page(request, person, is_own=person.pk == standing(request.user).person_id)


def _meter_page(request: SignedInRequest, person: Person, *, is_own: bool) -> HttpResponse:
    year = year_of(request)
    records = list(person.learning.filter(year=year).select_related("topic").order_by("-starts", "pk"))
    asked = meter.asked_of(person.status, meter.asked_in(person.office_id, year))
    reading = asked.measure(records) if asked else None
    chosen = _chosen(reading, request.GET.get("part", ""))
    part = chosen.part if chosen else None
    context = {
        "person": person,
        "is_own": is_own,
        "year": year,
        "years": [int(text) for text, _ in meter.years()][:SHOWN],
        "asked": asked,
        "meter": reading,
        "chosen": chosen,
        "records": [record for record in records if part is None or part.takes(record.topic_id)],
        "hours": sum((record.hours for record in records), start=0),
        "fillings": _fillings(request, person, reading, year),
        "is_this_year": year == roc.year(timezone.localdate()),
        "may_enter": not is_own and _may_enter(standing(request.user)),
    }
    return render(request, "training/hours.html", context)


def _may_enter(mine: Standing) -> bool:
    """Offer to enter hours for whom one sees; the form's own guard asks whether it is one's own agency's person."""
    return mine.is_reviewer if mine.is_office else bool(mine.works_for)


def _chosen(reading: Meter | None, text: str) -> Reading | None:
    """Return the line whose records the address asks for; none means all."""
    if reading is None or not text.isdecimal() or len(text) > 2:
        return None
    return reading.parts[int(text)] if int(text) < len(reading.parts) else None


def _fillings(request: SignedInRequest, person: Person, reading: Meter | None, year: int) -> list[meter.Filling]:
    now = timezone.localtime()
    return meter.fillings(request.user, person, reading, now) if reading and year == roc.year(now.date()) else []


# --- Agencies and the county -----------------------------------------------------------------------------------------


@guard(Agency, can_see_agency_hours)
def agency(request: SignedInRequest, agency: Agency) -> HttpResponseBase:
    """List an agency's people with their hours; who is behind comes by the filter."""
    year = year_of(request)
    sets = meter.asked_in(agency.office_id, year)
    asked = _asked(request, sets)
    if asked is None:
        return _nothing_asked(request, f"{agency.short_name}學習時數", year)
    day = meter.counting_day(year, timezone.localdate())
    return lists.show(
        request,
        queryset=meter.people(agency, asked, year, day),
        columns=_people_columns(asked, year),
        title=f"{agency.short_name}{year}年度學習時數",
        subtitle=_asked_line(asked),
        empty="這個年度沒有列計的人員；人員與身分別由「分區與機關」維護。",
        name=f"{agency.short_name}{year}年度學習時數",
        filterset_class=PeopleHoursFilter.asking(asked, sets),
        actions=_own_hours(standing(request.user)),
        template="training/hours_list.html",
        office_id=agency.office_id,
        year=year,
        share=meter.whole(meter.agencies(agency.office_id, asked, year, day, agency=agency).values()),
        is_office=bool(is_office(request.user)),
    )


def _people_columns(asked: meter.Asked, year: int) -> list[lists.Column]:
    def to_part(number: int) -> Callable[[Any], str]:
        return lambda row: f"{reverse('training:person_hours', args=[row.pk])}?year={year}&part={number}#records"

    def of_part(number: int) -> Callable[[Any], object]:
        return lambda row: meter.plain(getattr(row, f"part{number}"))

    whole = lambda row: f"{reverse('training:person_hours', args=[row.pk])}?year={year}"  # noqa: E731  # one of several links
    return [
        lists.Column("name", "姓名", sort=("name",), link=whole),
        lists.Column("status", "身分別", "get_status_display"),
        lists.Column("state", "達成情形", lambda row: _state(meter.read(row, asked)), width=40),
        lists.Column(
            "total",
            f"全年時數（{meter.number(asked.hours)}）",
            lambda row: meter.plain(row.total),
            sort=("total",),
            numeric=True,
            link=whole,
        ),
        *(
            lists.Column(
                f"part{number}",
                f"{part.name}（{meter.number(part.hours)}）",
                of_part(number),
                sort=(f"part{number}",),
                numeric=True,
                link=to_part(number),
            )
            for number, part in enumerate(asked.parts)
        ),
    ]


def _state(reading: Meter) -> lists.Cell:
    if reading.is_met:
        return lists.Cell("已達成", "done")
    missing = [line for line in (reading.total, *reading.parts) if line.missing]
    return lists.Cell(
        "未達成", "soon", "尚缺 " + "、".join(f"{line.name} {meter.number(line.missing)}" for line in missing)
    )


@guard(policy=is_office)
def county(request: SignedInRequest) -> HttpResponseBase:
    """List the agencies with the share of their people who meet what the year asks."""
    year, office_id = year_of(request), standing(request.user).office_id or 0
    sets = meter.asked_in(office_id, year)
    asked = _asked(request, sets)
    if asked is None:
        return _nothing_asked(request, "各機關學習時數", year)
    day = meter.counting_day(year, timezone.localdate())
    shares = meter.agencies(office_id, asked, year, day)
    return lists.show(
        request,
        queryset=meter.listed(shares),
        columns=_agency_columns(year),
        title=f"{year}年度各機關學習時數",
        subtitle=_asked_line(asked),
        empty="這個年度沒有列計的人員。",
        name=f"{year}年度各機關學習時數",
        filterset_class=AgencyHoursFilter.asking(asked, sets),
        actions=[
            lists.Action("入口網站報表", reverse("training:reports"), primary=False),
            lists.Action("入口網站上傳檔", reverse("training:uploads"), primary=False),
            *_own_hours(standing(request.user)),
        ],
        template="training/hours_list.html",
        office_id=office_id,
        year=year,
        share=meter.whole(shares.values()),
        is_office=True,
    )


def _agency_columns(year: int) -> list[lists.Column]:
    def to_agency(row: Any) -> str:
        return f"{reverse('training:agency_hours', args=[row.pk])}?year={year}"

    def to_behind(row: Any) -> str:
        return f"{to_agency(row)}&standing=behind"

    return [
        lists.Column("agency", "機關", "short_name", sort=("short_name",), link=to_agency),
        lists.Column("kind", "類別", "get_kind_display", sort=("kind",)),
        lists.Column("people", "列計人數", sort=("people",), numeric=True),
        lists.Column("met", "達成人數", sort=("met",), numeric=True),
        lists.Column("behind", "未達成人數", sort=("behind",), numeric=True, link=to_behind),
        lists.Column("percent", "達成比率", _percent, sort=("permille",), numeric=True),
    ]


def _percent(row: Any) -> str:
    return f"{meter.Share(row.people, row.met).percent}%"


def _own_hours(mine: Standing) -> list[lists.Action]:
    """Offer the way to one's own meter, which the menu does not name to those who look after others."""
    return [lists.Action("我的學習時數", reverse("training:hours"), primary=False)] if mine.person_id else []


def _asked(request: SignedInRequest, sets: list[meter.Asked]) -> meter.Asked | None:
    """Return the set that the address names, by default the first."""
    text = request.GET.get("asked", "")
    return next((asked for asked in sets if str(asked.pk) == text), sets[0] if sets else None)


def _asked_line(asked: meter.Asked) -> str:
    return f"{asked.name}（{asked.clause}）" if asked.clause else asked.name


def _nothing_asked(request: SignedInRequest, title: str, year: int) -> HttpResponse:
    context = {"title": title, "year": year, "years": [int(text) for text, _ in meter.years()][:SHOWN]}
    return render(request, "training/hours_none.html", context)


# --- Records entered by hand -----------------------------------------------------------------------------------------


@guard(Person, can_enter_hours)
def add_record(request: SignedInRequest, person: Person) -> HttpResponse:
    """Enter hours that somebody learned elsewhere."""
    form = RecordForm(request.POST or None, office_id=person.office_id)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.enter_record(person=person, record=form.save(commit=False), by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已登錄{person.name}的「{made.course}」{meter.number(made.hours)} 小時。")
            return redirect(f"{reverse('training:person_hours', args=[person.pk])}?year={made.year}")
    context = {"form": form, "person": person}
    return render(request, "training/record_form.html", context, status=422 if form.errors else 200)


@guard(LearningRecord, can_change_record)
def edit_record(request: SignedInRequest, record: LearningRecord) -> HttpResponse:
    """Change a record that was entered by hand, or remove it (`remove` posted)."""
    back = f"{reverse('training:person_hours', args=[record.person_id])}?year={record.year}"
    if request.method == "POST" and "remove" in request.POST:
        actions.remove_record(record=record, by=request.user)
        messages.success(request, f"已移除「{record.course}」。")
        return redirect(back)
    form = RecordForm(request.POST or None, instance=record, office_id=record.person.office_id)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_record(record=form.save(commit=False), by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已儲存。")
            return redirect(back)
    context = {"form": form, "person": record.person, "record": record}
    return render(request, "training/record_form.html", context, status=422 if form.errors else 200)
