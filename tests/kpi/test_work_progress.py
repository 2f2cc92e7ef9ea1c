"""Progress by quarter, the duties of a work plan, and its yearly report."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from districts.facts import plan_day
from kpi.actions import work_progress as actions
from kpi.choices import Level, Pace, Period, Within
from kpi.documents.work import yearly_report
from kpi.duties import duties
from kpi.models import Doing, FrozenReport, Progress, ProgressFile, WorkItem, WorkPlan
from kpi.tasks import render_reports
from kpi.worktree import by_section, entered, together, tree
from personnel_portal.documents import keeping
from personnel_portal.documents.paper import Table
from personnel_portal.rules import pace as rules
from personnel_portal.rules.duty import Duty, State
from tests import build
from tests.kpi import working
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def cast() -> build.Cast:
    return build.cast()


@pytest.fixture
def plan(cast: build.Cast) -> WorkPlan:
    return working.small_plan(cast.host_officer)[0]


def keys(plan: WorkPlan) -> list[WorkItem]:
    return list(WorkItem.objects.of_plan(plan.plan).filter(level=Level.KEY).order_by("order"))


def typed(item: WorkItem, planned: str = "", actual: str = "", **more: str) -> dict[str, str]:
    values = {"planned": planned, "actual": actual, "spent": "", "text": "", "pace": "", "pace_reason": ""} | more
    return {f"item{item.pk}-{name}": value for name, value in values.items()}


def owed(plan: WorkPlan, day: date = build.TODAY) -> list[Duty]:
    return list(duties(plan_day(plan.plan, day)))


def test_progress_is_entered_on_one_page_and_rolled_up(cast: build.Cast, plan: WorkPlan) -> None:
    one, two, three = keys(plan)
    client, url = logged_in(cast.host_officer), reverse("kpi:work_progress", args=[plan.pk])
    data = typed(one, "75", "100") | typed(two, "75", "60", text="因雨順延") | typed(three)
    assert client.post(url + "?quarter=3", data).status_code == 302
    rolled = together(tree(plan.plan), entered(plan.plan), 3)
    assert (rolled.items, rolled.reported, rolled.actual) == (3, 2, Decimal("80.00"))
    assert (rolled.paces[rules.Pace.DONE], rolled.paces[rules.Pace.LATE]) == (1, 1)
    page = client.get(url + "?quarter=3").content.decode()
    assert "因雨順延" in page
    assert "落後" in page
    assert not Progress.objects.filter(item=three).exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"planned": "七成", "actual": "60"}, "請填 0 到 100 的數字"),
        ({"planned": "101", "actual": "60"}, "100"),
        ({"planned": "", "actual": "60"}, "請填預定進度"),
        ({"planned": "75", "actual": "60", "pace": "on_time"}, "請說明人工認定進度的理由"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    cast: build.Cast, plan: WorkPlan, values: dict[str, str], sentence: str
) -> None:
    one, two, three = keys(plan)
    data = typed(one, **values) | typed(two, "75", "70", text="已完成初稿") | typed(three)
    response = logged_in(cast.host_officer).post(reverse("kpi:work_progress", args=[plan.pk]) + "?quarter=3", data)
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert "已完成初稿" in page
    assert not Progress.objects.exists()


def test_a_judgement_overrides_the_figures_with_its_reason(cast: build.Cast, plan: WorkPlan) -> None:
    one, two, three = keys(plan)
    data = typed(one, "75", "60", pace="on_time", pace_reason="市府同意延後") | typed(two) | typed(three)
    client = logged_in(cast.host_officer)
    client.post(reverse("kpi:work_progress", args=[plan.pk]) + "?quarter=3", data)
    page = client.get(one.get_absolute_url()).content.decode()
    assert "人工認定：市府同意延後" in page
    assert "如期" in page


def test_nobody_writes_over_what_somebody_else_entered(cast: build.Cast, plan: WorkPlan) -> None:
    one, two, three = keys(plan)
    client, url = logged_in(cast.host_officer), reverse("kpi:work_progress", args=[plan.pk]) + "?quarter=3"
    Progress.objects.create(item=one, quarter=3, planned=75, actual=50, entered_by=cast.office_admin)
    rest = typed(two) | typed(three)
    refused = client.post(url, typed(one, "75", "90") | rest)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "實際進度為 50%；請確認後再儲存" in page
    row = Progress.objects.get(item=one)
    assert row.actual == 50
    again = typed(one, "75", "90", seen=row.entered_at.isoformat()) | rest
    assert client.post(url, again).status_code == 302
    row.refresh_from_db()
    assert row.actual == 90


def test_another_bodys_plan_takes_no_progress(cast: build.Cast) -> None:
    url = reverse("kpi:work_progress", args=[working.printed().pk])
    client = logged_in(cast.office_reviewer)
    assert "他機關計畫不辦理填報" in client.get(url).content.decode()
    client.post(url + "?quarter=1", {})
    assert not Progress.objects.exists()
    item = WorkItem.objects.filter(plan=working.printed().plan, level=Level.KEY)[0]
    assert client.post(reverse("kpi:work_done", args=[item.pk]), {}).status_code == 403


def test_spent_money_is_the_latest_of_each_item(cast: build.Cast, plan: WorkPlan) -> None:
    one, two, _ = keys(plan)
    one.amounts.create(thousands=100)
    for item, quarter, spent in ((one, 1, 20), (one, 2, 60), (two, 1, 5)):
        Progress.objects.create(item=item, quarter=quarter, planned=50, spent=spent, entered_by=cast.host_officer)
    line = by_section(tree(plan.plan), entered(plan.plan), 3)[0]
    assert (line.spent, line.rate) == (Decimal(65), Decimal("65.0"))
    assert line.rolled.reported == 0, "spent money alone is no progress"
    page = (
        logged_in(cast.host_officer).get(reverse("kpi:work_progress", args=[plan.pk]) + "?quarter=3").content.decode()
    )
    foot = page.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert '<td class="num">65</td>' in foot
    assert '<td class="num">65.0%</td>' in foot


def test_evidence_is_kept_sent_and_taken_back(cast: build.Cast, plan: WorkPlan) -> None:
    one = keys(plan)[0]
    client, url = logged_in(cast.host_officer), reverse("kpi:add_work_evidence", args=[one.pk])
    png = build.stored_file(name="照片.pdf").path.read_bytes()

    def send() -> str:
        file = SimpleUploadedFile("照片.exe", b"MZ")
        return client.post(url, {"quarter": "3", "evidence": file}, follow=True).content.decode()

    assert "照片.exe" in send(), "a refused kind is named"
    row = Progress.objects.create(item=one, quarter=3, planned=75, entered_by=cast.host_officer)
    file = ProgressFile.objects.create(progress=row, stored=build.stored_file(name="照片.pdf", content=png))
    fetched = client.get(reverse("kpi:work_evidence", args=[file.pk]))
    assert fetched.getvalue() == png
    assert logged_in(cast.member_officer).get(reverse("kpi:work_evidence", args=[file.pk])).status_code == 404
    client.post(reverse("kpi:remove_work_evidence", args=[file.pk]))
    assert not ProgressFile.objects.exists()


# --- Duties -----------------------------------------------------------------------------------------------------------


def test_a_weekly_item_owes_the_last_week_and_the_next(plan: WorkPlan) -> None:
    one = keys(plan)[0]
    one.period, one.weekday, one.period_text = Period.WEEKLY, 3, "每周三"
    one.save()
    found = [duty for duty in owed(plan) if duty.kind == "kpi.work.period"]
    assert [duty.due.nominal for duty in found if duty.due] == [date(2026, 11, 18), date(2026, 11, 25)]
    assert found[0].state(build.TODAY) == State.LATE
    assert "此前另有" in found[0].note
    assert found[0].title == "1.工作1（每周三）"


def test_what_was_done_is_the_evidence(cast: build.Cast, plan: WorkPlan) -> None:
    one = keys(plan)[0]
    one.period = Period.MONTHLY
    one.save()
    client, url = logged_in(cast.host_officer), reverse("kpi:work_done", args=[one.pk])
    data = {"due_on": "2026-10-31", "done_on": "115/10/30", "note": "已公告"}
    assert client.post(url, data).status_code == 302
    found = [duty for duty in owed(plan) if duty.kind == "kpi.work.period"]
    assert [duty.state(build.TODAY) for duty in found] == [State.DONE, State.SOON]
    assert client.post(url, data).status_code == 422
    assert client.post(url, data | {"due_on": "2026-09-30", "done_on": "116/1/1"}).status_code == 422


@pytest.mark.parametrize("period", ["daily", "irregular", "on_request", "as_set", "regular", "after_event"])
def test_what_has_no_date_makes_no_duties(plan: WorkPlan, period: str) -> None:
    WorkItem.objects.of_plan(plan.plan).filter(level=Level.KEY).update(period=period)
    assert [duty for duty in owed(plan) if duty.kind == "kpi.work.period"] == []


def test_an_event_is_owed_until_it_is_done(cast: build.Cast, plan: WorkPlan) -> None:
    one = keys(plan)[0]
    one.period, one.limit, one.within = Period.AFTER_EVENT, 4, Within.HOURS
    one.save()
    client = logged_in(cast.host_officer)
    data = {"event_at_date": "115/11/22", "event_at_time": "08:00", "note": "中山路坑洞"}
    assert client.post(reverse("kpi:work_event", args=[one.pk]), data).status_code == 302
    duty = next(duty for duty in owed(plan) if duty.kind == "kpi.work.event")
    assert duty.due is not None
    assert f"{duty.due.effective} {duty.due.hour}" == "2026-11-22 12:00:00"
    doing = Doing.objects.get()
    client.post(reverse("kpi:finish_work_event", args=[doing.pk]), {"done_on": "115/11/22"})
    assert next(duty for duty in owed(plan) if duty.kind == "kpi.work.event").done
    client.post(reverse("kpi:take_back_work_doing", args=[doing.pk]))
    assert next(duty for duty in owed(plan) if duty.kind == "kpi.work.event").is_open()


def test_each_quarter_that_is_over_asks_for_its_progress(cast: build.Cast, plan: WorkPlan) -> None:
    for item in keys(plan):
        Progress.objects.create(item=item, quarter=1, planned=25, actual=25, entered_by=cast.host_officer)
    found = [duty for duty in owed(plan) if duty.kind == "kpi.work.progress"]
    assert [(duty.title, duty.is_open(), duty.note) for duty in found] == [
        ("填報第 1 季工作計畫進度", False, "已填 3／3 項"),
        ("填報第 2 季工作計畫進度", True, "已填 0／3 項"),
        ("填報第 3 季工作計畫進度", True, "已填 0／3 項"),
    ]


def test_after_the_year_its_report_is_owed(plan: WorkPlan) -> None:
    assert not [duty for duty in owed(plan) if duty.kind == "kpi.work.report"]
    later = plan.plan.ends + timedelta(days=1)
    assert [duty.title for duty in owed(plan, later) if duty.kind == "kpi.work.report"] == ["編製 115 年度工作總報告"]


def test_another_bodys_plan_asks_nobody_for_anything() -> None:
    assert owed(working.printed(), date(2023, 6, 1)) == []


def test_duties_take_as_many_queries_however_many_items(plan: WorkPlan, django_assert_max_num_queries: object) -> None:
    on = plan_day(plan.plan, build.TODAY)
    WorkItem.objects.of_plan(plan.plan).filter(level=Level.KEY).update(period="weekly")
    with django_assert_max_num_queries(6):  # type: ignore[operator]  # a fixture of pytest-django
        assert len(list(duties(on))) > 6


def test_an_event_needs_a_limit(cast: build.Cast, plan: WorkPlan) -> None:
    with pytest.raises(ValidationError, match="期限"):
        actions.report_event(item=keys(plan)[0], event_at=build.at(build.TODAY, 8), note="", by=cast.host_officer)


# --- The yearly report ------------------------------------------------------------------------------------------------


def test_the_report_is_frozen_and_a_later_one_stands_beside_it(cast: build.Cast, plan: WorkPlan) -> None:
    one = keys(plan)[0]
    row = Progress.objects.create(
        item=one, quarter=4, planned=100, actual=100, text="辦理 3 場", entered_by=cast.host_officer, pace=Pace.LATE,
        pace_reason="逾期完成",
    )  # fmt: skip
    client, url = logged_in(cast.host_officer), reverse("kpi:freeze_work_report", args=[plan.pk])
    client.post(url, {"quarter": "4"})
    row.text = "辦理 4 場"
    row.save()
    client.post(url, {"quarter": "4"})
    second, first = FrozenReport.objects.order_by("-version")
    assert (first.version, second.version) == (1, 2)
    table = keeping.unpacked(first.content["paper"]).blocks[-1]
    assert isinstance(table, Table)
    assert list(table.rows[0]) == [
        "一、衛生\n", "1.工作1", "100", "100", "落後\n（人工認定：逾期完成）", "辦理 3 場", "", "—",
    ]  # fmt: skip
    assert first.content["figures"]["items"] == {str(one.pk): ["100.00", "100.00"]}
    assert "製作中" in client.get(reverse("kpi:work_report", args=[plan.pk])).content.decode()
    render_reports()
    response = client.get(reverse("kpi:work_report_file", args=[first.pk, "pdf"]))
    assert response.getvalue().startswith(b"%PDF")
    assert (
        logged_in(cast.member_officer).get(reverse("kpi:work_report_file", args=[first.pk, "pdf"])).status_code == 404
    )


def test_the_report_of_the_printed_plan_says_both_totals() -> None:
    plan = working.printed()
    paper = yearly_report(plan, tree(plan.plan), {}, 4, date(2024, 1, 5))
    summary = next(block for block in paper.blocks if isinstance(block, Table))
    assert list(summary.rows[-1]) == [
        "合計", "180", "0", "—", "—", "0", "0", "0", "526,594\n（512,795）", "—", "—",
    ]  # fmt: skip
    assert sum(len(block.rows) for block in paper.blocks if isinstance(block, Table)) == 180 + 8
