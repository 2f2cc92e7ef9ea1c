"""People and their posts: who comes, what changes, and who leaves.

Rights follow the postings of the day, so nothing else is written when somebody comes or goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.choices import Access, Function, Status
from districts.models import Agency, Office, Person, Posting
from districts.policies import can_grant
from personnel_portal import roc
from personnel_portal.accounts import actions as accounts
from personnel_portal.accounts.models import User
from personnel_portal.guards import require
from personnel_portal.trail.actions import record


@dataclass(frozen=True, slots=True)
class Details:
    """What is kept of a person."""

    name: str
    status: Status = Status.CIVIL_SERVANT
    mail: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """What a posting says besides whose it is, where, and when."""

    title: str
    function: Function = Function.PERSONNEL
    unit: str = ""
    rank: str = ""
    access: Access = Access.WORK


@transaction.atomic
def add_person(*, details: Details, agency: Agency, post: Post, since: date, by: User | None) -> Posting:
    """Enter somebody new, with a post at an agency from a day on; return the posting.

    Raises:
        PermissionDenied: the access is not theirs to give.
        ValidationError: somebody of this name works there already, or a value is not possible.
    """
    namesake = Posting.objects.filter(agency=agency, person__name=details.name).exclude(until__lt=since)
    if namesake.exists():
        raise ValidationError(f"{agency.short_name}已登錄{details.name}，請改由該員頁面維護。")
    person = Person(office=agency.office)
    _write(person, details)
    record("person.added", person, by=by, office_id=person.office_id)
    return appoint(person=person, agency=agency, post=post, since=since, by=by)


@transaction.atomic
def edit_person(*, person: Person, details: Details, by: User | None) -> Person:
    """Change what is kept of a person; name and mail of the login follow.

    Raises:
        ValidationError: a value is not possible, or the login would lose its mail.
    """
    if person.user and not details.mail:
        raise ValidationError({"mail": "此人員有帳號，公務信箱不可空白。"})
    _write(person, details)
    if person.user:
        person.user.name, person.user.email = person.name, person.mail
        person.user.save(update_fields=["name", "email"])
    record("person.changed", person, by=by, office_id=person.office_id)
    return person


@transaction.atomic
def appoint(*, person: Person, agency: Agency, post: Post, since: date, by: User | None) -> Posting:
    """Give a person a post at an agency from a day on.

    Raises:
        PermissionDenied: the access is not theirs to give.
        ValidationError: the person has such a post there already, belongs to another office, or a value is not possible.
    """
    if by is not None:
        require(can_grant(by, agency, post.access))
    if agency.office_id != person.office_id:
        raise ValidationError(f"{agency.short_name}與{person.name}不屬同一人事處。")
    twins = Posting.objects.filter(person=person, agency=agency, function=post.function)
    if twin := twins.exclude(until__lt=since).first():
        raise ValidationError(
            f"{person.name}自 {roc.short(twin.since)} 起已在{agency.short_name}任{twin.get_function_display()}職務。"
        )
    posting = Posting(person=person, agency=agency, since=since)
    _write_post(posting, post)
    record("posting.begun", posting, by=by, office_id=agency.office_id, since=since.isoformat(), access=post.access)
    return posting


@transaction.atomic
def edit_posting(*, posting: Posting, post: Post, by: User | None) -> Posting:
    """Change a post; a new access counts from the next page on.

    Raises:
        PermissionDenied: the access is not theirs to give.
        ValidationError: a value is not possible, or nobody would administer the office any more.
    """
    if by is not None:
        require(can_grant(by, posting.agency, post.access))
    before = posting.access
    _write_post(posting, post)
    _check_administered(posting, before)
    record("posting.changed", posting, by=by, office_id=posting.agency.office_id, access=[before, post.access])
    return posting


@transaction.atomic
def end_posting(*, posting: Posting, until: date, by: User | None) -> Posting:
    """End a post with a day, its last; rights end with it.

    Raises:
        ValidationError: it is over already, ends before it began, or nobody would administer the office any more.
    """
    if posting.until and posting.until < timezone.localdate():
        raise ValidationError(f"{posting.person.name}已於 {roc.short(posting.until)} 卸任。")
    if until < posting.since:
        raise ValidationError({"until": f"卸任日不得早於到任日 {roc.short(posting.since)}。"})
    # Conditional: of two people who end it at once, the second is told.
    if not Posting.objects.filter(pk=posting.pk, until=posting.until).update(until=until):
        raise ValidationError("此職務剛才已由他人變更，請重新檢視後再辦理。")
    posting.until = until
    _check_administered(posting, posting.access)
    record("posting.ended", posting, by=by, office_id=posting.agency.office_id, until=until.isoformat())
    return posting


@transaction.atomic
def give_login(*, person: Person, username: str, by: User | None) -> User:
    """Make the person's account and send the invitation to choose a password.

    Raises:
        ValidationError: the person has an account or no mail, or the user name is taken or has forbidden characters.
    """
    if person.user:
        raise ValidationError(f"{person.name}已有帳號「{person.user.username}」。")
    if not person.mail:
        raise ValidationError({"mail": "請先登錄公務信箱，邀請信將寄到該信箱。"})
    user = accounts.create_account(username=username, name=person.name, email=person.mail, by=by)
    person.user = user
    person.save(update_fields=["user"])
    accounts.invite(user=user, by=by)
    return user


def _write(person: Person, details: Details) -> None:
    person.name, person.status = details.name.strip(), details.status
    person.mail, person.phone = details.mail.strip(), details.phone.strip()
    person.full_clean(exclude=["user", "office"])
    person.save()


def _write_post(posting: Posting, post: Post) -> None:
    posting.title, posting.unit, posting.rank = post.title.strip(), post.unit.strip(), post.rank.strip()
    posting.function, posting.access = post.function, post.access
    twins = Posting.objects.filter(person=posting.person, agency=posting.agency, function=post.function, until=None)
    if posting.until is None and twins.exclude(pk=posting.pk).exists():
        raise ValidationError(f"{posting.person.name}已在{posting.agency.short_name}任同性質職務。")
    posting.full_clean(exclude=["person", "agency"], validate_constraints=False)
    posting.save()


def _check_administered(posting: Posting, before: str) -> None:
    """Refuse the step that leaves the office without anybody who administers it: nobody could undo it."""
    if before != Access.ADMIN:
        return
    # One such step at a time: two administrators who leave at once would each count on the other.
    Office.objects.select_for_update(no_key=True).get(pk=posting.agency.office_id)
    administrators = Posting.objects.filter(
        agency__office=posting.agency.office_id, access=Access.ADMIN, until=None, person__user__is_active=True
    )
    if not administrators.exists():
        raise ValidationError("人事處至少須有一位可登入的管理人員，請先指定其他管理人員。")


@transaction.atomic
def add_people(*, people: Sequence[Posting], by: User) -> int:
    """Enter many people with their posts (each posting holds its unsaved person), as checked beforehand; return how many.

    Raises:
        PermissionDenied: an access is not theirs to give.
    """
    for posting in people:
        require(can_grant(by, posting.agency, posting.access))
    Person.objects.bulk_create([posting.person for posting in people], batch_size=500)
    for posting in people:
        posting.person = posting.person  # the key that the person has only now
    Posting.objects.bulk_create(people, batch_size=500)
    if people:
        # A bulk write sends no signals, so it leaves its own entry.
        names = [str(posting) for posting in people]
        record("people.imported", None, by=by, office_id=people[0].person.office_id, count=len(names), names=names)
    return len(people)
