"""Study leave in a real browser, from the employee's application to the roster of which the office takes note."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tests import build
from tests.browsing import Enter, accessible, told
from tests.training import courses, studies
from tests.uploads.making import pdf
from training.choices import RosterState, StudyState
from training.models import Study, StudyRoster


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(build.at(build.TODAY.replace(month=6, day=15), 10), tick=True) as traveller:
        yield traveller


@pytest.fixture
def cast(clock: Any, live_server: LiveServer) -> build.Cast:
    return build.cast()


def test_study_leave_from_application_to_the_roster(
    cast: build.Cast, sign_in: Enter, tmp_path: Path, axe: Axe, clock: Any
) -> None:
    studies.plan()
    school = build.listed("民雄國中")
    clerk = courses.employee(school, name="趙職員", username="clerk")
    admission = tmp_path / "入學通知.pdf"
    admission.write_bytes(pdf())

    own = sign_in(clerk.user)
    own.goto("/training/study/")
    accessible(own, axe)
    own.get_by_role("link", name="申請進修").click()
    own.get_by_label("進修時間").select_option(label="部分辦公時間進修")
    own.get_by_label("學校").fill("國立中正大學")
    own.get_by_label("系所").fill("政治學系碩士在職專班")
    own.get_by_label("每週公假時數").fill("9")
    own.get_by_label("附件").set_input_files(admission)
    own.get_by_role("button", name="儲存並提出申請").click()
    expect(own.get_by_role("alert").filter(has_text="還沒有送出")).to_contain_text("以 8 小時為限")
    accessible(own, axe)
    own.get_by_label("每週公假時數").fill("4")
    own.get_by_label("附件").set_input_files(admission)
    own.get_by_role("button", name="儲存並提出申請").click()
    expect(own.get_by_text("115年6月30日（二），當日仍受理")).to_be_visible()
    own.get_by_role("button", name="提出申請").click()
    told(own, "已提出申請")
    accessible(own, axe)
    study = Study.objects.get()
    assert (study.state, study.files.count(), study.weekly_hours) == (StudyState.SUBMITTED, 1, Decimal(4))

    # The quota needs the staff, which the officer enters.
    officer = sign_in(cast.member_officer)
    officer.goto(f"/training/study/{study.pk}/decide/")
    officer.get_by_role("button", name="核准", exact=True).click()
    expect(officer.get_by_role("alert").first).to_contain_text("尚未登錄115年1月1日編制內預算員額")
    officer.get_by_role("link", name="登錄員額").click()
    officer.get_by_label("民雄國中編制內預算員額").fill("25")
    officer.get_by_role("button", name="儲存員額").click()
    told(officer, "已登錄 1 個機關的員額")
    accessible(officer, axe)
    officer.goto(f"/training/study/{study.pk}/decide/")
    accessible(officer, axe)
    officer.get_by_role("button", name="核准", exact=True).click()
    told(officer, "已核准趙職員進修")

    # The semester begins: its first day, the timetable, leave up to the limit.
    clock.move_to(build.at(build.TODAY.replace(month=9, day=16), 10))
    officer = sign_in(cast.member_officer)
    officer.goto(f"/training/study/{study.pk}/")
    officer.get_by_role("link", name="登錄學期").click()
    officer.get_by_label("開學日").fill("115/9/14")
    officer.get_by_label("學期結束日").fill("116/1/15")
    officer.get_by_role("button", name="儲存").click()
    told(officer, "已儲存115學年度第 1 學期")
    expect(officer.get_by_text("3 週內提送：115年10月5日（一）")).to_be_visible()
    officer.get_by_label("課表", exact=False).first.set_input_files(admission)
    officer.get_by_role("button", name="提送課表").click()
    told(officer, "已提送課表")
    accessible(officer, axe)
    officer.goto(f"/training/study/{study.pk}/")
    for hours in ("3", "2"):
        officer.get_by_label(re.compile("公假日期")).fill("115/9/16" if hours == "3" else "115/9/18")
        officer.get_by_label("時數", exact=False).first.fill(hours)
        officer.get_by_role("button", name="登錄公假").click()
        if hours == "3":
            told(officer, "已登錄 115年9月16日（三） 公假")
    expect(officer.get_by_role("alert").filter(has_text="本件核准每週公假 4 小時")).to_be_visible()
    accessible(officer, axe)

    officer.goto("/training/study/rosters/")
    accessible(officer, axe)
    officer.get_by_role("button", name="編製民雄國中名冊").click()
    expect(officer.get_by_role("cell", name="115至116學年度")).to_be_visible()
    officer.get_by_role("button", name="報送名冊").click()
    told(officer, "已報送名冊")

    reviewer = sign_in(cast.office_reviewer)
    reviewer.goto("/training/study/rosters/")
    reviewer.get_by_role("link", name="民雄國中").click()
    accessible(reviewer, axe)
    with reviewer.expect_download() as download:
        reviewer.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename == "115年度進修人員名冊_民雄國中.pdf"
    reviewer.get_by_role("button", name="備查", exact=True).click()
    told(reviewer, "已備查")
    roster = StudyRoster.objects.get()
    assert (roster.state, [line["name"] for line in roster.lines]) == (RosterState.ACCEPTED, ["趙職員"])
