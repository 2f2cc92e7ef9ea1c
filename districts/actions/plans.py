"""Carrying a plan over to another year."""

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from districts.calendar import office_calendar, warning
from districts.models import Deadline, District, DistrictArea, Membership, Plan, Reading
from personnel_portal import roc
from personnel_portal.trail.actions import record

if TYPE_CHECKING:
    from personnel_portal.accounts.models import User

YEARS = range(1, 1000)  # 民國
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that changes from the one plan to the other, in words; empty where there is none."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a clone would change, and what somebody should look at before saving it."""

    differences: tuple[Difference, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    """The unsaved rows of a clone, each beside the row that it comes from."""

    source: Plan
    plan: Plan
    deadlines: list[tuple[Deadline, Deadline]] = field(default_factory=list)
    readings: list[tuple[Reading, Reading]] = field(default_factory=list)
    districts: list[tuple[District, District]] = field(default_factory=list)
    areas: list[tuple[DistrictArea, DistrictArea]] = field(default_factory=list)
    members: list[tuple[Membership, Membership]] = field(default_factory=list)


def preview_clone(plan: Plan, year: int) -> Preview:
    """Return what `clone_plan` would do, without saving anything.

    Raises:
        ValidationError: the year is no possible year, or has such a plan already.
    """
    draft = _draft(plan, year)
    return Preview(tuple(_differences(draft)), tuple(_warnings(draft)))


def clone_plan(*, plan: Plan, year: int, by: "User | None") -> Plan:
    """Make the plan of another (ROC) year: deadlines, readings, districts, areas, hosts and members, settings.

    Dates move by the difference of the years; members and hosts are those of the plan's last day, for the whole of the
    new period. Versions stay behind, since no letter has approved the new plan yet, and so do confirmations of readings.

    Raises:
        ValidationError: the year is no possible year, or has such a plan already.
    """
    draft = _draft(plan, year)
    try:
        with transaction.atomic():
            _save(draft)
            for name in settings.PLAN_PARTS.get(plan.kind, ()):
                import_module(name).carry_over(plan, draft.plan)
            record("plan.cloned", draft.plan, by=by, office_id=plan.office_id, source=str(plan), year=year)
    except IntegrityError:
        _refuse_existing(plan, year)  # somebody else was faster
        raise
    return draft.plan


def shifted(day: date, years: int) -> date:
    """Return the same day of another year; the last day of a month stays the last (2/29 becomes 2/28)."""
    last = months.monthrange(day.year + years, day.month)[1]
    is_last = day.day == months.monthrange(day.year, day.month)[1]
    return date(day.year + years, day.month, last if is_last else day.day)


def _draft(source: Plan, year: int) -> _Draft:
    if year not in YEARS:
        raise ValidationError(f"年度須為民國 {YEARS.start} 至 {YEARS.stop - 1} 年。")
    _refuse_existing(source, year)
    years = year - source.year
    plan = _copy(
        source,
        year=year,
        title=_of_year(source.title, source.year, year),
        budget_label=_of_year(source.budget_label, source.year, year),
        starts=shifted(source.starts, years),
        ends=shifted(source.ends, years),
        cloned_from=source,
    )
    draft = _Draft(source, plan)
    for deadline in source.deadlines.all():
        nominal = deadline.nominal and shifted(deadline.nominal, years)
        draft.deadlines.append((deadline, _copy(deadline, plan=plan, nominal=nominal)))
    for reading in source.readings.all():
        draft.readings.append((reading, _copy(reading, plan=plan, confirmed_on=None, confirmed_by=None)))
    _draft_districts(draft)
    return draft


def _draft_districts(draft: _Draft) -> None:
    source, plan = draft.source, draft.plan
    draft.districts = [(old, _copy(old, plan=plan)) for old in source.districts.all()]
    districts = {old.pk: new for old, new in draft.districts}
    old_areas = DistrictArea.objects.filter(district__plan=source)
    draft.areas = [(old, _copy(old, district=districts[old.district_id])) for old in old_areas]
    areas = {old.pk: new for old, new in draft.areas}
    for member in _last_members(source):
        new = _copy(
            member,
            plan=plan,
            district=districts[member.district_id],
            area=areas[member.area_id] if member.area_id else None,
            since=plan.starts,
            until=plan.ends,
        )
        draft.members.append((member, new))


def _last_members(plan: Plan) -> models.QuerySet[Membership]:
    return plan.memberships.on(plan.ends).select_related("agency", "district")


def _copy(row: Row, **changes: Any) -> Row:
    """Return an unsaved row with the same values but for the changes."""
    values = {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    by_column = {
        f.attname: values[f.name] for f in row._meta.concrete_fields if f.name in values.keys() - changes.keys()
    }
    return type(row)(**by_column, **changes)


def _of_year(text: str, old: int, new: int) -> str:
    return text.replace(f"{old}年", f"{new}年")


def _refuse_existing(source: Plan, year: int) -> None:
    same = Plan.objects.filter(office=source.office_id, kind=source.kind, issuing_body=source.issuing_body, year=year)
    if same.exists():
        raise ValidationError(f"{Plan(kind=source.kind, year=year)}已存在。")


def _save(draft: _Draft) -> None:
    """Save in the order of the references; a bulk write takes the keys of rows that were saved before it."""
    draft.plan.save()
    for pairs in (draft.deadlines, draft.readings, draft.districts, draft.areas, draft.members):
        rows: list[Any] = [new for _, new in pairs]
        if rows:
            type(rows[0])._default_manager.bulk_create(rows)


def _differences(draft: _Draft) -> Iterator[Difference]:
    old, new = draft.source, draft.plan
    yield Difference("年度", str(old.year), str(new.year))
    yield Difference("計畫名稱", old.title, new.title)
    yield Difference("期間", _period(old), _period(new))
    if old.budget_label != new.budget_label:
        yield Difference("經費來源", old.budget_label, new.budget_label)
    yield Difference("核定及修正文號", "、".join(str(version) for version in old.versions.all()), "")
    for before, after in draft.deadlines:
        if before.nominal and after.nominal:
            yield Difference(f"期限：{before.title}", roc.long(before.nominal), roc.long(after.nominal))
    for before_reading, _ in draft.readings:
        if before_reading.confirmed_on:
            confirmed = f"{roc.short(before_reading.confirmed_on)}確認"
            yield Difference(f"條文解釋：{before_reading.question}", confirmed, "待確認")
    for member in old.memberships.exclude(pk__in=_last_members(old)).select_related("agency", "district"):
        yield Difference(f"分區成員：{member.agency}", f"{member.district}（至 {roc.short(member.until)}）", "")


def _period(plan: Plan) -> str:
    return f"{roc.long(plan.starts)}至{roc.long(plan.ends)}"


def _warnings(draft: _Draft) -> Iterator[str]:
    plan = draft.plan
    calendar = office_calendar(plan.office_id, plan.starts.year, plan.ends.year)
    dated = [(deadline, deadline.nominal) for _, deadline in draft.deadlines if deadline.nominal]
    if sentence := warning(calendar, [plan.starts, plan.ends, *(nominal for _, nominal in dated)]):
        yield sentence
    for deadline, nominal in dated:
        if not calendar.is_working(nominal):
            effective = calendar.effective(nominal, deadline.holiday_policy)
            yield (
                f"「{deadline.title}」的期限 {roc.long(nominal)}為休假日，"
                f"遇休假日{deadline.get_policy_display()}，實際期限為 {roc.long(effective)}。"
            )
    hosted = {new.district.name for _, new in draft.members if new.is_host}
    for _, district in draft.districts:
        if district.name not in hosted:
            yield f"{district.name}於原計畫末日沒有承辦單位，請補列。"
    for _, member in draft.members:
        if not member.agency.is_active:
            yield f"{member.agency}已停用，仍列為{member.district}成員，請確認。"
