"""Who took part: named by the host, checked by the office; and who proposed, where the office names somebody."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from awards.choices import HostPersonState, Part
from awards.models import HostPerson, ProposalPerson
from districts.models import District, Person
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from proposals.models import Proposal


@transaction.atomic
def name_person(*, district: District, person: Person, part: Part, work: str, by: User) -> HostPerson:
    """Name somebody for the district's hosting award; naming again what was refused puts it to the office anew.

    Raises:
        ValidationError: the person is named already.
    """
    known = HostPerson.objects.select_for_update().filter(district=district, person=person).first()
    if known and known.state != HostPersonState.REFUSED:
        raise ValidationError({"person": f"{person.name}已列入名單。"})
    named = known or HostPerson(district=district, person=person)
    named.part, named.work, named.state, named.reason = part, work, HostPersonState.NAMED, ""
    named.named_by, named.named_at, named.checked_by, named.checked_at = by, timezone.now(), None, None
    named.save()
    _note("award.person_named", named, by=by, part=part.label)
    return named


@transaction.atomic
def remove_person(*, named: HostPerson, by: User) -> None:
    """Take somebody off the list; approved lines stay as they are."""
    _note("award.person_removed", named, by=by)
    named.delete()


@transaction.atomic
def check_person(*, named: HostPerson, accept: bool, reason: str = "", by: User) -> HostPerson:
    """Accept somebody on the list, or refuse with a reason.

    Raises:
        ValidationError: refused without a reason, or taken off the list meanwhile.
    """
    if not accept and not reason.strip():
        raise ValidationError({"reason": "請說明不列入的理由。"})
    fresh = (
        HostPerson.objects.select_for_update().select_related("district__plan", "person").filter(pk=named.pk).first()
    )
    if fresh is None:
        raise ValidationError("此人員已由承辦單位移除。")
    fresh.state = HostPersonState.ACCEPTED if accept else HostPersonState.REFUSED
    fresh.reason = "" if accept else reason.strip()
    fresh.checked_by, fresh.checked_at = by, timezone.now()
    fresh.save()
    _note("award.person_checked", fresh, by=by, result=fresh.get_state_display(), reason=fresh.reason)
    return fresh


@transaction.atomic
def name_proposers(*, proposal: Proposal, people: Sequence[Person], by: User) -> None:
    """Name who is rewarded for an adopted proposal; several split the award, none leaves it to the portal's finding."""
    proposal.rewarded.all().delete()
    ProposalPerson.objects.bulk_create(
        ProposalPerson(proposal=proposal, person=person, named_by=by) for person in dict.fromkeys(people)
    )
    names = [person.name for person in people]
    record("award.proposer_named", proposal, by=by, office_id=proposal.plan.office_id, people=names)


def _note(act: str, named: HostPerson, *, by: User, **detail: object) -> None:
    record(act, named, by=by, office_id=named.district.plan.office_id, person=named.person.name, **detail)
