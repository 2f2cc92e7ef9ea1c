"""Nominations (薦送): an agency names people by rank and with a reason, the office approves or refuses."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction

from districts.models import Agency, Person
from personnel_portal.accounts.models import User
from training import mails
from training.actions.registration import Answer, Conflict, Roll
from training.choices import ACTIVE, Place
from training.eligibility import check
from training.models import Registration, TrainingClass


@transaction.atomic
def nominate(
    *, training_class: TrainingClass, agency: Agency, person: Person, rank: int, reason: str, by: User
) -> Registration:
    """Nominate somebody of an agency for a class that takes nominations; the turn counts from now.

    Raises:
        ValidationError: the person may not take part, the agency has nominated as many as it may, or gave the rank to
            somebody else; each at its field.
    """
    roll = Roll(training_class)
    (case,) = check(roll.training_class, [person], roll.now, agencies=[agency.pk], nominating=True)
    if case.refusal:
        raise ValidationError({"person": f"{person.name}：{case.refusal}"})
    there = list(roll.training_class.registrations.filter(agency=agency, place__in=ACTIVE).select_related("person"))
    limit = roll.training_class.nominees
    if limit is not None and len(there) >= limit:
        raise ValidationError(f"每機關最多薦送 {limit} 人，{agency.short_name}已薦送 {len(there)} 人。")
    if same := next((one for one in there if one.rank == rank), None):
        raise ValidationError({"rank": f"第 {rank} 順位已薦送{same.person.name}，請改填其他順位。"})
    registration = Registration(
        training_class=roll.training_class,
        person=person,
        agency=agency,
        queue=roll.next_turn(),
        rank=rank,
        reason=reason,
        registered_by=by,
        registered_at=roll.now,
    )
    roll.move(registration, Place.NOMINATED, by=by, reason=reason)
    return registration


@transaction.atomic
def decide_nominations(
    *, training_class: TrainingClass, chosen: Collection[int], approve: bool, reason: str, by: User
) -> list[Answer]:
    """Approve nominations, each getting a place or a turn of waiting, or refuse them for a reason; all of them or none.

    Raises:
        ValidationError: nothing is chosen, or a refusal has no reason.
        Conflict: one of them was decided or withdrawn meanwhile.
    """
    if not chosen:
        raise ValidationError("請至少勾選一人。")
    if not approve and not reason:
        raise ValidationError({"reason": "請說明不予薦送的理由。"})
    roll = Roll(training_class)
    roll.settle(by=None)
    rows = roll.training_class.registrations.select_related("person__user", "agency").filter(pk__in=chosen)
    answers = []
    for registration in rows.order_by("queue"):
        if registration.place != Place.NOMINATED:
            raise Conflict(
                f"{registration.person.name}目前為「{registration.get_place_display()}」，請重新整理後再處理。"
            )
        if approve:
            turn = roll.admit(registration, by=by, reason=reason or "同意薦送。")
            answers.append(Answer(registration.person, registration, turn))
        else:
            roll.move(registration, Place.REFUSED, by=by, reason=reason)
            mails.refused(registration, reason)
            answers.append(Answer(registration.person, registration))
    return answers
