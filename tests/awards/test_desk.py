"""What waits on the first page about commendations, what is new there, and what the search finds."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from awards.actions import people, runs
from awards.choices import HostPersonState, Part
from awards.models import HostPerson
from districts.standing import standing
from personnel_portal.home.desk import desk
from personnel_portal.home.search import find
from tests import build
from tests.awards import making
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
LETTER: dict[str, Any] = {"number": "府人任字第1160000001號函", "day": build.TODAY}


def waiting(user: Any) -> list[tuple[str, str, str, str]]:
    """Return the lines about commendations on the person's first page: chip, title, detail, button."""
    found = desk(user, standing(user), build.TODAY).to_do
    assert [line.primary for line in found] == [not place for place, _ in enumerate(found)]
    return [
        (line.chip, line.title, line.detail, line.action)
        for line in found
        if "獎勵" in line.title or "承辦人員" in line.title
    ]


def test_names_wait_for_a_reviewer(cast: build.Cast) -> None:
    for user in (cast.host_officer, cast.member_officer):
        making.host_person(user.person, by=cast.host_officer, state=HostPersonState.NAMED)
    making.host_person(cast.neighbour_host.person, by=cast.host_officer)
    expected = [("待審查", "審查116年度北平原區會報承辦人員 2 人", "115/11/22 提報・計畫伍、一", "審查")]
    assert waiting(cast.office_reviewer) == waiting(cast.office_admin) == expected
    for user in (cast.office_reader, cast.host_officer, cast.member_officer, cast.other_reviewer):
        assert waiting(user) == []
    district = build.district("北平原區")
    named = HostPerson.objects.filter(state=HostPersonState.NAMED)
    people.check_people(
        district=district, seen={one.pk: one.stamp for one in named}, accept=True, by=cast.office_reviewer
    )
    assert waiting(cast.office_reviewer) == []


def test_a_run_waits_for_another_reviewer_than_who_computed_it(cast: build.Cast) -> None:
    making.accepted_meeting()
    runs.make_run(plan=cast.plan, by=cast.office_admin)
    assert waiting(cast.office_reviewer) == [], "it proposes nobody"
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    first = runs.make_run(plan=cast.plan, by=cast.office_admin)
    told = [("待核定", "審查並核定116年度第 2 次獎勵試算（1 筆建議）", "林主任 115/11/22 試算・計畫伍", "審查")]
    assert waiting(cast.office_reviewer) == told
    for user in (cast.office_admin, cast.office_reader, cast.host_officer, cast.other_reviewer):
        assert waiting(user) == []
    later = runs.make_run(plan=cast.plan, by=cast.office_reviewer)
    assert waiting(cast.office_reviewer) == [], "an older draft is no more to be approved"
    runs.approve_run(run=later, by=cast.office_admin, **LETTER)
    assert waiting(cast.office_admin) == []
    assert first.pk < later.pk


def test_a_host_is_asked_for_names_when_the_period_is_over(cast: build.Cast) -> None:
    making.accepted_meeting()
    assert waiting(cast.host_officer) == []
    with time_machine.travel(build.at(cast.plan.ends + timedelta(days=3), 10), tick=False):
        told = [
            (line.chip, line.title, line.detail)
            for line in desk(cast.host_officer, standing(cast.host_officer), cast.plan.ends + timedelta(days=3)).to_do
            if "承辦人員" in line.title
        ]
        assert told == [("待提報", "提報116年度北平原區會報承辦人員", "計畫期間至 116/9/30・計畫伍、一")]
        held_nothing = desk(cast.neighbour_host, standing(cast.neighbour_host), cast.plan.ends + timedelta(days=3))
        assert not any("承辦人員" in line.title for line in held_nothing.to_do)
        person = cast.host_officer.person
        people.name_person(
            district=build.district("北平原區"), person=person, part=Part.HEAD, work="督導", by=cast.host_officer
        )
        after = desk(cast.host_officer, standing(cast.host_officer), cast.plan.ends + timedelta(days=3))
        assert not any("承辦人員" in line.title for line in after.to_do)


def test_the_first_page_leads_to_what_waits(cast: build.Cast) -> None:
    making.accepted_meeting()
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    making.host_person(cast.member_officer.person, by=cast.host_officer, state=HostPersonState.NAMED)
    runs.make_run(plan=cast.plan, by=cast.office_admin)
    client = logged_in(cast.office_reviewer)
    for line in desk(cast.office_reviewer, standing(cast.office_reviewer), build.TODAY).to_do:
        if line.chip in ("待審查", "待核定"):
            assert client.get(line.url).status_code == 200
    assert "審查並核定" in client.get("/").text


def news(user: Any) -> list[str]:
    return [entry.act for entry in desk(user, standing(user), build.TODAY).news if entry.act.startswith("award.")]


def test_news_reach_those_who_work_on_it(cast: build.Cast) -> None:
    making.accepted_meeting()
    named = people.name_person(
        district=build.district("北平原區"),
        person=cast.host_officer.person,
        part=Part.HEAD,
        work="督導",
        by=cast.host_officer,
    )
    people.check_person(named=named, accept=True, by=cast.office_reviewer)
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    runs.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    of_people = ["award.person_checked", "award.person_named"]
    assert news(cast.office_reader) == ["award.run_approved", "award.run_made", *of_people]
    assert news(cast.host_officer) == of_people
    for user in (cast.member_officer, cast.neighbour_host, cast.other_reviewer):
        assert news(user) == []


def hits(user: Any, text: str) -> list[tuple[str, str]]:
    return [(hit.label, hit.note) for group in find(user, text) if group.label == "獎勵建議" for hit in group.hits]


def test_search_finds_the_lines_that_a_person_may_see(cast: build.Cast) -> None:
    making.accepted_meeting()
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    found = [("黃承辦 嘉獎 2 次", "116年度第 1 次獎勵試算　大林鎮公所")]
    assert hits(cast.office_reader, "黃承辦") == found
    assert hits(cast.host_officer, "黃承辦") == [], "a draft is the office's alone"
    runs.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    assert hits(cast.office_reader, "府人任字第1160000001") == hits(cast.host_officer, "黃承辦") == found
    for user in (cast.member_officer, cast.neighbour_host, cast.other_reviewer):
        assert hits(user, "黃承辦") == []
    client: Client = logged_in(cast.host_officer)
    assert client.get(find(cast.host_officer, "黃承辦")[0].hits[0].url).status_code == 200
