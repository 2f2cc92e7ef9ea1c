"""The mails about training, learning hours and study leave, a function each; they are written in the transaction that
they tell of."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from districts.choices import Access, AgencyKind
from districts.facts import officers_by_agency
from districts.models import Agency, Person, Posting
from personnel_portal.accounts.models import User
from personnel_portal.outbox.letters import post, post_all
from training.crediting import Earned, plain
from training.models import Registration, Semester, Study, StudyRoster, Survey, TrainingClass

# --- Registration ----------------------------------------------------------------------------------------------------


def registered(registration: Registration) -> None:
    """Tell somebody of a place in a class."""
    _tell("registered", registration)


def waiting(registration: Registration, turn: int) -> None:
    """Tell somebody of the turn in the waiting list."""
    _tell("waiting", registration, turn=turn)


def offered(registration: Registration) -> None:
    """Offer a freed place, and say until when it is kept."""
    _tell("offered", registration)


def expired(registration: Registration) -> None:
    """Tell that an offer was not answered in time."""
    _tell("expired", registration)


def cancelled(registration: Registration, reason: str) -> None:
    """Tell that a registration was cancelled, and why."""
    _tell("cancelled", registration, reason=reason)


def refused(registration: Registration, reason: str) -> None:
    """Tell the agency that its nominee is not accepted, and why; the person learns it from there."""
    _tell("refused", registration, to=_officers(registration), reason=reason)


def _tell(name: str, registration: Registration, *, to: Iterable[Person] | None = None, **context: object) -> None:
    """Write a mail about a registration; about somebody without a login, the agency's officers are told too."""
    person, office = registration.person, registration.training_class.course.plan.office_id
    if to is None:
        to = [person, *(_officers(registration) if person.user_id is None else ())]
    for reader in to:
        if reader.mail:
            post(
                f"training/mail/{name}",
                {"registration": registration, "training_class": registration.training_class, **context},
                to=reader.mail,
                to_name=reader.name,
                sender=f"office:{office}",
            )


def _officers(registration: Registration) -> Iterable[Person]:
    return officers_by_agency([registration.agency_id], timezone.localdate()).get(registration.agency_id, ())


# --- Needs survey ----------------------------------------------------------------------------------------------------


def survey_opened(survey: Survey) -> None:
    """Ask the officers of every agency of the office what courses their people need."""
    agencies = Agency.objects.filter(office=survey.plan.office_id, is_active=True).values_list("pk", flat=True)
    found = officers_by_agency(agencies, timezone.localdate())
    people = {person.mail: person.name for officers in found.values() for person in officers}
    context = {"survey": survey, "page": reverse("training:survey", args=[survey.plan_id])}
    post_all("training/mail/survey_opened", context, to=people, sender=f"office:{survey.plan.office_id}")


# --- Classes and hours -----------------------------------------------------------------------------------------------


def class_moved(training_class: TrainingClass) -> None:
    """Tell everybody who stands for a place that the class is held on other days or elsewhere."""
    for registration in training_class.registrations.active().select_related("person__user", "agency"):
        _tell("class_moved", registration)


def questionnaire_asked(training_class: TrainingClass, registrations: Iterable[Registration]) -> None:
    """Ask those who attended what they think of a class, once a day at most."""
    for registration in registrations:
        page = reverse("training:questionnaire", args=[registration.pk])
        key = f"questionnaire:{registration.pk}:{timezone.localdate()}"
        _to_person("questionnaire_asked", registration, key=key, page=page)


def hours_submitted(training_class: TrainingClass, *, by: User) -> None:
    """Tell the office's reviewers that the hours of a unit's class wait for them."""
    office = training_class.course.plan.office_id
    postings = Posting.objects.on(timezone.localdate()).filter(
        agency__office=office, agency__kind=AgencyKind.OFFICE, access__in=(Access.REVIEW, Access.ADMIN)
    )
    people = Person.objects.filter(postings__in=postings).exclude(mail="").exclude(user=by.pk).distinct()
    _about_hours("hours_submitted", training_class, {person.mail: person.name for person in people})


