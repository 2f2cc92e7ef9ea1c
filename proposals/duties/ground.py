"""What the duties are computed from: everything of a plan that was called, sent and published, looked up once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from districts.facts import PlanDay
from districts.models import Deadline, Membership
from meetings.choices import MeetingKind
from meetings.models import Meeting
from personnel_portal.rules.duty import Due
from proposals.choices import FollowUpState
from proposals.facts import shares
from proposals.models import CallRecipient, Case, CoProposer, Decision, FollowUp, Package, Proposal, Publication

SHORT = {MeetingKind.JOINT: "專、兼任(辦)會報", MeetingKind.FULL_TIME: "專任會報"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A case or a proposal that was sent: whose, for which meeting, in which package, how it stands, and since when."""

    agency_id: int
    district_id: int
    meeting_id: int | None
    package_id: int | None
    state: str
    day: date


@dataclass(frozen=True, slots=True)
class Ground:
    """A plan on a day with what was sent in it.

    Attributes:
        meetings: those that were not cancelled, the earliest first.
        recipients: whom the calls that went out asked, the earliest call first.
        members: agency → district, of the day.
        shares: agency → the days on which it sent the cases that count as its share.
        joined: the proposals once more, as those who joined them sent them.
        packages: what hosts sent to the office, the oldest first, with `published` and `decided`, the times at which
            the last of its cases and of its decisions was published for the first time: a correction changes no day.
        followed: the follow-ups, each with the day of its last report.
    """

    on: PlanDay
    meetings: list[Meeting]
    recipients: list[CallRecipient]
    members: Mapping[int, int]
    cases: list[Sent]
    shares: Mapping[int, list[date]]
    proposals: list[Sent]
    joined: list[Sent]
    packages: list[Any]
    followed: list[tuple[FollowUp, date | None]]

    @classmethod
    def of(cls, on: PlanDay) -> "Ground":
        meetings = Meeting.objects.in_plan(on.plan).standing().select_related("district", "minutes")
        asked = CallRecipient.objects.filter(call__meeting__plan=on.plan, call__sent_at__isnull=False)
        members = Membership.objects.filter(plan=on.plan).on(on.plan.nearest(on.today)).order_by("district", "order")
        proposals = _sent(Proposal, on)
        joined = CoProposer.objects.filter(proposal__plan=on.plan).values_list("agency_id", "proposal_id")
        return cls(
            on=on,
            meetings=list(meetings.order_by("starts_at", "pk")),
            recipients=list(asked.select_related("call").order_by("call__issued_on", "call", "order", "pk")),
            members=dict(members.values_list("agency", "district")),
            cases=list(_sent(Case, on).values()),
            shares=_shares(on),
            proposals=list(proposals.values()),
            joined=[replace(proposals[key], agency_id=agency) for agency, key in joined if key in proposals],
            packages=list(_packages(on)),
            followed=list(_followed(on)),
        )

    def after(self, deadline: Deadline, day: date) -> Due | None:
        """Return the deadline that the office set in days after an event, if it did."""
        return None if deadline.days_after is None else self.due(deadline, day + timedelta(days=deadline.days_after))

    def due(self, deadline: Deadline, nominal: date) -> Due:
        """Return the deadline of a nominal day."""
        return Due.on(nominal, deadline.holiday_policy, self.on.calendar, deadline.hour)


def by_package(items: Iterable[Sent]) -> Mapping[int, list[Sent]]:
    """Return the items that were sent to the office, by their package."""
    found: dict[int, list[Sent]] = defaultdict(list)
    for item in items:
        if item.package_id is not None:
            found[item.package_id].append(item)
    return found


def name_of(meeting: Meeting) -> str:
    """Return 第 1 次專任會報."""
    return f"第 {meeting.number} 次{SHORT[MeetingKind(meeting.kind)]}"


def _sent(model: type[Case] | type[Proposal], on: PlanDay) -> dict[int, Sent]:
    columns = ("agency", "district", "meeting", "package", "state", "sent_at__date")
    rows = model._default_manager.filter(plan=on.plan, sent_at__isnull=False).order_by("pk").values_list("pk", *columns)
    return {pk: Sent(*row) for pk, *row in rows}


def _shares(on: PlanDay) -> Mapping[int, list[date]]:
    days: dict[int, list[date]] = defaultdict(list)
    for agency, day in shares(on.plan).order_by("sent_at").values_list("agency", "sent_at__date"):
        days[agency].append(day)
    return days


def _packages(on: PlanDay) -> Iterable[Any]:
    published = _last_first(Publication.objects.filter(case__package=OuterRef("pk")))
    decided = _last_first(Decision.objects.published().filter(proposal__package=OuterRef("pk")))
    packages = Package.objects.filter(plan=on.plan).annotate(published=published, decided=decided)
    return packages.order_by("sent_on", "pk")


def _last_first(rows: QuerySet[Any, Any]) -> Subquery:
    """Return when the last of them was published, without corrections."""
    return Subquery(rows.filter(corrects__isnull=True).order_by("-published_at").values("published_at")[:1])


def _followed(on: PlanDay) -> Iterable[tuple[FollowUp, date | None]]:
    last = Max("reports__at", filter=Q(reports__state=FollowUpState.REPORTED))
    found = FollowUp.objects.filter(agenda_item__meeting__plan=on.plan).annotate(reported=last)
    for follow_up in found.select_related("agenda_item__meeting").order_by("due_on", "pk"):
        reported = follow_up.reported  # type: ignore[attr-defined]  # annotated above
        yield follow_up, timezone.localdate(reported) if reported else None
