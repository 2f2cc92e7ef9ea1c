"""From the names of a host to the roster in a real browser, with a real worker and a real SMTP server."""

import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Download, Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from awards.choices import HostPersonState, RunState
from awards.models import HostPerson, Line, Run
from districts.models import District, Plan
from meetings.choices import MeetingState, MinutesState
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.documents import sheets
from proposals.models import Package
from tests import build
from tests.awards import making
from tests.browsing import Enter, mailed, told
from tests.services import Mailbox, Worker

LETTER = "府人任字第1160000001號函"
DAYS_AGO = 10


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    return build.cast()


@pytest.fixture
def day() -> date:
    """Ten days ago by the machine's clock, which is the worker's too."""
    return timezone.localdate() - timedelta(days=DAYS_AGO)


@pytest.fixture
def plan(cast: build.Cast, day: date) -> Plan:
    """The plan of that day, in which 北平原區 did enough for 記功, and 民雄國中 had a proposal adopted."""
    plan = build.plan(year=roc.year(day) + (day.month >= 10))
    district = build.district("北平原區", plan=plan)
    for _ in range(2):
        build.minutes(meeting=build.held_meeting(district=district, day=day), state=MinutesState.ACCEPTED)
    package = Package.objects.create(plan=plan, district=district, sent_on=day, sent_by=cast.host_officer)
    making.proposals(15, package=package)
    making.adopted(by=cast.office_reviewer, district=district, package=package)
    return plan


def name(page: Page, who: str, part: str, work: str) -> None:
    page.get_by_role("combobox", name="人員").select_option(label=who)
    page.get_by_label("身分").select_option(label=part)
    page.get_by_label("承辦工作").fill(work)
    page.get_by_role("button", name="提報", exact=True).click()
    told(page, f"已提報{who.partition('（')[0]}，並通知人事處審查。")


def downloaded(page: Page, kind: str) -> tuple[str, bytes]:
    """Return the name and the content of the roster."""
    with page.expect_download() as expected:
        page.get_by_role("link", name=f"名冊 {kind}").click()
    found: Download = expected.value
    return found.suggested_filename, Path(found.path()).read_bytes()


