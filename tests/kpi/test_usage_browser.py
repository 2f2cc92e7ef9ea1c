"""A usage return in a real browser, from filing to the published score; with what is typed folded away until ticked."""

from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from kpi.choices import ReportState
from kpi.models import Score, UsageReport, UseFile
from personnel_portal import roc
from personnel_portal.documents import pdf
from personnel_portal.documents.paper import Paper, Paragraph
from tests import build
from tests.browsing import Enter, accessible, of, told
from tests.kpi import usages


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    return build.cast()


def test_a_return_from_filing_to_the_published_score(
    cast: build.Cast, sign_in: Enter, tmp_path: Path, axe: Axe
) -> None:
    usages.plan(roc.year(timezone.localdate()))
    tools, subs = usages.systems(17), usages.subsystems(8)
    letter = tmp_path / "佐證.pdf"
    letter.write_bytes(_pdf())

    member = sign_in(cast.member_officer)
    member.goto("/kpi/usage/")
    accessible(member, axe)
    member.get_by_role("button", name=of("開始填報", "民雄國中第 1 次")).click()

    # What belongs to a system waits until it is ticked.
    first = member.locator(".use").first
    expect(first.get_by_label("用途或辦理案件")).to_be_hidden()
    for row in (*tools, *subs):
        member.get_by_label(str(row), exact=True).check()
    expect(first.get_by_label("用途或辦理案件")).to_be_visible()
    for number, row in enumerate((*tools, *subs)):
        if number:
            member.get_by_label(f"佐證說明：{row}", exact=True).fill("畫面截圖留存")
    member.get_by_label("整合服務名稱（第 1 項）").fill("C.C.S人事服務平台")
    member.get_by_label("參與方式（第 1 項）").select_option(label="共同參與")
    member.get_by_label("函報文號").fill("民中人字第1號")
    member.get_by_label("函報日期").fill("115/6/10")
    member.get_by_role("button", name="儲存並送出").click()

    # Two things are missing; all the rest is kept and only they are asked for.
    errors = member.get_by_role("alert").filter(has_text="還沒有送出")
    expect(errors.get_by_role("listitem")).to_have_count(2)
    expect(errors).to_contain_text("請填聯絡人")
    accessible(member, axe)
    member.get_by_label("聯絡人", exact=True).fill("吳成員")
    member.get_by_label(f"佐證檔案：{tools[0]}", exact=True).set_input_files(letter)
    member.get_by_role("button", name="儲存並送出").click()
    told(member, "已送出回報")
    report = UsageReport.objects.get()
    assert (report.state, report.uses.count(), UseFile.objects.count()) == (ReportState.SUBMITTED, 25, 1)

    reviewer = sign_in(cast.office_reviewer)
    reviewer.goto(f"/kpi/usage/returns/{report.pk}/review/")
    accessible(reviewer, axe)
    reviewer.get_by_role("button", name="待審項目全部採認").click()
    told(reviewer, "已儲存審查")
    reviewer.get_by_label("整合服務核給比例 %").fill("50")
    reviewer.get_by_label("核給理由").fill("配合建置並提供案例")
    reviewer.get_by_role("button", name="完成審查").click()
    told(reviewer, "已完成民雄國中的審查")

    reviewer.goto(f"/kpi/usage/plans/{report.plan_id}/scores/")
    expect(reviewer.get_by_role("row").nth(1)).to_contain_text("78.00")
    reviewer.get_by_role("link", name="公布分數").click()
    reviewer.get_by_role("button", name="公布並通知").click()
    told(reviewer, "已公布第 1 次分數")
    accessible(reviewer, axe)

    member.goto("/kpi/usage/")
    expect(member.get_by_text("100 × (0.8 × (0.5×90% + 0.5×80%) + 0.2×50%) = 78.00")).to_be_visible()
    member.get_by_role("link", name=of("逐項計分依據", "民雄國中")).click()
    member.get_by_role("link", name="90%").click()
    expect(member.locator("#tools + dd")).to_contain_text("採認 17 項，乙等")
    accessible(member, axe)
    assert Score.objects.get(agency__short_name="民雄國中").score == Decimal("78.00")


def _pdf() -> bytes:
    return pdf.render(Paper(title="佐證", blocks=(Paragraph("使用畫面"),)))
