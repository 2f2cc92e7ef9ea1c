"""Facts that several parts of proposals ask for: whom a call asks and who answered, the closing day, the district of an
agency."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.utils import timezone

from districts.calendar import office_calendar, warning
from districts.models import Agency, CoachingRow, CoachingTable, District, Membership, Plan
from districts.standing import standing
from meetings.choices import MeetingKind, MeetingState
from meetings.facts import Invitee, invitees
from meetings.models import Meeting
from personnel_portal import roc
from proposals.choices import CaseState, Effect, Outcome, ProposalState
from proposals.models import CallForItems, CallRecipient, Case, CoProposer, Decision, Proposal
from proposals.models.items import Item


def asked(call: CallForItems) -> list[Invitee]:
    """Return whom the sent call asked; before that, whom it would ask."""
    kept = [Invitee(row.agency, row.is_coached) for row in call.recipients.select_related("agency")]
    return kept or to_be_asked(call.meeting)


def to_be_asked(meeting: Meeting) -> list[Invitee]:
    """Return the members and the coached 兼任(辦) agencies of the meeting's day, whatever its kind (肆、二、(二))."""
    return invitees(meeting.district, MeetingKind.JOINT, meeting.day)


def unasked(call: CallForItems) -> list[Invitee]:
    """Return whom the plan would ask now, but the call left out: the coaching table or the members changed since."""
    if call.sent_at is None or call.meeting.state == MeetingState.CANCELLED or call.meeting.is_past:
        return []
    kept = set(call.recipients.values_list("agency_id", flat=True))
    return [invitee for invitee in to_be_asked(call.meeting) if invitee.agency.pk not in kept]


def closing_warnings(meeting: Meeting, day: date) -> list[str]:
    """Return what speaks against a closing day; none forbids it."""
    found = []
    if day > meeting.day:
        found.append(f"截止日在會議日（{roc.long(meeting.day)}）之後，來不及於會前彙整。")
    elif day == meeting.day and meeting.kind == MeetingKind.FULL_TIME:
        found.append("截止日即為會議當日；提案應於專任會報前送本處（計畫肆、二、(二)、2）。")
    calendar = office_calendar(meeting.plan.office_id, day.year)
    if not calendar.is_working(day):
        found.append(f"截止日{roc.long(day)}為放假日。")
    if unknown := warning(calendar, [day]):
        found.append(unknown)
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How a call was answered, in agencies and in items."""

    asked: int
    answered: int
    none: int
    cases: int
    proposals: int
    late: int

    @property
    def missing(self) -> int:
        return self.asked - self.answered


def has_answered(row: CallRecipient) -> bool:
    """Whether an agency of `CallRecipient.objects.with_answers()` sent or joined something, or said that it has none."""
    return has_sent(row) or row.none_at is not None


def has_sent(row: CallRecipient) -> bool:
    """Whether it sent or joined something: that shows, even where it had said before that it has none."""
    return bool(row.cases or row.proposals or row.joined)  # type: ignore[attr-defined]  # annotated by with_answers


def tally(rows: Iterable[CallRecipient]) -> Tally:
    """Count the rows of `CallRecipient.objects.with_answers()`."""
    rows = list(rows)
    return Tally(
        asked=len(rows),
        answered=sum(map(has_answered, rows)),
        none=sum(row.none_at is not None and not has_sent(row) for row in rows),
        cases=sum(row.cases for row in rows),  # type: ignore[attr-defined]  # annotated by with_answers
        proposals=sum(row.proposals for row in rows),  # type: ignore[attr-defined]  # annotated by with_answers
        late=sum(row.late for row in rows),  # type: ignore[attr-defined]  # annotated by with_answers
    )


def items_of_others(call: CallForItems) -> list[Case | Proposal]:
    """Return what agencies sent for the meeting that the call did not ask, so that nothing is overlooked."""
    mine = call.recipients.values("agency")
    cases = Case.objects.filter(meeting=call.meeting_id, sent_at__isnull=False).exclude(state=CaseState.WITHDRAWN)
    proposals = Proposal.objects.filter(meeting=call.meeting_id, sent_at__isnull=False).exclude(
        state=ProposalState.WITHDRAWN
    )
    return [item for items in (cases, proposals) for item in items.exclude(agency__in=mine).select_related("agency")]


def closing_day(meeting: Meeting | None, agency_id: int) -> date | None:
    """Return the last day on which the agency's items for the meeting are in time; None where no call went out."""
    if meeting is None:
        return None
    recipient = (
        CallRecipient.objects.filter(call__meeting=meeting, call__sent_at__isnull=False, agency=agency_id)
        .select_related("call")
        .first()
    )
    if recipient:
        return recipient.closes_on
    call = getattr(meeting, "items_call", None)
    return call.closes_on if call and call.sent_at else None


