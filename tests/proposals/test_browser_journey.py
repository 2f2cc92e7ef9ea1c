"""From the call for items to the published circular in a real browser, with a real worker and a real SMTP server.

Three agencies hand in four proposals: one is merged, one adopted, one rejected, one comes late.
"""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.models import Meeting
from personnel_portal import roc
from proposals.choices import Outcome, ProposalState
from proposals.models import CallForItems, Circular, CircularRecipient, Proposal
from tests import build
from tests.browsing import Enter, mailed, of, told
from tests.services import Mailbox, Worker

FIRST, SAME, OTHER, LATE = (
    "建請放寬職務代理人資格",
    "建請修正代理人員須同單位之規定",
    "建請取消紙本差勤表",
    "建請簡化加班費請領流程",
)
LETTER = "府人任字第1160000001號"


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    return build.cast()


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """The full-time meeting of 北平原區, ten days ahead by the machine's clock, which is the worker's too."""
    today = timezone.localdate()
    plan = build.plan(year=roc.year(today) + (today.month >= 10))
    day = today + timedelta(days=10)
    made = build.meeting(
        district=build.district("北平原區", plan=plan), kind=MeetingKind.FULL_TIME, day=day, state=MeetingState.CALLED
    )
    build.invitation(meeting=made, agency=build.listed("民雄國中"))
    return made


def propose(page: Page, meeting: Meeting, subject: str, wording: str, *, warned: str = "") -> None:
    """Write a proposal that answers the meeting's call, and send it to the host."""
    page.goto(f"/proposals/create/?meeting={meeting.pk}")
    page.get_by_label("案由").fill(subject)
    page.get_by_label("現行規定").fill("代理人須為同一單位人員。")
    page.get_by_label("建議修正文字或辦法").fill(wording)
    page.get_by_label("說明（問題）").fill("小型機關沒有同單位的人可以代理。")
    page.get_by_label("提案人").fill("王曉明")
    page.get_by_role("button", name="送承辦單位").click()
    if warned:
        expect(page.locator("main")).to_contain_text(warned)
        page.get_by_role("button", name="仍要送出").click()
    told(page, "已送")


