"""Who may stand in for whom: colleagues with a login at the same agency."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from districts.choices import AgencyKind
from districts.models import Agency, Posting
from districts.standing import standing
from personnel_portal.accounts.models import User


def candidates(user: User) -> QuerySet[User]:
    """Return the active accounts posted today at an agency of the user; for staff of the personnel office all its staff."""
    today = timezone.localdate()
    mine = standing(user, today)
    shared = Q(pk__in=mine.reads_for)
    if mine.is_office:
        shared |= Q(office=mine.office_id, kind=AgencyKind.OFFICE)
    postings = Posting.objects.on(today).filter(agency__in=Agency.objects.filter(shared))
    colleagues = postings.filter(person__user__isnull=False).values("person__user")
    found: QuerySet[User] = (
        User.objects.filter(pk__in=colleagues, is_active=True).exclude(pk=user.pk).order_by("name", "pk")
    )
    return found
