"""What lies on a person's desk: what I owe, what is new, and how my district stands."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from awards import desk as awards
from awards.models import HostPerson, Run
from districts.choices import AgencyKind, PlanKind
from districts.models import Agency, District, Membership, Plan
from districts.standing import Standing
from meetings.models import Meeting, Minutes
from personnel_portal.accounts.models import User
from personnel_portal.duties import stream
from personnel_portal.duties.board import Line, Row, board, lines
from personnel_portal.rules.duty import Duty
from personnel_portal.trail.models import Entry
from proposals.models import CallForItems, Case, Circular, Proposal
from training import desk as training

NEWS = 8
NEWS_FROM = 60  # the newest records of a kind whose news are looked at; bounds the query whatever the office's age
UPCOMING = 5
MANY, NEXT = 6, 2  # of a kind with more duties than the one, the first page folds all behind the other
MEETING_NEWS = ("meeting.planned", "meeting.called", "meeting.cancelled", "meeting.held")
MINUTES_NEWS = ("minutes.submitted", "minutes.returned", "minutes.accepted", "minutes.reopened")
ITEM_NEWS = (
    "item.sent",
    "item.withdrawn",
    "item.returned",
    "item.sent_to_office",
    "proposal.merged",
    "case.published",
)


@dataclass(frozen=True, slots=True)
class Fold:
    """What else is owed of a kind that there is much of, such as 週期性工作."""

    heading: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Desk:
    """The first page of one person."""

    plan: Plan | None
    to_do: list[Line]
    folds: list[Fold]
    rows: list[Row]
    districts: Sequence[District]
    news: QuerySet[Entry]
    upcoming: Sequence[Meeting]
    my_districts: Sequence[District]


def desk(user: User, mine: Standing, today: date) -> Desk:
    """Return what the person's first page shows; the office also sees the whole board."""
    plans = Plan.objects.visible_to(user)
    running = list(plans.running(today).order_by("starts", "pk"))
    current = next((plan for plan in reversed(running) if plan.kind == PlanKind.LIAISON), None)
    current = current or plans.liaison().current(today)
    duties = stream.of_plans(running, today=today)
    districts = list(District.objects.filter(plan=current)) if mine.is_office else []
    next_ones, folded = _fold(stream.owed_by(_desks(mine), duties, today))
    return Desk(
        plan=current,
        to_do=_to_do(
            lines(next_ones, today),
            chain(training.waiting(user, mine, timezone.now()), awards.waiting(user, mine, today)),
        ),
        folds=[
            Fold(heading, [replace(line, primary=False) for line in lines(more, today)])
            for heading, more in folded.items()
        ],
        rows=board(_of(current, duties), districts, today) if mine.is_office else [],
        districts=districts,
        news=_news(user),
        upcoming=list(_upcoming(user, today)),
        my_districts=_my_districts(mine, current, today),
    )


def _fold(owed: list[Duty]) -> tuple[list[Duty], dict[str, list[Duty]]]:
    """Return what stands on the page, and by heading what is folded, so that much of one kind hides no other."""
    total, seen = Counter(duty.kind for duty in owed), Counter[str]()
    shown: list[Duty] = []
    folded: dict[str, list[Duty]] = defaultdict(list)
    for duty in owed:
        seen[duty.kind] += 1
        is_next = total[duty.kind] <= MANY or seen[duty.kind] <= NEXT
        (shown if is_next else folded[duty.heading]).append(duty)
    return shown, folded


def _to_do(owed: list[Line], waiting: Iterable[Line]) -> list[Line]:
    """Return what is owed, and behind it what only waits; the first of all is what to do next."""
    return [replace(line, primary=not place) for place, line in enumerate([*owed, *waiting])]


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
    """Return the newest acts upon what the person may see, in one query.

    How minutes, cases and proposals came about is between those who work on them; others hear of what was accepted or
    published.
    """
    sources: list[tuple[QuerySet[Any], Sequence[str]]] = [
        (Meeting.objects.visible_to(user), MEETING_NEWS),
        (Minutes.objects.worked_on_by(user), MINUTES_NEWS),
        (Minutes.objects.visible_to(user), ["minutes.accepted"]),
        (CallForItems.objects.visible_to(user), ["call.sent"]),
        (Case.objects.visible_to(user), ITEM_NEWS),
        (Proposal.objects.worked_on_by(user), ITEM_NEWS),
        (Proposal.objects.visible_to(user), ["proposal.published"]),
        (Circular.objects.visible_to(user), ["circular.published"]),
        (HostPerson.objects.visible_to(user).order_by("-pk"), ["award.person_named", "award.person_checked"]),
        (Run.objects.visible_to(user).order_by("-pk"), ["award.run_made", "award.run_approved"]),
    ]
    return Entry.objects.filter(reduce(or_, (_about(records, acts) for records, acts in sources)))[:NEWS]


def _about(records: QuerySet[Any], acts: Sequence[str]) -> Q:
    """Return the entries of these acts upon the newest of the records."""
    newest = records.values_list("pk", flat=True)[:NEWS_FROM]
    keys = records.model._default_manager.filter(pk__in=newest).annotate(key=Cast("pk", TextField())).values("key")
    return Q(target_type=ContentType.objects.get_for_model(records.model), target_id__in=keys, act__in=acts)


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
