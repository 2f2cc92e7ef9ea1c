"""What waits on somebody's desk about registrations. An offer is answered or lapses, and no plan names a duty for it, so
it is no duty of the stream: it stands here, with until when it is kept."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone

from districts.standing import Standing
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.duties.board import Line
from training.choices import ClassState, HoursState, Place
from training.models import Attendance, Registration, Session, TrainingClass

CHECK_IN = timedelta(minutes=30)  # before a session
ANSWERED_WITHIN = timedelta(days=30)
SHOWN = 10  # of a kind that a desk lists; the pages of the classes show all


def waiting(user: User, mine: Standing, now: datetime) -> Iterator[Line]:
    """Yield what waits about one's own places and classes, and about those of the people one works for; two queries.

    First offers, then nominations to decide on, check-ins, questionnaires, hours to grant and classes that are over.
    """
    places, classes = _places(mine, now), _classes(user, mine, now)
    offers = [place for place in places if place.place == Place.OFFERED]
    yield from (_answer(offer, is_own=offer.person_id == mine.person_id) for offer in offers[:SHOWN])
    nominated = sorted((one for one in classes if one.to_decide), key=attrgetter("since"))
    yield from map(_decide, nominated[:SHOWN])
    yield from (_check_in(place) for place in places if place.session)
    yield from (_answer_questions(place) for place in places if place.asked)
    yield from map(_grant, [one for one in classes if one.to_grant][:SHOWN])
    yield from map(_finish, [one for one in classes if one.to_finish][:SHOWN])


def _places(mine: Standing, now: datetime) -> Sequence[Any]:
    """Return the places of a person that ask for something, and the offers to those he or she works for.

    Adds `session` and `begins` (that one may check in to), `asked` (about the questionnaire) and `over`, the class's end.
    """
    sessions = Session.objects.filter(training_class=OuterRef("training_class"))
    present = Attendance.objects.filter(session=OuterRef("pk"), registration=OuterRef(OuterRef("pk")))
    running = sessions.filter(~Exists(present), starts__lte=now + CHECK_IN, ends__gte=now).order_by("starts")
    was_there = Attendance.objects.filter(registration=OuterRef("pk"), missed__lt=F("session__minutes"))
    offered = Q(place=Place.OFFERED, offered_until__gt=now)
    own = Q(person=mine.person_id, place=Place.REGISTERED)
    found = Registration.objects.filter(offered & (Q(person=mine.person_id) | Q(agency__in=mine.works_for)) | own)
    found = found.annotate(
        session=Case(When(own, then=Subquery(running.values("pk")[:1]))),
        begins=Case(When(own, then=Subquery(running.values("starts")[:1]))),
        over=Subquery(sessions.order_by("-ends").values("ends")[:1]),
    ).annotate(
        asked=Q(Exists(was_there), training_class__state=ClassState.FINISHED, answered__isnull=True)
        & Q(over__gt=now - ANSWERED_WITHIN)
    )
    found = found.filter(offered | Q(session__isnull=False) | Q(asked=True))
    soonest = F("offered_until").asc(nulls_first=True)
    return list(found.select_related("person", "training_class__course").order_by(soonest, "pk")[: 3 * SHOWN])


def _classes(user: User, mine: Standing, now: datetime) -> Sequence[Any]:
    """Return the classes that wait for a reviewer or for whoever runs them, the one that ended first before others.

    Adds `to_decide` with `names` and `since` (of the nominations), `to_grant`, `to_finish` and `ends`.
    """
    if not (mine.is_reviewer or mine.works_for):
        return []
    nominated = Registration.objects.filter(training_class=OuterRef("pk"), place=Place.NOMINATED).order_by()
    each = nominated.values("training_class")
    is_over = Q(state=ClassState.FINISHED, hours_state=HoursState.OPEN) & ~Q(course__college__run_by_units=True)
    not_ended = Q(state__in=(ClassState.OPEN, ClassState.CLOSED), ends__lt=now)
    classes = TrainingClass.objects.visible_to(user).with_days()
    classes = classes.annotate(
        names=Subquery(each.annotate(names=Count("pk")).values("names")),
        since=Subquery(each.annotate(since=Min("registered_at")).values("since")),
        to_decide=Exists(nominated) & Q(_only(mine.is_reviewer)),
        to_grant=(Q(hours_state=HoursState.SUBMITTED) | is_over) & _only(mine.is_reviewer),
        to_finish=(not_ended | Q(hours_state=HoursState.RETURNED)) & Q(organiser__in=mine.works_for),
    ).filter(Q(to_decide=True) | Q(to_grant=True) | Q(to_finish=True))
    return list(classes.select_related("course").order_by("ends", "pk")[: 3 * SHOWN])


def _only(is_asked: bool) -> Q:
    """Return the condition that holds for all rows or for none."""
    return Q(pk__isnull=not is_asked)


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


def _decide(one: Any) -> Line:
    since = roc.short(timezone.localdate(one.since))
    return Line(
        "soon",
        "待審核",
        f"審核「{one}」薦送人員 {one.names} 人",
        f"最早 {since} 薦送",
        reverse("training:nominations", args=[one.pk]),
        "審核",
        primary=False,
    )


def _check_in(place: Any) -> Line:
    return _line("簽到", f"簽到：{place.training_class}", place.begins, "training:check_in", place.session, "簽到")


def _answer_questions(place: Any) -> Line:
    title = f"填答「{place.training_class}」滿意度問卷"
    return _line("待填答", title, place.over, "training:questionnaire", place.pk, "填答")


def _grant(one: Any) -> Line:
    return _line("待核給", f"核給「{one}」學習時數", one.ends, "training:class_hours", one.pk, "審查")


def _finish(one: Any) -> Line:
    word = "補正" if one.hours_state == HoursState.RETURNED else "結訓"
    return _line(f"待{word}", f"{word}：{one}", one.ends, "training:class_hours", one.pk, word)


def _line(chip: str, title: str, over: datetime, page: str, key: int, action: str) -> Line:
    day = roc.short(timezone.localdate(over))
    return Line("soon", chip, title, f"{day} 上課", reverse(page, args=[key]), action, primary=False)
