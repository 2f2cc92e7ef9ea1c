"""What waits on somebody's desk about registrations. An offer is answered or lapses, and no plan names a duty for it, so
it is no duty of the stream: it stands here, with until when it is kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from districts.standing import Standing
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.duties.board import Line
from training.choices import ClassState, HoursState, Place
from training.models import Registration, Session, TrainingClass

CHECK_IN = timedelta(minutes=30)  # before a session
ANSWERED_WITHIN = timedelta(days=30)

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
    yield from _of_classes(user, mine, now)


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


def _of_classes(user: User, mine: Standing, now: datetime) -> Iterator[Line]:
    """Yield one's own check-ins and questionnaires, the hours that wait for a reviewer, and one's classes that are over."""
    own = Q(person=mine.person_id, place=Place.REGISTERED)
    running = Q(starts__lte=now + CHECK_IN, ends__gte=now, training_class__registrations__in=_own(mine))
    sessions = Session.objects.filter(running).exclude(attendance__registration__in=_own(mine))
    for session in sessions.select_related("training_class__course")[:SHOWN] if mine.person_id else ():
        yield _line("簽到", f"簽到：{session.training_class}", session.starts, "training:check_in", session.pk, "簽到")
    asked = Registration.objects.filter(own, answered__isnull=True, training_class__state=ClassState.FINISHED)
    ended = asked.attended().annotate(over=Max("training_class__sessions__ends"))
    for place in ended.filter(over__gt=now - ANSWERED_WITHIN).select_related("training_class__course")[:SHOWN]:
        title = f"填答「{place.training_class}」滿意度問卷"
        yield _line("待填答", title, place.over, "training:questionnaire", place.pk, "填答")
    classes = TrainingClass.objects.visible_to(user).select_related("course").annotate(over=Max("sessions__ends"))
    if mine.is_reviewer:
        by_unit = Q(course__college__run_by_units=True)
        waiting_ = Q(hours_state=HoursState.SUBMITTED) | (
            Q(state=ClassState.FINISHED, hours_state=HoursState.OPEN) & ~by_unit
        )
        for one in classes.filter(waiting_).order_by("over")[:SHOWN]:
            yield _line("待核給", f"核給「{one}」學習時數", one.over, "training:class_hours", one.pk, "審查")
    if mine.works_for:
        running_ = Q(state__in=(ClassState.OPEN, ClassState.CLOSED), over__lt=now) | Q(hours_state=HoursState.RETURNED)
        for one in classes.filter(running_, organiser__in=mine.works_for).order_by("over")[:SHOWN]:
            word = "補正" if one.hours_state == HoursState.RETURNED else "結訓"
            yield _line(f"待{word}", f"{word}：{one}", one.over, "training:class_hours", one.pk, word)


def _own(mine: Standing) -> QuerySet[Registration]:
    return Registration.objects.filter(person=mine.person_id, place=Place.REGISTERED)


def _line(chip: str, title: str, over: datetime, page: str, key: int, action: str) -> Line:
    day = roc.short(timezone.localdate(over))
    return Line("soon", chip, title, f"{day} 上課", reverse(page, args=[key]), action, primary=False)
