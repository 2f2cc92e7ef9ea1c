"""Circulars: drafted from what was resolved and published, published with 文號 and date, acknowledged by each agency."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from odfdo import Document
from pypdf import PdfReader

from districts.choices import Access
from districts.models import Agency, Person
from meetings.actions import minutes as minutes_actions
from meetings.choices import MeetingKind, MinutesState
from meetings.models import AgendaItem, Meeting, MinutesFile
from personnel_portal.accounts.models import User
from personnel_portal.documents.paper import Item
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals import documents
from proposals.actions import circulars as actions
from proposals.actions.items import Conflict
from proposals.choices import Outcome, ProposalState
from proposals.models import Circular, CircularRecipient, Decision, Placement
from tests import build
from tests.site.clients import logged_in, status

pytestmark = pytest.mark.django_db
TODAY = build.TODAY
NUMBER = "府人任字第1150000009號"
SECRET = "涉及經費，暫不採納。"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(build.at(TODAY, 10), tick=False) as traveller:
        yield traveller


def full_time(district: str, *, day: date = TODAY - timedelta(days=10), state: str = MinutesState.ACCEPTED) -> Meeting:
    """Return a held meeting B with a resolution and its minutes."""
    meeting = build.held_meeting(district=build.district(district), kind=MeetingKind.FULL_TIME, day=day)
    item = build.agenda_item(meeting=meeting, subject=f"{district}案。")
    item.resolution = "一、照案通過。\n二、請各機關配合。"
    item.save()
    build.minutes(meeting=meeting, state=MinutesState(state))
    return meeting


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    return full_time("北平原區")


def decided(cast: build.Cast, meeting: Meeting, *, subject: str, outcome: Outcome, is_published: bool) -> Decision:
    state = ProposalState.PUBLISHED if is_published else ProposalState.AT_OFFICE
    return Decision.objects.create(
        proposal=build.proposal(meeting=meeting, subject=subject, state=state),
        outcome=outcome,
        opinion="" if outcome == Outcome.ADOPTED else SECRET,
        decided_by=cast.office_reviewer,
        published_at=build.at(TODAY, 9) if is_published else None,
    )


def drafted(cast: build.Cast, *meetings: Meeting) -> Circular:
    return actions.draft_circular(plan=cast.plan, meetings=meetings, by=cast.office_reviewer)


def published(cast: build.Cast, *meetings: Meeting) -> Circular:
    circular = drafted(cast, *meetings)
    return actions.publish_circular(circular=circular, number=NUMBER, issued_on=TODAY, by=cast.office_reviewer)[0]


# --- The draft -------------------------------------------------------------------------------------------------------


def test_one_meeting_is_drafted_with_what_it_resolved(cast: build.Cast, meeting: Meeting) -> None:
    circular = drafted(cast, meeting)
    assert circular.purpose == "檢送116年度北平原區第 1 次專任人事人員聯繫會報會議紀錄及決議事項，請查照。"
    assert circular.explanation.splitlines() == [
        f"依{cast.plan.title}肆、三辦理。",
        "各分區會議決議事項如下：",
        "　北平原區第 1 次專任人事人員聯繫會報（115年11月12日）：",
        "　　北平原區案：一、照案通過。二、請各機關配合。",
        "會議紀錄刊載於人事業務協作平台本通函頁面，請至該頁面下載並簽收。",
    ]


def test_all_districts_of_a_kind_are_drafted_in_their_order(cast: build.Cast, meeting: Meeting) -> None:
    others = [full_time(name) for name in ("南平原區", "海區", "山區")]
    build.held_meeting()  # a meeting A
    client = logged_in(cast.office_reviewer)
    page = client.get("/proposals/circulars/draft/?kind=B")
    chosen = page.context["form"].initial["meetings"]
    assert set(chosen) == {meeting, *others}
    answer = client.post("/proposals/circulars/draft/", {"meetings": [each.pk for each in chosen]})
    circular = Circular.objects.get()
    assert answer.headers["Location"] == f"/proposals/circulars/{circular.pk}/edit/"
    assert circular.purpose == "檢送116年度各分區專任人事人員聯繫會報會議紀錄及決議事項，請查照。"
    named = [line for line in circular.explanation.splitlines() if line.startswith("　") and "次專任" in line]
    assert [line[1:].split("第")[0] for line in named] == [each.name for each in cast.plan.districts.all()]


def test_a_second_click_makes_no_second_draft(cast: build.Cast, meeting: Meeting, clock: Any) -> None:
    client, data = logged_in(cast.office_reviewer), {"meetings": [meeting.pk]}

    def click() -> str:
        return str(client.post("/proposals/circulars/draft/", data).headers["Location"])

    first = click()
    assert click() == first
    assert Entry.objects.filter(act="circular.drafted").count() == 1
    drafted(cast, meeting, full_time("海區"))
    assert Circular.objects.count() == 2, "another choice of meetings is another circular"
    clock.shift(timedelta(minutes=11))
    assert click() != first


@pytest.mark.django_db(transaction=True)
def test_of_several_clicks_at_once_one_drafts_and_one_takes_the_number() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time by itself")
    cast = build.cast()
    meeting = full_time("北平原區")
    others = [drafted(cast, full_time(name)) for name in ("海區", "山區", "南平原區")]

    def draft(_: int) -> int:
        try:
            return drafted(cast, meeting).pk
        finally:
            connections.close_all()

    def publish(circular: Circular) -> str:
        try:
            actions.publish_circular(circular=circular, number=NUMBER, issued_on=TODAY, by=cast.office_reviewer)
        except ValidationError as refusal:
            return str(refusal.messages[0])
        finally:
            connections.close_all()
        return "published"

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(draft, range(4)))) == 1
        assert sorted(pool.map(publish, others)) == ["published", *["此文號已登錄於另一則通函。"] * 2]
    assert Circular.objects.filter(number=NUMBER).count() == 1


def test_a_number_that_was_taken_meanwhile_is_answered_in_one_sentence(
    cast: build.Cast, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    circular = drafted(cast, meeting)
    published(cast, full_time("海區"))
    monkeypatch.setattr(QuerySet, "exists", lambda _: False)  # as if both had asked before either wrote
    with pytest.raises(ValidationError) as refusal:
        actions.publish_circular(circular=circular, number=NUMBER, issued_on=TODAY, by=cast.office_reviewer)
    assert refusal.value.message_dict == {"number": ["此文號已登錄於另一則通函。"]}
    circular.refresh_from_db()
    assert circular.published_at is None


def test_the_page_says_which_districts_have_not_met(cast: build.Cast, meeting: Meeting) -> None:
    page = logged_in(cast.office_reviewer).get("/proposals/circulars/draft/")
    names = "、".join(each.name for each in cast.plan.districts.exclude(name="北平原區"))
    assert f"{names}尚未召開專任人事人員聯繫會報。" in page.text


def test_published_results_are_carried_and_pending_ones_only_counted(cast: build.Cast, meeting: Meeting) -> None:
    decided(cast, meeting, subject="甲案", outcome=Outcome.ADOPTED, is_published=True)
    decided(cast, meeting, subject="乙案", outcome=Outcome.REJECTED, is_published=False)
    build.proposal(meeting=meeting, subject="丙案", state=ProposalState.RESOLVED)
    build.proposal(meeting=meeting, subject="丁案", state=ProposalState.COMPILED)
    circular = drafted(cast, meeting)
    text = circular.explanation
    assert "修正建議提案研處結果如下：\n　116-北平原區-1　民雄國中：甲案：參採。\n" in text
    assert "其餘修正建議提案 2 件研處中，結果另行通知。" in text
    for secret in ("乙案", "丙案", "丁案", "不參採", SECRET):
        assert secret not in text
    for page in ("", "edit/", "publish/"):
        shown = logged_in(cast.office_reviewer).get(f"/proposals/circulars/{circular.pk}/{page}").text
        assert "尚有 2 件提案研處中或結果未公布，不列入通函內容。" in shown


def test_a_corrected_result_replaces_the_first_and_a_merged_proposal_is_told_by_its_lead(
    cast: build.Cast, meeting: Meeting
) -> None:
    first = decided(cast, meeting, subject="甲案", outcome=Outcome.REJECTED, is_published=True)
    Decision.objects.create(
        proposal=first.proposal,
        outcome=Outcome.ADOPTED,
        decided_by=cast.office_reviewer,
        published_at=build.at(TODAY, 9),
        corrects=first,
        correction_reason="誤植",
    )
    build.proposal(meeting=meeting, subject="併入案", state=ProposalState.MERGED, merged_into=first.proposal)
    text = drafted(cast, meeting).explanation
    assert "甲案：參採。" in text
    assert "不參採" not in text
    assert "併入案" not in text


def test_a_proposal_on_the_agenda_is_carried_whatever_call_it_answered(cast: build.Cast, meeting: Meeting) -> None:
    made = decided(cast, build.held_meeting(), subject="甲案", outcome=Outcome.ADOPTED, is_published=True)
    assert "甲案" not in drafted(cast, meeting).explanation
    item = build.agenda_item(meeting=meeting)
    Placement.objects.create(proposal=made.proposal, agenda_item=item, placed_by=cast.host_officer)
    assert "甲案：參採。" in drafted(cast, meeting).explanation


def test_a_long_draft_is_cut_where_the_minutes_say_the_rest(cast: build.Cast, meeting: Meeting) -> None:
    for number in range(40):
        item = build.agenda_item(meeting=meeting, subject=f"第{number}案", order=number + 2)
        item.resolution = "照案通過，" * 200
        item.save()
    text = drafted(cast, meeting).explanation
    assert 10_000 < len(text) <= 20_000
    assert "第39案：照案通過" in text
    assert "…（詳如會議紀錄）" in text


@pytest.mark.parametrize(
    ("count", "subject", "resolution", "left"), [(80, 2, 5, 29), (60, 2, 300, 0), (75, 2, 1000, 9), (60, 100, 100, 40)]
)
def test_a_draft_of_four_meetings_can_be_saved_and_says_what_it_leaves_out(
    cast: build.Cast, meeting: Meeting, count: int, subject: int, resolution: int, left: int
) -> None:
    meetings = [meeting, *(full_time(name) for name in ("海區", "山區", "南平原區"))]
    for each in meetings:
        rows = [
            AgendaItem(
                meeting=each, section="discussion", order=n, subject="案" * subject, resolution="准" * resolution
            )
            for n in range(2, count + 1)
        ]
        AgendaItem.objects.bulk_create(rows)
    build.proposal(meeting=meeting, state=ProposalState.AT_OFFICE)
    with CaptureQueriesContext(connection) as captured:
        circular = drafted(cast, *meetings)
    assert len([query for query in captured if "agendaitem" in query["sql"] and "resolution" in query["sql"]]) == 1
    lines = circular.explanation.splitlines()
    assert len(lines) <= 300
    assert len(circular.explanation) <= 20_000
    assert lines[-2] == "修正建議提案 1 件研處中，結果另行通知。"
    assert lines[-1].startswith("會議紀錄刊載於")
    shown = sum(line.startswith("　　") for line in lines)
    assert shown + left == 4 * count
    sentence = f"另有 {left} 項因篇幅所限未列，詳如會議紀錄及平台公布之研處結果。"
    assert (lines[-3] == sentence) is bool(left)
    client, url = logged_in(cast.office_reviewer), f"/proposals/circulars/{circular.pk}/edit/"
    typed = {"purpose": "檢送紀錄", "explanation": circular.explanation.replace("\n", "\r\n")}
    assert client.post(url, typed).status_code == 302


def test_only_held_meetings_of_one_plan_are_circulated(cast: build.Cast, meeting: Meeting) -> None:
    planned = build.meeting(kind=MeetingKind.FULL_TIME)
    for meetings in ([], [planned], [meeting, planned]):
        page = logged_in(cast.office_reviewer).post(
            "/proposals/circulars/draft/", {"meetings": [each.pk for each in meetings]}
        )
        assert (page.status_code, Circular.objects.count()) == (422, 0)
    with pytest.raises(ValidationError):
        actions.draft_circular(plan=build.plan(year=117), meetings=[meeting], by=cast.office_reviewer)


def test_the_text_is_edited_and_drafted_anew(cast: build.Cast, meeting: Meeting) -> None:
    circular = drafted(cast, meeting)
    client, url = logged_in(cast.office_reviewer), f"/proposals/circulars/{circular.pk}/"
    page = client.get(f"{url}edit/")
    typed = {"purpose": "檢送\n會議紀錄", "explanation": "一項", "shown": page.context["form"]["shown"].value()}
    client.post(f"{url}edit/", typed)
    circular.refresh_from_db()
    assert (circular.purpose, circular.explanation) == ("檢送 會議紀錄", "一項")
    decided(cast, meeting, subject="甲案", outcome=Outcome.ADOPTED, is_published=True)
    client.post(f"{url}redraft/")
    circular.refresh_from_db()
    assert "甲案：參採。" in circular.explanation


def test_two_people_who_edit_are_told_of_each_other(cast: build.Cast, meeting: Meeting) -> None:
    circular = drafted(cast, meeting)
    url = f"/proposals/circulars/{circular.pk}/edit/"
    first, second = logged_in(cast.office_admin), logged_in(cast.office_reviewer)
    shown = second.get(url).context["form"]["shown"].value()
    first.post(url, {"purpose": "檢送紀錄", "explanation": circular.explanation, "shown": shown})
    late = second.post(url, {"purpose": "通函紀錄", "explanation": circular.explanation, "shown": shown})
    assert late.status_code == 422
    assert "林主任已於 115年11月22日（日）10:00 變更「主旨」，目前為「檢送紀錄」；請確認後再儲存。" in late.text
    assert "通函紀錄" in late.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("purpose", "", "此欄位為必填。"),
        ("purpose", "檢" * 301, "最多 300 字，目前 301 字。"),
        ("explanation", "項\n" * 301, "說明最多 300 項，目前 301 項；請併項，或改以附件提供。"),
        ("explanation", "字" * 20_001, "最多 20,000 字，目前 20,001 字；請精簡，或改以附件提供。"),
    ],
)
def test_a_bad_text_is_answered_at_its_field(
    cast: build.Cast, meeting: Meeting, field: str, value: str, sentence: str
) -> None:
    circular = drafted(cast, meeting)
    data = {"purpose": circular.purpose, "explanation": circular.explanation, field: value}
    page = logged_in(cast.office_reviewer).post(f"/proposals/circulars/{circular.pk}/edit/", data)
    assert (page.status_code, page.context["form"].errors) == (422, {field: [sentence]})


def test_a_draft_is_the_offices_own_and_can_be_discarded(cast: build.Cast, meeting: Meeting) -> None:
    circular = drafted(cast, meeting)
    url = f"/proposals/circulars/{circular.pk}/"
    assert logged_in(cast.office_reader).get(url).status_code == 200
    assert logged_in(cast.host_officer).get(url).status_code == 404
    client = logged_in(cast.office_reviewer)
    assert "刪除這份通函草稿？" in client.get(f"{url}discard/").text
    client.post(f"{url}discard/")
    assert not Circular.objects.exists()
    assert Entry.objects.get(act="circular.discarded").detail == {"subject": circular.purpose}


# --- 函 --------------------------------------------------------------------------------------------------------------


def test_lines_become_numbered_items() -> None:
    text = "甲\n　乙\n　　丙\n　　　丁\n　　　　戊\n  己\n\n庚"
    assert documents.outline(text) == (
        Item("甲", (Item("乙", (Item("丙", (Item("丁"), Item("戊"))),)), Item("己"))),
        Item("庚"),
    )
    assert documents.outline("　　甲\n乙") == (Item("甲"), Item("乙"))
    assert documents.outline("") == ()


@pytest.mark.parametrize("form", ["pdf", "odt"])
def test_the_letter_is_a_draft_until_it_went_out(cast: build.Cast, meeting: Meeting, form: str) -> None:
    circular = drafted(cast, meeting)

    def shown() -> str:
        answer = logged_in(cast.office_reader).get(f"/proposals/circulars/{circular.pk}/letter.{form}")
        content = BytesIO(answer.getvalue())
        if form == "odt":
            return "".join(Document(content).get_formatted_text().split())
        return "".join("".join(page.extract_text() for page in PdfReader(content).pages).split())

    before = shown()
    for words in (
        "嘉義縣政府人事處函",
        "受文者：如正本",
        "發文字號：速別：普通件",
        "主旨：檢送116年度北平原區",
        "說明：一、依嘉義縣政府人事處",
        "二、各分區會議決議事項如下：(一)北平原區第1次專任人事人員聯繫會報",
        "1、北平原區案：一、照案通過。二、請各機關配合。",
        "正本：本縣各機關學校人事機構（專任及兼任(辦)）",
    ):
        assert words in before
    assert form == "odt" or "草稿" in before
    actions.publish_circular(circular=circular, number=NUMBER, issued_on=TODAY, by=cast.office_reviewer)
    after = shown()
    assert f"發文日期：中華民國115年11月22日發文字號：{NUMBER}" in after
    assert "嘉義縣立民雄國民中學" in after.split("正本：")[1]
    assert "草稿" not in after


# --- Publishing --------------------------------------------------------------------------------------------------------


def test_publishing_reaches_every_active_agency_but_the_office(cast: build.Cast, meeting: Meeting) -> None:
    Agency.objects.filter(short_name="竹崎國小").update(is_active=False)
    Agency.objects.filter(short_name="民雄國小").update(mail="mhes@example.gov.tw")
    circular = drafted(cast, meeting)
    client = logged_in(cast.office_reviewer)
    page = client.get(f"/proposals/circulars/{circular.pk}/publish/")
    expected = Agency.objects.filter(office=build.county(), is_active=True).exclude(kind="office")
    assert page.context["agencies"] == expected.count()
    client.post(f"/proposals/circulars/{circular.pk}/publish/", {"number": NUMBER, "issued_on": "115/11/20"})
    circular.refresh_from_db()
    assert (circular.number, circular.issued_on) == (NUMBER, date(2026, 11, 20))
    assert circular.published_at == build.at(TODAY, 10)
    assert set(circular.recipients.values_list("agency", flat=True)) == set(expected.values_list("pk", flat=True))
    people = [cast.host_officer, cast.neighbour_host, cast.member_officer, cast.coached_officer]
    assert sorted(Message.objects.values_list("to", flat=True)) == sorted(
        ["mhes@example.gov.tw", *(user.email for user in people)]
    )
    assert set(Message.objects.values_list("subject", flat=True)) == {f"【通函】{circular.purpose}"}


def test_publishing_and_reminding_ask_no_more_for_thirty_than_for_one(cast: build.Cast, meeting: Meeting) -> None:
    def asked(number: str) -> tuple[int, int]:
        circular = drafted(cast, meeting)
        with CaptureQueriesContext(connection) as publishing:
            actions.publish_circular(circular=circular, number=number, issued_on=TODAY, by=cast.office_reviewer)
        with CaptureQueriesContext(connection) as reminding:
            actions.remind_missing(circular=circular, by=cast.office_reviewer)
        return len(publishing), len(reminding)

    asked("1")  # the meeting's minutes are opened by the first one
    before = asked("2")
    for number in range(30):
        build.agency(mail=f"school{number}@example.gov.tw")
    Message.objects.all().delete()
    assert asked("3") == before
    assert Message.objects.count() == 2 * 34


def test_each_mail_names_its_reader(cast: build.Cast, meeting: Meeting) -> None:
    Person.objects.filter(user=cast.member_officer).update(name="吳<b>&")
    published(cast, meeting)
    mail = Message.objects.get(to=cast.member_officer.email)
    assert mail.to_name == "吳<b>&"
    assert mail.text.startswith("吳<b>& 您好：")
    assert "<p>吳&lt;b&gt;&amp; 您好：</p>" in mail.html
    assert mail.key == f"circular:{Circular.objects.get().pk}:{cast.member_officer.email}"
    assert Message.objects.get(to=cast.host_officer.email).text.startswith("黃承辦 您好：")


def test_a_person_of_two_agencies_gets_one_mail(cast: build.Cast, meeting: Meeting) -> None:
    build.posting(person=cast.member_officer.person, agency=build.listed("民雄國小"))
    published(cast, meeting)
    assert Message.objects.filter(to=cast.member_officer.email).count() == 1


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"number": "", "issued_on": ""}, {"number": ["此欄位為必填。"], "issued_on": ["請填日期，例如 113/6/30。"]}),
        ({"number": "x", "issued_on": "115/11/23"}, {"issued_on": ["發文日期不得晚於今天；請於發文後再公布。"]}),
        ({"number": NUMBER, "issued_on": "115/11/22"}, {"number": ["此文號已登錄於另一則通函。"]}),
    ],
)
def test_number_and_day_must_be_those_of_a_letter_that_went_out(
    cast: build.Cast, meeting: Meeting, data: dict[str, str], errors: dict[str, list[str]]
) -> None:
    published(cast, meeting)
    circular = drafted(cast, meeting)
    page = logged_in(cast.office_reviewer).post(f"/proposals/circulars/{circular.pk}/publish/", data)
    assert (page.status_code, page.context["form"].errors) == (422, errors)
    circular.refresh_from_db()
    assert circular.published_at is None


def test_a_published_circular_never_changes(cast: build.Cast, meeting: Meeting) -> None:
    circular = published(cast, meeting)
    client, url = logged_in(cast.office_admin), f"/proposals/circulars/{circular.pk}/"
    for page in ("edit/", "publish/", "discard/"):
        assert client.get(f"{url}{page}").status_code == 403
        assert client.post(f"{url}{page}", {"purpose": "改"}).status_code == 403
    assert "通函已公布，不得變更；如有錯誤請另發更正。" in client.get(f"{url}edit/").text
    with pytest.raises(Conflict, match="陳審核已於 115年11月22日（日）10:00 公布此通函"):
        actions.publish_circular(circular=circular, number="x", issued_on=TODAY, by=cast.office_admin)
    for act in (actions.redraft_circular, actions.discard_circular):
        with pytest.raises(Conflict):
            act(circular=circular, by=cast.office_admin)
    with pytest.raises(Conflict):
        actions.change_circular(circular=circular, by=cast.office_admin, purpose="改")
    circular.refresh_from_db()
    assert circular.purpose.startswith("檢送116年度")


def test_everybody_of_the_offices_agencies_reads_it_with_the_minutes(cast: build.Cast, meeting: Meeting) -> None:
    file = MinutesFile.objects.get(version__minutes__meeting=meeting)
    url = f"/meetings/files/{file.pk}/"
    assert status(logged_in(cast.neighbour_host).get(url)) == 404
    circular = published(cast, meeting)
    for user in (cast.neighbour_host, cast.coached_officer, cast.member_officer):
        page = logged_in(user).get(circular.get_absolute_url()).text
        assert f'href="{url}"' in page
        assert "一、照案通過。二、請各機關配合。" in page
        assert status(logged_in(user).get(url)) == 200
    for user in (cast.stranger, cast.other_reviewer):
        assert status(logged_in(user).get(circular.get_absolute_url())) == 404
        assert status(logged_in(user).get(url)) == 404
    # The meeting itself, with who attended and how, stays with its district.
    assert logged_in(cast.neighbour_host).get(meeting.get_absolute_url()).status_code == 404


def test_minutes_that_wait_are_warned_of_and_open_with_their_acceptance(cast: build.Cast) -> None:
    meeting = full_time("北平原區", state=MinutesState.SUBMITTED)
    circular = drafted(cast, meeting)
    for page in ("", "edit/", "publish/"):
        shown = logged_in(cast.office_reviewer).get(f"/proposals/circulars/{circular.pk}/{page}").text
        assert "下列會議紀錄尚未備查，備查後才開放各機關下載" in shown
    actions.publish_circular(circular=circular, number=NUMBER, issued_on=TODAY, by=cast.office_reviewer)
    page = logged_in(cast.neighbour_host).get(circular.get_absolute_url()).text
    assert "紀錄備查後開放下載。" in page
    assert "/meetings/files/" not in page
    assert "/meetings/files/" not in logged_in(cast.office_reviewer).get(circular.get_absolute_url()).text
    minutes_actions.accept_minutes(minutes=meeting.minutes, by=cast.office_reviewer)
    assert "/meetings/files/" in logged_in(cast.neighbour_host).get(circular.get_absolute_url()).text


# --- 簽收 ------------------------------------------------------------------------------------------------------------


def recipient(circular: Circular, agency: str) -> CircularRecipient:
    return circular.recipients.get(agency__short_name=agency)


def test_an_agency_acknowledges_once(cast: build.Cast, meeting: Meeting) -> None:
    circular = published(cast, meeting)
    mine = recipient(circular, "民雄國中")
    client, url = logged_in(cast.member_officer), f"/proposals/circulars/recipients/{mine.pk}/acknowledge/"
    assert "民雄國中尚未簽收" in client.get(circular.get_absolute_url()).text
    client.post(url)
    mine.refresh_from_db()
    assert (mine.acknowledged_by, mine.acknowledged_at) == (cast.member_officer, build.at(TODAY, 10))
    colleague = build.officer(build.listed("民雄國中"), name="林同事")
    page = logged_in(colleague).post(url, follow=True)
    assert [str(m) for m in page.context["messages"]] == ["吳成員已於 115年11月22日（日）10:00 代表民雄國中簽收。"]
    mine.refresh_from_db()
    assert mine.acknowledged_by == cast.member_officer
    assert Entry.objects.for_target(circular).filter(act="circular.acknowledged").count() == 1


def test_nobody_acknowledges_for_another_agency(cast: build.Cast, meeting: Meeting) -> None:
    circular = published(cast, meeting)
    url = f"/proposals/circulars/recipients/{recipient(circular, '民雄國中').pk}/acknowledge/"
    reader = build.officer(build.listed("民雄國中"), access=Access.READ)
    answers = [status(logged_in(u).post(url)) for u in (cast.neighbour_host, reader, cast.office_reviewer)]
    assert answers == [404, 403, 403]
    assert not circular.recipients.exclude(acknowledged_at=None).exists()


def test_the_office_sees_who_has_acknowledged_and_others_their_own(cast: build.Cast, meeting: Meeting) -> None:
    circular = published(cast, meeting)
    actions.acknowledge_circular(recipient=recipient(circular, "民雄國中"), by=cast.member_officer)
    total = circular.recipients.count()

    def page(user: User) -> str:
        text: str = logged_in(user).get(circular.get_absolute_url()).text
        return text

    assert f"簽收　1／{total}" in page(cast.office_reader)
    assert f"尚未簽收　{total - 1}" in page(cast.office_reader)
    assert "催請簽收" not in page(cast.office_reader)
    assert "催請簽收" in page(cast.office_reviewer)
    assert "已簽收" in page(cast.member_officer)
    assert f"／{total}" not in page(cast.member_officer)
    assert "民雄國小" not in page(cast.member_officer)
    assert "簽收</button>" in page(cast.neighbour_host)


def test_those_who_have_not_are_reminded_once_in_a_while(cast: build.Cast, meeting: Meeting, clock: Any) -> None:
    circular = published(cast, meeting)
    actions.acknowledge_circular(recipient=recipient(circular, "民雄國中"), by=cast.member_officer)
    Message.objects.all().delete()
    client, url = logged_in(cast.office_reviewer), f"/proposals/circulars/{circular.pk}/remind/"
    client.post(url)
    expected = sorted(user.email for user in (cast.host_officer, cast.neighbour_host, cast.coached_officer))
    assert sorted(Message.objects.values_list("to", flat=True)) == expected
    page = client.post(url, follow=True)
    assert [str(m) for m in page.context["messages"]] == [
        "已寄出提醒，收件 3 人。",
        "剛剛已寄出提醒，請稍候再提醒。",
    ]
    clock.shift(timedelta(minutes=11))
    client.post(url)
    assert Message.objects.count() == 6
    circular.recipients.update(acknowledged_at=build.at(TODAY), acknowledged_by=cast.office_admin)
    with pytest.raises(ValidationError, match="所有機關均已簽收，無須催請。"):
        actions.remind_missing(circular=circular, by=cast.office_reviewer)


# --- 更正 ------------------------------------------------------------------------------------------------------------


def test_a_correction_names_the_circular_and_both_are_shown(cast: build.Cast, meeting: Meeting) -> None:
    wrong = published(cast, meeting)
    client = logged_in(cast.office_reviewer)
    page = client.get(f"/proposals/circulars/draft/?corrects={wrong.pk}")
    assert page.context["form"].initial["meetings"] == [meeting]
    client.post(f"/proposals/circulars/draft/?corrects={wrong.pk}", {"meetings": [meeting.pk]})
    right = Circular.objects.get(corrects=wrong)
    assert right.purpose.startswith(f"更正115年11月22日{NUMBER}函，檢送116年度")
    assert f"本函更正115年11月22日{NUMBER}函；與前函不同之處，以本函為準。" in right.explanation
    member = logged_in(cast.member_officer)
    assert "本通函已更正" not in member.get(wrong.get_absolute_url()).text, "its correction is still a draft"
    actions.publish_circular(circular=right, number="府人任字第1150000010號", issued_on=TODAY, by=cast.office_reviewer)
    assert f'href="{right.get_absolute_url()}"' in member.get(wrong.get_absolute_url()).text
    assert f'href="{wrong.get_absolute_url()}"' in member.get(right.get_absolute_url()).text
    states = [row[3][1].text for row in member.get("/proposals/circulars/").context["rows"]]
    assert states == ["已公布", "已更正"]


def test_a_draft_cannot_be_corrected(cast: build.Cast, meeting: Meeting) -> None:
    circular = drafted(cast, meeting)
    client = logged_in(cast.office_reviewer)
    for asked in (circular.pk, "x", "9" * 30):
        assert client.get(f"/proposals/circulars/draft/?corrects={asked}").status_code == 404


# --- The list ----------------------------------------------------------------------------------------------------------


def test_the_list_says_how_many_have_acknowledged(cast: build.Cast, meeting: Meeting) -> None:
    circular = published(cast, meeting)
    drafted(cast, meeting)
    actions.acknowledge_circular(recipient=recipient(circular, "民雄國中"), by=cast.member_officer)

    def cells(user: User, query: str = "") -> list[tuple[str, str]]:
        page = logged_in(user).get(f"/proposals/circulars/?{query}")
        return [(row[3][1].text, row[4][1].text) for row in page.context["rows"]]

    assert cells(cast.office_reader) == [("草稿", "—"), ("已公布", f"1／{circular.recipients.count()}")]
    assert cells(cast.member_officer) == [("已公布", "已簽收")]
    assert cells(cast.neighbour_host) == [("已公布", "待簽收")]
    assert cells(cast.neighbour_host, "mine=waiting") == [("已公布", "待簽收")]
    assert cells(cast.member_officer, "mine=waiting") == []
    assert cells(cast.member_officer, f"q={NUMBER}") == [("已公布", "已簽收")]


def test_pages_ask_no_more_for_thirty_than_for_one(cast: build.Cast, meeting: Meeting) -> None:
    circular = published(cast, meeting)

    def asked(user: User) -> list[int]:
        counts = []
        for url in (circular.get_absolute_url(), "/proposals/circulars/"):
            client = logged_in(user)
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                client.get(url)
            counts.append(len(captured))
        return counts

    actions.acknowledge_circular(recipient=recipient(circular, "民雄國中"), by=cast.member_officer)
    before = {user: asked(user) for user in (cast.office_reviewer, cast.member_officer)}
    for number in range(29):
        circular.meetings.add(full_time("北平原區", day=TODAY - timedelta(days=number)))
        other = Circular.objects.create(
            plan=cast.plan,
            purpose="x",
            number=f"{number}",
            issued_on=TODAY,
            published_at=build.at(TODAY),
            created_by=cast.office_reviewer,
        )
        CircularRecipient.objects.create(circular=other, agency=build.listed("民雄國中"))
    circular.recipients.update(acknowledged_at=build.at(TODAY), acknowledged_by=cast.office_admin)
    assert {user: asked(user) for user in before} == before
