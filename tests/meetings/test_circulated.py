"""Minutes that a circular carries: everybody of the office's agencies reads them, while they are accepted."""

import pytest

from meetings.actions import minutes as actions
from meetings.choices import FileRole, MinutesState
from meetings.models import Minutes, MinutesFile
from personnel_portal.accounts.models import User
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in, status

pytestmark = pytest.mark.django_db
EVERYBODY = ["office_reader", "host_officer", "neighbour_host", "member_officer", "coached_officer"]
STRANGERS = ["stranger", "other_reviewer"]


def readers(cast: build.Cast, minutes: Minutes) -> list[str]:
    """Return who of the cast may download the file of the minutes' first version."""
    file = MinutesFile.objects.filter(version__minutes=minutes).order_by("pk")[0]
    url = f"/meetings/files/{file.pk}/"
    people: dict[str, User] = {name: getattr(cast, name) for name in [*EVERYBODY, *STRANGERS]}
    return [name for name, user in people.items() if status(logged_in(user).get(url)) == 200]


@pytest.fixture
def minutes(cast: build.Cast) -> Minutes:
    """Accepted minutes of a meeting to which 民雄國中 was invited."""
    made = build.minutes(state=MinutesState.ACCEPTED)
    build.invitation(meeting=made.meeting, agency=build.listed("民雄國中"))
    return made


def test_a_circular_opens_accepted_minutes_to_all_agencies(cast: build.Cast, minutes: Minutes) -> None:
    assert readers(cast, minutes) == ["office_reader", "host_officer", "member_officer"]
    actions.circulate_minutes(minutes=minutes, by=cast.office_reviewer)
    assert readers(cast, minutes) == EVERYBODY
    assert Minutes.objects.visible_to(cast.neighbour_host).get() == minutes
    assert [entry.act_label for entry in Entry.objects.for_target(minutes).filter(act="minutes.circulated")] == ["通函"]


def test_circulated_minutes_are_closed_until_they_are_accepted(cast: build.Cast) -> None:
    minutes = build.minutes(state=MinutesState.SUBMITTED)
    actions.circulate_minutes(minutes=minutes, by=cast.office_reviewer)
    assert readers(cast, minutes) == ["office_reader", "host_officer"]
    actions.accept_minutes(minutes=minutes, by=cast.office_reviewer)
    assert readers(cast, minutes) == EVERYBODY
    actions.reopen_minutes(minutes=minutes, reason="出席人數誤植。", by=cast.office_reviewer)
    assert readers(cast, minutes) == ["office_reader", "host_officer"]
    assert not Minutes.objects.visible_to(cast.neighbour_host).exists()


def test_files_of_later_versions_wait_for_their_own_acceptance(cast: build.Cast, minutes: Minutes) -> None:
    actions.circulate_minutes(minutes=minutes, by=cast.office_reviewer)
    version = actions.open_version(minutes)
    draft = build.minutes_file(version=version, role=FileRole.ATTACHMENT)
    assert logged_in(cast.neighbour_host).get(f"/meetings/files/{draft.pk}/").status_code == 404


def test_the_first_circular_gives_the_day(cast: build.Cast, minutes: Minutes) -> None:
    first = actions.circulate_minutes(minutes=minutes, by=cast.office_reviewer).circulated_at
    assert actions.circulate_minutes(minutes=minutes, by=cast.office_reviewer).circulated_at == first
    assert Entry.objects.for_target(minutes).filter(act="minutes.circulated").count() == 1


def test_the_meeting_itself_stays_closed_to_other_districts(cast: build.Cast, minutes: Minutes) -> None:
    actions.circulate_minutes(minutes=minutes, by=cast.office_reviewer)
    assert logged_in(cast.neighbour_host).get(minutes.get_absolute_url()).status_code == 404
    page = logged_in(build.officer(build.listed("民雄鄉公所"))).get(minutes.get_absolute_url()).text
    assert "通函各機關。" in page, "a member of the district that was not invited reads them on the meeting's page"
