"""What the tests of attendance build: classes that are over, who was there, hours that were granted."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from districts.models import Agency
from personnel_portal.accounts.models import User
from tests import build
from tests.training import courses
from training.actions.attendance import enter_attendance
from training.actions.crediting import finish_class, grant_hours, submit_hours
from training.choices import Presence
from training.crediting import Mark
from training.models import College, Registration, TrainingClass

PRESENT = Mark(Presence.PRESENT)


def units_college() -> College:
    """Return the college whose courses units run (專業學院)."""
    plan = courses.plan()
    return College.objects.get_or_create(
        plan=plan, order=95, defaults={"mark": "五", "name": "專業學院", "run_by_units": True}
    )[0]


def past_class(*, days_ago: int = 3, minutes: Sequence[int] = (180, 180), **fields: Any) -> TrainingClass:
    """Make a class whose sessions took place on a day."""
    day = timezone.localdate() - timedelta(days=days_ago)
    return courses.training_class(starts=build.at(day, 9), minutes=minutes, **fields)


def units_class(organiser: Agency | None = None, **fields: Any) -> TrainingClass:
    """Make a past class that a unit runs and submits."""
    organiser = organiser or build.listed("大林鎮公所")
    return past_class(course_=courses.course(college=units_college()), organiser=organiser, **fields)


def places(training_class: TrainingClass, number: int, *, by: User) -> list[Registration]:
    """Give so many employees a place."""
    return [courses.registration(training_class, by=by) for _ in range(number)]


def enter(
    training_class: TrainingClass,
    marks: Mapping[Registration, Sequence[Mark | None]],
    *,
    by: User,
) -> int:
    """Enter the marks of each person by session in order; None leaves a session open."""
    sessions = list(training_class.sessions.order_by("starts"))
    squares = {
        (person.pk, session.pk): mark
        for person, row in marks.items()
        for session, mark in zip(sessions, row, strict=True)
        if mark is not None
    }
    return enter_attendance(training_class=training_class, marks=squares, by=by)


def missed(minutes: int, total: int = 180) -> list[Mark]:
    """Return the marks of two sessions in which somebody missed so many minutes in all, by coming late."""
    first = min(minutes, total)
    return [Mark(Presence.LATE, part) if part else PRESENT for part in (first, minutes - first)]


def finished(*absences: int, by: User, hours: Decimal = Decimal(6), **fields: Any) -> TrainingClass:
    """Make a finished class of 360 minutes, with a person for each absence in minutes."""
    training_class = past_class(hours=hours, by=by, **fields)
    people = places(training_class, len(absences), by=by)
    enter(training_class, {person: missed(minutes) for person, minutes in zip(people, absences, strict=True)}, by=by)
    return finish_class(training_class=training_class, by=by)


def granted(*absences: int, by: User, **fields: Any) -> TrainingClass:
    """Make a class whose hours were granted."""
    return grant_hours(training_class=finished(*absences, by=by, **fields), by=by)


def submitted(*absences: int, by: User) -> TrainingClass:
    """Make a unit's class whose hours lie with the office."""
    training_class = units_class(by=by)
    people = places(training_class, len(absences), by=by)
    enter(training_class, {person: missed(minutes) for person, minutes in zip(people, absences, strict=True)}, by=by)
    return submit_hours(training_class=finish_class(training_class=training_class, by=by), by=by)
