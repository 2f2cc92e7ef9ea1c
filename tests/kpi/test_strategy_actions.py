"""What units and the office do with figures: save, send, approve, return, close, explain, carry in."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError

from districts.models import Agency, Plan
from kpi.actions import actuals, carrying, missed
from kpi.actions.actuals import Amounts, Entry
from kpi.choices import EntryState, Formula, Frequency, ReportedBy, Source
from kpi.models import Actual, ActualFile, Correction, DeductionKind, Indicator, Violation
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry as TrailEntry
from tests import build
from tests.kpi import targets

YEAR = targets.YEAR
D = Decimal


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
def count(plan: Plan) -> Indicator:
    """An indicator counted quarterly."""
    return targets.indicator(plan, target="4")


def number(indicator: Indicator, period: int, value: str | None, shown: str | None = None) -> Entry:
    return Entry(indicator, period, Amounts(value=None if value is None else D(value)), shown)


def save(plan: Plan, unit: Agency, cast: build.Cast, *entries: Entry) -> int:
    return actuals.save_entries(plan=plan, year=YEAR, agency=unit, entries=entries, by=cast.host_officer)


def state(period: int = 1) -> str:
    return str(Actual.objects.get(period=period).state)


def test_what_is_entered_becomes_a_draft_and_a_blank_takes_it_away(
    cast: build.Cast, plan: Plan, unit: Agency, count: Indicator
) -> None:
    assert save(plan, unit, cast, number(count, 1, "3"), number(count, 2, "0"), number(count, 3, None)) == 2
    assert dict(Actual.objects.values_list("period", "value")) == {1: D(3), 2: D(0)}
    assert state() == EntryState.DRAFT
    assert save(plan, unit, cast, number(count, 1, "3"), number(count, 2, None)) == 1
    assert list(Actual.objects.values_list("period", flat=True)) == [1]
    entry = TrailEntry.objects.filter(act="actual.saved").order_by("pk")[0]
    assert entry.detail["changes"] == ["1-1 第 1 季：空白 → 3", "1-1 第 2 季：空白 → 0"]


def test_a_draft_is_sent_approved_and_cannot_be_changed_then(
    cast: build.Cast, plan: Plan, unit: Agency, count: Indicator
) -> None:
    save(plan, unit, cast, number(count, 1, "3"))
    assert actuals.submit_entries(plan=plan, year=YEAR, agency=unit, by=cast.host_officer) == 1
    with pytest.raises(actuals.UnsavedError, match="已送出，須由人事處退請補正後才能變更。") as refused:
        save(plan, unit, cast, number(count, 1, "5"), number(count, 2, "1"))
    assert list(refused.value.problems) == [(count.pk, 1)]
    assert Actual.objects.count() == 1  # all or nothing
    assert actuals.approve_entries(actuals=Actual.objects.all(), by=cast.office_reviewer) == 1
    assert state() == EntryState.APPROVED
    with pytest.raises(ValidationError, match="剛才已由他人處理"):
        actuals.approve_entries(actuals=Actual.objects.all(), by=cast.office_reviewer)
    with pytest.raises(ValidationError, match="沒有可送出"):
        actuals.submit_entries(plan=plan, year=YEAR, agency=unit, by=cast.host_officer)


def test_a_returned_figure_tells_its_unit_why_and_is_sent_again(
    cast: build.Cast, plan: Plan, unit: Agency, count: Indicator
) -> None:
    targets.actual(count, unit, 1, "3", by=cast.host_officer)
    with pytest.raises(ValidationError, match="說明退請補正的理由"):
        actuals.return_entries(actuals=Actual.objects.all(), reason=" ", by=cast.office_reviewer)
    actuals.return_entries(actuals=Actual.objects.all(), reason="與名冊不符。", by=cast.office_reviewer)

    mail = Message.objects.get()
    assert (mail.to, "與名冊不符。" in mail.text, "第 1 季" in mail.text) == (cast.host_officer.email, True, True)
    assert save(plan, unit, cast, number(count, 1, "2")) == 1
    assert (state(), Actual.objects.get().reason) == (EntryState.RETURNED, "與名冊不符。")
    actuals.submit_entries(plan=plan, year=YEAR, agency=unit, by=cast.host_officer)
    assert (state(), Actual.objects.get().reason) == (EntryState.SUBMITTED, "")


def test_closed_months_are_not_changed_by_anybody(cast: build.Cast, plan: Plan, unit: Agency, count: Indicator) -> None:
    targets.actual(count, unit, 1, "3", by=cast.host_officer)
    targets.actual(count, unit, 2, "3", state=EntryState.DRAFT, by=cast.host_officer)
    actuals.lock_months(plan=plan, year=YEAR, month=7, by=cast.office_reviewer)

    with pytest.raises(actuals.UnsavedError, match="115年度已鎖定至 7 月，不能變更。"):
        save(plan, unit, cast, number(count, 2, "4"))
    assert save(plan, unit, cast, number(count, 3, "1")) == 1  # ends in September
    with pytest.raises(ValidationError, match="第 2 季：115年度已鎖定至 7 月"):
        actuals.submit_entries(plan=plan, year=YEAR, agency=unit, by=cast.host_officer)
    with pytest.raises(ValidationError, match="已鎖定，請先解除鎖定"):
        actuals.return_entries(actuals=Actual.objects.filter(period=1), reason="有誤", by=cast.office_reviewer)

    actuals.lock_months(plan=plan, year=YEAR, month=0, by=cast.office_reviewer)
    assert actuals.submit_entries(plan=plan, year=YEAR, agency=unit, by=cast.host_officer) == 2
    with pytest.raises(ValidationError, match="1 至 12 月"):
        actuals.lock_months(plan=plan, year=YEAR, month=13, by=cast.office_reviewer)


def test_a_period_that_has_not_begun_takes_nothing(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    monthly = targets.indicator(plan, frequency=Frequency.MONTH)
    assert save(plan, unit, cast, number(monthly, 11, "1")) == 1  # the running month
    with pytest.raises(actuals.UnsavedError, match="期間尚未開始"):
        save(plan, unit, cast, number(monthly, 12, "1"))
    with pytest.raises(actuals.UnsavedError, match="期間尚未開始"):
        actuals.save_entries(
            plan=plan, year=YEAR + 1, agency=unit, entries=[number(monthly, 1, "1")], by=cast.host_officer
        )


def test_who_reports_what_is_kept(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    offices = targets.indicator(plan, reported_by=ReportedBy.OFFICE)
    found = targets.indicator(plan, formula=Formula.DEDUCTIONS, frequency=Frequency.MONTH)
    with pytest.raises(actuals.UnsavedError, match="大林鎮公所不填報此指標。"):
        save(plan, unit, cast, number(offices, 1, "1"))
    with pytest.raises(actuals.UnsavedError, match="由違失紀錄計算，無須填報。"):
        save(plan, unit, cast, number(found, 1, "1"))


def test_two_people_do_not_overwrite_each_other(cast: build.Cast, plan: Plan, unit: Agency, count: Indicator) -> None:
    save(plan, unit, cast, number(count, 1, "3", shown="空白"))
    with pytest.raises(actuals.UnsavedError, match="剛才有人改為「3」"):
        save(plan, unit, cast, number(count, 1, "4", shown="空白"))
    assert save(plan, unit, cast, number(count, 1, "4", shown="3")) == 1


def test_a_figure_is_explained_with_files_until_it_is_sent(
    cast: build.Cast, plan: Plan, unit: Agency, count: Indicator
) -> None:
    draft = targets.actual(count, unit, 1, "3", state=EntryState.DRAFT, by=cast.host_officer)
    stored = build.stored_file()
    actuals.explain_entry(actual=draft, note="含補辦 1 場。", stored=[stored, stored], by=cast.host_officer)
    assert (Actual.objects.get().note, ActualFile.objects.count()) == ("含補辦 1 場。", 1)
    actuals.remove_file(file=ActualFile.objects.get(), by=cast.host_officer)
    actuals.explain_entry(actual=draft, note="", stored=[stored], by=cast.host_officer)
    actuals.submit_entries(plan=plan, year=YEAR, agency=unit, by=cast.host_officer)
    with pytest.raises(ValidationError, match="已送出"):
        actuals.remove_file(file=ActualFile.objects.get(), by=cast.host_officer)


def test_sessions_are_carried_in_with_the_meetings_they_were_counted_from(
    cast: build.Cast, plan: Plan, unit: Agency
) -> None:
    indicator = targets.indicator(plan, source=Source.SESSIONS)
    held = [build.held_meeting(day=date(2026, 10, day)) for day in (5, 19)]
    build.held_meeting(day=date(2026, 9, 30))  # the quarter before
    build.held_meeting(district=build.district("山區"), day=date(2026, 10, 6))  # another host's
    references = [f"meetings.meeting-{meeting.pk}" for meeting in held]

    actual = carrying.carry_in(
        indicator=indicator, agency=unit, year=YEAR, period=4, references=references, by=cast.host_officer
    )

    assert actual.value == 2
    assert [row["url"] for row in actual.carried["rows"]] == [meeting.get_absolute_url() for meeting in held]
    with pytest.raises(ValidationError, match="剛才有變更"):
        carrying.carry_in(
            indicator=indicator,
            agency=unit,
            year=YEAR,
            period=3,
            references=references,
            by=cast.host_officer,
        )
    save(plan, unit, cast, number(indicator, 4, "3"))
    assert Actual.objects.get(period=4).carried == {}


def test_a_violation_is_entered_and_taken_back_with_a_reason(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    indicator = targets.indicator(plan, formula=Formula.DEDUCTIONS, frequency=Frequency.MONTH, target="80")
    kind = DeductionKind.objects.create(indicator=indicator, name="未出勤", points=D("0.5"))
    by = cast.office_reviewer
    violation = missed.enter_violation(kind=kind, agency=unit, day=date(2026, 3, 2), note="未請假", by=by)
    with pytest.raises(ValidationError, match="不得晚於今日"):
        missed.enter_violation(kind=kind, agency=unit, day=date(2026, 12, 2), by=by)
    with pytest.raises(ValidationError, match="須在計畫期間"):
        missed.enter_violation(kind=kind, agency=unit, day=date(2025, 12, 2), by=by)
    with pytest.raises(ValidationError, match="不是本計畫的填報機關"):
        missed.enter_violation(kind=kind, agency=build.listed("民雄國小"), day=date(2026, 3, 2), by=by)
    actuals.lock_months(plan=plan, year=YEAR, month=3, by=by)
    with pytest.raises(ValidationError, match="115年度鎖定至 3 月"):
        missed.remove_violation(violation=violation, reason="重複登錄", by=by)
    actuals.lock_months(plan=plan, year=YEAR, month=2, by=by)
    with pytest.raises(ValidationError, match="說明移除的理由"):
        missed.remove_violation(violation=violation, reason="", by=by)
    missed.remove_violation(violation=violation, reason="重複登錄", by=by)
    assert not Violation.objects.exists()


def test_a_missed_target_asks_for_cause_and_corrective_action(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    shared = targets.indicator(plan, formula=Formula.RATIO, target="80")

    def file(cause: str) -> Correction:
        return missed.file_correction(
            indicator=shared,
            agency=unit,
            year=YEAR,
            cause=cause,
            measure="增加場次",
            due_on=date(2026, 12, 31),
            by=cast.host_officer,
        )

    with pytest.raises(ValidationError, match="沒有未達目標"):
        file("人力不足")
    targets.actual(shared, unit, 1, ratio=("1", "2"), by=cast.host_officer)
    correction = file("人力不足")
    file("期程延後")
    assert Correction.objects.get().cause == "期程延後"
    with pytest.raises(ValidationError, match="不得晚於今日"):
        missed.finish_correction(correction=correction, done_on=date(2026, 12, 1), result="", by=cast.host_officer)
    missed.finish_correction(correction=correction, done_on=build.TODAY, result="已補辦", by=cast.host_officer)
    with pytest.raises(ValidationError, match="115年11月22日（日）完成，不能變更"):
        file("人力不足")
