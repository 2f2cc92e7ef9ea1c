"""The monthly 輔導分配表 (肆、二、(一)): each filing is a new version, older ones stay."""

import calendar as months
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from districts.models import Agency, CoachingRow, CoachingTable, District, Membership, Person, Posting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record

Pair = tuple[Person, Agency]


@dataclass(frozen=True)
class Field:
    """Who may stand in a district's table of a month: its members' people, and the agencies without a membership.

    Attributes:
        posts: the postings of the district's agencies that day, with their people and agencies.
        agencies: the agencies that may be coached, with their names.
        members: agency → the district to which it belongs.
        elsewhere: agency → the name of another district whose table holds it.
    """

    posts: Sequence[Posting]
    agencies: Mapping[int, str]
    members: Mapping[int, str]
    elsewhere: Mapping[int, str]

    @cached_property
    def officers(self) -> frozenset[int]:
        """The people who may coach."""
        return frozenset(post.person_id for post in self.posts)

    def problem(self, officer: Person, agency: Agency) -> str:
        """Return why the officer cannot coach the agency here, or ''."""
        if officer.pk not in self.officers:
            return f"{officer.name}當日不在本分區成員機關任職，不能擔任輔導人員。"
        if agency.pk in self.members:
            return f"{agency.short_name}是{self.members[agency.pk]}成員，不列入輔導。"
        if agency.pk in self.elsewhere:
            return f"{agency.short_name}已由{self.elsewhere[agency.pk]}輔導。"
        return "" if agency.pk in self.agencies else f"{agency.short_name}不是本人事處使用中的機關。"


def counted_day(month: date, district: District, today: date) -> date:
    """Return the day on which a month's table is judged: today in the running month, else the month's near end."""
    last = month.replace(day=months.monthrange(month.year, month.month)[1])
    return district.plan.nearest(min(max(today, month), last))


def field_of(district: District, month: date, today: date) -> Field:
    """Return who may stand in the table; four queries."""
    day = counted_day(month, district, today)
    office = district.plan.office_id
    members = Membership.objects.on(day).filter(plan=district.plan_id).select_related("district")
    by_agency = {member.agency_id: member.district for member in members}
    own = [agency for agency, its_district in by_agency.items() if its_district.pk == district.pk]
    posts = Posting.objects.on(day).filter(agency__in=own).select_related("person", "agency")
    free = Agency.objects.members().filter(is_active=True, office=office).exclude(pk__in=by_agency)
    return Field(
        posts=list(posts),
        agencies=dict(free.values_list("pk", "short_name")),
        members={agency: its_district.name for agency, its_district in by_agency.items()},
        elsewhere=_coached_elsewhere(district, month),
    )


def problems(district: District, month: date, rows: Sequence[Pair], today: date) -> list[str]:
    """Return for each row why it cannot stand, or ''."""
    field = field_of(district, month, today)
    listed = Counter(agency.pk for _, agency in rows)
    return [
        f"{agency.short_name}重複列出，每一機關由一人輔導。"
        if listed[agency.pk] > 1
        else field.problem(officer, agency)
        for officer, agency in rows
    ]


@transaction.atomic
def file_coaching_table(
    *, district: District, month: date, rows: Sequence[Pair], by: User | None, note: str = ""
) -> CoachingTable:
    """File a district's table of a month as a new version; no rows means that nobody is coached that month (本月無).

    Raises:
        ValidationError: the month is outside the plan's period, or rows cannot stand; one sentence each.
    """
    # One filing at a time per plan, so that versions count on and no two districts take the same agency at once.
    list(District.objects.select_for_update().filter(plan=district.plan_id))
    month = month.replace(day=1)
    if not district.plan.starts.replace(day=1) <= month <= district.plan.ends:
        raise ValidationError(f"{roc.month(month)}不在計畫期間。")
    wrong = [problem for problem in problems(district, month, rows, timezone.localdate()) if problem]
    if wrong:
        raise ValidationError(list(dict.fromkeys(wrong)))
    version = CoachingTable.objects.filter(district=district, month=month).count() + 1
    table = CoachingTable.objects.create(
        district=district, month=month, version=version, filed_by=by, note=note.strip()
    )
    CoachingRow.objects.bulk_create(
        CoachingRow(table=table, officer=officer, agency=agency) for officer, agency in rows
    )
    record("coaching.filed", table, by=by, office_id=district.plan.office_id, rows=len(rows), version=version)
    return table


def repeat_coaching_table(*, district: District, month: date, by: User | None) -> CoachingTable:
    """File the table of an earlier month again for this one.

    Raises:
        ValidationError: there is none, or a row of it cannot stand any more.
    """
    earlier = CoachingTable.objects.filter(district=district, month__lt=month).order_by("-month", "-version").first()
    if earlier is None:
        raise ValidationError("沒有以前月份的分配表可以沿用，請逐列填報。")
    rows = [(row.officer, row.agency) for row in earlier.rows.select_related("officer", "agency")]
    return file_coaching_table(
        district=district, month=month, rows=rows, by=by, note=f"沿用{roc.month(earlier.month)}第 {earlier.version} 版"
    )


def _coached_elsewhere(district: District, month: date) -> dict[int, str]:
    """Return the agencies in the tables of the plan's other districts that are valid in the month."""
    others = District.objects.filter(plan=district.plan_id).exclude(pk=district.pk)
    newest = CoachingTable.objects.filter(district=OuterRef("pk"), month__lte=month).order_by("-month", "-version")
    valid = others.order_by().values_list(Subquery(newest.values("pk")[:1]))
    return dict(CoachingRow.objects.filter(table__in=valid).values_list("agency_id", "table__district__name"))
