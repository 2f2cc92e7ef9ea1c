"""Filling in and sending usage returns: by the actions, and on the page."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from kpi.actions import usage as actions
from kpi.actions.usage import Filled, ServiceEntry, Thing, UseEntry
from kpi.actions.usage_review import return_for_correction
from kpi.choices import Grant, Part, ReportState, Round
from kpi.models import Service, System, UsageReport, Use, UseFile
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.kpi import usages
from tests.site.clients import logged_in, status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def member() -> Any:
    return build.listed("民雄國中")


# --- Actions ---------------------------------------------------------------------------------------------------------


def test_a_full_time_agencys_return_is_scored_and_reaches_the_office(cast: build.Cast, member: Any) -> None:
    report = usages.report(member, cast.member_officer)
    assert (report.state, report.is_scored, report.submitted_at is not None) == (ReportState.SUBMITTED, True, True)
    assert Message.objects.filter(subject__contains="民雄國中已送出").exists()
    acts = list(Entry.objects.for_target(report).order_by("pk").values_list("act", flat=True))
    assert acts == ["usage.started", "usage.saved", "usage.sent"]


def test_a_part_time_agency_files_without_being_scored(cast: build.Cast) -> None:
    report = usages.report(cast.coached_officer.person.postings.get().agency, cast.coached_officer)
    assert not report.is_scored


def test_the_office_does_not_file_to_itself(cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="不在本計畫函報機關"):
        actions.start_return(
            plan=usages.plan(), agency=build.listed("人事處"), round_=Round.FIRST, by=cast.office_reviewer
        )


def test_a_return_is_begun_once(cast: build.Cast, member: Any) -> None:
    usages.report(member, cast.member_officer)
    with pytest.raises(ValidationError, match="已有人開始填報"):
        usages.report(member, cast.member_officer)


def test_sending_asks_for_the_letter_and_for_evidence_of_each_item(cast: build.Cast, member: Any) -> None:
    used = usages.things(2)
    report = actions.start_return(plan=usages.plan(), agency=member, round_=Round.FIRST, by=cast.member_officer)
    bare = Filled(uses={used[0]: UseEntry("有用", "截圖"), used[1]: UseEntry("有用", "")})
    report = actions.save_return(report=report, filled=bare, revision=0, by=cast.member_officer)
    with pytest.raises(ValidationError) as refusal:
        actions.send_return(report=report, by=cast.member_officer)
    assert set(refusal.value.message_dict) == {"letter_number", "letter_date", "contact_name", f"system-{used[1].pk}"}
    report.refresh_from_db()
    assert report.state == ReportState.DRAFT


def test_a_return_without_any_use_may_be_sent(cast: build.Cast, member: Any) -> None:
    assert usages.report(member, cast.member_officer, tools=0).state == ReportState.SUBMITTED


def test_the_second_return_takes_over_the_first_to_be_reviewed_anew(cast: build.Cast, member: Any) -> None:
    first = usages.report(member, cast.member_officer, tools=3, subs=2, state=ReportState.REVIEWED)
    use = first.uses.order_by("pk")[0]
    UseFile.objects.create(use=use, stored=build.stored_file())
    Service.objects.create(report=first, name="C.C.S", part=Part.JOINT, stored=build.stored_file())
    System.objects.filter(pk=usages.systems(3)[2].pk).update(retired_on=build.TODAY)
    second = actions.start_return(plan=first.plan, agency=member, round_=Round.SECOND, by=cast.member_officer)
    copied = actions.uses_of(second)
    assert set(copied) == {*usages.things(2), *usages.things(0, 2)}  # the retired one stays behind
    assert {one.grant for one in copied.values()} == {Grant.PENDING}
    assert copied[Thing("system", use.system_id or 0)].files.get().stored == use.files.get().stored
    assert second.services.get().stored == first.services.get().stored
    assert (second.contact_name, second.letter_number) == ("吳成員", "")
    assert first.services.count() == 1  # nothing was moved


def test_the_second_return_waits_for_the_first_or_its_last_day(cast: build.Cast, member: Any) -> None:
    plan = usages.plan()
    on_the_day = time_machine.travel(build.at(date(2026, 6, 15), 9), tick=False)
    with on_the_day, pytest.raises(ValidationError, match="請先送出第 1 次回報"):
        actions.start_return(plan=plan, agency=member, round_=Round.SECOND, by=cast.member_officer)
    with time_machine.travel(build.at(date(2026, 6, 16), 9), tick=False):
        second = actions.start_return(plan=plan, agency=member, round_=Round.SECOND, by=cast.member_officer)
    assert not second.uses.exists()


def test_who_saves_second_is_told_and_overwrites_nothing(cast: build.Cast, member: Any) -> None:
    report = actions.start_return(plan=usages.plan(), agency=member, round_=Round.FIRST, by=cast.member_officer)
    actions.save_return(report=report, filled=Filled(contact_name="甲"), revision=0, by=cast.member_officer)
    with pytest.raises(ValidationError, match="剛由他人儲存過"):
        actions.save_return(report=report, filled=Filled(contact_name="乙"), revision=0, by=cast.member_officer)
    report.refresh_from_db()
    assert report.contact_name == "甲"


def test_what_was_sent_is_changed_only_after_it_went_back(cast: build.Cast, member: Any) -> None:
    report = usages.report(member, cast.member_officer)
    with pytest.raises(ValidationError, match="目前為「已送出」"):
        actions.save_return(report=report, filled=Filled(), revision=report.revision, by=cast.member_officer)


def test_a_correction_opens_the_changed_item_alone(cast: build.Cast, member: Any) -> None:
    report = usages.report(member, cast.member_officer, tools=2)
    report = usages.reviewed(report, cast.office_reviewer, refused=1)
    first_sent = report.submitted_at
    report = return_for_correction(report=report, reason="請補佐證", by=cast.office_reviewer)
    refused, granted = usages.things(2)
    uses = {refused: UseEntry("每月辦理", "補送簽到冊"), granted: UseEntry("每月辦理", "畫面截圖留存")}
    filled = usages.filled([], uses=uses)
    report = actions.save_return(report=report, filled=filled, revision=report.revision, by=cast.member_officer)
    there = actions.uses_of(report)
    assert (there[refused].grant, there[refused].reason) == (Grant.PENDING, "")
    assert there[granted].grant == Grant.GRANTED
    sent = actions.send_return(report=report, by=cast.member_officer)
    assert sent.submitted_at == first_sent  # it was filed then; correcting makes it no later


def test_services_keep_their_file_until_it_is_taken_off(cast: build.Cast, member: Any) -> None:
    report = actions.start_return(plan=usages.plan(), agency=member, round_=Round.FIRST, by=cast.member_officer)
    entry = ServiceEntry("C.C.S", Part.JOINT, "提供案例", stored=build.stored_file())
    report = actions.save_return(report=report, filled=Filled(services=[entry]), revision=0, by=cast.member_officer)
    service = report.services.get()
    again = ServiceEntry("C.C.S 平台", Part.OWN, "", pk=service.pk)
    report = actions.save_return(report=report, filled=Filled(services=[again]), revision=1, by=cast.member_officer)
    service.refresh_from_db()
    assert (service.name, service.part, service.stored_id is not None) == ("C.C.S 平台", Part.OWN, True)
    gone = ServiceEntry("C.C.S 平台", Part.OWN, "", pk=service.pk, drops_file=True)
    actions.save_return(report=report, filled=Filled(services=[gone]), revision=2, by=cast.member_officer)
    service.refresh_from_db()
    assert service.stored_id is None


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(cast: build.Cast, member: Any) -> UsageReport:
    return actions.start_return(plan=usages.plan(), agency=member, round_=Round.FIRST, by=cast.member_officer)


def posted(report: UsageReport, used: list[Thing], **more: Any) -> dict[str, Any]:
    """Return what a browser sends of a return's form."""
    fields: dict[str, Any] = {
        "letter_number": "民中人字第1號",
        "letter_date": "115/6/10",
        "contact_name": "吳成員",
        "contact_phone": "05-2260000",
        "revision": UsageReport.objects.get(pk=report.pk).revision,
    }
    for thing in used:
        fields |= {f"{thing.kind}-{thing.pk}-used": "on", f"{thing.kind}-{thing.pk}-evidence": "截圖"}
    return fields | more