def district_of(agency: Agency, plan: Plan, day: date) -> District | None:
    """Return the agency's district: that of its membership, for a coached one that of its coaching officer's agency."""
    return districts_of([agency.pk], plan, day).get(agency.pk)


def districts_of(agencies: Collection[int], plan: Plan, day: date) -> dict[int, District]:
    """Return the district of each agency that has one in the plan, as `district_of`; three queries for any number."""
    on = plan.nearest(day)
    members = Membership.objects.filter(plan=plan, agency__in=agencies).on(on).select_related("district")
    found = {member.agency_id: member.district for member in members}
    coached = [agency for agency in agencies if agency not in found]
    if coached:
        valid = CoachingTable.objects.filter(district=OuterRef("pk"), month__lte=on.replace(day=1))
        newest = valid.order_by("-month", "-version").values("pk")[:1]
        districts = plan.districts.annotate(table=Subquery(newest)).exclude(table=None)
        tables = {district.table: district for district in districts}  # type: ignore[attr-defined]  # annotated above
        rows = CoachingRow.objects.filter(table__in=tables, agency__in=coached)
        places = set(rows.values_list("table", "agency"))
        for table, district in tables.items():
            for agency in coached:
                if (table, agency) in places:
                    found.setdefault(agency, district)
    return found


def agencies_with_district(user: Any, day: date) -> dict[int, District]:
    """Return the district of each agency that the person works for, as far as it has one in the plan of the day."""
    mine = standing(user)
    plan = Plan.objects.liaison().filter(office=mine.office_id).current(day)
    return districts_of(mine.works_for, plan, day) if plan else {}


def shares(plan: Plan) -> QuerySet[Case]:
    """Return the cases that fulfil what each member owes in the plan (肆、二、(二)、1): sent in its period, and neither
    returned nor withdrawn."""
    return Case.objects.in_plan(plan).handed_in().filter(sent_at__date__range=(plan.starts, plan.ends))


def agencies_without_case(plan: Plan, day: date | None = None) -> QuerySet[Membership]:
    """Return the members that still owe their case: those of the day whose agency has none among the `shares`. One query.

    Args:
        day: today unless given; the nearest day of the plan's period is taken.
    """
    members = Membership.objects.filter(plan=plan).on(plan.nearest(day or timezone.localdate()))
    owing = members.exclude(agency__in=shares(plan).values("agency"))
    return owing.select_related("agency", "district").order_by("district__order", "order")


def calls_of(districts: Collection[int], *, keep: int | None = None) -> QuerySet[Meeting]:
    """Return the meetings of the districts for which items were called, the next first; cancelled ones ask for nothing.

    A call stays open after its closing day: what comes then is late, not lost.

    Args:
        keep: a meeting that is on the list anyway, since an item answers it.
    """
    called = Q(items_call__sent_at__isnull=False, district__in=districts) & ~Q(state=MeetingState.CANCELLED)
    found = Meeting.objects.filter(called | Q(pk=keep))
    return found.select_related("items_call", "district").order_by("-starts_at")


def missing(item: Item) -> dict[str, str]:
    """Return what an item lacks to be sent, its fields with their labels."""
    columns = [column for column in item._meta.fields if isinstance(column, models.CharField | models.TextField)]
    return {
        column.name: str(column.verbose_name)
        for column in columns
        if column.editable and not column.blank and not str(getattr(item, column.name)).strip()
    }


