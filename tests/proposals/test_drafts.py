"""Drafts of cases and proposals: what they cite, who joins them, two people at one draft, and input of every sort."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from meetings.actions.shown import ChangedMeanwhileError
from meetings.forms.pasted import tidy
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals.actions import drafts
from proposals.actions import items as steps
from proposals.choices import CaseState, ProposalState
from proposals.models import Attachment, Case, Proposal, Statute
from tests import build
from tests.meetings.test_shown import fields
from tests.site.clients import logged_in
from tests.uploads.making import pdf as a_pdf

pytestmark = pytest.mark.django_db
LONGEST = 20_000
PDF = a_pdf()


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


# --- Rules that are cited --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("公務人員任用法第 28 條", ["公務人員任用法"]),
        ("公務人員任用法第28條、第28條之1、公務人員考績法", ["公務人員任用法", "公務人員考績法"]),
        ("公務人員任用法第９條及公務人員陞遷法第四條", ["公務人員任用法", "公務人員陞遷法"]),
        ("各機關職務代理應行注意事項第 4 點；《地方制度法》", ["各機關職務代理應行注意事項", "地方制度法"]),
        ("勞動基準法第24條第1項前段\n民法", ["勞動基準法", "民法"]),
        ("臺灣省政府組織規程，台灣省政府組織規程", ["台灣省政府組織規程"]),
        ("無、略、、；", []),
        ("", []),
        ("法" * 101, []),
    ],
)
def test_statutes_are_cited_by_their_names_alone(text: str, names: list[str]) -> None:
    assert drafts.statutes_named(text) == names


def test_a_statute_is_one_row_however_it_is_spelled(cast: build.Cast) -> None:
    first = _new(statutes_text="台灣省政府組織規程第1條", by=cast)
    second = _new(statutes_text="臺灣省政府組織規程第 2 條、公務人員任用法", subject="另一案", by=cast)
    assert Statute.objects.count() == 2
    assert first.statutes.get() in second.statutes.all()
    drafts.change_item(item=second, by=cast.member_officer, statutes_text="公務人員任用法")
    assert [str(statute) for statute in second.statutes.all()] == ["公務人員任用法"]


def _new(*, by: build.Cast, subject: str = "建請放寬職務代理人資格", **values: Any) -> Proposal:
    agency = values.pop("agency", None) or build.listed("民雄國中")
    item = Proposal(agency=agency, subject=subject, **values)
    return drafts.create_item(item=item, by=by.member_officer)


# --- Whose it is -----------------------------------------------------------------------------------------------------


def test_a_draft_stands_in_the_district_of_its_agency_or_of_its_coach(cast: build.Cast) -> None:
    assert _new(by=cast).district == build.district("北平原區")
    coached = cast.coached_officer.person.postings.get().agency
    with pytest.raises(ValidationError, match="查不到「三興國小」所屬的分區"):
        _new(by=cast, agency=coached)
    build.coaching_table(district=build.district("山區"), rows={coached: cast.neighbour_host.person})
    assert _new(by=cast, agency=coached).district == build.district("山區")


def test_a_meeting_of_another_district_is_refused(cast: build.Cast) -> None:
    meeting = build.meeting(district=build.district("山區"))
    with pytest.raises(ValidationError, match="不是「民雄國中」所屬分區"):
        _new(by=cast, meeting=meeting)
    page = logged_in(cast.member_officer).get("/proposals/create/")
    assert not page.context["form"].fields["meeting"].queryset.exists()


def test_calls_of_the_district_are_offered_with_their_closing_days(cast: build.Cast) -> None:
    build.items_call(meeting=build.meeting())
    late = build.meeting(day=build.TODAY)
    build.items_call(meeting=late, closes_on=build.TODAY.replace(day=20))
    build.items_call(meeting=build.meeting(district=build.district("山區")))
    build.items_call(meeting=build.meeting(), is_sent=False)
    form = logged_in(cast.member_officer).get("/proposals/create/").context["form"]
    labels = [label for _, label in form.fields["meeting"].choices]
    assert labels == [
        "未針對特定場次",
        "北平原區第 1 次專、兼任(辦)人事人員聯繫會報（115/12/2 截止）",
        "北平原區第 2 次專、兼任(辦)人事人員聯繫會報（115/11/20 截止，已截止，送出列為逾期）",
    ]


def test_a_new_item_begins_with_the_person_and_the_call_of_the_address(cast: build.Cast) -> None:
    meeting = build.meeting()
    build.items_call(meeting=meeting)
    client = logged_in(cast.member_officer)
    form = client.get(f"/proposals/create/?meeting={meeting.pk}").context["form"]
    assert (form["contact_name"].value(), form["contact_title"].value()) == ("吳成員", "人事主任")
    assert form["meeting"].value() == meeting.pk
    for hostile in ("²", "9" * 30, "x", "%00"):
        assert client.get(f"/proposals/create/?meeting={hostile}").status_code == 200


def test_a_second_click_makes_no_second_draft(cast: build.Cast) -> None:
    client = logged_in(cast.member_officer)
    data = {"agency": build.listed("民雄國中").pk, "subject": "建請放寬職務代理人資格", "save": "1"}
    pages = {client.post("/proposals/create/", data).headers["Location"] for _ in range(2)}
    assert len(pages) == Proposal.objects.count() == 1
    client.post("/proposals/create/", {**data, "problem": "另一案"})
    assert Proposal.objects.count() == 2


def test_people_without_a_district_are_told(cast: build.Cast) -> None:
    assert "不屬於任何分區" in logged_in(cast.coached_officer).get("/proposals/create/").text
    answer = logged_in(cast.coached_officer).post("/proposals/create/", {"subject": "x", "save": "1"})
    assert (answer.status_code, Proposal.objects.count()) == (422, 0)


def test_nobody_proposes_for_another_agency(cast: build.Cast) -> None:
    data = {"agency": build.listed("大林鎮公所").pk, "subject": "x", "save": "1"}
    assert logged_in(cast.member_officer).post("/proposals/create/", data).status_code == 422
    assert not Proposal.objects.exists()


# --- Two people at one proposal --------------------------------------------------------------------------------------


@pytest.fixture
def draft(cast: build.Cast) -> Proposal:
    return build.proposal(created_by=cast.member_officer)


@pytest.fixture
def colleague() -> Any:
    return build.officer(build.listed("民雄國中"), name="鄭同事")


def _typed(page: Any, **typed: str) -> dict[str, str]:
    """Return what the browser would send of the form, with what the person typed."""
    form = page.context["form"]
    shown = {name: str(form[name].value() if form[name].value() is not None else "") for name in form.fields}
    return {**shown, "save": "1", "shown": fields(page)["shown"], **typed}


def test_what_the_other_one_changed_elsewhere_stays(cast: build.Cast, draft: Proposal, colleague: Any) -> None:
    """In both orders: each changed another field, and both changes are there."""
    url = f"/proposals/{draft.pk}/edit/"
    one, other = logged_in(cast.member_officer), logged_in(colleague)
    for number, (first, second) in enumerate([(one, other), (other, one)]):
        pages = first.get(url), second.get(url)
        assert first.post(url, _typed(pages[0], problem=f"問題 {number}")).status_code == 302
        assert second.post(url, _typed(pages[1], wording=f"文字 {number}")).status_code == 302
        draft.refresh_from_db()
        assert (draft.problem, draft.wording) == (f"問題 {number}", f"文字 {number}")


def test_the_second_at_the_same_field_is_told_and_loses_nothing(
    cast: build.Cast, draft: Proposal, colleague: Any
) -> None:
    url = f"/proposals/{draft.pk}/edit/"
    for first, second, name in [(cast.member_officer, colleague, "吳成員"), (colleague, cast.member_officer, "鄭同事")]:
        pages = logged_in(first).get(url), logged_in(second).get(url)
        logged_in(first).post(url, _typed(pages[0], problem=f"{name}的說明", co_proposers="民雄國小"))
        told = logged_in(second).post(url, _typed(pages[1], problem=f"不是{name}的說明"))
        assert told.status_code == 422
        (sentence,) = told.context["form"].errors["problem"]
        assert sentence == (
            f"{name}已於 115年11月22日（日）10:00 變更「說明（問題）」，目前為「{name}的說明」；請確認後再儲存。"
        )
        draft.refresh_from_db()
        assert draft.problem == f"{name}的說明"
        assert told.context["form"]["problem"].value() == f"不是{name}的說明"
        assert logged_in(second).post(url, _typed(told)).status_code == 302
        draft.refresh_from_db()
        assert draft.problem == f"不是{name}的說明"
        drafts.change_item(item=draft, by=second, co_proposers=[])


def test_co_proposers_changed_by_both_are_told(cast: build.Cast, draft: Proposal, colleague: Any) -> None:
    url = f"/proposals/{draft.pk}/edit/"
    page = logged_in(colleague).get(url)
    first, second = build.listed("大林鎮公所"), build.listed("竹崎鄉公所")
    drafts.change_item(item=draft, by=cast.member_officer, co_proposers=[first, second])
    told = logged_in(colleague).post(url, _typed(page, co_proposers="竹崎鄉公所"))
    assert told.context["form"].errors["co_proposers"] == [
        "吳成員已於 115年11月22日（日）10:00 變更「聯合提案機關」，目前為「大林鎮公所、竹崎鄉公所」；請確認後再儲存。"
    ]
    assert logged_in(colleague).post(url, _typed(told)).status_code == 302
    assert drafts.joined(draft) == [second]


def test_a_draft_that_was_sent_meanwhile_is_told_and_the_text_stays(
    cast: build.Cast, draft: Proposal, colleague: Any
) -> None:
    url = f"/proposals/{draft.pk}/edit/"
    page = logged_in(colleague).get(url)
    steps.send_item(item=draft, by=cast.member_officer)
    told = logged_in(colleague).post(url, _typed(page, problem="我改的說明"))
    assert told.status_code == 422
    assert "吳成員已於 115年11月22日（日）10:00 辦理「送承辦單位」" in told.text
    assert "我改的說明" in told.text
    draft.refresh_from_db()
    assert draft.problem != "我改的說明"


def test_actions_refuse_what_the_page_did_not_show(cast: build.Cast, draft: Proposal) -> None:
    with pytest.raises(ChangedMeanwhileError):
        drafts.change_item(item=draft, by=cast.member_officer, shown={"problem": "0" * 16}, problem="新")


# --- Input of every sort ---------------------------------------------------------------------------------------------

WORD = "第一行\x0b第二行\x0c\r\n不斷\x1e字\x1f元\x07\x00\u200b結\x9f尾\ufeff\u202e"
TIDY = "第一行\n第二行\n\n不斷-字元結尾"


def test_pasted_text_loses_what_nobody_sees() -> None:
    assert tidy(WORD) == TIDY
    assert tidy(WORD, lines=False) == "第一行 第二行 不斷-字元結尾"
    assert tidy("👨‍👩‍👧 家庭 𠮷 堃 碁") == "👨‍👩‍👧 家庭 𠮷 堃 碁"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (WORD, TIDY),
        ("👨‍👩‍👧😀", "👨‍👩‍👧😀"),
        ('=HYPERLINK("http://evil")', '=HYPERLINK("http://evil")'),
        ("<script>alert(1)</script>&amp;{{ 1 }}", "<script>alert(1)</script>&amp;{{ 1 }}"),
        ("堃𠮷峯羣", "堃𠮷峯羣"),
        ("長" * LONGEST, "長" * LONGEST),
        ("行\r\n" * (LONGEST // 2 - 1) + "終", "行\n" * (LONGEST // 2 - 1) + "終"),
    ],
    ids=["word", "emoji", "formula", "html", "beyond Big5", "20,000", "20,000 in lines"],
)
def test_text_of_every_sort_is_kept(cast: build.Cast, typed: str, kept: str) -> None:
    client = logged_in(cast.member_officer)
    data = {
        "agency": build.listed("民雄國中").pk,
        "subject": typed[:60],
        "problem": typed,
        "contact_name": typed[:20],
        "wording": typed,
        "current_rule": kept[::-1],
    }
    answer = client.post("/proposals/create/", {**data, "kind": "law", "effect": "simpler", "save": "1"})
    assert answer.status_code == 302
    proposal = Proposal.objects.get()
    assert (proposal.problem, proposal.wording) == (kept, kept)
    page = client.get(proposal.get_absolute_url())
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    edit = client.get(f"{proposal.get_absolute_url()}edit/")
    assert "<script>alert" not in edit.text
    export: Any = client.get("/proposals/?export=csv")
    exported = b"".join(export.streaming_content).decode("utf-8-sig")
    assert ",=" not in exported
    assert '"=' not in exported


def test_a_text_that_is_too_long_is_counted_and_stays(cast: build.Cast, draft: Proposal) -> None:
    client, url = logged_in(cast.member_officer), f"/proposals/{draft.pk}/edit/"
    long = "長" * (LONGEST + 1)
    told = client.post(url, _typed(client.get(url), problem=long, subject="題" * 201))
    assert told.context["form"].errors == {
        "subject": ["最多 200 字，目前 201 字。"],
        "problem": ["最多 20,000 字，目前 20,001 字；請精簡，或改以附件提供。"],
    }
    assert told.context["form"]["problem"].value() == long
    assert "maxlength" not in told.text.partition('id="id_problem"')[0].rpartition("<textarea")[2]


@pytest.mark.parametrize(
    ("named", "sentences"),
    [
        ("民雄國中", ["「民雄國中」就是提案機關，不必再列。"]),
        ("大林鎮公鎖", ["找不到機關「大林鎮公鎖」，是否為「大林鎮公所」？"]),
        ("大林鎮公所、XYZ", ["找不到機關「XYZ」，請填機關名稱，並以頓號分開。"]),
    ],
)
def test_unknown_co_proposers_are_named(cast: build.Cast, draft: Proposal, named: str, sentences: list[str]) -> None:
    client, url = logged_in(cast.member_officer), f"/proposals/{draft.pk}/edit/"
    told = client.post(url, _typed(client.get(url), co_proposers=named))
    assert told.context["form"].errors == {"co_proposers": sentences}


def test_co_proposers_are_found_by_any_name_and_keep_their_order(cast: build.Cast, draft: Proposal) -> None:
    client, url = logged_in(cast.member_officer), f"/proposals/{draft.pk}/edit/"
    named = "竹崎鄉公所,嘉義縣大林鎮公所；竹崎鄉公所\n"
    assert client.post(url, _typed(client.get(url), co_proposers=named)).status_code == 302
    assert drafts.names_of(drafts.joined(draft)) == "竹崎鄉公所、大林鎮公所"


# --- Files -----------------------------------------------------------------------------------------------------------


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_refused_file_keeps_the_text_and_the_good_files(cast: build.Cast) -> None:
    client = logged_in(cast.member_officer)
    data = {
        "agency": build.listed("民雄國中").pk,
        "subject": "建請放寬職務代理人資格",
        "kind": "law",
        "effect": "simpler",
    }
    files = [_file("附件.pdf", PDF), _file("程式.pdf", b"MZ\x90\x00" + bytes(99))]
    told = client.post("/proposals/create/", {**data, "problem": "說明文字", "send": "1", "uploads": files})
    proposal = Proposal.objects.get()
    assert told.status_code == 422
    (sentence,) = told.context["form"].errors["uploads"]
    assert "程式" in sentence
    assert set(told.context["form"].errors) == {"uploads", "contact_name", "wording"}
    assert "說明文字" in told.text
    assert f'action="{proposal.get_absolute_url()}edit/"' in told.text
    assert (proposal.state, proposal.problem) == ("draft", "說明文字")
    assert [str(file) for file in Attachment.objects.all()] == ["附件.pdf"]
    again = {**_typed(told, contact_name="吳成員", wording="新文字"), "uploads": [_file("附件.pdf", PDF)]}
    assert client.post(f"{proposal.get_absolute_url()}edit/", again).status_code == 302
    assert Attachment.objects.count() == 1  # the same file twice is one


def test_files_are_added_fetched_and_removed(cast: build.Cast, draft: Proposal) -> None:
    client = logged_in(cast.member_officer)
    page = client.post(f"/proposals/{draft.pk}/attachments/", {"uploads": [_file("附件.pdf", PDF)]}, follow=True)
    assert "已加入 1 個附件" in page.text
    assert "請選擇至少一個檔案" in client.post(f"/proposals/{draft.pk}/attachments/", {}, follow=True).text
    file = Attachment.objects.get()
    got: Any = client.get(f"/proposals/attachments/{file.pk}/")
    assert b"".join(got.streaming_content) == PDF
    assert Entry.objects.for_target(draft).filter(act="file.downloaded").count() == 1
    url = f"/proposals/{draft.pk}/edit/"
    removal = {**_typed(client.get(url)), "remove": [str(file.pk), "²", "9" * 30]}
    assert client.post(url, removal).status_code == 302
    assert not Attachment.objects.exists()


def test_no_file_is_put_to_what_was_sent(cast: build.Cast, draft: Proposal) -> None:
    steps.send_item(item=draft, by=cast.member_officer)
    file = Attachment.objects.create(proposal=draft, stored=build.stored_file())
    client = logged_in(cast.member_officer)
    page = client.post(f"/proposals/{draft.pk}/attachments/", {"uploads": [_file("附件.pdf", PDF)]}, follow=True)
    assert "目前為「已送承辦單位」，無法編輯" in page.text
    assert "無法編輯" in client.post(f"/proposals/attachments/{file.pk}/remove/", follow=True).text
    assert Attachment.objects.count() == 1


# --- Sending, withdrawing, returning ---------------------------------------------------------------------------------


def test_what_is_missing_is_asked_for_at_its_field(cast: build.Cast) -> None:
    draft = build.proposal(problem="", contact_name="")
    client = logged_in(cast.member_officer)
    page = client.get(f"/proposals/{draft.pk}/send/", follow=True)
    assert page.context["form"].errors == {"problem": ["送出前請填寫。"], "contact_name": ["送出前請填寫。"]}
    client.post(f"/proposals/{draft.pk}/send/")
    draft.refresh_from_db()
    assert draft.state == "draft"
    with pytest.raises(ValidationError, match="送出前請填寫：提供人、說明（問題）。"):
        steps.send_item(item=draft, by=cast.member_officer)


def test_sending_asks_first_where_something_is_similar_or_late(cast: build.Cast) -> None:
    meeting = build.meeting()
    build.items_call(meeting=meeting, closes_on=build.TODAY.replace(day=20))
    draft = build.proposal(meeting=meeting, subject="建請放寬職務代理人資格限制")
    build.proposal(subject="職務代理人資格規定過嚴，建議鬆綁", state=ProposalState.PUBLISHED, number=9)
    client, url = logged_in(cast.member_officer), f"/proposals/{draft.pk}/edit/"
    page = client.post(url, {**_typed(client.get(url)), "send": "1"}, follow=True)
    assert page.redirect_chain == [(f"/proposals/{draft.pk}/send/", 302)]
    for words in ("已逾期；送出後列為逾期件", "職務代理人資格規定過嚴，建議鬆綁", "仍要送出"):
        assert words in page.text
    assert Message.objects.count() == 0
    sent = client.post(f"/proposals/{draft.pk}/send/", follow=True)
    assert "列為逾期件" in sent.text
    draft.refresh_from_db()
    assert (draft.state, draft.is_late, draft.number) == ("sent", True, 10)
    again = client.post(f"/proposals/{draft.pk}/send/", follow=True)
    assert "辦理「送承辦單位」" in again.text


@pytest.mark.parametrize("kind", ["proposals", "cases"])
def test_items_are_withdrawn_and_returned_with_a_reason(cast: build.Cast, kind: str) -> None:
    make: Any = build.proposal if kind == "proposals" else build.case
    base = "/proposals" if kind == "proposals" else "/proposals/cases"
    first, second = make(state="sent"), make(state="sent")
    member, host = logged_in(cast.member_officer), logged_in(cast.host_officer)
    told = member.post(f"{base}/{first.pk}/withdraw/", {"reason": " \x00 "})
    assert (told.status_code, told.context["form"].errors) == (422, {"reason": ["請說明理由。"]})
    member.post(f"{base}/{first.pk}/withdraw/", {"reason": "改列\x0b明年"})
    host.post(f"{base}/{second.pk}/return/", {"reason": "請補充現行規定。"})
    for item, state, reason in ((first, "withdrawn", "改列\n明年"), (second, "returned", "請補充現行規定。")):
        item.refresh_from_db()
        assert (item.state, item.reason) == (state, reason)
    late = host.post(f"{base}/{first.pk}/return/", {"reason": "我寫的理由"})
    assert late.status_code == 422
    assert "辦理「撤回」" in late.text
    assert "我寫的理由" in late.text


def test_the_first_case_is_begun_and_sent_the_same_way(cast: build.Cast) -> None:
    item = Case(
        agency=build.listed("民雄國中"), subject="代理人加班費", business="other", kind="special", summary="案情"
    )
    case = drafts.create_item(item=item, by=cast.member_officer)
    with pytest.raises(ValidationError, match="提供人"):
        steps.send_item(item=case, by=cast.member_officer)
    drafts.change_item(item=case, by=cast.member_officer, contact_name="吳成員")
    assert steps.send_item(item=case, by=cast.member_officer).state == CaseState.SENT
