"""Who may register for a class, and if not, why: one sentence, the same before the click and after it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from districts.choices import Status
from districts.models import Agency, Person, Posting
from personnel_portal import roc
from training.choices import ClassState, Form, Place
from training.models import LearningRecord, Registration, Session, TrainingClass

NAMED = 3  # agencies that a sentence names before it only counts them
NOT_OPEN = {
    ClassState.DRAFT: "本班尚未公告，不能報名。",
    ClassState.CLOSED: "本班已停止報名。",
    ClassState.FINISHED: "本班已結訓。",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One person's case: the agency that the person would come from, why not, what to mind, and the standing registration."""

    person: Person
    agency: Agency | None
    title: str = ""
    refusal: str = ""
    warnings: tuple[str, ...] = ()
    registration: Registration | None = None


def moment(at: datetime) -> str:
    """Return 115年11月29日（日）09:00, in the office's time."""
    return roc.moment(timezone.localtime(at))


def closed(training_class: TrainingClass, now: datetime, starts: datetime | None, *, nominating: bool = False) -> str:
    """Return why nobody can register (or be nominated) now, or an empty text.

    Args:
        starts: when the first session begins, none where there is no session yet.
    """
    opens, closes = training_class.opens_at, training_class.closes_at
    state = ClassState(training_class.state)
    if state == ClassState.CANCELLED:
        return f"本班停辦：{training_class.cancel_reason}"
    if state in NOT_OPEN:
        return NOT_OPEN[state]
    if starts and now >= starts:
        return f"本班已於 {moment(starts)} 開課，不再受理報名。"
    if opens is None or closes is None:
        return "本班尚未公布報名期間。"
    if now < opens:
        return f"報名自 {moment(opens)} 開始。"
    if now >= closes:
        return f"報名已於 {moment(closes)} 截止。"
    if nominating != (training_class.form == Form.NOMINATED):
        return "本班不採薦送，請由「報名」辦理。" if nominating else "本班由機關薦送參加，請洽服務機關人事單位。"
    return ""


def starts_at(training_class: TrainingClass) -> datetime | None:
    """Return when a class's first session begins; sessions that were prefetched are used."""
    return min((session.starts for session in training_class.sessions.all()), default=None)


def check(
    training_class: TrainingClass,
    people: Sequence[Person],
    now: datetime,
    *,
    agencies: Collection[int] | None = None,
    posts: Iterable[Posting] | None = None,
    nominating: bool = False,
) -> list[Check]:
    """Tell of each person whether he or she may register now; a fixed number of queries, however many there are.

    Args:
        agencies: those in whose name the people are registered; someone with several posts comes from one of them.
        posts: what the people hold today, as `posts_on` returns it, where it is known already.
    """
    prefetch_related_objects([training_class], "sessions", "agencies", "course__after")
    shut = closed(training_class, now, starts_at(training_class), nominating=nominating)
    if posts is None:
        posts = posts_on(timezone.localdate(now)).filter(person__in=people)
    held = _by_person(post for post in posts if agencies is None or post.agency_id in agencies)
    invited = list(training_class.agencies.all())
    lacking = _lacking(training_class, people)
    standing, overlaps = _others(training_class, people)
    checks = []
    for person in people:
        post = _post(held[person.pk], invited)
        own = standing.get(person.pk)
        refusal = (
            (already(own) if own else "")
            or shut
            or _status(training_class, person)
            or _agency(person, post, invited)
            or (f"須先完成{'、'.join(f'「{name}」' for name in lacking[person.pk])}。" if lacking[person.pk] else "")
        )
        agency, title = (post.agency, post.title) if post else (None, "")
        checks.append(Check(person, agency, title, refusal, tuple(overlaps[person.pk]), own))
    return checks


def already(registration: Registration) -> str:
    """Return the sentence for somebody who stands for a place already; `registration` comes with its `turn`."""
    place = Place(registration.place)
    turn = f"第 {registration.turn} 位" if place == Place.WAITING else ""  # type: ignore[attr-defined]  # annotated by with_turn
    return f"已報名本班（{place.label}{turn}），不必重複報名。"


