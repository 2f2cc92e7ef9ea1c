"""Who looks at the pages: people of the first county, and those of the demo's year, where things stand that it has not."""

from functools import cache

from django.test import Client

from districts.choices import Access
from districts.models import Person, Posting
from personnel_portal.accounts.models import User
from tests.site.clients import logged_in

COUNTY = "county01"
ROLES = ("reviewer", "host", "employee", "administrator")
_DEMO = "demo "
DEMO_ROLES = tuple(
    f"{_DEMO}{name}" for name in ("reviewer", "host.north", "host.south", "host.hill", "member", "clerk", "admin")
)
_ACCESS = {
    "reviewer": Access.REVIEW,
    "host": Access.WORK,
    "employee": Access.OWN,
    "administrator": Access.ADMIN,
}


@cache
def user(role: str) -> User:
    """Return the account of a role; the employee is given one, since the made-up ones have none. `root` opens all tables."""
    if role == "root":
        made: User
        made, _ = User.objects.get_or_create(
            username="bench", defaults={"is_staff": True, "is_superuser": True, "must_change_password": False}
        )
        return made
    if role in DEMO_ROLES:
        found: User = User.objects.get(username=role.removeprefix(_DEMO))
        return found
    postings = Posting.objects.filter(agency__office__code=COUNTY, access=_ACCESS[role]).order_by("pk")
    if role == "host":
        postings = postings.filter(agency__memberships__is_host=True)
    person = postings.select_related("person__user")[0].person
    known: User | None = person.user
    return known or _login(person)


def _login(person: Person) -> User:
    user: User = User.objects.create(
        username=f"bench.{person.pk}", name=person.name, email=person.mail, must_change_password=False
    )
    Person.objects.filter(pk=person.pk).update(user=user)
    return user


@cache
def client(role: str) -> Client:
    """Return the browser of a role."""
    return logged_in(user(role), raise_request_exception=False)
