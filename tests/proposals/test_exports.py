"""Sheets of what pages other than lists show, and the blank forms where agencies are asked for items."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from meetings.choices import MeetingKind, MinutesState
from personnel_portal.documents import sheets
from personnel_portal.trail.models import Entry
from proposals.actions import circulars, library
from proposals.choices import ProposalState
from proposals.models import Circular, CircularRecipient, Statute
from tests import build
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NUMBER = "府人任字第1150000009號"


def exported(client: Client, page: str, form: str) -> list[list[Any]]:
    answer: Any = client.get(page, {"export": form})
    return [list(row) for row in sheets.read(BytesIO(answer.getvalue()))]


@pytest.fixture
def circular(cast: build.Cast) -> Circular:
    """A published one, acknowledged by 民雄國中 alone."""
    meeting = build.held_meeting(kind=MeetingKind.FULL_TIME)
    build.minutes(meeting=meeting, state=MinutesState.ACCEPTED)
    draft = circulars.draft_circular(plan=cast.plan, meetings=[meeting], by=cast.office_reviewer)
    made, _ = circulars.publish_circular(circular=draft, number=NUMBER, issued_on=build.TODAY, by=cast.office_reviewer)
    own = CircularRecipient.objects.get(circular=made, agency__short_name="民雄國中")
    circulars.acknowledge_circular(recipient=own, by=cast.member_officer)
    return made


@pytest.mark.parametrize("form", ["ods", "xlsx", "csv"])
def test_office_exports_who_acknowledged(cast: build.Cast, circular: Circular, form: str) -> None:
    office = logged_in(cast.office_reader)
    assert 'href="?export=ods"' in office.get(circular.get_absolute_url()).text
    heads, *rows = exported(office, circular.get_absolute_url(), form)
    assert heads == ["機關", "機關全銜", "簽收", "簽收人", "簽收時間"]
    assert len(rows) == circular.recipients.count() > 1
    read = [[row[0], *row[2:]] for row in rows if row[2] == "已簽收"]
    assert read == [["民雄國中", "已簽收", "吳成員", "115/11/22 10:00"]]
    assert Entry.objects.get(act="list.exported").detail["list"] == f"{NUMBER}簽收情形"


def test_others_get_the_page_of_the_circular(cast: build.Cast, circular: Circular) -> None:
    answer = logged_in(cast.member_officer).get(circular.get_absolute_url(), {"export": "ods"})
    assert answer.context["circular"] == circular
    assert "export=" not in answer.text


def test_reviewers_export_which_cases_still_hold(cast: build.Cast) -> None:
    statute = Statute.objects.create(office=build.county(), name="公務人員加給給與辦法")
    proposal = build.proposal(state=ProposalState.PUBLISHED, subject="修正加給")
    proposal.statutes.add(statute)
    for subject in ("甲案", "乙案"):
        build.publication(subject=subject).statutes.add(statute)
    first, _ = sorted(
        library.suggest_supersessions(proposal=proposal, by=cast.office_reviewer), key=lambda one: one.publication.pk
    )
    library.decide_supersession(supersession=first, is_superseded=True, by=cast.office_reviewer)
    reviewer = logged_in(cast.office_reviewer)
    assert 'href="?export=xlsx"' in reviewer.get("/proposals/library/superseded/").text
    heads, *rows = exported(reviewer, "/proposals/library/superseded/", "xlsx")
    assert heads[:3] == ["適用檢視", "案例", "年度"]
    assert sorted(row[:2] for row in rows) == [["已不適用", "甲案"], ["待確認", "乙案"]]


def test_who_is_asked_finds_the_blank_forms(cast: build.Cast) -> None:
    call = build.items_call(meeting=build.meeting(), agencies=[build.listed("民雄國中")])
    member = logged_in(cast.member_officer)
    page = member.get(call.get_absolute_url()).text
    for form in ("ods", "xlsx", "odt"):
        for address in ("/proposals/import/", "/proposals/cases/import/"):
            assert f'href="{address}?template={form}"' in page
            answer: Any = member.get(address, {"template": form})
            assert answer.getvalue()[:2] == b"PK"
