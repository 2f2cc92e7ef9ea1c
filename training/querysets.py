"""Reads on training, learning hours and study leave; `visible_to` is the gate of every list, page and export."""

from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from districts.choices import Status
from districts.querysets import NumberedQuerySet, OfOfficeQuerySet
from districts.standing import standing
from personnel_portal.rules.folding import fold, pattern
from personnel_portal.trail.querysets import AppendOnlyError
from training.choices import ACTIVE, COUNTED, SEATED, ClassState, Origin, Place, StudyState

if TYPE_CHECKING:
    from datetime import datetime


class CourseQuerySet(NumberedQuerySet):
    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user).select_related("plan", "college")

    def planned(self) -> Self:
        """Return the courses that are held in their plan's year."""
        return self.filter(is_planned=True)

    def matching(self, text: str) -> Self:
        """Return the courses whose name, college or programme holds the text; 台 and 臺, full and half width are alike."""
        wanted = pattern(text)
        return self.filter(Q(name__iregex=wanted) | Q(college__name__iregex=wanted) | Q(programme__name__iregex=wanted))


class ProgrammeQuerySet(models.QuerySet[Any]):
    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, college: int, order: int) -> Any:
        return self.get(
            college__plan__office__code=office,
            college__plan__kind=kind,
            college__plan__year=year,
            college__plan__issuing_body=body,
            college__order=college,
            order=order,
        )


class _EnteredQuerySet(models.QuerySet[Any]):
    """Rows of an agency: its own people and the office see them."""

    AGENCY = "agency"

    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        rows = self.filter(**{f"{self.AGENCY}__office": mine.office_id})
        return rows if mine.is_office else rows.filter(**{f"{self.AGENCY}__in": mine.reads_for})


class NeedQuerySet(_EnteredQuerySet):
    pass


class ClassQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return the classes that were announced; drafts to the office and to the agency in charge."""
        mine = standing(user)
        classes = self.filter(course__plan__office=mine.office_id)
        classes = classes.select_related("course__plan__training_rule", "course__college", "organiser").with_places()
        if mine.is_office:
            return classes
        return classes.filter(~Q(state=ClassState.DRAFT) | Q(organiser__in=mine.works_for))

    def taking(self, now: "datetime") -> Self:
        """Return the classes that take registrations at a time."""
        return self.filter(state=ClassState.OPEN, opens_at__lte=now, closes_at__gt=now)

    def with_places(self) -> Self:
        """Add `seated`, those who have a place or are offered one, and `waiting`."""
        registered = _rows("Registration").filter(training_class=OuterRef("pk")).order_by().values("training_class")
        return self.annotate(
            seated=_count(registered.filter(place__in=SEATED)), waiting=_count(registered.filter(place=Place.WAITING))
        )

    def with_days(self) -> Self:
        """Add `begins` and `ends`, the start of the first session and the end of the last."""
        sessions = _rows("Session").filter(training_class=OuterRef("pk"))
        return self.annotate(
            begins=Subquery(sessions.order_by("starts").values("starts")[:1]),
            ends=Subquery(sessions.order_by("-ends").values("ends")[:1]),
        )

    def matching(self, text: str) -> Self:
        """Return the classes whose course, place, trainers or organiser holds the text."""
        wanted = pattern(text)
        return self.filter(
            Q(course__name__iregex=wanted)
            | Q(place__iregex=wanted)
            | Q(trainers__iregex=wanted)
            | Q(organiser__folded__contains=fold(text))
        )


def _rows(name: str) -> Any:
    """Return the manager of a model of this app; models stand above this module, so they are asked for by name."""
    return apps.get_model("training", name)._default_manager


def _count(rows: Any) -> Coalesce:
    """Return how many rows of a class there are, as a column of the class."""
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


class ClassFileQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return all to the office and to whoever runs the class; hand-outs also to those who have a place in it."""
        mine = standing(user)
        files = self.filter(training_class__course__plan__office=mine.office_id)
        if mine.is_office:
            return files
        learning = Q(
            is_handout=True,
            training_class__registrations__person=mine.person_id,
            training_class__registrations__place=Place.REGISTERED,
        )
        return files.filter(Q(training_class__organiser__in=mine.works_for) | learning).distinct()


class SessionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        sessions = self.filter(training_class__course__plan__office=mine.office_id)
        sessions = sessions.select_related("training_class__course__plan", "training_class__organiser")
        if mine.is_office:
            return sessions
        return sessions.filter(
            ~Q(training_class__state=ClassState.DRAFT) | Q(training_class__organiser__in=mine.works_for)
        )


class RegistrationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return all to the office; to others their own, those of their agency's people, and of classes they run."""
        mine = standing(user)
        rows = self.filter(training_class__course__plan__office=mine.office_id)
        rows = rows.select_related("person", "agency", "training_class__course__plan__training_rule")
        if mine.is_office:
            return rows
        return rows.filter(
            Q(person=mine.person_id) | Q(agency__in=mine.works_for) | Q(training_class__organiser__in=mine.works_for)
        )

    def seated(self) -> Self:
        """Return those who have a place, or are offered one."""
        return self.filter(place__in=SEATED)

    def active(self) -> Self:
        return self.filter(place__in=ACTIVE)

    def attended(self) -> Self:
        """Return those who were there for some minute of some session."""
        was_there = Q(attendance__missed__lt=F("attendance__session__minutes"))
        return self.filter(was_there, place=Place.REGISTERED).distinct()

    def with_turn(self) -> Self:
        """Add `turn`: how many of the same class's waiting list come before each of it, and itself."""
        before = self.model._default_manager.filter(
            training_class=OuterRef("training_class"), place=Place.WAITING, queue__lte=OuterRef("queue")
        )
        counted = before.order_by().values("training_class").annotate(count=Count("pk")).values("count")
        return self.annotate(turn=Case(When(place=Place.WAITING, then=Subquery(counted))))


class RegistrationEventQuerySet(models.QuerySet[Any]):
    """The steps are append-only: the writes that Django offers are refused here."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Steps of a registration are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Steps of a registration are never removed.")


class AttendanceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        rows = self.filter(session__training_class__course__plan__office=mine.office_id)
        if mine.is_office:
            return rows
        return rows.filter(
            Q(registration__person=mine.person_id)
            | Q(registration__agency__in=mine.works_for)
            | Q(session__training_class__organiser__in=mine.works_for)
        )


class TopicQuerySet(OfOfficeQuerySet):
    def get_by_natural_key(self, office: str, name: str) -> Any:
        return self.get(office__code=office, name=name)


class RequirementSetQuerySet(OfOfficeQuerySet):
    def get_by_natural_key(self, office: str, name: str, from_year: int) -> Any:
        return self.get(office__code=office, name=name, from_year=from_year)

    def in_year(self, year: int) -> Self:
        return self.filter(Q(to_year__isnull=True) | Q(to_year__gte=year), from_year__lte=year)

    def of(self, status: Status, year: int) -> Any:
        """Return the set that is for a status in a year, or none; the newest where several are."""
        return next((each for each in self.in_year(year).order_by("-from_year") if status in each.statuses), None)


class RequirementQuerySet(models.QuerySet[Any]):
    def get_by_natural_key(self, office: str, set_name: str, from_year: int, name: str) -> Any:
        return self.get(
            requirement_set__office__code=office,
            requirement_set__name=set_name,
            requirement_set__from_year=from_year,
            name=name,
        )


class RecordQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return all to the office; to others their own and those of their agency's people."""
        mine = standing(user)
        rows = self.filter(agency__office=mine.office_id)
        return rows if mine.is_office else rows.filter(Q(person=mine.person_id) | Q(agency__in=mine.reads_for))

    def not_uploaded(self) -> Self:
        """Return what the national portal does not have yet, as far as is known here."""
        return self.filter(upload__isnull=True, in_portal=False).exclude(origin=Origin.IMPORT)


class ReportQuerySet(OfOfficeQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Return the national portal's reports to the office alone."""
        mine = standing(user)
        return self.filter(office=mine.office_id) if mine.is_office else self.none()


class ReportRowQuerySet(models.QuerySet[Any]):
    """Lines of the national portal's reports."""

    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        return self.filter(report__office=mine.office_id) if mine.is_office else self.none()


class HeadcountQuerySet(_EnteredQuerySet):
    pass


class StudyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return all to the office; to others their own and those of their agency's people."""
        mine = standing(user)
        rows = self.filter(plan__office=mine.office_id)
        rows = rows.select_related("person", "agency", "plan__training_rule", "decided_by", "entered_by")
        return rows if mine.is_office else rows.filter(Q(person=mine.person_id) | Q(agency__in=mine.works_for))

    def filling(self, year: int) -> Self:
        """Return the leaves that fill the quota of a year: newly approved, full-time and part-office-hours (柒、三)."""
        return self.filter(approved_year=year, time__in=COUNTED, state__in=(StudyState.APPROVED, StudyState.ENDED))


class StudyRowQuerySet(models.QuerySet[Any]):
    """Semesters and leaves of a study."""

    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        rows = self.filter(study__plan__office=mine.office_id)
        rows = rows.select_related("study__person", "study__agency", "study__plan__training_rule")
        if mine.is_office:
            return rows
        return rows.filter(Q(study__person=mine.person_id) | Q(study__agency__in=mine.works_for))


class RosterQuerySet(_EnteredQuerySet):
    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user).select_related("plan", "agency", "submitted_by", "accepted_by")
