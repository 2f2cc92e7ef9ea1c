"""What happens in the library: readers say what helped them, and cases are marked that no longer hold."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from proposals import mails
from proposals.actions.items import Conflict, note
from proposals.models import Helpful, Proposal, Publication, Statute, Supersession


@transaction.atomic
def toggle_helpful(*, publication: Publication, by: User) -> bool:
    """Say that a case helped, or take it back; return which. Once a person counts, however often the button is sent."""
    removed, _ = Helpful.objects.filter(publication=publication, user=by).delete()
    if not removed:
        Helpful.objects.get_or_create(publication=publication, user=by)
    act = "publication.unhelpful" if removed else "publication.helpful"
    record(act, publication, by=by, office_id=publication.office_id)
    return not removed


@transaction.atomic
def suggest_supersessions(*, proposal: Proposal, by: User) -> list[Supersession]:
    """Suggest to the office the published cases that cite a rule which the adopted proposal changes.

    Called when a decision that adopts the proposal, or a part of it, is published. Proposals that were merged into it
    share its result, so what they cite counts too. A case is suggested once per proposal.
    """
    proposals = [proposal, *proposal.merged.all()]
    changed = Statute.objects.filter(proposals__in=proposals).distinct()
    found = _suggest(proposal, changed)
    if found:
        note("proposal.supersessions_suggested", proposal, by=by, cases=len(found))
    return found


def _suggest(proposal: Proposal, statutes: QuerySet[Statute]) -> list[Supersession]:
    shown = Publication.objects.current().filter(office=proposal.plan.office_id, taken_down_at__isnull=True)
    fresh = shown.exclude(supersessions__proposal=proposal)
    pairs = Publication.statutes.through._default_manager.filter(
        publication__in=fresh.values("pk"), statute__in=statutes.values("pk")
    )
    first: dict[int, int] = {}
    for publication, statute in pairs.order_by("statute__name", "pk").values_list("publication", "statute"):
        first.setdefault(publication, statute)
    return Supersession.objects.bulk_create(
        Supersession(publication_id=publication, proposal=proposal, statute_id=statute)
        for publication, statute in first.items()
    )


@transaction.atomic
def decide_supersession(*, supersession: Supersession, is_superseded: bool, by: User) -> Supersession:
    """Confirm that a case no longer holds, of which its authors are told, or dismiss the suggestion.

    Raises:
        Conflict: somebody else decided before.
    """
    decided = Supersession.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=supersession.pk)
    if decided.is_confirmed is not None:
        raise Conflict(_decided_before(decided))
    decided.is_confirmed, decided.decided_by, decided.decided_at = is_superseded, by, timezone.now()
    decided.save()
    act = "case.superseded" if is_superseded else "case.still_holds"
    note(act, decided.publication.case, by=by, publication=decided.publication_id, proposal=decided.proposal_id)
    if is_superseded:
        mails.superseded(decided)
    return decided


def _decided_before(supersession: Supersession) -> str:
    who = supersession.decided_by.get_full_name() if supersession.decided_by else "他人"
    at = roc.moment(timezone.localtime(supersession.decided_at)) if supersession.decided_at else ""
    return f"{who}已於 {at} 確認「{'已不適用' if supersession.is_confirmed else '仍適用'}」。"