def posts_on(day: date) -> QuerySet[Posting]:
    """Return the posts that are held on a day, each with its person and agency, who has held it longest first."""
    return Posting.objects.on(day).select_related("person", "agency").order_by("since", "pk")


def _by_person(posts: Iterable[Posting]) -> Mapping[int, list[Posting]]:
    found: dict[int, list[Posting]] = defaultdict(list)
    for post in posts:
        found[post.person_id].append(post)
    return found


def _post(posts: list[Posting], invited: Sequence[Agency]) -> Posting | None:
    """Return the post that somebody comes from: the first at an agency that the class is for, else the first."""
    return next((post for post in posts if not invited or post.agency in invited), posts[0] if posts else None)


def _status(training_class: TrainingClass, person: Person) -> str:
    if person.status in training_class.statuses:
        return ""
    asked = "及".join(Status(status).label for status in training_class.statuses if status in Status.values)
    return f"本班限{asked}參加，身分別為{person.get_status_display()}者不得報名。"


def _agency(person: Person, post: Posting | None, invited: Sequence[Agency]) -> str:
    if post is None:
        return "目前沒有在職的職務資料，請洽服務機關人事單位。"
    if not invited or post.agency in invited:
        return ""
    names = "、".join(agency.short_name for agency in invited[:NAMED])
    more = f"等 {len(invited)} 個機關" if len(invited) > NAMED else ""
    return f"本班限{names}{more}人員參加，{post.agency.short_name}不在其列。"


def _lacking(training_class: TrainingClass, people: Sequence[Person]) -> Mapping[int, list[str]]:
    """Return the courses to be taken first that each person has no hours of.

    A course counts by its name: next year's plan names it anew, and the national portal knows it by nothing else.
    """
    lacking: dict[int, list[str]] = defaultdict(list)
    asked = [course.name for course in training_class.course.after.all()]
    if not asked:
        return lacking
    held = TrainingClass.objects.filter(
        course__name__in=asked, course__plan__office=training_class.course.plan.office_id
    )
    names = {f"training.trainingclass-{pk}": name for pk, name in held.values_list("pk", "course__name")}
    records = LearningRecord.objects.filter(
        Q(reference__in=names) | Q(course__in=asked), person__in=people, hours__gt=0
    )
    taken = {
        (person, names.get(reference, course))
        for person, reference, course in records.values_list("person", "reference", "course")
    }
    for person in people:
        lacking[person.pk] = [name for name in asked if (person.pk, name) not in taken]
    return lacking


def _others(
    training_class: TrainingClass, people: Sequence[Person]
) -> tuple[Mapping[int, Registration], Mapping[int, list[str]]]:
    """Return each person's standing registration for the class, and what to mind of those for other classes."""
    rows = Registration.objects.active().with_turn().filter(person__in=people)
    ended = Q(training_class__state__in=(ClassState.FINISHED, ClassState.CANCELLED))
    alive = rows.filter(Q(training_class=training_class) | ~ended)
    found = list(alive.select_related("training_class__course", "agency"))
    own = {row.person_id: row for row in found if row.training_class_id == training_class.pk}
    others = [row for row in found if row.training_class_id != training_class.pk]
    sessions = list(training_class.sessions.all())
    elsewhere: dict[int, list[Session]] = defaultdict(list)
    for session in Session.objects.filter(training_class__in={row.training_class_id for row in others}):
        elsewhere[session.training_class_id].append(session)
    minded: dict[int, list[str]] = defaultdict(list)
    for row in others:
        label = Place(row.place).label
        if clash := _clash(sessions, elsewhere[row.training_class_id]):
            minded[row.person_id].append(f"與「{row.training_class}」（{label}）上課時間重疊：{moment(clash.starts)}。")
        elif row.training_class.course_id == training_class.course_id:
            minded[row.person_id].append(f"另已報名同一課程「{row.training_class}」（{label}）。")
    return own, minded


def _clash(sessions: Sequence[Session], others: Sequence[Session]) -> Session | None:
    """Return the first session that is held while one of the others is."""
    return next(
        (one for one in sessions if any(one.starts < other.ends and other.starts < one.ends for other in others)), None
    )
