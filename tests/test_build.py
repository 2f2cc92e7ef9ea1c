"""The builders that other tests stand on."""

from collections.abc import Iterator

import pytest
import time_machine

from districts.policies import can_host, is_admin, is_office, is_reviewer, is_somebody
from districts.standing import standing
from meetings.choices import MinutesState
from meetings.models import Meeting, Minutes
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 9)):
        yield


def test_cast_stands_where_its_names_say() -> None:
    cast = build.cast()
    north, hills = cast.plan.districts.get(name="北平原區"), cast.plan.districts.get(name="山區")
    assert cast.plan.covers(build.TODAY)
    assert is_admin(cast.office_admin)
    assert is_reviewer(cast.office_reviewer)
    assert not is_admin(cast.office_reviewer)
    assert is_office(cast.office_reader)
    assert not is_reviewer(cast.office_reader)
    assert can_host(cast.host_officer, north)
    assert not can_host(cast.host_officer, hills)
    assert can_host(cast.neighbour_host, hills)
    assert not can_host(cast.member_officer, north)
    assert standing(cast.coached_officer).works_for
    assert not is_somebody(cast.stranger)
    assert standing(cast.other_reviewer).is_reviewer
    assert standing(cast.other_reviewer).office_id != cast.plan.office_id


def test_cast_can_log_in() -> None:
    assert build.cast().host_officer.check_password(build.PASSWORD)


@pytest.mark.parametrize("state", MinutesState)
def test_minutes_are_seen_by_whom_their_state_allows(state: MinutesState) -> None:
    cast = build.cast()
    meeting = build.held_meeting()
    build.invitation(meeting=meeting, agency=build.listed("民雄國中"))
    minutes = build.minutes(meeting=meeting, state=state, by=cast.host_officer)
    assert minutes.state == state
    assert minutes.versions.count() == (0 if state == MinutesState.UNFILED else 1)
    seen = {
        name: Minutes.objects.visible_to(getattr(cast, name)).exists()
        for name in ("office_reader", "host_officer", "neighbour_host", "member_officer", "stranger", "other_reviewer")
    }
    assert seen == {
        "office_reader": True,
        "host_officer": True,
        "neighbour_host": False,
        "member_officer": state == MinutesState.ACCEPTED,
        "stranger": False,
        "other_reviewer": False,
    }


def test_meetings_are_numbered_by_district_and_kind() -> None:
    first, second = build.meeting(), build.meeting()
    assert (first.number, second.number) == (1, 2)
    assert first.minutes.state == MinutesState.UNFILED
    assert set(Meeting.objects.in_period(first.plan)) == {first, second}
