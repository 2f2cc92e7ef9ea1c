"""What each host owes: the compiled cases after meeting A, the proposals before meeting B."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from districts.models import Deadline
from meetings.choices import MeetingKind
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.rules.duty import Duty, Evidence
from proposals.duties.ground import Ground, Sent, by_package, name_of

CASES = "proposals.cases_to_office"
PROPOSALS = "proposals.proposals_to_office"
WITH_HOST = ("sent", "shared", "compiled")


def cases_to_office(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each meeting A that took place the package of compiled cases: one that carries cases of its call, or
    any with cases since. The plan names no number of days."""
    sent, carried, at_hosts = by_package(ground.cases), _carried(ground.cases), _at_hosts(ground.cases)
    for meeting in _of_kind(ground, MeetingKind.JOINT):
        if not _is_past(meeting, ground.on.today):
            continue
        own = _own_packages(ground, meeting, sent)
        package = next((p for p in own if (p.pk, meeting.pk) in carried or p.sent_on >= meeting.day), None)
        waiting = at_hosts[meeting.district_id]
        yield Duty(
            key=f"{CASES}.meeting-{meeting.pk}",
            kind=CASES,
            heading="案例彙整函送",
            title=f"函送{name_of(meeting)}彙整案例",
            clause=deadline.clause,
            plan_id=meeting.plan_id,
            agency_id=ground.on.hosts[meeting.district_id],
            district_id=meeting.district_id,
            due=ground.after(deadline, meeting.day),
            since=meeting.day,
            after="會後",
            done=_evidence(package, sent),
            url=_page(meeting),
            action="彙整函送",
            note=f"待函送 {waiting} 件" if waiting else "尚無案例",
        )


def proposals_to_office(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each meeting B the proposals, which arrive before its day; on the day itself they are late.

    Before the meeting it is done when nothing waits any more; what comes afterwards is for the next one.
    """
    sent, carried, at_hosts = by_package(ground.proposals), _carried(ground.proposals), _at_hosts(ground.proposals)
    today = ground.on.today
    for meeting, since, until in _with_neighbours(_of_kind(ground, MeetingKind.FULL_TIME), ground.on.plan.starts):
        own = _own_packages(ground, meeting, sent)
        own = [p for p in own if (p.pk, meeting.pk) in carried or since <= p.sent_on < until]
        waiting, is_over = at_hosts[meeting.district_id], meeting.day <= today
        done = _evidence(own[0] if own else None, sent) if is_over or not waiting else None
        if is_over and not own and not waiting:
            done = Evidence("無提案", meeting.day - timedelta(days=1))
        yield Duty(
            key=f"{PROPOSALS}.meeting-{meeting.pk}",
            kind=PROPOSALS,
            heading="提案於專任會報前函送",
            title=f"於{name_of(meeting)}前函送提案",
            clause=deadline.clause,
            plan_id=meeting.plan_id,
            agency_id=ground.on.hosts[meeting.district_id],
            district_id=meeting.district_id,
            due=ground.due(deadline, meeting.day - timedelta(days=1)),
            done=done,
            url=_page(meeting),
            action="彙整函送",
            note=f"會議 {roc.long(meeting.day)}・{f'待函送 {waiting} 件' if waiting else '目前無待函送提案'}",
        )


def _of_kind(ground: Ground, kind: MeetingKind) -> list[Meeting]:
    return [m for m in ground.meetings if m.kind == kind and m.district_id in ground.on.hosts]


def _with_neighbours(meetings: list[Meeting], starts: date) -> Iterator[tuple[Meeting, date, date]]:
    """Yield each meeting with the day of its district's one before (or the plan's first day), and of the one after."""
    for district in dict.fromkeys(meeting.district_id for meeting in meetings):
        own = [meeting for meeting in meetings if meeting.district_id == district]
        days = [meeting.day for meeting in own]
        yield from zip(own, [starts, *days[:-1]], [*days[1:], date.max], strict=True)


def _own_packages(ground: Ground, meeting: Meeting, sent: Mapping[int, list[Sent]]) -> list[Any]:
    return [p for p in ground.packages if p.district_id == meeting.district_id and p.pk in sent]


def _carried(items: Iterable[Sent]) -> Set[tuple[int | None, int | None]]:
    """Return which package carries items of which meeting's call."""
    return {(item.package_id, item.meeting_id) for item in items}


def _at_hosts(items: Iterable[Sent]) -> Counter[int]:
    """Return how many items wait with the host of each district."""
    return Counter(item.district_id for item in items if item.state in WITH_HOST)


def _evidence(package: Any, sent: Mapping[int, list[Sent]]) -> Evidence | None:
    return Evidence(f"已送 {len(sent[package.pk])} 件", package.sent_on) if package else None


def _is_past(meeting: Meeting, today: date) -> bool:
    return meeting.day < today or (meeting.day == today and meeting.is_past)


def _page(meeting: Meeting) -> str:
    return reverse("proposals:compile", kwargs={"pk": meeting.district_id})
