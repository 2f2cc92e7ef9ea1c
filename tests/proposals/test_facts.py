"""Facts that several parts of proposals ask for."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals.facts import districts_of
from tests import build


def test_the_districts_of_many_agencies_take_three_queries(cast: build.Cast) -> None:
    north, hills = build.district("北平原區"), build.district("山區")
    school, late = build.listed("三興國小"), build.agency(short_name="後到國小")
    host, neighbour = cast.host_officer.person, cast.neighbour_host.person
    build.coaching_table(district=north, rows={school: host, late: host}, month=date(2026, 10, 1))
    build.coaching_table(district=north, rows={school: host}, month=date(2026, 11, 1))
    build.coaching_table(district=north, rows={}, month=date(2026, 12, 1))  # not valid yet
    build.coaching_table(district=hills, rows={build.listed("民雄國中"): neighbour}, month=date(2026, 11, 1))
    asked = [build.listed("民雄國中"), build.listed("竹崎鄉公所"), school, late]
    with CaptureQueriesContext(connection) as captured:
        found = districts_of([agency.pk for agency in asked], cast.plan, build.TODAY)
    assert [found.get(agency.pk) for agency in asked] == [north, hills, north, None]
    assert len(captured) == 3
    with CaptureQueriesContext(connection) as captured:
        assert districts_of([asked[0].pk], cast.plan, build.TODAY) == {asked[0].pk: north}
    assert len(captured) == 1
