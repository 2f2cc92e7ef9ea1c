"""Circulars (通函, 肆、三): drafted from what was resolved and published, issued elsewhere, then published here.

A published circular never changes; what was wrong is put right by another one that names it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import Truncator

from districts.models import Agency, Plan
from meetings.actions.minutes import circulate_minutes
from meetings.actions.shown import Shown, refuse_overwriting
from meetings.choices import MeetingState, Section
from meetings.facts import Reach
from meetings.models import AgendaItem, Meeting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from proposals import mails
from proposals.actions.items import Conflict
from proposals.models import Circular, CircularRecipient, Decision, Proposal

CLAUSE = "肆、三"
LONGEST = 20_000  # characters of 說明, as in the model
MOST_LINES = 300  # items of 說明
LEFT_OUT = 60  # characters that are kept free for the sentence on what was left out
NOTHING = "　　無決議事項。"
CUTS = (1000, 300, 100, 40)  # a text of that many characters, where all of them would be too long
TAKEN = "此文號已登錄於另一則通函。"
TWICE = timedelta(minutes=10)  # within it the same draft of the same person is a second click, not a second draft
PAUSE = timedelta(minutes=10)  # a second click is no second reminder


@transaction.atomic
def draft_circular(*, plan: Plan, meetings: Sequence[Meeting], by: User, corrects: Circular | None = None) -> Circular:
    """Begin a circular about held meetings of a plan, with the text that can be drafted from them.

    The same draft once more within ten minutes is a second click on the button: the first one is returned.

    Args:
        corrects: a published circular that this one puts right (更正).

    Raises:
        ValidationError: no meeting, one of another plan or not held, or the corrected one is a draft.
    """
    if not meetings:
        raise ValidationError({"meetings": "請至少選擇一場會議。"})
    if any(meeting.plan_id != plan.pk or meeting.state != MeetingState.HELD for meeting in meetings):
        raise ValidationError({"meetings": "僅能選擇同一計畫中已召開的會議。"})
    if corrects and (corrects.published_at is None or corrects.plan_id != plan.pk):
        raise ValidationError("僅能更正同一計畫已公布的通函。")
    # Two clicks at once wait for one another here.
    Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    circular = Circular(plan=plan, corrects=corrects, created_by=by)
    circular.purpose, circular.explanation = drafted_text(plan, meetings, corrects)
    if twin := _twin(circular, meetings):
        return twin
    circular.save()
    circular.meetings.set(meetings)
    _note("circular.drafted", circular, by=by, rows=len(meetings))
    return circular


def _twin(circular: Circular, meetings: Sequence[Meeting]) -> Circular | None:
    """Return the draft that the same person began with the same text about the same meetings a moment ago."""
    drafts = Circular.objects.filter(
        plan=circular.plan,
        corrects=circular.corrects,
        created_by=circular.created_by,
        created_at__gte=timezone.now() - TWICE,
        published_at=None,
        purpose=circular.purpose,
        explanation=circular.explanation,
    )
    return next((draft for draft in drafts if set(draft.meetings.all()) == set(meetings)), None)


@transaction.atomic
def change_circular(*, circular: Circular, by: User, shown: Shown | None = None, **changes: Any) -> Circular:
    """Write what somebody changed of a draft.

    Raises:
        Conflict: it was published meanwhile.
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
    """
    circular = _draft(circular)
    refuse_overwriting(circular, changes, shown, Entry.objects.for_target(circular).filter(act="circular.changed"))
    for name, value in changes.items():
        setattr(circular, name, value)
    circular.save()
    _note("circular.changed", circular, by=by, changed=sorted(changes))
    return circular


@transaction.atomic
def redraft_circular(*, circular: Circular, by: User) -> Circular:
    """Write the text anew from what is resolved and published by now; what was typed is replaced.

    Raises:
        Conflict: it was published meanwhile.
    """
    circular = _draft(circular)
    meetings = list(circular.meetings.all())
    circular.purpose, circular.explanation = drafted_text(circular.plan, meetings, circular.corrects)
    circular.save()
    _note("circular.redrafted", circular, by=by, changed=["purpose", "explanation"])
    return circular


@transaction.atomic
def discard_circular(*, circular: Circular, by: User) -> None:
    """Remove a draft; its subject stays in the trail.

    Raises:
        Conflict: it was published meanwhile.
    """
    circular = _draft(circular)
    _note("circular.discarded", circular, by=by, subject=circular.purpose)
    circular.delete()


@transaction.atomic
def publish_circular(*, circular: Circular, number: str, issued_on: date, by: User) -> tuple[Circular, Reach]:
    """Publish a circular that went out, with its 文號 and date: it opens its minutes, and all agencies acknowledge it.

    Its recipients are the active agencies as they are now, without the office itself. Returns whom the mail reached.

    Raises:
        ValidationError: the 文號 stands on another circular of the office, the day is to come or before its meetings.
        Conflict: somebody else published it meanwhile.
    """
    circular = _draft(circular)
    if issued_on > timezone.localdate():
        raise ValidationError({"issued_on": "發文日期不得晚於今天；請於發文後再公布。"})
    newest = max((meeting.day for meeting in circular.meetings.all()), default=issued_on)
    if issued_on < newest:
        raise ValidationError({"issued_on": f"發文日期不得早於所附會議的日期（{roc.long(newest)}）。"})
    office = circular.plan.office_id
    if Circular.objects.filter(plan__office=office, number=number).exclude(pk=circular.pk).exists():
        raise ValidationError({"number": TAKEN})
    circular.number, circular.issued_on, circular.published_at = number, issued_on, timezone.now()
    try:
        with transaction.atomic():
            circular.save()
    except IntegrityError as error:  # another one took the number since the question above
        raise ValidationError({"number": TAKEN}) from error
    agencies = list(Agency.objects.filter(office=office, is_active=True).members())
    CircularRecipient.objects.bulk_create(CircularRecipient(circular=circular, agency=agency) for agency in agencies)
    for meeting in circular.meetings.select_related("minutes"):
        circulate_minutes(minutes=meeting.minutes, by=by)
    reached = mails.circular_published(circular, agencies)
    _note("circular.published", circular, by=by, number=number, people=len(reached.addresses))
    return circular, reached


@transaction.atomic
def acknowledge_circular(*, recipient: CircularRecipient, by: User) -> CircularRecipient:
    """Acknowledge a circular in the name of an agency.

    Raises:
        Conflict: a colleague did so before.
    """
    now = timezone.now()
    waiting = CircularRecipient.objects.filter(pk=recipient.pk, acknowledged_at=None)
    if not waiting.update(acknowledged_at=now, acknowledged_by=by):
        recipient.refresh_from_db()
        raise Conflict(_already(recipient))
    recipient.refresh_from_db()
    _note("circular.acknowledged", recipient.circular, by=by, agency=recipient.agency.short_name)
    return recipient


@transaction.atomic
def remind_missing(*, circular: Circular, by: User) -> Reach:
    """Remind the agencies that have not acknowledged a circular; one mail a person.

    Raises:
        ValidationError: it is a draft, all have, or they were reminded a moment ago.
    """
    circular = Circular.objects.select_for_update(of=("self",)).select_related("plan__office").get(pk=circular.pk)
    if circular.published_at is None:
        raise ValidationError("通函尚未公布。")
    missing = Agency.objects.filter(
        pk__in=circular.recipients.filter(acknowledged_at=None).values("agency"), is_active=True
    )
    if not missing:
        raise ValidationError("所有機關均已簽收，無須催請。")
    reminded = Entry.objects.for_target(circular).filter(act="circular.reminded", at__gt=timezone.now() - PAUSE)
    if reminded.exists():
        raise ValidationError("剛剛已寄出提醒，請稍候再提醒。")
    reached = mails.circular_reminder(circular, missing)
    _note("circular.reminded", circular, by=by, count=len(missing), people=len(reached.addresses))
    return reached


# --- The text --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """What a circular is drafted from, looked up once.

    Attributes:
        resolved: what each meeting resolved.
        decisions: what is published on the meetings' proposals.
        pending: how many of them wait.
    """

    plan: Plan
    meetings: Sequence[Meeting]
    corrects: Circular | None
    resolved: Mapping[int, list[AgendaItem]]
    decisions: Sequence[Decision]
    pending: int


def drafted_text(plan: Plan, meetings: Iterable[Meeting], corrects: Circular | None) -> tuple[str, str]:
    """Return 主旨 and 說明, an item a line and a full-width space deeper for each level.

    It carries what was resolved, by meeting, and what the office decided as far as that is published; how many
    proposals still wait is said, never what is to become of them. What is too much even when every item is cut short
    is left out by whole lines, and the text says how many items that are.
    """
    ordered = sorted(meetings, key=lambda meeting: (meeting.district.order, meeting.starts_at))
    concerned = Proposal.objects.of_meetings(ordered)
    decisions = Decision.objects.in_force().filter(proposal__in=concerned)
    decisions = decisions.select_related("proposal__plan", "proposal__district", "proposal__agency")
    found = _Found(
        plan=plan,
        meetings=ordered,
        corrects=corrects,
        resolved=_resolved(ordered),
        decisions=list(decisions.order_by("proposal__district__order", "proposal__number")),
        pending=concerned.undecided().count(),
    )
    return _purpose(plan, ordered, corrects), _explanation(found)


def _explanation(found: _Found) -> str:
    end = list(_end(found))
    for longest in CUTS:
        lines = list(_lines(found, longest))
        if len("\n".join([*lines, *end])) <= LONGEST:
            break
    return "\n".join([*_bounded(lines, end), *end])


def _bounded(lines: list[str], end: list[str]) -> list[str]:
    """Return as many of the lines as a circular holds; where some are left out, the last one says how many items."""
    room = LONGEST - len("\n".join(end)) - 1
    if len(lines) + len(end) <= MOST_LINES and len("\n".join(lines)) <= room:
        return lines
    kept = lines[: MOST_LINES - len(end) - 1]
    while len("\n".join(kept)) > room - LEFT_OUT or kept[-1].endswith("："):  # the latter is a heading of nothing
        kept.pop()
    left = sum(not line.endswith("：") and line != NOTHING for line in lines[len(kept) :])
    return [*kept, f"另有 {left} 項因篇幅所限未列，詳如會議紀錄及平台公布之研處結果。"]


def _purpose(plan: Plan, meetings: Sequence[Meeting], corrects: Circular | None) -> str:
    begins = f"更正{_named(corrects)}，" if corrects else ""
    if len(meetings) == 1:
        return f"{begins}檢送{plan.year}年度{meetings[0]}會議紀錄及決議事項，請查照。"
    kinds = "及".join(dict.fromkeys(meeting.get_kind_display() for meeting in meetings))
    return f"{begins}檢送{plan.year}年度各分區{kinds}會議紀錄及決議事項，請查照。"


def _lines(found: _Found, longest: int) -> Iterator[str]:
    yield f"依{found.plan.title}{CLAUSE}辦理。"
    if found.corrects:
        yield f"本函更正{_named(found.corrects)}；與前函不同之處，以本函為準。"
    yield "各分區會議決議事項如下："
    for meeting in found.meetings:
        yield f"　{meeting}（{_written(meeting.day)}）："
        resolved = found.resolved[meeting.pk]
        yield from (f"　　{_head(item.subject, longest)}：{_short(item.resolution, longest)}" for item in resolved)
        if not resolved:
            yield NOTHING
    if found.decisions:
        yield "修正建議提案研處結果如下："
        yield from (_outcome(decision, longest) for decision in found.decisions)


def _end(found: _Found) -> Iterator[str]:
    """Yield what every circular ends with, however much there is."""
    if found.pending:
        yield f"{'其餘' if found.decisions else ''}修正建議提案 {found.pending} 件研處中，結果另行通知。"
    yield "會議紀錄刊載於人事業務協作平台本通函頁面，請至該頁面下載並簽收。"


def _resolved(meetings: Sequence[Meeting]) -> dict[int, list[AgendaItem]]:
    """Return what each meeting resolved, in the order of its minutes."""
    order = list(Section)
    found = AgendaItem.objects.filter(meeting__in=meetings).exclude(resolution="").order_by("order", "pk")
    items: dict[int, list[AgendaItem]] = {meeting.pk: [] for meeting in meetings}
    for item in sorted(found, key=lambda item: order.index(Section(item.section))):
        items[item.meeting_id].append(item)
    return items


def _outcome(decision: Decision, longest: int) -> str:
    proposal = decision.proposal
    why = f"，{_short(decision.opinion, longest)}" if decision.opinion else "。"
    head = f"{proposal.reference}　{proposal.agency.short_name}：{_head(proposal.subject, longest)}"
    return f"　{head}：{decision.get_outcome_display()}{why}"


def _head(subject: str, longest: int) -> str:
    """Return a subject as a colon may follow it."""
    return _short(subject.rstrip("。：； "), longest)


def _short(text: str, longest: int) -> str:
    """Return a text on one line; where it is cut the minutes say the rest."""
    line = "".join(part.strip() for part in text.splitlines())
    return line if len(line) <= longest else f"{Truncator(line).chars(longest)}（詳如會議紀錄）"


def _named(circular: Circular) -> str:
    issued = _written(circular.issued_on) if circular.issued_on else ""
    return f"{issued}{circular.number}" + ("" if circular.number.endswith("函") else "函")


def _written(day: date) -> str:
    """Return 115年11月12日, as letters name a day within their text."""
    return roc.full(day).removeprefix("中華民國")


# --- Guards ----------------------------------------------------------------------------------------------------------


def _draft(circular: Circular) -> Circular:
    """Return the draft as it is now, kept from others until the transaction ends."""
    found = Circular.objects.select_for_update(of=("self",)).select_related("plan__office", "corrects")
    fresh = found.filter(pk=circular.pk).first()
    if fresh is None:
        raise Conflict("此通函草稿已由他人刪除。")
    if fresh.published_at:
        entry = Entry.objects.for_target(fresh).filter(act="circular.published").first()
        who = f"{entry.who}已於 {roc.moment(timezone.localtime(entry.at))} 公布此通函；" if entry else "通函已公布；"
        raise Conflict(f"{who}內容不得變更，如有錯誤請另發更正。")
    return fresh


def _already(recipient: CircularRecipient) -> str:
    if recipient.acknowledged_at is None or recipient.acknowledged_by is None:
        return "此通函已簽收。"
    moment = roc.moment(timezone.localtime(recipient.acknowledged_at))
    return f"{recipient.acknowledged_by.get_full_name()}已於 {moment} 代表{recipient.agency.short_name}簽收。"


def _note(act: str, circular: Circular, *, by: User, **detail: object) -> None:
    record(act, circular, by=by, office_id=circular.plan.office_id, **detail)