def test_host_names_office_checks_computes_and_adjusts_another_approves(
    sign_in: Enter, cast: build.Cast, plan: Plan, day: date, worker: Worker, smtp: Mailbox, axe: Axe
) -> None:
    second = build.officer(build.listed("大林鎮公所"), username="second", name="周協辦", title="助理員")
    host, reviewer, other = map(sign_in, (cast.host_officer, cast.office_reviewer, cast.office_admin))

    # The host names two people; the reviewers hear of it once.
    host.goto("/")
    host.get_by_role("link", name="獎勵建議").click()
    host.get_by_role("link", name=re.compile(r"^提報承辦人員\s*：北平原區")).click()
    name(host, "黃承辦（大林鎮公所 人事主任）", "主管", "綜理會報籌辦")
    name(host, "周協辦（大林鎮公所 助理員）", "實際執行人員", "協助")
    named = "【獎勵人員待審查】北平原區提報會報承辦人員"
    for user in (cast.office_reviewer, cast.office_admin):
        mailed(smtp, user, named)

    # The office accepts one and refuses the other, not without a reason; the host names again with a better word.
    reviewer.goto("/")
    reviewer.get_by_role("link", name=re.compile(r"^審查\s*：審查.*會報承辦人員 2 人")).click()
    reviewer.get_by_label("黃承辦").check()
    reviewer.get_by_role("button", name="勾選者同意列入").click()
    told(reviewer, "已同意列入 1 人。")
    reviewer.get_by_label("周協辦").check()
    reviewer.get_by_role("button", name="勾選者不列入").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("請說明不列入的理由。")
    expect(reviewer.get_by_label("周協辦")).to_be_checked()
    reviewer.get_by_label("不列入的理由").fill("請具體說明承辦工作。")
    reviewer.get_by_role("button", name="勾選者不列入").click()
    told(reviewer, "已登錄不列入 1 人")
    mailed(smtp, cast.host_officer, "【獎勵人員不列入】北平原區會報承辦人員審查結果")
    host.reload()
    expect(host.locator("main")).to_contain_text("不列入的理由：請具體說明承辦工作。")
    name(host, "周協辦（大林鎮公所 助理員）", "實際執行人員", "彙整提案、撰擬會議紀錄")
    reviewer.reload()
    reviewer.get_by_label("周協辦").check()
    reviewer.get_by_role("button", name="勾選者同意列入").click()
    assert set(HostPerson.objects.values_list("state", flat=True)) == {HostPersonState.ACCEPTED}

    # It computes: each line says why; who computed it may not approve it.
    reviewer.goto("/awards/runs/")
    reviewer.get_by_role("link", name=f"試算{plan.year}年度獎勵").click()
    reviewer.get_by_role("button", name="試算").click()
    told(reviewer, f"已完成{plan.year}年度第 1 次獎勵試算，請審閱。")
    short = roc.short(day)
    expect(reviewer.locator("main")).to_contain_text(
        f"專、兼任(辦)會報 2 場（{short}、{short}，均已備查）≥ 2；提案 16 案 > 15 → 伍、一、(二) 記功 1 次"
    )
    expect(reviewer.locator("main")).to_contain_text("試算人不得自行核定，請由其他審核人員核定。")
    expect(reviewer.get_by_role("link", name="核定", exact=True)).to_have_count(0)
    assert axe.run(reviewer).violations_count == 0
    filename, content = downloaded(reviewer, "PDF")
    assert filename == f"試算（未核定）{plan.year}年度分區聯繫會報獎勵建議名冊.pdf"
    assert "試算（未核定）" in PdfReader(io.BytesIO(content)).pages[0].extract_text()

    # It adjusts, not without a reason, and writes what the committee resolved.
    reviewer.get_by_role("link", name=re.compile(r"^調整\s*：周協辦 記功 1 次")).click()
    reviewer.get_by_label("獎勵種類").select_option(label="嘉獎")
    reviewer.get_by_label("次數").fill("2")
    reviewer.get_by_role("button", name="儲存調整").click()
    expect(reviewer.get_by_role("alert")).to_contain_text("請說明調整的理由。")
    expect(reviewer.get_by_label("次數")).to_have_value("2")
    reviewer.get_by_label("調整理由").fill("僅協辦一場。")
    reviewer.get_by_role("button", name="儲存調整").click()
    told(reviewer, "已調整")
    run = Run.objects.get()
    reviewer.goto(run.get_absolute_url())
    for line in ("黃承辦 記功 1 次", "周協辦 嘉獎 2 次", "吳成員 嘉獎 1 次"):
        reviewer.get_by_label(f"選取：{line}").check()
    reviewer.get_by_label("審議結果").fill("照案通過")
    reviewer.get_by_role("button", name="登錄審議結果").click()
    expect(reviewer.get_by_text("審議結果：照案通過")).to_have_count(3)

    # Another person finds it on the first page and approves it; all whom it concerns hear of it.
    other.goto("/")
    other.get_by_role("link", name=re.compile(r"^審查\s*：審查並核定.*3 筆建議")).click()
    other.get_by_role("link", name="核定", exact=True).click()
    expect(other.locator("main")).to_contain_text("3 筆建議（記功 1 次、嘉獎 3 次）列入名冊並凍結")
    other.get_by_label("核定文號").fill(LETTER)
    other.get_by_label("核定日期").fill(roc.short(timezone.localdate()))
    other.get_by_role("button", name="核定", exact=True).click()
    told(other, f"已核定{plan.year}年度第 1 次獎勵試算")
    run.refresh_from_db()
    assert (run.state, run.approved_by, run.letter_number) == (RunState.APPROVED, cast.office_admin, LETTER)
    for user in (cast.host_officer, second, cast.member_officer):
        mailed(smtp, user, f"【獎勵建議核定】{plan.year}年度分區聯繫會報獎勵建議")

    # The roster is there to print and to work with, and nothing can be changed any more.
    _, content = downloaded(other, "PDF")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert LETTER in text
    assert "試算（未核定）" not in text
    _, content = downloaded(other, "XLSX")
    rows = [[str(cell) for cell in row] for row in sheets.read(io.BytesIO(content))]
    listed = {
        (row[5], row[8], row[9], row[13]) for row in rows if len(row) > 13 and row[5] in ("黃承辦", "周協辦", "吳成員")
    }
    assert listed == {
        ("黃承辦", "記功", "1", "照案通過"),
        ("周協辦", "嘉獎", "2", "照案通過"),
        ("吳成員", "嘉獎", "1", "照案通過"),
    }
    reviewer.reload()
    expect(reviewer.get_by_role("link", name=re.compile("^調整"))).to_have_count(0)
    assert axe.run(reviewer).violations_count == 0

    # Each sees its own line, and nobody else's.
    member = sign_in(cast.member_officer)
    member.goto(f"/awards/mine/?year={plan.year}")
    approved = member.locator("#approved")
    expect(approved).to_contain_text("嘉獎 1 次")
    expect(approved).to_contain_text(LETTER)
    expect(approved).not_to_contain_text("黃承辦")


