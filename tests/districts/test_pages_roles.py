"""Which page opens for whom; every page is opened by those who may, so that each template is rendered."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.choices import Access
from districts.models import Posting
from personnel_portal.accounts.models import User
from tests import build
from tests.districts.conftest import Login

ROLES = ["office_admin", "office_reviewer", "office_reader", "host_officer", "neighbour_host", "member_officer", "stranger", "other_reviewer"]  # fmt: skip
pytestmark = pytest.mark.one_database("guards and policies ask for rows by key, as tests/site/test_permissions.py says")
ADMIN_ONLY = [200, 403, 403, 403, 403, 403, 403, 403]
OWN_DISTRICT = [200, 200, 403, 200, 403, 403, 404, 404]


def address(name: str, cast: build.Cast) -> str:
    member = cast.member_officer.person
    posting = Posting.objects.get(person=member)
    keys = {
        "district": build.district("北平原區").pk,
        "agency": build.listed("民雄國中").pk,
        "person": member.pk,
        "posting": posting.pk,
        "plan": cast.plan.pk,
        "deadline": cast.plan.deadlines.first().pk,  # type: ignore[union-attr]  # the plan has four
    }
    view, *args = name.split()
    return reverse(f"districts:{view}", args=[keys[arg] for arg in args])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index", [200, 200, 200, 200, 200, 200, 403, 200]),
        ("detail district", [200, 200, 200, 200, 200, 200, 404, 404]),
        ("agencies", [200, 200, 200, 200, 200, 200, 403, 200]),
        ("people", [200, 200, 200, 200, 200, 200, 403, 200]),
        ("agency agency", [200, 200, 200, 200, 200, 200, 404, 404]),
        ("person person", [200, 200, 200, 404, 404, 200, 404, 404]),
        ("coaching district", [200, 200, 200, 200, 200, 200, 404, 404]),
        ("file_coaching district", OWN_DISTRICT),
        ("change_host district", [200, 403, 403, 403, 403, 403, 404, 404]),
        ("add_agency", ADMIN_ONLY),
        ("edit_agency agency", [200, 403, 403, 403, 403, 403, 404, 404]),
        ("import_agencies", ADMIN_ONLY),
        ("import_people", ADMIN_ONLY),
        ("add_person agency", [200, 403, 403, 403, 403, 200, 404, 404]),
        ("edit_person person", [200, 403, 403, 404, 404, 200, 404, 404]),
        ("invite_person person", [200, 403, 403, 404, 404, 200, 404, 404]),
        ("appoint person", [200, 403, 403, 404, 404, 403, 404, 404]),
        ("edit_posting posting", [200, 403, 403, 404, 404, 200, 404, 404]),
        ("end_posting posting", [200, 403, 403, 404, 404, 200, 404, 404]),
        ("hand_over posting", [200, 403, 403, 404, 404, 200, 404, 404]),
        ("plans", ADMIN_ONLY),
        ("plan plan", [200, 403, 403, 403, 403, 403, 404, 404]),
        ("edit_plan plan", [200, 403, 403, 403, 403, 403, 404, 404]),
        ("clone_plan plan", [200, 403, 403, 403, 403, 403, 404, 404]),
        ("add_version plan", [200, 403, 403, 403, 403, 403, 404, 404]),
        ("edit_deadline plan deadline", [200, 403, 403, 403, 403, 403, 404, 404]),
        ("office_calendar", ADMIN_ONLY),
    ],
)
def test_pages_open_for_whom_they_should(cast: build.Cast, login: Login, name: str, expected: list[int]) -> None:
    url = address(name, cast)
    assert [login(getattr(cast, role)).get(url).status_code for role in ROLES] == expected


def test_pages_ask_strangers_to_log_in(cast: build.Cast, client: Client) -> None:
    response = client.get(address("plans", cast))
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/districts/plans/")


def test_reader_of_the_own_agency_may_not_manage_it(cast: build.Cast, login: Login) -> None:
    reader: User = build.officer(build.listed("民雄國中"), access=Access.READ)
    response = login(reader).get(address("add_person agency", cast))
    assert response.status_code == 403
    assert "您未負責民雄國中的業務。" in response.content.decode()


@pytest.mark.parametrize("name", ["agencies", "people", "coaching district", "plan plan", "agency agency"])
def test_page_queries_do_not_grow(cast: build.Cast, login: Login, name: str) -> None:
    client = login(cast.office_admin)
    url = address(name, cast)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    district = build.district("北平原區")
    officer = cast.host_officer.person
    build.coaching_table(district=district, rows={build.agency(): officer})
    count()
    before = count()
    for number in range(30):
        build.officer(build.listed("民雄國中"))
        build.coaching_table(district=district, rows={build.agency(): officer}, version=number + 2)
        cast.plan.versions.create(kind="amended", number=f"府人字第{number}號", issued_on=dt.date(2026, 10, 1))
    assert count() == before