def hours_returned(training_class: TrainingClass) -> None:
    """Tell the unit what to correct before its hours are granted."""
    people = officers_by_agency([training_class.organiser_id], timezone.localdate())
    found = people.get(training_class.organiser_id, [])
    _about_hours("hours_returned", training_class, {person.mail: person.name for person in found})


def hours_granted(training_class: TrainingClass, people: Iterable[Earned]) -> None:
    """Tell everybody of a class which hours were granted, and how they follow from the attendance."""
    for earned in people:
        page = reverse("training:registration_hours", args=[earned.registration.pk])
        _to_person("hours_granted", earned.registration, earned=earned, hours=plain(earned.hours), page=page)


def _to_person(name: str, registration: Registration, *, key: str = "", **context: object) -> None:
    person, training_class = registration.person, registration.training_class
    if person.mail:
        post(
            f"training/mail/{name}",
            {"training_class": training_class, **context},
            to=person.mail,
            to_name=person.name,
            key=key,
            sender=f"office:{training_class.course.plan.office_id}",
        )


def _about_hours(name: str, training_class: TrainingClass, people: dict[str, str]) -> None:
    page = reverse("training:class_hours", args=[training_class.pk])
    context = {"training_class": training_class, "page": page}
    post_all(f"training/mail/{name}", context, to=people, sender=f"office:{training_class.course.plan.office_id}")


# --- Study leave -----------------------------------------------------------------------------------------------------


def study_submitted(study: Study) -> None:
    """Tell who decides that an application came in: the agency's officers, of an agency's head the office."""
    people = _study_reviewers(study.plan.office_id) if study.is_head else _study_officers(study.agency_id)
    _study_mail("study_submitted", people, study.plan.office_id, study=study, page=study.get_absolute_url())


def study_told(study: Study) -> None:
    """Tell the person and the agency's officers how an application stands now."""
    people = _study_officers(study.agency_id) | _applicant(study.person)
    _study_mail("study_told", people, study.plan.office_id, study=study, page=study.get_absolute_url())


def study_grades_filed(semester: Semester) -> None:
    """Tell the agency's officers that grades came in and hours are to be registered."""
    study = semester.study
    _study_mail(
        "study_grades",
        _study_officers(study.agency_id),
        study.plan.office_id,
        study=study,
        semester=semester,
        page=semester.get_absolute_url(),
    )


def study_hours(semester: Semester) -> None:
    """Tell the person which learning hours were registered."""
    study = semester.study
    _study_mail(
        "study_hours",
        _applicant(study.person),
        study.plan.office_id,
        study=study,
        semester=semester,
        page=study.get_absolute_url(),
    )


def study_roster_sent(roster: StudyRoster) -> None:
    """Tell the office that an agency filed its roster."""
    people = _study_reviewers(roster.plan.office_id)
    _study_mail("study_roster_sent", people, roster.plan.office_id, roster=roster, page=roster.get_absolute_url())


def study_roster_decided(roster: StudyRoster) -> None:
    """Tell the agency that note was taken of its roster, or what to correct."""
    people = _study_officers(roster.agency_id)
    _study_mail("study_roster_decided", people, roster.plan.office_id, roster=roster, page=roster.get_absolute_url())


def _study_mail(name: str, people: dict[str, str], office_id: int, **context: Any) -> None:
    post_all(f"training/mail/{name}", context, to=people, sender=f"office:{office_id}")


def _study_officers(agency_id: int) -> dict[str, str]:
    found = officers_by_agency([agency_id], timezone.localdate())
    return {person.mail: person.name for person in found.get(agency_id, [])}


def _study_reviewers(office_id: int) -> dict[str, str]:
    postings = Posting.objects.on(timezone.localdate()).filter(
        agency__office=office_id, agency__kind=AgencyKind.OFFICE, access__in=(Access.ADMIN, Access.REVIEW)
    )
    return {one.person.mail: one.person.name for one in postings.exclude(person__mail="").select_related("person")}


def _applicant(person: Person) -> dict[str, str]:
    return {person.mail: person.name} if person.mail else {}
