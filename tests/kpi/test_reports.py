"""Yearly reports: frozen, versioned, rendered in the background."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from districts.choices import PlanKind
from districts.models import Plan
from kpi.actions import reports
from kpi.choices import PaperKind
from kpi.models import FrozenReport
from kpi.tasks import render_reports
from personnel_portal.documents.paper import Column, Heading, Paper, Paragraph, Table
from personnel_portal.trail.models import Entry
from tests import build

pytestmark = pytest.mark.django_db

PAPER = Paper(
    title="116年度工作總報告",
    blocks=(Heading("壹、總表"), Table((Column("項目", 3), Column("進度", 1, "end")), [("登革熱防治", "75%")])),
    footer="製表日期：中華民國116年11月22日",
)


@pytest.fixture
def plan() -> Plan:
    return Plan.objects.create(
        office=build.county(),
        kind=PlanKind.WORK,
        year=116,
        title="116年度工作計畫",
        issuing_body="嘉義縣大林鎮公所",
        starts=date(2027, 1, 1),
        ends=date(2027, 12, 31),
    )


def freeze(plan: Plan, paper: Paper = PAPER, **changes: Any) -> FrozenReport:
    values: dict[str, Any] = {"kind": PaperKind.WORK, "year": 116, "figures": {"items": 1}, "by": build.user()}
    return reports.freeze_report(plan=plan, paper=paper, **(values | changes))


def test_versions_stand_beside_each_other_and_say_their_number(plan: Plan) -> None:
    first, second = freeze(plan), freeze(plan, Paper("改版", (Paragraph("二"),)))
    other = freeze(plan, year=115)
    assert [report.version for report in (first, second, other)] == [1, 2, 1]
    assert first.content["paper"]["footer"] == "製表日期：中華民國116年11月22日　第 1 版"
    assert second.content["paper"]["footer"] == "第 2 版"
    assert first.content["figures"] == {"items": 1}


def test_a_frozen_report_tells_the_trail(plan: Plan) -> None:
    report = freeze(plan)
    entry = Entry.objects.for_target(report).get()
    assert (entry.act, entry.act_label, entry.detail["version"]) == ("report.frozen", "產製年度報告", 1)


def test_the_task_renders_what_is_missing_once(plan: Plan) -> None:
    report = freeze(plan)
    assert report.pdf_id is None
    render_reports()
    report.refresh_from_db()
    contents = [stored.path.read_bytes() for stored in (report.pdf, report.odt) if stored]
    assert [content[:2] for content in contents] == [b"%P", b"PK"]
    files = report.pdf_id, report.odt_id
    render_reports()
    report.refresh_from_db()
    assert (report.pdf_id, report.odt_id) == files


def test_a_report_that_cannot_be_rendered_keeps_no_other_waiting(plan: Plan, caplog: pytest.LogCaptureFixture) -> None:
    broken, good = freeze(plan), freeze(plan)
    broken.content["paper"]["blocks"] = [{"kind": "picture"}]
    broken.save()
    render_reports()
    good.refresh_from_db()
    assert good.pdf_id is not None
    assert f"rendering {broken.pk}" in caplog.text


def test_a_version_exists_once(plan: Plan) -> None:
    report = freeze(plan)
    with pytest.raises(IntegrityError), transaction.atomic():
        FrozenReport.objects.create(plan=plan, kind=report.kind, year=116, version=1, made_by=report.made_by)