def edit_url(report: UsageReport) -> str:
    return reverse("kpi:edit_usage_return", args=[report.pk])


def test_the_page_saves_a_draft_that_lacks_everything(cast: build.Cast, draft: UsageReport) -> None:
    response = logged_in(cast.member_officer).post(edit_url(draft), {"revision": 0})
    draft.refresh_from_db()
    assert (response.status_code, draft.state, draft.revision) == (302, ReportState.DRAFT, 1)


def test_the_page_saves_and_sends_at_once(cast: build.Cast, draft: UsageReport) -> None:
    used = usages.things(3, 1)
    response = logged_in(cast.member_officer).post(edit_url(draft), posted(draft, used, send="1"))
    draft.refresh_from_db()
    assert response["Location"] == draft.get_absolute_url()
    assert (draft.state, draft.letter_date, draft.uses.count()) == (ReportState.SUBMITTED, date(2026, 6, 10), 4)


def test_a_refused_sending_keeps_everything_and_says_it_at_the_field(cast: build.Cast, draft: UsageReport) -> None:
    used = usages.things(2)
    data = posted(draft, used, send="1", letter_number="") | {f"system-{used[1].pk}-evidence": ""}
    response = logged_in(cast.member_officer).post(edit_url(draft), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "請填函報文號。" in page
    assert "沒有佐證的項目不予採認" in page
    draft.refresh_from_db()
    assert (draft.uses.count(), draft.contact_name) == (2, "吳成員")  # saved all the same
    again = logged_in(cast.member_officer).post(
        edit_url(draft), posted(draft, used, send="1") | {f"system-{used[1].pk}-evidence": "名冊"}
    )
    assert again.status_code == 302


def test_a_good_file_is_kept_while_something_else_is_refused(cast: build.Cast, draft: UsageReport) -> None:
    thing = usages.things(1)[0]
    good = SimpleUploadedFile("畫面.png", _png(), "image/png")
    data = posted(draft, [thing], letter_date="昨天") | {f"system-{thing.pk}-uploads": good}
    response = logged_in(cast.member_officer).post(edit_url(draft), data)
    assert response.status_code == 422
    assert "畫面.png" in response.content.decode() or UseFile.objects.get().stored.name == "畫面.png"
    assert UseFile.objects.get().use.system_id == thing.pk


def test_a_refused_file_leaves_the_text_saved(cast: build.Cast, draft: UsageReport) -> None:
    thing = usages.things(1)[0]
    bad = SimpleUploadedFile("病毒.exe", b"MZ\x90\x00", "application/octet-stream")
    data = posted(draft, [thing]) | {f"system-{thing.pk}-uploads": bad}
    response = logged_in(cast.member_officer).post(edit_url(draft), data)
    assert response.status_code == 422
    assert "病毒.exe" in response.content.decode()
    assert Use.objects.get(report=draft).evidence == "截圖"


def test_text_of_what_is_not_ticked_is_asked_about_rather_than_dropped(cast: build.Cast, draft: UsageReport) -> None:
    thing = usages.things(1)[0]
    response = logged_in(cast.member_officer).post(
        edit_url(draft), posted(draft, [], **{f"system-{thing.pk}-purpose": "辦理統計"})
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "請勾選「使用」，或清空所填內容" in page
    assert "辦理統計" in page


@pytest.mark.parametrize("text", ["長" * 20_000, "=1+1", "𠮷野家\x00\x1f表情😀", "<script>alert(1)</script>"])
def test_whatever_is_typed_gets_an_answer(cast: build.Cast, draft: UsageReport, text: str) -> None:
    thing = usages.things(1)[0]
    data = posted(draft, [thing], letter_number=text) | {f"system-{thing.pk}-purpose": text}
    response = logged_in(cast.member_officer).post(edit_url(draft), data)
    assert response.status_code in (302, 422)
    assert "<script>alert" not in response.content.decode()


def test_a_second_window_is_told_and_may_save_on(cast: build.Cast, draft: UsageReport) -> None:
    client = logged_in(cast.member_officer)
    client.post(edit_url(draft), posted(draft, [], contact_name="甲"))
    response = client.post(edit_url(draft), posted(draft, [], contact_name="乙", revision=0))
    page = response.content.decode()
    assert (response.status_code, "剛由他人儲存過" in page, "乙" in page) == (422, True, True)
    assert 'name="revision" value="1"' in page
    assert client.post(edit_url(draft), posted(draft, [], contact_name="乙", revision=1)).status_code == 302


def test_a_draft_is_its_agencys_alone(cast: build.Cast, draft: UsageReport) -> None:
    url = draft.get_absolute_url()
    assert logged_in(cast.member_officer).get(url).status_code == 200
    assert logged_in(cast.office_reviewer).get(url).status_code == 404
    assert logged_in(cast.host_officer).get(url).status_code == 404


def test_the_first_page_shows_both_rounds_and_begins_them(cast: build.Cast, member: Any) -> None:
    plan = usages.plan()
    client = logged_in(cast.member_officer)
    page = client.get(reverse("kpi:usage")).content.decode()
    assert "期限 115年6月15日（一）" in page
    assert "期限 115年9月15日（二）" in page
    url = reverse("kpi:start_usage_return", args=[plan.pk])
    response = client.post(url, {"agency": member.pk, "round": "1"})
    report = UsageReport.objects.get(agency=member)
    assert response["Location"] == edit_url(report)
    # Somebody else's agency, and no round at all.
    other = build.listed("大林鎮公所")
    for data in ({"agency": other.pk, "round": "1"}, {"agency": member.pk, "round": "3"}, {"agency": "x"}):
        client.post(url, data)
    assert UsageReport.objects.count() == 1


def test_evidence_is_sent_to_who_may_see_the_return(cast: build.Cast, member: Any) -> None:
    report = usages.report(member, cast.member_officer, tools=1)
    file = UseFile.objects.create(use=report.uses.get(), stored=build.stored_file(content=b"%PDF-1.4"))
    url = reverse("kpi:usage_evidence", args=[file.pk])
    assert status(logged_in(cast.office_reviewer).get(url)) == 200
    assert logged_in(cast.host_officer).get(url).status_code == 404
    assert Entry.objects.filter(act="file.downloaded").exists()


def _png() -> bytes:
    target = BytesIO()
    Image.new("RGB", (4, 4), "white").save(target, "PNG")
    return target.getvalue()