def test_from_the_call_to_the_circular(
    sign_in: Enter, cast: build.Cast, meeting: Meeting, worker: Worker, smtp: Mailbox, axe: Axe
) -> None:
    host, member, office = map(sign_in, (cast.host_officer, cast.member_officer, cast.office_reviewer))
    primary = build.officer(build.listed("民雄國小"), username="primary", name="周國小")
    junior = build.officer(build.listed("大林國中"), username="junior", name="鄭國中")

    # The host calls for items; the letter is there already, the closing day is today.
    host.goto("/proposals/calls/")
    host.get_by_role("link", name="函請提案").last.click()
    host.get_by_label("截止日").fill(roc.short(timezone.localdate()))
    host.get_by_role("button", name="儲存函稿").click()
    if host.get_by_role("button", name="仍要儲存").is_visible():  # the day of the test may be a rest day
        host.get_by_role("button", name="仍要儲存").click()
    host.get_by_role("link", name="寄發", exact=True).click()
    host.get_by_role("button", name="寄發").click()
    told(host, "已寄發函請提案")
    mailed(smtp, cast.member_officer, f"【函請提案】{meeting}")

    # Three agencies answer; another has none.
    propose(member, meeting, FIRST, "代理人得為同一機關人員。")
    propose(sign_in(primary), meeting, SAME, "代理人得為同機關其他單位人員。")
    propose(sign_in(junior), meeting, OTHER, "差勤表改以電子方式留存。")
    # Night falls on the closing day.
    CallForItems.objects.update(
        issued_on=timezone.localdate() - timedelta(days=9), closes_on=timezone.localdate() - timedelta(days=1)
    )
    propose(member, meeting, LATE, "加班費改由系統帶入。", warned="逾期")

    # The host takes them in, the late one by consent, merges two, puts three on the agenda and sends them.
    host.goto(f"/proposals/compile/{meeting.district_id}/")
    for subject in (FIRST, SAME, OTHER):
        host.get_by_label(f"選取：{subject}").check()
    host.get_by_role("button", name="彙整勾選的提案").click()
    host.get_by_role("button", name=of("同意收受逾期件", LATE)).click()
    host.get_by_role("link", name=of("併案", SAME)).click()
    host.get_by_label(FIRST).check()
    host.get_by_role("button", name="併案").click()
    told(host, "併")
    for subject in (FIRST, OTHER, LATE):
        host.get_by_label(f"選取：{subject}").check()
    host.get_by_label("勾選的提案列入議程").select_option(str(meeting.pk))
    host.get_by_role("button", name="列入議程").click()
    told(host, "列入")
    host.get_by_role("link", name="函送人事處（3 件可送）").click()
    host.get_by_role("button", name="送人事處").click()
    told(host, "送")
    assert dict(Proposal.objects.values_list("subject", "state")) == {
        FIRST: ProposalState.AT_OFFICE,
        SAME: ProposalState.MERGED,
        OTHER: ProposalState.AT_OFFICE,
        LATE: ProposalState.AT_OFFICE,
    }

    # The meeting takes place and resolves.
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=timezone.now() - timedelta(days=1), state=MeetingState.HELD)
    for subject in (FIRST, OTHER, LATE):
        host.goto(f"/proposals/compile/{meeting.district_id}/")
        host.get_by_role("link", name=of("登錄決議", subject)).click()
        host.get_by_label("決議").fill("照案通過，送人事處研處。")
        host.get_by_role("button", name="登錄決議").click()
    meeting.refresh_from_db()
    build.minutes(meeting=meeting, state=MinutesState.ACCEPTED, by=cast.host_officer)

    # The office decides one after the other; nobody else sees it before it publishes.
    decisions = {FIRST: ("參採", ""), OTHER: ("不參採", "涉及檔案保存規定。"), LATE: ("錄案研議", "納入系統改版。")}
    for subject, (outcome, opinion) in decisions.items():
        office.goto("/proposals/decisions/")
        office.get_by_role("link", name=subject).first.click()
        office.locator("select[name=outcome]").select_option(label=outcome)
        office.get_by_label("研處意見").fill(opinion)
        office.get_by_role("button", name="儲存", exact=True).click()
        told(office, "研處")
    first, same = Proposal.objects.get(subject=FIRST), Proposal.objects.get(subject=SAME)
    member.goto(first.get_absolute_url())
    expect(member.locator("main")).not_to_contain_text("不參採")
    expect(member.get_by_role("heading", name="研處")).to_have_count(0)
    office.goto("/proposals/decisions/")
    office.get_by_role("link", name="公布結果（3 件待公布）").click()
    office.get_by_role("button", name="公布勾選的研處結果").click()
    told(office, "公布")
    member.reload()
    expect(member.locator("main")).to_contain_text("參採")
    for user in (cast.member_officer, primary):
        mailed(smtp, user, "研處")
    assert first.decisions.get().qualifies
    assert first.decisions.get().outcome == Outcome.ADOPTED
    assert same.merged_into == first

    # The circular tells everyone, opens the minutes, and asks for an acknowledgement.
    office.goto("/proposals/circulars/draft/")
    office.get_by_label(str(meeting)).check()
    office.get_by_role("button", name="擬稿").click()
    expect(office.locator("main")).to_contain_text(FIRST)
    if office.get_by_role("button", name="儲存").is_visible():
        office.get_by_role("button", name="儲存").click()
    office.goto(Circular.objects.get().get_absolute_url())
    office.get_by_role("link", name="登錄文號並公布").click()
    office.get_by_label("文號").fill(LETTER)
    office.get_by_label("發文日期").fill(roc.short(timezone.localdate()))
    office.get_by_role("button", name="公布").click()
    told(office, "公布")
    assert axe.run(office).violations_count == 0

    neighbour = sign_in(cast.neighbour_host)
    neighbour.goto(Circular.objects.get().get_absolute_url())
    expect(neighbour.get_by_role("link", name="會議紀錄.pdf")).to_be_visible()
    neighbour.get_by_role("button", name="簽收").click()
    told(neighbour, "簽收")
    row = CircularRecipient.objects.get(agency=build.listed("竹崎鄉公所"))
    assert row.acknowledged_by == cast.neighbour_host
