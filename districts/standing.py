"""What the acting person may do today: the one value that every policy and every list gate reads."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from districts.choices import PASSIVE, Access, AgencyKind

if TYPE_CHECKING:
    from personnel_portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Standing:
    """The rights that follow from the postings of a person on a day.

    Attributes:
        office_id: the personnel office whose data the person sees at all.
        person_id: the person, or none for an account without one.
        access: the highest access at the personnel office itself, or none for people of other agencies.
        works_for: agencies in whose name the person acts.
        reads_for: agencies whose records the person sees (those of `works_for` among them).
        hosts: districts hosted by an agency of `works_for`.
        office_name: the personnel office in words.
        line: who the person is here, such as 大林鎮公所　人事主任　北平原區承辦.
    """

    office_id: int | None = None
    person_id: int | None = None
    access: Access | None = None
    works_for: frozenset[int] = frozenset()
    reads_for: frozenset[int] = frozenset()
    hosts: frozenset[int] = frozenset()
    office_name: str = ""
    line: str = ""

    @property
    def is_office(self) -> bool:
        """Someone of the personnel office, with whatever access."""
        return self.access is not None

    @property
    def is_reviewer(self) -> bool:
        """Someone who reviews for the office."""
        return self.access in (Access.ADMIN, Access.REVIEW)

    @property
    def is_admin(self) -> bool:
        """Someone who administers the office's data and accounts."""
        return self.access == Access.ADMIN


NOBODY = Standing()
_RANK = [Access.ADMIN, Access.REVIEW, Access.WORK, Access.READ]
# What a posting lets a person see of the agency's records, beyond what is the person's own.
_READS = frozenset(_RANK)
_WORKS = _READS - {*PASSIVE}


def standing(user: Any, today: date | None = None) -> Standing:
    """Return the standing of the person whom the user acts for; one query, remembered on the user object."""
    today = today or timezone.localdate()
    whom: User = getattr(user, "acting_for", None) or user
    if not whom.is_authenticated:
        return NOBODY
    known: tuple[date, Standing] | None = getattr(whom, "_standing", None)
    if known is None or known[0] != today:
        known = (today, _compute(whom, today))
        whom._standing = known  # type: ignore[attr-defined]  # a request asks many times
    return known[1]


def _compute(user: "User", today: date) -> Standing:
    rows = _postings(user, today)
    posts = sorted({post.pk: post for post in rows}.values(), key=lambda post: (post.since, post.pk))
    if not posts:
        return NOBODY
    works_for = frozenset(post.agency_id for post in posts if post.access in _WORKS)
    reads_for = frozenset(post.agency_id for post in posts if post.access in _READS)
    hosted = {post.hosted: post.hosted_name for post in rows if post.hosted and post.agency_id in works_for}
    at_office = [
        Access(post.access) for post in posts if post.agency.kind == AgencyKind.OFFICE and post.access in _READS
    ]
    return Standing(
        office_id=posts[0].person.office_id,
        person_id=posts[0].person_id,
        access=min(at_office, key=_RANK.index) if at_office else None,
        works_for=works_for,
        reads_for=reads_for,
        hosts=frozenset(hosted),
        office_name=posts[0].person.office.name,
        line=_line(posts[0], list(dict.fromkeys(hosted.values())), reads_only=bool(reads_for) and not works_for),
    )


def _postings(user: "User", today: date) -> list[Any]:
    """Return the postings of the day, each once for every membership of its agency; `hosted` is the district where it hosts."""
    is_hosting = Q(agency__memberships__in=_rows("Membership").hosting(today))
    postings = _rows("Posting").on(today).filter(person__user=user).select_related("agency", "person__office")
    postings = postings.annotate(
        hosted=Case(When(is_hosting, then="agency__memberships__district")),
        hosted_name=F("agency__memberships__district__name"),
    )
    district = "agency__memberships__district"  # by its columns: the order of the model would join plan and office
    return list(postings.order_by(f"{district}__order", f"{district}_id", "pk"))


def _line(post: Any, hosted: list[str], *, reads_only: bool) -> str:
    role = "、".join(f"{name}承辦" for name in hosted) or ("唯讀" if reads_only else "")
    return "　".join(part for part in (post.agency.short_name, post.title, role) if part)


def _rows(name: str) -> Any:
    """Return the manager of a model of this app; models stand above this module, so they are asked for by name."""
    from django.apps import apps

    model: type[models.Model] = apps.get_model("districts", name)
    return model._default_manager
