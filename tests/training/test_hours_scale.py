"""A county of 6,000 people with 150,000 learning records: what its pages ask of the database."""

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.models import Agency, Person
from tests import build
from tests.site.clients import logged_in
from tests.training import learning
from training import meter
from training.models import LearningRecord

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database("the figures of the county are promised on PostgreSQL"),
]

PEOPLE, EACH = 6_000, 25
MOST_QUERIES = 10


@pytest.fixture
def county(cast: build.Cast) -> list[Person]:
    """Everybody of the county with the year's records."""
    agencies = list(Agency.objects.filter(office=build.county()))
    people = learning.many_people(PEOPLE, agencies)
    learning.many_records(people, agencies, EACH)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return people


def opened(client: Client, url: str) -> tuple[int, float, bytes]:
    """Return how many queries a page took, its time in ms (median of five), and what it shows."""
    client.get(url)  # the first of a minute writes the session
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    asked = len(captured)  # further requests would forget them
    assert response.status_code == 200
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        client.get(url)
        times.append((time.perf_counter() - begun) * 1000)
    return asked, sorted(times)[2], response.content


def test_pages_of_a_whole_county_ask_little(
    cast: build.Cast, county: list[Person], record_property: Callable[[str, object], None]
) -> None:
    assert LearningRecord.objects.count() == PEOPLE * EACH == 150_000
    office, agency = logged_in(cast.office_reviewer), build.listed("民雄國中")
    pages = {
        "county": reverse("training:county_hours"),
        "agency": reverse("training:agency_hours", args=[agency.pk]),
        "person": reverse("training:person_hours", args=[county[1].pk]),
    }
    for name, url in pages.items():
        queries, milliseconds, content = opened(office, f"{url}?year={learning.YEAR}")
        record_property(name, f"{queries} queries, {milliseconds:.0f} ms")
        print(f"{name}: {queries} queries, {milliseconds:.0f} ms")
        assert queries <= MOST_QUERIES, name
        assert content
    asked = meter.asked_in(build.county().pk, learning.YEAR)[0]
    day, office_id = meter.counting_day(learning.YEAR, build.TODAY), build.county().pk
    with CaptureQueriesContext(connection) as captured:
        shares = meter.agencies(office_id, asked, learning.YEAR, day)
    assert len(captured) == 1
    assert len(shares) == Agency.objects.filter(office=office_id).count()  # no row of people, none of records
    assert meter.whole(shares.values()).met == PEOPLE * 2 // 3
