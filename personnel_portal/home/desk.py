"""What lies on a person's desk: what I owe, what is new, and how my district stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, QuerySet

from districts.choices import AgencyKind
from districts.models import Agency, District, Membership, Plan
from districts.standing import Standing
from meetings.models import Meeting, Minutes
from personnel_portal.accounts.models import User
from personnel_portal.duties import stream
from personnel_portal.duties.board import Line, Row, board, lines
from personnel_portal.rules.duty import Duty
from personnel_portal.trail.models import Entry

NEWS = 8
NEWS_FROM = 60  # the newest meetings whose news are looked at; bounds the query whatever the office's age
UPCOMING = 5
NEWSWORTHY = [
    "meeting.planned",
    "meeting.called",
    "meeting.cancelled",
    "meeting.held",
    "minutes.submitted",
    "minutes.returned",
    "minutes.accepted",
    "minutes.reopened",
]


@dataclass(frozen=True, slots=True)
class Desk:
    """The first page of one person."""

    plan: Plan | None
    to_do: list[Line]
    rows: list[Row]
    districts: Sequence[District]
    news: QuerySet[Entry]
    upcoming: Sequence[Meeting]
    my_districts: Sequence[District]


def desk(user: User, mine: Standing, today: date) -> Desk:
    """Return what the person's first page shows; the office also sees the whole board."""
    plans = Plan.objects.visible_to(user).liaison().select_related("office")
    current = plans.current(today)
    duties = [duty for plan in plans.running(today) for duty in stream.of_plan(plan, today=today)]
    districts = list(District.objects.filter(plan=current))
    return Desk(
        plan=current,
        to_do=lines(stream.owed_by(_desks(mine), duties, today), today),
        rows=board(_of(current, duties), districts, today) if mine.is_office else [],
        districts=districts,
        news=_news(user),
        upcoming=list(_upcoming(user, today)),
        my_districts=_my_districts(mine, current, today),
    )


def _desks(mine: Standing) -> frozenset[int]:
    """Return the agencies whose duties are this person's; a reader of the office owes nothing."""
    if mine.is_office and not mine.is_reviewer:
        return mine.works_for - frozenset(
            Agency.objects.filter(office=mine.office_id, kind=AgencyKind.OFFICE).values_list("pk", flat=True)
        )
    return mine.works_for


def _of(plan: Plan | None, duties: list[Duty]) -> list[Duty]:
    return [duty for duty in duties if plan and duty.plan_id == plan.pk]


def _upcoming(user: User, today: date) -> QuerySet[Meeting]:
    meetings = Meeting.objects.visible_to(user).standing().filter(starts_at__date__gte=today)
    return meetings.select_related("district").order_by("starts_at")[:UPCOMING]


def _news(user: User) -> QuerySet[Entry]:
    """Return the newest acts upon the meetings and minutes that the person may see.

    How minutes came about is between the host and the office; others hear of them when they are accepted.
    """
    types = ContentType.objects.get_for_models(Meeting, Minutes)
    of_minutes = Q(target_type=types[Minutes])
    seen = (
        Q(target_type=types[Meeting], target_id__in=_newest(Meeting.objects.visible_to(user)))
        | of_minutes & Q(target_id__in=_newest(Minutes.objects.worked_on_by(user)))
        | of_minutes & Q(target_id__in=_newest(Minutes.objects.visible_to(user)), act="minutes.accepted")
    )
    return Entry.objects.filter(seen, act__in=NEWSWORTHY)[:NEWS]


def _newest(records: QuerySet[Any]) -> list[str]:
    return [str(pk) for pk in records.values_list("pk", flat=True)[:NEWS_FROM]]


def _valid_on(day: date) -> Q:
    return Q(memberships__since__lte=day, memberships__until__gte=day)


def _my_districts(mine: Standing, plan: Plan | None, today: date) -> Sequence[District]:
    if plan is None or mine.is_office:
        return []
    memberships = Membership.objects.filter(plan=plan, agency__in=mine.reads_for)
    return list(
        District.objects.filter(pk__in=memberships.values("district"))
        .annotate(members=Count("memberships", filter=_valid_on(plan.nearest(today))))
        .prefetch_related("areas")
    )
