"""The search of the top bar: a few of each thing, each through the gate of its own list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q
from django.urls import reverse

from awards.models import Line
from districts.models import Agency, Person, Posting
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.rules.folding import pattern
from proposals.models import Circular, Proposal, Publication
from training.facts import days
from training.models import Course, TrainingClass

FEW = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that matches."""

    label: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """The things of one sort that match; `more` says that there are others."""

    label: str
    hits: Sequence[Hit]
    more: bool


def find(user: Any, text: str) -> list[Group]:
    """Return the groups in which something matches the text."""
    groups = [
        _group("會議", _meetings(user, text)),
        _group("提案", _proposals(user, text)),
        _group("案例庫", _publications(user, text)),
        _group("通函", _circulars(user, text)),
        _group("訓練課程", _courses(user, text)),
        _group("班別", _classes(user, text)),
        _group("獎勵建議", _commendations(user, text)),
        _group("機關", _agencies(user, text)),
        _group("人員", _people(user, text)),
    ]
    return [group for group in groups if group.hits]


def _group(label: str, hits: list[Hit]) -> Group:
    return Group(label, hits[:FEW], more=len(hits) > FEW)


def _meetings(user: Any, text: str) -> list[Hit]:
    wanted = pattern(text)
    matching = (
        Q(place__iregex=wanted)
        | Q(district__name__iregex=wanted)
        | Q(chair__iregex=wanted)
        | Q(call_number__iregex=wanted)
        | Q(agenda__subject__iregex=wanted)
    )
    meetings = Meeting.objects.visible_to(user).filter(matching).select_related("district").distinct()
    return [Hit(str(m), m.get_absolute_url(), f"{roc.long(m.day)}　{m.place}") for m in meetings[: FEW + 1]]


def _proposals(user: Any, text: str) -> list[Hit]:
    proposals = Proposal.objects.visible_to(user).matching(text).select_related("plan", "district", "agency")
    return [
        Hit(proposal.subject, proposal.get_absolute_url(), f"{proposal.reference}　{proposal.agency.short_name}")
        for proposal in proposals[: FEW + 1]
    ]


def _publications(user: Any, text: str) -> list[Hit]:
    publications = Publication.objects.visible_to(user).current().matching(text)
    return [
        Hit(found.subject, found.get_absolute_url(), f"{found.get_business_display()}　{found.get_kind_display()}")
        for found in publications[: FEW + 1]
    ]


def _circulars(user: Any, text: str) -> list[Hit]:
    wanted = pattern(text)
    circulars = Circular.objects.visible_to(user).filter(Q(purpose__iregex=wanted) | Q(number__iregex=wanted))
    return [Hit(found.purpose, found.get_absolute_url(), found.number or "草稿") for found in circulars[: FEW + 1]]


def _courses(user: Any, text: str) -> list[Hit]:
    courses = Course.objects.visible_to(user).matching(text).select_related("plan", "college")
    return [
        Hit(found.name, found.get_absolute_url(), f"{found.plan.year}年度　{found.college or '薦送參訓'}")
        for found in courses.order_by("-plan__year", "order")[: FEW + 1]
    ]


def _classes(user: Any, text: str) -> list[Hit]:
    classes = TrainingClass.objects.visible_to(user).matching(text).with_days().select_related("course", "organiser")
    return [
        Hit(str(found), found.get_absolute_url(), f"{days(found.begins, found.ends)}　{found.organiser.short_name}")
        for found in classes.order_by("-begins", "pk")[: FEW + 1]
    ]


def _commendations(user: Any, text: str) -> list[Hit]:
    wanted = pattern(text)
    matching = Q(name__iregex=wanted) | Q(deed__iregex=wanted) | Q(run__letter_number__iregex=wanted)
    proposed = Line.objects.visible_to(user).on_roster().filter(matching).select_related("run__plan", "agency")
    return [
        Hit(str(line), line.get_absolute_url(), f"{line.run}　{line.agency.short_name}")
        for line in proposed.order_by("-run", "pk")[: FEW + 1]
    ]


def _agencies(user: Any, text: str) -> list[Hit]:
    return [
        Hit(agency.short_name, reverse("districts:agency", kwargs={"pk": agency.pk}), agency.official_name)
        for agency in Agency.objects.visible_to(user).matching(text)[: FEW + 1]
    ]


def _people(user: Any, text: str) -> list[Hit]:
    posts = Prefetch("postings", Posting.objects.select_related("agency"))
    people = Person.objects.visible_to(user).filter(name__iregex=pattern(text)).prefetch_related(posts)
    return [
        Hit(person.name, reverse("districts:person", kwargs={"pk": person.pk}), _posts(person))
        for person in people[: FEW + 1]
    ]


def _posts(person: Person) -> str:
    return "、".join(f"{posting.agency.short_name} {posting.title}" for posting in person.postings.all())
