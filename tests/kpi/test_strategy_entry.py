"""The pages on which units enter their figures: grid, evidence, carrying in."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.models import Agency, Plan
from kpi.actions import actuals
from kpi.choices import Comparator, EntryState, Formula, Frequency, ReportedBy, Source
from kpi.models import Actual, ActualFile, Indicator
from tests import build
from tests.kpi import targets

YEAR = targets.YEAR


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def plan(cast: build.Cast) -> Plan:
    """A plan of targets of 115 with two units; today is 115/11/22."""
    return targets.plan()


@pytest.fixture
def unit(plan: Plan) -> Agency:
    """大林鎮公所."""
    return build.listed("大林鎮公所")


@pytest.fixture
def share(plan: Plan) -> Indicator:
    return targets.indicator(plan, formula=Formula.RATIO, target="80", name="健康檢查受檢情形")


@pytest.fixture
def kept(plan: Plan) -> Indicator:
    return targets.indicator(plan, formula=Formula.MONTHS_KEPT, frequency=Frequency.MONTH, target="60", name="加班費")


def client(user: Any) -> Client:
    found = Client()
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def cell(indicator: Indicator, period: int, was: str = "空白", **parts: str) -> dict[str, str]:
    """The fields of a cell as the page posts them."""
    found = {f"v-{indicator.pk}-{period}-{part}": text for part, text in parts.items()}
    return {**found, f"was-{indicator.pk}-{period}": was}


def post(user: Any, plan: Plan, do: str = "save", **data: str) -> Any:
    return client(user).post(reverse("kpi:entry", args=[plan.pk]), {"do": do, **data}, follow=True)


def test_figures_are_saved_as_drafts_and_sent(cast: build.Cast, plan: Plan, share: Indicator, kept: Indicator) -> None:
    data = {
        **cell(share, 1, n="8", d="10"),
        **cell(share, 2, n="", d=""),
        **cell(kept, 1, v="0"),
        **cell(kept, 2, v=""),
    }
    page = post(cast.host_officer, plan, **data)
    assert "已儲存 2 格，尚未送出。" in page.content.decode()
    assert {(a.indicator_id, a.period): str(a.state) for a in Actual.objects.all()} == {
        (share.pk, 1): "draft",
        (kept.pk, 1): "draft",
    }
    sent = post(
        cast.host_officer, plan, "submit", **cell(share, 2, n="1,0", d="10"), **cell(share, 1, "8/10", n="8", d="10")
    )
    assert sent.status_code == 422  # 1,0 is no number
    sent = post(cast.host_officer, plan, "submit", **cell(share, 2, n="１０", d="10 "))
    assert "已送出 3 筆實績" in sent.content.decode()
    assert set(Actual.objects.values_list("state", flat=True)) == {EntryState.SUBMITTED}


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"n": "約八成", "d": "10"}, "「約八成」不是數字，請只填阿拉伯數字。"),
        ({"n": "11", "d": "10"}, "分子 11 大於分母 10，請確認。"),
        ({"n": "8", "d": ""}, "請一併填分母；沒有資料請兩格都留白。"),
        ({"n": "-1", "d": "10"}, "「-1」小於 0，請填 0 以上的數字。"),
        ({"n": "1", "d": "99999999999"}, "位數過多"),
        ({"n": "1", "d": "1.00001"}, "位數過多"),
        ({"n": "NaN", "d": "10"}, "不是數字"),
        ({"n": "1e5", "d": "10"}, "不是數字"),
        ({"n": "=1+1", "d": "10"}, "不是數字"),
        ({"n": "😀" * 50, "d": "10"}, "不是數字"),
        ({"n": "80%", "d": "100"}, "不是數字"),
        ({"n": "1 2", "d": "100"}, "「1 2」不是數字"),
        ({"n": "1　 2", "d": "100"}, "不是數字"),
        ({"n": "⑩", "d": "100"}, "不是數字"),
        ({"n": "①", "d": "10"}, "「①」不是數字"),
        ({"n": "1²", "d": "10"}, "不是數字"),
        ({"n": "½", "d": "10"}, "不是數字"),
    ],
)
def test_a_cell_that_cannot_be_read_says_why_and_nothing_typed_is_lost(
    cast: build.Cast, plan: Plan, share: Indicator, kept: Indicator, parts: dict[str, str], sentence: str
) -> None:
    page = post(cast.host_officer, plan, **cell(share, 1, **parts), **cell(kept, 3, v="1"))
    text = page.content.decode()
    assert page.status_code == 422
    assert "第 1 季</a>：" in text
    assert sentence in text
    assert f'value="{parts["n"]}"' in text
    assert not Actual.objects.exists()


def test_numbers_are_read_as_people_write_them(cast: build.Cast, plan: Plan, kept: Indicator) -> None:
    hours = targets.indicator(plan, unit="小時", frequency=Frequency.MONTH)
    written = ["12小時", "１２", "1,234.5", " 0 ", "12\n小時"]
    data = {key: value for n, text in enumerate(written, 1) for key, value in cell(hours, n, v=text).items()}
    words = ["是", "V", "不符", "0"]
    data |= {key: value for n, text in enumerate(words, 1) for key, value in cell(kept, n, v=text).items()}
    assert "已儲存 9 格" in post(cast.host_officer, plan, **data).content.decode()
    found = Actual.objects.order_by("period")
    assert [float(a.value) for a in found.filter(indicator=hours)] == [12, 12, 1234.5, 0, 12]
    assert [int(a.value) for a in found.filter(indicator=kept)] == [1, 1, 0, 0]


def test_a_closed_month_and_a_sent_figure_are_refused_in_a_sentence(
    cast: build.Cast, plan: Plan, unit: Agency, share: Indicator, kept: Indicator
) -> None:
    actuals.lock_months(plan=plan, year=YEAR, month=2, by=cast.office_reviewer)
    targets.actual(share, unit, 1, ratio=("1", "2"), by=cast.host_officer)
    shown = client(cast.host_officer).get(reverse("kpi:entry", args=[plan.pk])).content.decode()
    assert f'name="v-{kept.pk}-2-v"' not in shown
    assert f'name="v-{kept.pk}-3-v"' in shown
    assert f'name="v-{kept.pk}-12-v"' not in shown  # December has not begun
    page = post(cast.host_officer, plan, **cell(kept, 2, v="1"), **cell(share, 1, n="2", d="2"))
    text = page.content.decode()
    assert page.status_code == 422
    assert "115年度已鎖定至 2 月，不能變更。" in text
    assert "已送出，須由人事處退請補正後才能變更。" in text


def test_two_people_see_each_others_figures_before_overwriting(
    cast: build.Cast, plan: Plan, unit: Agency, kept: Indicator
) -> None:
    targets.actual(kept, unit, 1, "1", state=EntryState.DRAFT, by=cast.host_officer)
    page = post(cast.host_officer, plan, **cell(kept, 1, "空白", v="0"))
    assert "剛才有人改為「1」，請確認後再儲存。" in page.content.decode()
    assert post(cast.host_officer, plan, **cell(kept, 1, "1", v="0")).status_code == 200
    assert Actual.objects.get().value == 0
    unchanged = post(cast.host_officer, plan, **cell(kept, 1, "1", v="1"))
    assert "內容沒有變更" in unchanged.content.decode()  # what was not touched overwrites nobody


def test_a_block_from_a_sheet_is_filled_in_and_not_yet_saved(
    cast: build.Cast, plan: Plan, share: Indicator, kept: Indicator
) -> None:
    block = "1-1\t分子\t8\t約九\r\n1-1\t分母\t10\t10\r\n1-2\t1\t\t0"
    page = post(cast.host_officer, plan, "paste", block=block).content.decode()
    assert "已填入 6 格，尚未儲存" in page
    assert f'name="v-{share.pk}-1-n" value="8"' in page
    assert f'name="v-{share.pk}-1-d" value="10"' in page
    assert f'name="v-{kept.pk}-3-v" value="0"' in page
    assert 'value="約九"' in page
    assert not Actual.objects.exists()


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ("1-2\t1\n" * 10_000, "貼上的內容有 10,000 列，一次最多 200 列"),
        ("9-9\t1", "第 1 列的「9-9」不是本表可填的指標編號"),
        ("1-2\t1\n1-2\t1", "第 2 列的「1-2」不是本表可填的指標編號，或列數多於該指標的項目。"),
        (" \n", "沒有可貼上的內容"),
    ],
)
def test_a_block_that_does_not_fit_is_refused_whole(
    cast: build.Cast, plan: Plan, share: Indicator, kept: Indicator, block: str, sentence: str
) -> None:
    page = post(cast.host_officer, plan, "paste", block=block)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert _pasted(page.content.decode()).strip() == block.strip()[:20_000], "what was pasted is there to be mended"


def test_the_box_for_a_block_is_empty_at_first(cast: build.Cast, plan: Plan, kept: Indicator) -> None:
    assert _pasted(client(cast.host_officer).get(reverse("kpi:entry", args=[plan.pk])).content.decode()) == ""


def _pasted(page: str) -> str:
    found = re.search(r'<textarea [^>]*id="block"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1]


def test_a_closed_cell_of_a_block_says_so(cast: build.Cast, plan: Plan, kept: Indicator) -> None:
    page = post(cast.host_officer, plan, "paste", block="1-1" + "\t1" * 12).content.decode()
    assert "期間尚未開始，不能填報。" in page


def test_others_look_at_what_was_sent_and_the_unit_alone_at_its_drafts(
    cast: build.Cast, plan: Plan, unit: Agency, kept: Indicator
) -> None:
    draft = targets.actual(kept, unit, 1, "1", state=EntryState.DRAFT, by=cast.host_officer)
    sent = targets.actual(kept, unit, 2, "1", by=cast.host_officer)
    url = f"{reverse('kpi:entry', args=[plan.pk])}?agency={unit.pk}"
    office = client(cast.office_reviewer)
    page = office.get(url).content.decode()
    assert "已送出" in page
    assert "data-part" not in page
    assert office.get(reverse("kpi:actual", args=[draft.pk])).status_code == 404
    assert office.get(reverse("kpi:actual", args=[sent.pk])).status_code == 200
    assert office.post(url, {"do": "save", **cell(kept, 1, v="0")}).status_code == 403
    assert client(cast.member_officer).get(url).status_code == 404
    assert client(cast.other_reviewer).get(url).status_code == 404


def test_a_remark_and_files_stand_behind_a_figure(cast: build.Cast, plan: Plan, unit: Agency, kept: Indicator) -> None:
    draft = targets.actual(kept, unit, 1, "1", state=EntryState.DRAFT, by=cast.host_officer)
    url = reverse("kpi:actual", args=[draft.pk])
    mine = client(cast.host_officer)
    good = SimpleUploadedFile("名冊.csv", "姓名,日期\n王小明,115/1/5\n".encode())
    bad = SimpleUploadedFile("壞.pdf", b"not a pdf")
    page = mine.post(url, {"note": "依差勤系統。", "uploads": [good, bad]})
    assert page.status_code == 422
    draft.refresh_from_db()
    assert draft.note == "依差勤系統。"  # the remark is kept whatever a file is
    kept_files = [file.stored.name for file in ActualFile.objects.all()]
    assert "壞.pdf" not in kept_files
    stored = build.stored_file(name="清冊.odt")
    file = ActualFile.objects.create(actual=draft, stored=stored)
    row = mine.get(f"{reverse('kpi:entry_row', args=[kept.pk])}?agency={unit.pk}&year={YEAR}").content.decode()
    assert "清冊.odt" in row
    assert mine.post(reverse("kpi:remove_actual_file", args=[file.pk])).status_code == 302
    assert not ActualFile.objects.filter(pk=file.pk).exists()


def test_sessions_are_carried_in_by_ticking_them(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    indicator = targets.indicator(plan, source=Source.SESSIONS, decimals=0, unit="場次")
    meeting = build.held_meeting(day=date(2026, 10, 5))
    url = f"{reverse('kpi:carry_in', args=[indicator.pk])}?agency={unit.pk}&year={YEAR}&period=4"
    mine = client(cast.host_officer)
    assert "115/10/5 北平原區" in mine.get(url).content.decode()
    assert "請至少勾選一筆資料。" in mine.post(url, {}).content.decode()
    page = mine.post(url, {"rows": [f"meetings.meeting-{meeting.pk}"]}, follow=True).content.decode()
    assert "已帶入 第 4 季：1 筆，尚未送出。" in page
    assert f'href="{meeting.get_absolute_url()}"' in page


def test_a_unit_without_indicators_and_wrong_addresses_are_told(cast: build.Cast, plan: Plan) -> None:
    mine = client(cast.host_officer)
    assert "沒有要填報的指標" in mine.get(reverse("kpi:entry", args=[plan.pk])).content.decode()
    for query in ("?year=99", "?agency=abc", "?agency=999999999"):
        assert mine.get(reverse("kpi:entry", args=[plan.pk]) + query).status_code == 404
    assert mine.get(reverse("kpi:entry", args=[cast.plan.pk])).status_code == 404  # a liaison plan
    assert mine.get(reverse("kpi:entries")).status_code == 302


def test_the_grid_asks_the_same_few_questions_however_many_indicators(
    cast: build.Cast, plan: Plan, unit: Agency
) -> None:
    def asked() -> int:
        mine = client(cast.host_officer)
        with CaptureQueriesContext(connection) as queries:
            assert mine.get(reverse("kpi:entry", args=[plan.pk])).status_code == 200
        return len(queries)

    first = targets.indicator(plan, frequency=Frequency.MONTH)
    targets.actual(first, unit, 1, "1", by=cast.host_officer)
    few = asked()
    for _ in range(18):
        indicator = targets.indicator(plan, formula=Formula.RATIO, frequency=Frequency.MONTH, target="80")
        for month in range(1, 12):
            targets.actual(indicator, unit, month, ratio=("1", "2"), by=cast.host_officer)
    assert asked() == few


def test_the_office_enters_its_own_indicators(cast: build.Cast, plan: Plan) -> None:
    indicator = targets.indicator(plan, reported_by=ReportedBy.OFFICE, comparator=Comparator.AT_MOST, target="20")
    post(cast.office_reviewer, plan, **cell(indicator, 1, v="20"))
    assert Actual.objects.get().agency == build.listed("人事處")
