"""What the office owes: publish the cases, decide the proposals, circulate what was resolved, release follow-ups."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from districts.models import Deadline
from meetings.choices import MeetingKind, MinutesState
from personnel_portal import roc
from personnel_portal.rules.duty import Duty, Evidence
from proposals.choices import CaseState, FollowUpState, ProposalState
from proposals.duties.agencies import SHOWN
from proposals.duties.ground import Ground, Sent, by_package, name_of
from proposals.models import Circular

PUBLISH_CASES = "proposals.publish_cases"
DECIDE = "proposals.decide"
CIRCULATE = "proposals.circulate"
RELEASE = "proposals.release"
HEADINGS = {PUBLISH_CASES: "案例去識別及發布（人事處）", DECIDE: "提案研處及公布（人事處）"}
WAITING = (CaseState.AT_OFFICE, CaseState.IN_REVIEW, ProposalState.RESOLVED)
PUBLISHED = CaseState.PUBLISHED  # of cases and of proposals alike


def publish_cases(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each package that its cases are to be de-identified and published (肆、三)."""
    sent = by_package(ground.cases)
    for package in ground.packages:
        if package.pk in sent:
            title = f"審查並發布 {roc.short(package.sent_on)} 函送案例"
            done = _finished(package, sent[package.pk], package.published)
            yield _of_package(ground, deadline, package, PUBLISH_CASES, title, sent[package.pk], done)


def decide(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each package that its proposals are to be decided and the results published."""
    sent = by_package(ground.proposals)
    for package in ground.packages:
        if package.pk in sent:
            title = f"研處並公布 {roc.short(package.sent_on)} 函送提案"
            done = _finished(package, sent[package.pk], package.decided)
            yield _of_package(ground, deadline, package, DECIDE, title, sent[package.pk], done)


def _of_package(
    ground: Ground, deadline: Deadline, package: Any, kind: str, title: str, sent: list[Sent], done: Evidence | None
) -> Duty:
    return Duty(
        key=f"{kind}.package-{package.pk}",
        kind=kind,
        heading=HEADINGS[kind],
        title=title,
        clause=deadline.clause,
        plan_id=package.plan_id,
        agency_id=ground.on.office_agency_id,
        district_id=package.district_id,
        due=ground.after(deadline, package.sent_on),
        since=package.sent_on,
        after="函送後",
        done=done,
        url=package.get_absolute_url(),
        action="檢視函送",
        note=f"待辦 {_waiting(sent)}／{len(sent)} 件",
    )


def _finished(package: Any, sent: list[Sent], last: Any) -> Evidence | None:
    """Return the evidence once nothing of the package waits: with the day of its last publication, if there was one."""
    if _waiting(sent):
        return None
    published = sum(item.state == PUBLISHED for item in sent)
    return Evidence(f"已公布 {published} 件", timezone.localdate(last) if last else package.sent_on)


def _waiting(sent: list[Sent]) -> int:
    return sum(item.state in WAITING for item in sent)


def circulate(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each meeting B whose minutes are accepted the circular with what it resolved (肆、三)."""
    first = _first_circulars(ground)
    for meeting in ground.meetings:
        if meeting.kind != MeetingKind.FULL_TIME or meeting.minutes.state != MinutesState.ACCEPTED:
            continue
        accepted, circular = timezone.localdate(meeting.minutes.decided_at), first.get(meeting.pk)
        yield Duty(
            key=f"{CIRCULATE}.meeting-{meeting.pk}",
            kind=CIRCULATE,
            heading="會議決議通函（人事處）",
            title=f"通函{meeting.district.name}{name_of(meeting)}紀錄及決議",
            clause=deadline.clause,
            plan_id=meeting.plan_id,
            agency_id=ground.on.office_agency_id,
            district_id=meeting.district_id,
            due=ground.after(deadline, accepted),
            since=accepted,
            after="備查後",
            done=Evidence("已通函", circular.issued_on, circular.get_absolute_url())
            if circular and circular.issued_on
            else None,
            url=f"{reverse('proposals:draft_circular')}?kind={MeetingKind.FULL_TIME}&year={ground.on.plan.year}",
            action="擬通函",
        )


def _first_circulars(ground: Ground) -> dict[int, Circular]:
    """Return by meeting the first published circular that carries it."""
    published = Circular.objects.filter(plan=ground.on.plan, published_at__isnull=False)
    found: dict[int, Circular] = {}
    for circular in published.order_by("published_at", "pk").prefetch_related("meetings"):
        for meeting in circular.meetings.all():
            found.setdefault(meeting.pk, circular)
    return found


def releases(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each follow-up that was reported its release; where the office asks for more, it is the agency's turn."""
    for follow_up, reported in ground.followed:
        if reported is None or follow_up.state == FollowUpState.OPEN:
            continue
        released = follow_up.released_at
        yield Duty(
            key=f"{RELEASE}.{follow_up.pk}",
            kind=RELEASE,
            heading="決議解除列管（人事處）",
            title=f"審核解列：{Truncator(follow_up.task).chars(SHOWN)}",
            clause=deadline.clause,
            plan_id=ground.on.plan.pk,
            agency_id=ground.on.office_agency_id,
            district_id=follow_up.agenda_item.meeting.district_id,
            due=ground.after(deadline, reported),
            since=reported,
            after="填報後",
            done=Evidence("已解列", timezone.localdate(released)) if released else None,
            url=follow_up.get_absolute_url(),
            action="審核",
        )
