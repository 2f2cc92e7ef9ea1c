"""Who took part: named by the host, checked by the office; and who proposed, where the office names somebody."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from awards import mails
from awards.choices import HostPersonState, Part
from awards.models import HostPerson, ProposalPerson, Rewarded
from districts.models import District, Person
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from proposals.choices import Outcome
from proposals.models import Decision, Proposal


@transaction.atomic
def name_person(*, district: District, person: Person, part: Part, work: str, by: User) -> HostPerson:
    """Name somebody for the district's hosting award, and tell the reviewers; naming again what was refused puts it to
    the office anew.

    Raises:
        ValidationError: the person is named already.
    """
    District.objects.select_for_update().get(pk=district.pk)  # two clicks at once name once
    known = HostPerson.objects.select_for_update().filter(district=district, person=person).first()
    if known and known.state != HostPersonState.REFUSED:
        raise ValidationError({"person": f"{person.name}已列入名單。"})
    named = known or HostPerson(district=district, person=person)
    named.part, named.work, named.state, named.reason = part, work, HostPersonState.NAMED, ""
    named.named_by, named.named_at, named.checked_by, named.checked_at = by, timezone.now(), None, None
    named.save()
    _note("award.person_named", named, by=by, part=part.label)
    mails.people_named(district, by=by)
    return named


@transaction.atomic
def remove_person(*, named: HostPerson, by: User) -> None:
    """Take somebody off the list; approved lines stay as they are.

    Raises:
        ValidationError: the office has accepted the person, maybe only just now.
    """
    current = HostPerson.objects.select_for_update().filter(pk=named.pk).first()
    if current and current.state == HostPersonState.ACCEPTED:
        raise ValidationError(f"{named.person.name}已經人事處同意列入，不得逕予移除。")
    _note("award.person_removed", named, by=by)
    named.delete()


def check_person(*, named: HostPerson, accept: bool, reason: str = "", by: User) -> HostPerson:
    """Accept one on the list, or refuse with a reason; as `check_people`."""
    district, seen = named.district, {named.pk: named.stamp}
    return check_people(district=district, seen=seen, accept=accept, reason=reason, by=by)[0]


@transaction.atomic
def check_people(
    *, district: District, seen: Mapping[int, str], accept: bool, reason: str = "", by: User
) -> list[HostPerson]:
    """Accept several of a district's people, or refuse them for one reason and tell the host; all of them or none.

    Args:
        seen: the stamp that the page showed of each, so that nothing is decided on what nobody saw.

    Raises:
        ValidationError: nobody was chosen, refused without a reason, or one of them was changed or removed meanwhile.
    """
    reason = "" if accept else reason.strip()
    if not seen:
        raise ValidationError("請至少勾選一人。")
    if not accept and not reason:
        raise ValidationError({"reason": "請說明不列入的理由。"})
    rows = HostPerson.objects.select_for_update(of=("self",)).filter(district=district, pk__in=seen)
    people = list(rows.select_related("district__plan", "person", "checked_by"))
    _refuse_changed(people, seen)
    for named in people:
        named.state = HostPersonState.ACCEPTED if accept else HostPersonState.REFUSED
        named.reason, named.checked_by, named.checked_at = reason, by, timezone.now()
        named.save()
        _note("award.person_checked", named, by=by, result=named.get_state_display(), reason=reason)
    if not accept:
        mails.people_refused(district, people, reason)
    return people


def _refuse_changed(people: Sequence[HostPerson], seen: Mapping[int, str]) -> None:
    if len(people) < len(seen):
        raise ValidationError("勾選的人員中有人已由承辦單位移除，請確認名單後再送出。")
    for named in people:
        if named.stamp != seen[named.pk]:
            by = f"{named.checked_by.get_full_name()}審查" if named.checked_by else "承辦單位重新提報"
            raise ValidationError(f"{named.person.name}已由{by}（{named.get_state_display()}），請確認後再送出。")


@transaction.atomic
def name_proposers(*, proposal: Proposal, people: Sequence[Person], by: User) -> None:
    """Name who is rewarded for an adopted proposal; several split the award, none leaves it to the portal's finding.

    Raises:
        ValidationError: nothing was adopted that qualifies, or an approved line rewards it already.
    """
    Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)  # two clerks name one after the other
    _refuse_unrewarded(proposal)
    _refuse_rewarded(proposal)
    proposal.rewarded.all().delete()
    ProposalPerson.objects.bulk_create(
        ProposalPerson(proposal=proposal, person=person, named_by=by) for person in dict.fromkeys(people)
    )
    names = [person.name for person in people]
    record("award.proposer_named", proposal, by=by, office_id=proposal.plan.office_id, people=names)


def _refuse_unrewarded(proposal: Proposal) -> None:
    adopted = Decision.objects.in_force().filter(
        proposal=proposal, qualifies=True, outcome__in=[Outcome.ADOPTED, Outcome.PARTLY]
    )
    if not adopted.exists():
        raise ValidationError("此提案未公布為參採且符合獎勵，不需指定獎勵人員。")


def _refuse_rewarded(proposal: Proposal) -> None:
    """Refuse to move an award that was approved: under other names the same matter would be rewarded again."""
    matter = f"proposals.proposal-{proposal.pk}"
    held = Rewarded.objects.filter(Q(matter=matter) | Q(matter__startswith=f"{matter}."), plan=proposal.plan_id)
    if rewarded := held.select_related("line__run__plan").first():
        raise ValidationError(f"此提案已於{rewarded.line.run}核予「{rewarded.line}」，不得再變更獎勵人員。")


def _note(act: str, named: HostPerson, *, by: User, **detail: object) -> None:
    record(act, named, by=by, office_id=named.district.plan.office_id, person=named.person.name, **detail)
