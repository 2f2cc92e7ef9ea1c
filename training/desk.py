"""What waits on somebody's desk about registrations. An offer is answered or lapses, and no plan names a duty for it, so
it is no duty of the stream: it stands here, with until when it is kept."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from districts.standing import Standing
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.duties.board import Line
from training.choices import Place
from training.models import Registration, TrainingClass

SHOWN = 10  # offers and nominations that a desk lists; the pages of the classes show all


def waiting(user: User, mine: Standing, now: datetime) -> Iterator[Line]:
    """Yield one's own offers and those of the people one works for, and to reviewers the nominations to decide on."""
    own = Q(person=mine.person_id) | Q(agency__in=mine.works_for)
    offers = Registration.objects.filter(own, place=Place.OFFERED, offered_until__gt=now)
    for offer in offers.select_related("person", "training_class__course").order_by("offered_until")[:SHOWN]:
        yield _answer(offer, is_own=offer.person_id == mine.person_id)
    if mine.is_reviewer:
        nominated = Q(registrations__place=Place.NOMINATED)
        classes = TrainingClass.objects.visible_to(user).filter(nominated).select_related("course")
        for one in classes.annotate(
            names=Count("registrations", filter=nominated),
            since=Min("registrations__registered_at", filter=nominated),
        ).order_by("since")[:SHOWN]:
            yield _decide(one)


def _answer(offer: Registration, *, is_own: bool) -> Line:
    until = roc.moment(timezone.localtime(offer.offered_until))
    who = "" if is_own else f"{offer.person.name}："
    return Line(
        "soon",
        "遞補",
        f"{who}回復「{offer.training_class}」遞補通知",
        f"{until} 前回復，逾期名額通知下一位",
        offer.get_absolute_url(),
        "回復",
        primary=False,
    )


def _decide(one: TrainingClass) -> Line:
    since = roc.short(timezone.localdate(one.since))  # type: ignore[attr-defined]  # annotated above
    return Line(
        "soon",
        "待審核",
        f"審核「{one}」薦送人員 {one.names} 人",  # type: ignore[attr-defined]  # annotated above
        f"最早 {since} 薦送",
        reverse("training:nominations", args=[one.pk]),
        "審核",
        primary=False,
    )
