"""Follow-ups: opened on a resolution, reported by the agency, released by the office, shown to the proposers."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from odfdo import Document
from pypdf import PdfReader

from meetings.actions import agenda
from meetings.choices import MeetingKind, MinutesState
from meetings.models import AgendaItem
from personnel_portal.accounts.models import User
from personnel_portal.documents.paper import Table
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals import documents
from proposals.actions import tracking as actions
from proposals.actions.items import Conflict
from proposals.choices import FollowUpState, ProposalState
from proposals.models import CoProposer, FollowUp, Placement
from tests import build
from tests.site.clients import logged_in, status

pytestmark = pytest.mark.django_db
TODAY = build.TODAY
DUE = TODAY + timedelta(days=20)
HOSTILE = [
    "\x0b\x02已整併\x1e。",
    "字" * 20_000,
    "👩‍💼已整併",
    "=HYPERLINK(1)",
    "\x00",
    "＜script＞<script>alert(1)</script>",
]
RESOLVED = "請民雄國中整併差勤表單，於一個月內函報。"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(TODAY, 10), tick=False):
        yield


@pytest.fixture
def item(cast: build.Cast) -> AgendaItem:
    """What the last meeting of 北平原區 resolved."""
    made = build.agenda_item(meeting=build.held_meeting())
    made.resolution = RESOLVED
    made.save()
    return made


@pytest.fixture
def follow_up(cast: build.Cast, item: AgendaItem) -> FollowUp:
    """What 民雄國中 is to do until 115/12/12."""
    return opened(cast, item)


def opened(cast: build.Cast, item: AgendaItem, task: str = "整併差勤表單", agency: str = "民雄國中") -> FollowUp:
    made = actions.open_follow_up(item=item, task=task, agency=build.listed(agency), due_on=DUE, by=cast.host_officer)
    Message.objects.all().delete()
    return made


def typed(chosen: AgendaItem, **changes: object) -> dict[str, object]:
    agency = build.listed("民雄國中").pk
    return {"item": chosen.pk, "task": "整併差勤表單", "agency": agency, "due_on": "115/12/12", **changes}


def mails() -> dict[str, list[str]]:
    """Return the subjects by address."""
    found: dict[str, list[str]] = {}
    for message in Message.objects.order_by("pk"):
        found.setdefault(message.to, []).append(message.subject)
    return found


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_the_host_opens_one_on_a_resolution(cast: build.Cast, item: AgendaItem) -> None:
    client = logged_in(cast.host_officer)
    page = client.get(f"/proposals/follow-ups/open/?item={item.pk}")
    assert page.context["form"].initial == {"item": str(item.pk), "task": RESOLVED}
    answer = client.post("/proposals/follow-ups/open/", typed(item))
    follow_up = FollowUp.objects.get()
    assert answer.headers["Location"] == f"/proposals/follow-ups/{follow_up.pk}/"
    assert (follow_up.task, follow_up.agency, follow_up.due_on) == (
        "整併差勤表單",
        build.listed("民雄國中"),
        date(2026, 12, 12),
    )
    assert (follow_up.state, follow_up.proposal) == (FollowUpState.OPEN, None)
    assert mails() == {"member@example.gov.tw": ["【決議列管】整併差勤表單"]}
    assert [entry.act_label for entry in Entry.objects.for_target(follow_up)] == ["列管"]


def test_a_host_chooses_among_the_resolutions_of_its_district(cast: build.Cast, item: AgendaItem) -> None:
    build.agenda_item(meeting=item.meeting, subject="尚無決議")
    assert "整併" in logged_in(cast.host_officer).get("/proposals/follow-ups/open/").text
    assert "尚無決議" not in logged_in(cast.host_officer).get("/proposals/follow-ups/open/").text
    neighbour = logged_in(cast.neighbour_host)
    assert "沒有可列管的決議" in neighbour.get("/proposals/follow-ups/open/").text
    refused = neighbour.post("/proposals/follow-ups/open/", typed(item))
    assert (refused.status_code, FollowUp.objects.count()) == (422, 0)
    assert logged_in(cast.member_officer).get("/proposals/follow-ups/open/").status_code == 403


def test_a_second_click_opens_no_second_one(cast: build.Cast, item: AgendaItem, follow_up: FollowUp) -> None:
    page = logged_in(cast.office_reviewer).post("/proposals/follow-ups/open/", typed(item))
    assert (page.status_code, FollowUp.objects.count()) == (422, 1)
    assert "此機關已有相同的列管事項。" in page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"item": ""}, "請選擇要列管的決議。"),
        ({"item": "9" * 30}, "請選擇要列管的決議。"),
        ({"task": ""}, "此欄位為必填。"),
        ({"task": "整" * 301}, "最多 300 字，目前 301 字。"),
        ({"agency": ""}, "此欄位為必填。"),
        ({"due_on": "113/2/30"}, "沒有113年2月30日這一天，請檢查月份與日數。"),
        ({"due_on": "115/11/11"}, "期限不得早於開會日期（115/11/12）。"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    cast: build.Cast, item: AgendaItem, changes: dict[str, object], sentence: str
) -> None:
    page = logged_in(cast.host_officer).post("/proposals/follow-ups/open/", typed(item, **changes))
    assert page.status_code == 422
    (error,) = [error for errors in page.context["form"].errors.values() for error in errors]
    assert error == sentence
    assert FollowUp.objects.count() == 0


def test_the_action_refuses_a_day_before_the_meeting_too(cast: build.Cast, item: AgendaItem) -> None:
    def until(day: date) -> None:
        agency = build.listed("民雄國中")
        actions.open_follow_up(item=item, task="整併", agency=agency, due_on=day, by=cast.host_officer)

    with pytest.raises(ValidationError) as refusal:
        until(item.meeting.day - timedelta(days=1))
    assert refusal.value.message_dict == {"due_on": ["期限不得早於開會日期（115/11/12）。"]}
    until(item.meeting.day)
    assert FollowUp.objects.get().due_on == item.meeting.day


def test_an_agency_has_a_task_of_an_item_once(cast: build.Cast, item: AgendaItem, follow_up: FollowUp) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(
            agenda_item=item, task=follow_up.task, agency=follow_up.agency, created_by=cast.office_reviewer
        )
    opened(cast, item, agency="民雄國小")
    opened(cast, item, task="函報成果")
    assert FollowUp.objects.count() == 3


def test_a_proposal_on_the_agenda_is_linked_by_its_lead(cast: build.Cast, item: AgendaItem) -> None:
    lead = build.proposal(state=ProposalState.RESOLVED, agency=build.listed("民雄國小"))
    merged = build.proposal(state=ProposalState.MERGED, merged_into=lead)
    Placement.objects.create(proposal=merged, agenda_item=item, placed_by=cast.host_officer)
    assert opened(cast, item).proposal == lead


def test_an_item_that_is_followed_up_cannot_be_removed(cast: build.Cast, follow_up: FollowUp) -> None:
    item = follow_up.agenda_item
    AgendaItem.objects.update(resolution="")  # with one it stays anyway
    page = logged_in(cast.host_officer).post(f"/meetings/{item.meeting_id}/agenda/{item.pk}/remove/", follow=True)
    assert [str(message) for message in page.context["messages"]] == ["此議程項目的決議已列管，不能刪除。"]
    assert AgendaItem.objects.filter(pk=item.pk).exists()
    assert not Entry.objects.filter(act="agenda.removed").exists()
    follow_up.delete()
    agenda.remove_item(item=item, by=cast.host_officer)
    assert not AgendaItem.objects.filter(pk=item.pk).exists()


# --- Report, release, keep open ----------------------------------------------------------------------------------------


def test_the_agency_reports_and_the_office_releases(cast: build.Cast, follow_up: FollowUp) -> None:
    url = follow_up.get_absolute_url()
    member, office = logged_in(cast.member_officer), logged_in(cast.office_reviewer)
    member.post(f"{url}report/", {"text": "已整併為一張表單。"})
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUpState.REPORTED
    assert mails() == {
        cast.office_admin.email: ["【待解列】整併差勤表單"],
        cast.office_reviewer.email: ["【待解列】整併差勤表單"],
        cast.host_officer.email: ["【待解列】整併差勤表單"],
    }
    Message.objects.all().delete()

    office.post(f"{url}keep-open/", {"text": "請附新表單。"})
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUpState.OPEN
    assert mails() == {cast.member_officer.email: ["【繼續列管】整併差勤表單"]}
    Message.objects.all().delete()

    member.post(f"{url}report/", {"text": "新表單如附件函。"})
    Message.objects.all().delete()
    office.post(f"{url}release/", {"text": ""})
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.released_at) == (FollowUpState.RELEASED, build.at(TODAY, 10))
    assert mails() == {
        cast.member_officer.email: ["【解除列管】整併差勤表單"],
        cast.host_officer.email: ["【解除列管】整併差勤表單"],
    }
    assert list(follow_up.reports.values_list("state", "text", "by__name")) == [
        ("reported", "已整併為一張表單。", "吳成員"),
        ("open", "請附新表單。", "陳審核"),
        ("reported", "新表單如附件函。", "吳成員"),
        ("released", "同意解除列管。", "陳審核"),
    ]


def test_keeping_it_open_asks_for_a_reason(cast: build.Cast, follow_up: FollowUp) -> None:
    actions.report_follow_up(follow_up=follow_up, text="已整併。", by=cast.member_officer)
    page = logged_in(cast.office_reviewer).post(f"{follow_up.get_absolute_url()}keep-open/", {"text": " "})
    assert (page.status_code, page.context["answer_form"].errors) == (422, {"text": ["請說明繼續列管的理由。"]})
    assert follow_up.reports.count() == 1


def test_whoever_comes_second_is_told_and_keeps_the_words(cast: build.Cast, follow_up: FollowUp) -> None:
    actions.report_follow_up(follow_up=follow_up, text="已整併。", by=cast.member_officer)
    actions.release_follow_up(follow_up=follow_up, text="", by=cast.office_admin)
    late = logged_in(cast.office_reviewer).post(f"{follow_up.get_absolute_url()}keep-open/", {"text": "請補附件。"})
    sentence = "林主任已於 115年11月22日（日）10:00 辦理「解除列管」；目前為「已解列」，無法繼續列管。"
    assert late.status_code == 422
    assert sentence in late.text
    assert "請補附件。" in late.text
    with pytest.raises(Conflict):
        actions.report_follow_up(follow_up=follow_up, text="再報。", by=cast.member_officer)
    assert follow_up.reports.count() == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_kept_or_refused_in_one_sentence(cast: build.Cast, follow_up: FollowUp, text: str) -> None:
    client = logged_in(cast.member_officer)
    answer = client.post(f"{follow_up.get_absolute_url()}report/", {"text": text})
    if answer.status_code == 422:
        assert len(answer.context["report_form"].errors["text"]) == 1
    else:
        assert client.get(follow_up.get_absolute_url()).status_code == 200
        documents.follow_up_table(build.district("北平原區"), FollowUp.objects.all(), TODAY)


# --- Who sees it -----------------------------------------------------------------------------------------------------


def test_proposers_joint_ones_and_merged_ones_see_the_timeline(cast: build.Cast, item: AgendaItem) -> None:
    lead = build.proposal(state=ProposalState.PUBLISHED, agency=build.listed("民雄國小"))
    Placement.objects.create(proposal=lead, agenda_item=item, placed_by=cast.host_officer)
    merged = build.proposal(state=ProposalState.MERGED, merged_into=lead, agency=build.listed("大林國中"))
    CoProposer.objects.create(proposal=lead, agency=build.listed("民雄鄉公所"))
    CoProposer.objects.create(proposal=merged, agency=build.listed("三興國小"))
    names = ("民雄國小", "民雄鄉公所", "大林國中", "大林國小", "竹崎國小")
    people = {name: build.officer(build.listed(name), name=name) for name in names}
    follow_up = actions.open_follow_up(
        item=item, task="整併差勤表單", agency=build.listed("大林國小"), due_on=None, by=cast.host_officer
    )

    def sees(user: User) -> bool:
        return logged_in(user).get(follow_up.get_absolute_url()).status_code == 200

    assert {name: sees(user) for name, user in people.items()} == {
        "民雄國小": True,  # proposed it
        "民雄鄉公所": True,  # joined it
        "大林國中": True,  # its own was merged into it
        "大林國小": True,  # carries it out
        "竹崎國小": False,  # though the result is published
    }
    assert sees(cast.coached_officer), "joined the one that was merged"
    assert not sees(cast.neighbour_host)
    told = {name for name, user in people.items() if Message.objects.filter(to=user.email).exists()}
    assert told == {"民雄國小", "民雄鄉公所", "大林國中", "大林國小"}


def test_the_list_is_filtered_and_exported(cast: build.Cast, item: AgendaItem, follow_up: FollowUp) -> None:
    other = opened(cast, item, task="函報執行情形", agency="民雄國小")
    FollowUp.objects.filter(pk=other.pk).update(due_on=TODAY - timedelta(days=3))
    actions.report_follow_up(follow_up=follow_up, text="已整併為一張表單。", by=cast.member_officer)

    def found(query: str, user: User = cast.office_reviewer) -> list[str]:
        page = logged_in(user).get(f"/proposals/follow-ups/?{query}")
        return [row[1][1].text for row in page.context["rows"]]

    assert found("") == ["函報執行情形", "整併差勤表單"]
    assert found("q=差勤系統") == ["函報執行情形", "整併差勤表單"], "the subject of both"
    assert found("q=函報") == ["函報執行情形"]
    assert found("q=民雄國小") == ["函報執行情形"]
    assert found("late=yes") == ["函報執行情形"]
    assert found("state=reported") == ["整併差勤表單"]
    assert found(f"meeting={item.meeting_id}") == ["函報執行情形", "整併差勤表單"]
    assert found("", cast.member_officer) == ["整併差勤表單"]
    assert found("", cast.neighbour_host) == []
    page = logged_in(cast.office_reviewer).get("/proposals/follow-ups/")
    late = page.context["rows"][0][4][1]
    assert (late.text, late.tone, late.note) == ("待處理", "late", "逾期 3 日")
    export = logged_in(cast.office_reviewer).get("/proposals/follow-ups/?export=csv&state=reported")
    assert export.getvalue().decode("utf-8-sig").splitlines() == [
        "分區,辦理事項（案由）,承辦單位,期限,狀態,最近辦理情形",
        "北平原區,整併差勤表單（差勤系統表單整併）,民雄國中,115/12/12,待解列,已整併為一張表單。",
    ]


def test_the_list_asks_no_more_for_thirty_than_for_one(cast: build.Cast, item: AgendaItem, follow_up: FollowUp) -> None:
    def asked() -> int:
        client = logged_in(cast.office_reviewer)
        with CaptureQueriesContext(connection) as captured:
            client.get("/proposals/follow-ups/")
        return len(captured)

    asked()
    before = asked()
    for number in range(29):
        opened(cast, item, task=f"事項 {number}")
    assert asked() == before


# --- The table for the next meeting ------------------------------------------------------------------------------------


def rows(meeting_day: date = TODAY) -> list[tuple[str, ...]]:
    district = build.district("北平原區")
    found = FollowUp.objects.for_next_meeting(district, meeting_day)
    (table,) = documents.follow_up_table(district, found, meeting_day).blocks
    assert isinstance(table, Table)
    return [tuple(row) for row in table.rows]


def test_the_table_says_what_goes_on_and_what_is_released(cast: build.Cast, item: AgendaItem) -> None:
    first = opened(cast, item)
    opened(cast, item, task="函報執行情形", agency="民雄國小")
    actions.report_follow_up(follow_up=first, text="已整併。", by=cast.member_officer)
    actions.release_follow_up(follow_up=first, text="", by=cast.office_reviewer)
    meeting = "北平原區第 1 次專、兼任(辦)人事人員聯繫會報（115/11/12）"
    assert rows() == [
        (
            f"一、差勤系統表單整併\n辦理事項：整併差勤表單\n決議會議：{meeting}\n承辦單位：民雄國中\n期限：115/12/12",
            "115/11/22　已整併。",
            "Ｖ",
            "",
        ),
        (
            f"二、差勤系統表單整併\n辦理事項：函報執行情形\n決議會議：{meeting}\n承辦單位：民雄國小\n期限：115/12/12",
            "尚未填報。",
            "",
            "Ｖ",
        ),
    ]


def test_what_a_meeting_has_heard_released_is_not_printed_again(cast: build.Cast, item: AgendaItem) -> None:
    first = opened(cast, item)
    actions.report_follow_up(follow_up=first, text="已整併。", by=cast.member_officer)
    actions.release_follow_up(follow_up=first, text="", by=cast.office_reviewer)
    next_meeting = build.held_meeting(kind=MeetingKind.FULL_TIME, day=TODAY + timedelta(days=5))
    assert len(rows(next_meeting.day)) == 1
    assert rows(next_meeting.day + timedelta(days=30)) == [("無", "", "", "")]


def test_next_years_meeting_hears_of_what_is_still_open(cast: build.Cast, follow_up: FollowUp) -> None:
    later = build.district("北平原區", plan=build.plan(year=117))
    assert list(FollowUp.objects.for_next_meeting(later, TODAY + timedelta(days=400))) == [follow_up]


@pytest.mark.parametrize("form", ["pdf", "odt"])
def test_the_table_is_printed_per_district(cast: build.Cast, follow_up: FollowUp, form: str) -> None:
    district = build.district("北平原區")
    answer = logged_in(cast.host_officer).get(f"/proposals/districts/{district.pk}/follow-ups.{form}")
    content = answer.getvalue()
    if form == "pdf":
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    else:
        text = Document(BytesIO(content)).get_formatted_text()
    shown = "".join(text.split())
    for words in ("聯繫會報決議事項列管表", "案由及承辦單位", "辦理情形", "解除列管", "繼續列管", "整併差勤表單"):
        assert words in shown
    assert [entry.detail for entry in Entry.objects.filter(act="follow_up.printed")] == [{"form": form}]
    assert status(logged_in(cast.neighbour_host).get(f"/proposals/districts/{district.pk}/follow-ups.{form}")) == 403
    assert status(logged_in(cast.host_officer).get(f"/proposals/districts/{district.pk}/follow-ups.doc")) == 404


def test_the_page_leads_to_the_meeting_only_whom_it_is_open_to(cast: build.Cast, item: AgendaItem) -> None:
    build.minutes(meeting=item.meeting, state=MinutesState.ACCEPTED)
    elsewhere = build.officer(build.listed("竹崎國小"))
    follow_up = opened(cast, item, agency="竹崎國小")
    link = f'href="/meetings/{item.meeting_id}/"'
    assert link in logged_in(cast.host_officer).get(follow_up.get_absolute_url()).text
    page = logged_in(elsewhere).get(follow_up.get_absolute_url())
    assert page.status_code == 200
    assert link not in page.text