def with_proposers(proposals: QuerySet[Proposal]) -> list[Proposal]:
    """Fetch proposals with all who propose them, those of what was merged into them too; three queries.

    `Proposal.objects.with_proposers()` does the same for lists, which fetch their rows themselves.
    """
    merged = Proposal.objects.select_related("plan", "district", "agency").order_by("number")
    found = list(proposals.prefetch_related(Prefetch("merged", merged)))
    everybody = [*found, *(one for lead in found for one in lead.merged.all())]
    prefetch_related_objects(everybody, Prefetch("co_proposers", CoProposer.objects.select_related("agency")))
    return found


def proposers(proposal: Proposal) -> list[str]:
    """Return the names of all who propose: the first, those that joined it, and those of what was merged into it."""
    together = [proposal, *proposal.merged.all()]
    names = [name for one in together for name in (one.agency, *(joined.agency for joined in one.co_proposers.all()))]
    return list(dict.fromkeys(agency.short_name for agency in names))


@dataclass(frozen=True, slots=True)
class Together:
    """Who proposes a thing together.

    Attributes:
        joined: the names of the agencies that joined the proposal, in their order.
        merged: the proposals that were merged into it, each with the names of all who proposed it.
        agencies: the keys of all of them.
        names: the names of all of them, the first agency first.
    """

    joined: list[str]
    merged: list[tuple[Proposal, list[str]]]
    agencies: frozenset[int]
    names: list[str]


def together(proposal: Proposal) -> Together:
    """Return who proposes with the first, and what was merged into the proposal; one query."""
    rows: QuerySet[Any] = (
        Proposal.objects.filter(Q(pk=proposal.pk) | Q(merged_into=proposal))
        .select_related("plan", "district", "agency")
        .annotate(joined=F("co_proposers__agency"), joined_name=F("co_proposers__agency__short_name"))
        .order_by("number", "pk", "co_proposers__order", "co_proposers")
    )
    names: dict[Proposal, list[str]] = {}
    agencies = set()
    for row in rows:
        names.setdefault(row, [row.agency.short_name]).extend([row.joined_name] if row.joined else [])
        agencies |= {row.agency_id, row.joined} - {None}
    own = names.pop(proposal)
    return Together(own[1:], list(names.items()), frozenset(agencies), list(dict.fromkeys(chain(own, *names.values()))))


def too_late_for_meeting(district: District, sent_on: date) -> str:
    """Return the warning about proposals that reach the office on the day of the district's meeting B, or after the last
    one; empty while such a meeting is still to come, or where there is none (肆、二、(二)、2; 000-13)."""
    meetings = Meeting.objects.standing().of_kind(MeetingKind.FULL_TIME).filter(district=district)
    days = sorted(meeting.day for meeting in meetings)
    if not days or days[-1] > sent_on:
        return ""
    when = "即為會報當日" if days[-1] == sent_on else "已在會報之後"
    return (
        f"修正建議提案應於專任人事人員聯繫會報（{roc.long(days[-1])}）前送本處（計畫肆、二、(二)、2），"
        f"函送日期{roc.long(sent_on)}{when}。"
    )


def commendable(proposal: Proposal, outcome: str) -> tuple[bool, str]:
    """Return whether a decision is proposed to earn a commendation (伍、二), and why."""
    if outcome == Outcome.PARTLY:
        return False, "部分參採須由人事處勾選，始符合獎勵（計畫伍、二）。"
    if outcome != Outcome.ADOPTED:
        return False, "未獲參採，不符合獎勵（計畫伍、二）。"
    effect = proposal.get_effect_display()
    if proposal.effect in (Effect.SIMPLER, Effect.AMENDS):
        return True, f"預期效益為「{effect}」並經參採，符合獎勵（計畫伍、二）。"
    return False, f"預期效益為「{effect}」，非簡化流程或修正法規，不符合獎勵（計畫伍、二）。"


def decisions_of(user: Any, proposal: Proposal) -> list[Decision]:
    """Return what was decided as far as the person may know, oldest first; a merged proposal follows its lead."""
    decided = Decision.objects.visible_to(user).filter(proposal=proposal.merged_into_id or proposal.pk)
    return list(decided.select_related("decided_by", "corrects").order_by("pk"))
