"""Writes about duties: reminders, relief, and the private iCal address."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from districts.calendar import office_calendar
from districts.facts import officers_by_agency
from districts.models import Agency, Closure, Office, Plan
from personnel_portal.accounts.models import User
from personnel_portal.duties import mails, reminders, stream
from personnel_portal.duties.models import FeedToken, Relief, Reminder
from personnel_portal.outbox.actions import enqueue_new
from personnel_portal.outbox.models import Message
from personnel_portal.rules.duty import Duty
from personnel_portal.trail.actions import record

logger = logging.getLogger(__name__)

OFFICE_HOURS = time(8), time(18)
_TOGETHER = 200  # digests of one transaction
PAUSE_BY_HAND = timedelta(minutes=10)  # a second click is no second reminder


def in_office_hours(moment: datetime, office: Office) -> bool:
    """Tell whether reminders may go out: a working day, between eight and six."""
    local = timezone.localtime(moment)
    calendar = office_calendar(office, local.year)
    return calendar.is_working(local.date()) and OFFICE_HOURS[0] <= local.time() < OFFICE_HOURS[1]


def send_reminders(*, office: Office, today: date) -> int:
    """Put the day's digests of an office into the outbox, some hundred to a transaction; return how many.

    Where a transaction fails, each of its digests has one of its own. The uniqueness of mails and of reminders makes a
    rerun or a second beat stop there, and one person's digest that fails keeps nobody else from theirs.
    """
    plans, now = Plan.objects.filter(office=office).running(today), timezone.now()
    digests = reminders.due_digests(plans, today)
    return sum(_send(digests[at : at + _TOGETHER], today, now) for at in range(0, len(digests), _TOGETHER))


def _send(digests: Sequence[reminders.Digest], today: date, now: datetime) -> int:
    try:
        return _write(digests, today, now)
    except Exception as fault:
        if len(digests) > 1:
            return sum(_send([digest], today, now) for digest in digests)
        if not isinstance(fault, IntegrityError):  # which says that another run is telling this person the same
            logger.exception("digest of person %s", digests[0].person.pk)
        return 0


@transaction.atomic
def _write(digests: Sequence[reminders.Digest], today: date, now: datetime) -> int:
    keyed = {mails.digest_key(digest.person.pk, today, digest.person.mail): digest for digest in digests}
    for told in Message.objects.filter(key__in=keyed).values_list("key", flat=True):
        del keyed[str(told)]  # one digest a day; what is new since then goes tomorrow
    messages = enqueue_new(mail for digest in keyed.values() for mail in mails.digest(digest, today))
    own = {message.key: message for message in messages}
    Reminder.objects.bulk_create(row for key, digest in keyed.items() for row in _rows(digest, own[key], now))
    return len(keyed)


def _rows(digest: reminders.Digest, message: Message, now: datetime) -> list[Reminder]:
    return [
        Reminder(
            plan=item.plan,
            duty_key=item.duty.key,
            effective=item.duty.due.effective if item.duty.due else None,
            offset=offset,
            person=digest.person,
            agency_id=item.duty.agency_id,
            message=message,
            made_at=now,
        )
        for item in digest.items
        for offset in item.offsets
    ]


@transaction.atomic
def tell_closure(*, closure: Closure, today: date) -> int:
    """Tell those whose deadlines a closure moves, once; return how many mails."""
    if not Closure.objects.filter(pk=closure.pk, told_at=None).update(told_at=timezone.now()):
        return 0
    return len([mails.closed(letter, closure, today) for letter in reminders.moved_by(closure, today)])


@transaction.atomic
def remind_now(*, plan: Plan, duty: Duty, by: User, today: date) -> int:
    """Remind the officers of the agency, and their deputies, by hand; return how many people were written to.

    Raises:
        ValidationError: the duty is done or waived, nobody can be written to, or it was done a moment ago.
    """
    if not duty.is_open():
        raise ValidationError("此事項已辦理完成或免除，無須提醒。")
    Agency.objects.select_for_update().get(pk=duty.agency_id)
    now = timezone.now()
    by_hand = Reminder.objects.filter(plan=plan, duty_key=duty.key, offset=None)
    if by_hand.filter(made_at__gt=now - PAUSE_BY_HAND).exists():
        raise ValidationError("剛剛已寄出提醒，請稍候再提醒。")
    people = officers_by_agency([duty.agency_id], today).get(duty.agency_id, [])
    if not people:
        raise ValidationError("該機關尚無可通知的人員，請先登錄人員及公務信箱。")
    letters = [reminders.Digest(p, {p.mail: p.name}, [reminders.Item(plan, duty, ())]) for p in people]
    reminders.add_deputies(letters, today)
    number = stream.reminded(plan).get(duty.key, 0) + 1
    for letter in letters:
        Reminder.objects.create(
            plan=plan,
            duty_key=duty.key,
            effective=duty.due.effective if duty.due else None,
            person=letter.person,
            agency_id=duty.agency_id,
            made_at=now,
            message=mails.by_hand(letter, today, number),
        )
    told = sum(len(letter.addresses) for letter in letters)
    record("duty.reminded", plan, by=by, office_id=plan.office_id, duty=duty.title, people=told, number=number)
    return told


@transaction.atomic
def give_relief(
    *, plan: Plan, duty: Duty, until: date | None, reason: str, expires_on: date | None, by: User
) -> Relief:
    """Waive a duty of one agency, or put its deadline off to a day.

    Raises:
        ValidationError: there is relief for it already, or the new day is not after the deadline.
    """
    if until and duty.due and until <= duty.due.effective:
        raise ValidationError({"until": "展延日期須晚於原期限。"})
    agency = Agency.objects.select_for_update().get(pk=duty.agency_id)
    given = Relief.objects.filter(plan=plan, agency=agency, duty_key=duty.key, withdrawn_at=None)
    if given.on(timezone.localdate()).exists():
        raise ValidationError("此事項已有免除或展延，請先撤銷。")
    for expired in given:
        withdraw_relief(relief=expired, by=by)
    relief = Relief.objects.create(
        plan=plan,
        agency=agency,
        duty_key=duty.key,
        duty_title=duty.title,
        until=until,
        reason=reason,
        expires_on=expires_on,
        given_by=by,
    )
    record("duty.relieved", relief, by=by, office_id=plan.office_id, reason=reason, until=until, agency=str(agency))
    return relief


@transaction.atomic
def withdraw_relief(*, relief: Relief, by: User) -> Relief:
    """Take relief back; the duty is owed again as stated.

    Raises:
        ValidationError: it was withdrawn before.
    """
    if not Relief.objects.filter(pk=relief.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        raise ValidationError("此免除或展延已撤銷。")
    relief.refresh_from_db()
    record("duty.relief_withdrawn", relief, by=by, office_id=relief.plan.office_id)
    return relief


@transaction.atomic
def open_feed(*, user: User) -> FeedToken:
    """Make a new private address of the person's calendar; an older one is closed."""
    revoke_feed(user=user)
    feed = FeedToken.objects.create(user=user)
    record("feed.opened", feed, by=user)
    return feed


@transaction.atomic
def revoke_feed(*, user: User) -> None:
    """Close the person's private calendar address for good."""
    for feed in FeedToken.objects.filter(user=user, revoked_at=None):
        feed.revoked_at = timezone.now()
        feed.save(update_fields=["revoked_at"])
        record("feed.revoked", feed, by=user)
