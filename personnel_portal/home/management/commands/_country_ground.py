"""The ground of a made-up county: its office, agencies, people with posts, plans, districts and members."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from itertools import islice
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password

from districts.actions.plans import shifted
from districts.choices import Access, AgencyKind, Function, PlanKind
from districts.models import Agency, Deadline, District, Membership, Office, Person, Plan, Posting
from kpi.models import Unit
from personnel_portal.accounts.models import User
from personnel_portal.home.management.commands import _country_words as words
from personnel_portal.home.management.commands._copying import copy, take_keys
from personnel_portal.rules.folding import fold

COUNTY_CODE = "cyhg"  # the real one, whose plans the others are like
AGENCIES, PEOPLE, UNITS = 364, 2_728, 40
SINCE = date(2023, 1, 1)
KINDS = {
    "國小": AgencyKind.ELEMENTARY,
    "國中": AgencyKind.JUNIOR_HIGH,
    "高中": AgencyKind.SENIOR_HIGH,
    "區公所": AgencyKind.TOWNSHIP,
    "地政事務所": AgencyKind.LAND,
}
# Who works at the office itself, in the order of the people of its agency.
AT_OFFICE = (Access.ADMIN, Access.REVIEW, Access.REVIEW, Access.READ)


@dataclass(frozen=True, slots=True)
class County:
    """The keys of what stands in a county.

    Attributes:
        agencies: the office's own first.
        officers: the account of the person in charge at each agency, in the order of the agencies.
        names: what those people are called, in the same order.
        people: each with the agency of the post, the officers first.
        districts: each with its members, the host first.
    """

    number: int
    office: Office
    plans: dict[PlanKind, Plan]
    agencies: range
    officers: range
    names: list[str]
    people: list[tuple[int, int]]
    districts: dict[int, list[int]]

    @property
    def reviewer(self) -> int:
        """The account of somebody who reviews for the office."""
        return self.officers[-len(AT_OFFICE) + 1]


def make_county(number: int, *, random: Random, years: dict[PlanKind, int]) -> County:
    """Write a county; `years` says of which year each of its plans is."""
    name = words.COUNTIES[number % len(words.COUNTIES)]
    office = Office.objects.create(code=f"county{number + 1:02d}", name=f"{name}政府人事處（{number + 1:02d}）")
    agencies = _agencies(office, name)
    officers, names, people = _people(office, agencies, random)
    plans = {kind: _plan(office, kind, year) for kind, year in years.items()}
    strategy = plans[PlanKind.KPI]
    Unit.objects.filter(plan=strategy).delete()  # those of the plan that it is like
    copy(
        Unit,
        (
            {"plan_id": strategy.pk, "agency_id": agency, "order": order}
            for order, agency in enumerate(agencies[:UNITS])
        ),
    )
    districts = _districts(plans[PlanKind.LIAISON], agencies)
    return County(number, office, plans, agencies, officers, names, people, districts)


def _agencies(office: Office, county: str) -> range:
    keys = take_keys(Agency, AGENCIES)
    copy(
        Agency,
        ({"id": key, "office_id": office.pk, **columns} for key, columns in zip(keys, _named(county), strict=True)),
    )
    return keys


def _named(county: str) -> Iterator[dict[str, object]]:
    yield _agency("人事處", f"{county}政府人事處", AgencyKind.OFFICE)
    for place in range(1, AGENCIES):
        kind = words.KINDS[place % len(words.KINDS)]
        town = words.PLACES[place // len(words.KINDS) % len(words.PLACES)]
        short = f"{town}{kind}" if place < len(words.KINDS) * len(words.PLACES) else f"{town}第{place}{kind}"
        yield _agency(short, f"{county}{short}", KINDS.get(kind, AgencyKind.COUNTY))


def _agency(short: str, official: str, kind: AgencyKind) -> dict[str, object]:
    return {
        "short_name": short,
        "official_name": official,
        "kind": kind,
        "folded": "|".join(["", fold(short), fold(official), ""]),
    }


def _people(office: Office, agencies: range, random: Random) -> tuple[range, list[str], list[tuple[int, int]]]:
    """Write an officer with a login for every agency, the people of the office, and employees without a login."""
    with_login = len(agencies) + len(AT_OFFICE)
    names = [words.name(random) for _ in range(PEOPLE)]
    users, people = take_keys(User, with_login), take_keys(Person, PEOPLE)
    unusable = make_password(None)
    copy(
        User,
        (
            {
                "id": key,
                "username": f"{office.code}.{place:04d}",
                "email": f"{office.code}.{place:04d}@example.gov.tw",
                "name": name,
                "password": unusable,
                "must_change_password": False,
            }
            for place, (key, name) in enumerate(zip(users, names, strict=False))
        ),
    )
    copy(
        Person,
        (
            {
                "id": key,
                "office_id": office.pk,
                "name": name,
                "mail": f"{office.code}.{place:04d}@example.gov.tw",
                "user_id": users[place] if place < with_login else None,
            }
            for place, (key, name) in enumerate(zip(people, names, strict=True))
        ),
    )
    posts = [*agencies, *[agencies[0]] * len(AT_OFFICE)]
    posts += [agencies[place % len(agencies)] for place in range(PEOPLE - with_login)]
    access = [*[Access.WORK] * len(agencies), *AT_OFFICE, *[Access.OWN] * (PEOPLE - with_login)]
    copy(
        Posting,
        (
            {
                "person_id": person,
                "agency_id": agency,
                "title": "人事管理員" if may != Access.OWN else "科員",
                "function": Function.PERSONNEL if may != Access.OWN else Function.HANDLER,
                "access": may,
                "since": SINCE,
            }
            for person, agency, may in zip(people, posts, access, strict=True)
        ),
    )
    return users, names[: len(agencies)], list(zip(people, posts, strict=True))


def _plan(office: Office, kind: PlanKind, year: int) -> Plan:
    """Write a plan like the first of its kind that the portal knows, with its deadlines and its parts."""
    source = Plan.objects.filter(kind=kind).order_by("year", "pk")[0]
    years = year - source.year
    plan = Plan.objects.create(
        office=office,
        kind=kind,
        year=year,
        title=f"{office.name}{year}年度{kind.label}計畫",
        issuing_body=office.name,
        starts=shifted(source.starts, years),
        ends=shifted(source.ends, years),
    )
    for deadline in source.deadlines.all():
        Deadline.objects.create(
            plan=plan,
            duty=deadline.duty,
            title=deadline.title,
            clause=deadline.clause,
            nominal=deadline.nominal and shifted(deadline.nominal, years),
            month_day=deadline.month_day,
            days_after=deadline.days_after,
            policy=deadline.policy,
        )
    for name in settings.PLAN_PARTS.get(kind, ()):
        import_module(name).carry_over(source, plan)
    return plan


def _districts(plan: Plan, agencies: range) -> dict[int, list[int]]:
    """Share the agencies out among the districts; the first of each is its host."""
    keys = take_keys(District, len(words.DISTRICTS))
    copy(
        District,
        (
            {"id": key, "plan_id": plan.pk, "name": name, "order": order}
            for order, (key, name) in enumerate(zip(keys, words.DISTRICTS, strict=True), 1)
        ),
    )
    members = {key: list(islice(agencies, place, None, len(keys))) for place, key in enumerate(keys, 1)}
    copy(
        Membership,
        (
            {
                "plan_id": plan.pk,
                "district_id": district,
                "agency_id": agency,
                "is_host": place == 0,
                "since": plan.starts,
                "until": plan.ends,
            }
            for district, own in members.items()
            for place, agency in enumerate(own)
        ),
    )
    return members
