"""Learning hours that people enter by hand: trainings of other bodies that no report names."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency, Person
from districts.standing import standing
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from training.choices import Origin
from training.models import LearningRecord


@transaction.atomic
def enter_record(*, person: Person, record: LearningRecord, by: User) -> LearningRecord:
    """Save what was entered for somebody, for the year in which it ended.

    Raises:
        ValidationError: the same course of the same day is there already.
    """
    record.person, record.agency, record.origin = person, _agency_of(person, by), Origin.ENTERED
    _settle(record)
    record.save()
    _note("hours.entered", record, by)
    return record


@transaction.atomic
def change_record(*, record: LearningRecord, by: User) -> LearningRecord:
    """Save a changed record; it counts as not uploaded again, since the national portal has the old one.

    Raises:
        ValidationError: as `enter_record`.
    """
    _settle(record)
    record.in_portal, record.upload = False, None
    record.save()
    _note("hours.changed", record, by)
    return record


@transaction.atomic
def remove_record(*, record: LearningRecord, by: User) -> None:
    """Remove a record that was entered by hand."""
    _note("hours.removed", record, by)
    record.delete()


def _settle(record: LearningRecord) -> None:
    record.year = roc.year(record.ends)
    same = LearningRecord.objects.filter(
        person=record.person, course=record.course, starts=record.starts, topic=record.topic
    )
    if same.exclude(pk=record.pk).exists():
        raise ValidationError("這個人已有同一天、同一類別的這門課程，請檢查是否重複登錄。")


def _agency_of(person: Person, by: User) -> Agency:
    """Return where somebody serves: of several agencies the one that the entering officer works for."""
    posts = person.postings.on(timezone.localdate()).select_related("agency").order_by("pk")
    agencies = [post.agency for post in posts]
    if not agencies:
        raise ValidationError(f"{person.name}目前沒有任職機關，無法登錄。")
    mine = standing(by).works_for
    return next((agency for agency in agencies if agency.pk in mine), agencies[0])


def _note(act: str, target: LearningRecord, by: User) -> None:
    detail: dict[str, Any] = {"hours": target.hours, "year": target.year, "starts": target.starts}
    record(act, target, by=by, office_id=target.person.office_id, **detail)