def test_a_stronger_tier_later_replaces_what_was_approved_and_says_so(
    sign_in: Enter, cast: build.Cast, plan: Plan
) -> None:
    district = District.objects.get(plan=plan, name="北平原區")
    making.host_person(cast.host_officer.person, by=cast.office_reviewer, district=district)
    second = Meeting.objects.filter(district=district, number=2)
    reviewer, other = map(sign_in, (cast.office_reviewer, cast.office_admin))

    def compute(page: Page) -> str:
        page.goto(f"/awards/runs/make/{plan.pk}/")
        page.get_by_role("button", name="試算").click()
        told(page, "已完成")
        return page.url

    def approve(page: Page, url: str, number: str) -> None:
        page.get_by_label("核定文號").fill(number)
        page.get_by_label("核定日期").fill(roc.short(timezone.localdate()))
        page.get_by_role("button", name="核定", exact=True).click()
        told(page, "已核定")
        expect(page).to_have_url(url)

    # The second meeting is entered as held only after the first approval.
    second.update(state=MeetingState.CANCELLED, cancel_reason="延期")
    first = compute(reviewer)
    other.goto(f"{first}approve/")
    approve(other, first, LETTER)
    second.update(state=MeetingState.HELD, cancel_reason="")

    # The next run says what is different; what was rewarded already has to go, the stronger line replaces the weaker.
    later = compute(other)
    expect(other.locator("main")).to_contain_text("核定時取代")
    reviewer.goto(f"{later}approve/")
    expect(reviewer.locator("main")).to_contain_text("嘉獎 2 次，原建議註銷")
    reviewer.get_by_role("button", name="剔除這 1 筆").click()
    approve(reviewer, later, f"{LETTER}之二")
    weaker, stronger = Line.objects.filter(name="黃承辦").order_by("run__number")
    assert (str(weaker), str(stronger), stronger.replaces) == ("黃承辦 嘉獎 2 次", "黃承辦 記功 1 次", weaker)

    # Both stay in the history, one in the roster.
    other.goto(first)
    expect(other.locator("main")).to_contain_text(f"由{plan.year}年度第 2 次獎勵試算核定之記功 1 次取代，原建議註銷。")
    reviewer.goto("/awards/roster/")
    expect(reviewer.get_by_role("row", name=re.compile("黃承辦"))).to_have_count(1)
    expect(reviewer.get_by_role("row", name=re.compile("黃承辦"))).to_contain_text("記功 1 次")
