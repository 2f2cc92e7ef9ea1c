"""Applications for study leave: the last day, the quota, leave a week, the decision, semesters and hours."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from districts.models import Agency, CalendarDay
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.training import courses, studies
from training.actions import study as actions
from training.actions import study_terms as terms
from training.choices import Origin, StudyState, StudyTime
from training.models import LearningRecord, Semester, Study, StudyLeave
from training.studying import due_of, load, room, rule_of, subsidy, timetable_due

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(build.at(date(2026, 6, 15), 10), tick=False) as traveller:
        yield traveller


@pytest.fixture
def school() -> Agency:
    return build.listed("民雄國中")


def refusal(act: Any, **values: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        act(**values)
    return str(refused.value.messages[0])


# --- The last day ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 6, 30), StudyState.SUBMITTED),
        (date(2026, 7, 1), StudyState.LATE),
    ],
)
def test_the_last_day_is_included(cast: build.Cast, clock: Any, on: date, state: StudyState) -> None:
    clock.move_to(build.at(date(2026, 7, 2), 9))
    draft = studies.study(state=StudyState.DRAFT)
    filed = actions.submit_study(study=draft, on=on, by=cast.member_officer)
    assert (filed.state, filed.applied_on) == (state, on)
    if state == StudyState.LATE:
        assert filed.reason == ("於 115年7月1日（三） 提出，已逾 115年6月30日（二） 期限，不予受理（柒、五、(一)）。")


@pytest.mark.parametrize(
    ("year", "on", "state"),
    [
        (113, date(2024, 7, 1), StudyState.SUBMITTED),  # 113-06-30 is a Sunday
        (113, date(2024, 7, 2), StudyState.LATE),
        (112, date(2023, 6, 30), StudyState.SUBMITTED),  # a Friday
        (112, date(2023, 7, 1), StudyState.LATE),
    ],
)
def test_a_last_day_on_a_weekend_moves_to_the_next_working_day(
    cast: build.Cast, clock: Any, year: int, on: date, state: StudyState
) -> None:
    clock.move_to(build.at(on, 17))
    draft = studies.study(state=StudyState.DRAFT, plan=studies.plan(year))
    assert actions.submit_study(study=draft, on=on, by=cast.member_officer).state == state


def test_what_came_late_is_kept_and_cannot_be_approved(cast: build.Cast, school: Agency) -> None:
    studies.staff(school, 30)
    late = studies.study(state=StudyState.LATE)
    told = refusal(actions.approve_study, study=late, by=cast.member_officer)
    assert told == "這件申請目前為「逾期不受理」，不能辦理這個步驟。"
    late.refresh_from_db()
    assert (late.state, Study.objects.count()) == (StudyState.LATE, 1)


def test_nobody_files_for_tomorrow_or_for_another_year(cast: build.Cast) -> None:
    draft = studies.study(state=StudyState.DRAFT)
    by = cast.member_officer
    assert refusal(actions.submit_study, study=draft, on=date(2026, 6, 16), by=by) == "提出日期不得晚於今天。"
    assert "不得早於計畫起日" in refusal(actions.submit_study, study=draft, on=date(2025, 12, 31), by=by)


# --- Quota -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("staff", "quota"), [(0, 0), (1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (25, 2)])
def test_as_many_are_approved_as_the_quota_has_and_no_more(
    cast: build.Cast, school: Agency, staff: int, quota: int
) -> None:
    studies.staff(school, staff)
    asked = [studies.study(courses.employee(school)) for _ in range(quota + 1)]
    for study in asked[:quota]:
        actions.approve_study(study=study, by=cast.member_officer)
    told = refusal(actions.approve_study, study=asked[quota], by=cast.member_officer)
    assert told.startswith(f"民雄國中115年度進修名額 {quota} 人已滿（柒、三）。")
    for study in asked[:quota]:
        assert f"{study.person.name}（國立中正大學政治學系碩士在職專班）" in told
    assert room(school, studies.plan()).people == {study.person_id for study in asked[:quota]}


@pytest.mark.parametrize(
    ("staff", "words"),
    [
        (None, "尚未登錄115年1月1日編制內預算員額，無法計算名額。"),
        (0, "編制內預算員額 0 人，名額 0 人。"),
        (9, "編制內預算員額 9 人 × 1/10，小數捨去為 0 人，不足 1 人以 1 人計，名額 1 人。"),
        (25, "編制內預算員額 25 人 × 1/10，小數捨去為 2 人。"),
    ],
)
def test_a_quota_explains_itself(school: Agency, staff: int | None, words: str) -> None:
    if staff is not None:
        studies.staff(school, staff)
    assert room(school, studies.plan()).words == words


def test_without_staff_nothing_is_approved_and_the_refusal_says_where_to_enter_it(cast: build.Cast) -> None:
    told = refusal(actions.approve_study, study=studies.study(), by=cast.member_officer)
    assert told == (
        "民雄國中尚未登錄115年1月1日編制內預算員額，無法計算進修名額，請先至「進修名額」登錄員額（柒、三）。"
    )


def test_only_newly_approved_study_in_office_hours_counts(cast: build.Cast, school: Agency) -> None:
    studies.staff(school, 10)
    for fields in (
        {"time": StudyTime.OFF_DUTY, "weekly_hours": 0, "state": StudyState.APPROVED},
        {"plan": studies.plan(114), "state": StudyState.APPROVED, "weekly_hours": 0},
        {"state": StudyState.WITHDRAWN},
        {"state": StudyState.REFUSED},
    ):
        studies.study(courses.employee(school), **fields)
    other = studies.study(courses.employee(build.listed("大林國中")), state=StudyState.APPROVED)
    assert (room(school, studies.plan()).left, other.approved_year) == (1, 115)
    actions.approve_study(study=studies.study(courses.employee(school)), by=cast.member_officer)
    off_duty = studies.study(courses.employee(school), time=StudyTime.OFF_DUTY, weekly_hours=0)
    assert actions.approve_study(study=off_duty, by=cast.member_officer).state == StudyState.APPROVED
    full_time = studies.study(courses.employee(school), time=StudyTime.FULL_TIME, weekly_hours=0)
    assert "名額 1 人已滿" in refusal(actions.approve_study, study=full_time, by=cast.member_officer)


def test_one_person_takes_one_place_and_a_withdrawn_one_is_free_again(cast: build.Cast, school: Agency) -> None:
    studies.staff(school, 10)
    person = courses.employee(school)
    first = actions.approve_study(study=studies.study(person), by=cast.member_officer)
    again = studies.study(person, school="國立嘉義大學", weekly_hours=2)
    assert actions.approve_study(study=again, by=cast.member_officer).state == StudyState.APPROVED
    waiting = studies.study(courses.employee(school))
    assert "已滿" in refusal(actions.approve_study, study=waiting, by=cast.member_officer)
    for study in (first, again):
        actions.withdraw_study(study=study, reason="未錄取", by=cast.member_officer)
    assert actions.approve_study(study=waiting, by=cast.member_officer).approved_year == 115


def test_another_plan_has_another_share(cast: build.Cast, school: Agency) -> None:
    studies.staff(school, 9)
    rule = rule_of(studies.plan())
    rule.quota_part, rule.quota_whole, rule.quota_minimum = 1, 3, 2
    rule.save()
    assert room(school, studies.plan()).quota == 3


# --- Leave a week ----------------------------------------------------------------------------------------------------


def test_approvals_at_the_same_time_come_to_eight_hours_a_week_together(cast: build.Cast, school: Agency) -> None:
    studies.staff(school, 100)
    person = courses.employee(school)
    actions.approve_study(study=studies.study(person, weekly_hours=5), by=cast.member_officer)
    over = studies.study(person, school="國立嘉義大學", weekly_hours=Decimal("3.5"))
    told = refusal(actions.approve_study, study=over, by=cast.member_officer)
    assert told.startswith("每人每週公假進修以 8 小時為限（柒、四）。本件每週 3.5 小時＋國立中正大學")
    assert told.endswith("合計每週最高 8.5／8 小時。")
    later = studies.study(person, school="國立成功大學", weekly_hours=8, from_year=117, to_year=118)
    fits = studies.study(person, school="國立嘉義大學", weekly_hours=3)
    for study in (later, fits):
        assert actions.approve_study(study=study, by=cast.member_officer).state == StudyState.APPROVED
    assert load(fits).hours == 8


def test_leave_of_two_studies_is_counted_together_over_a_years_end(cast: build.Cast, clock: Any) -> None:
    clock.move_to(build.at(date(2027, 1, 4), 9))
    person, by = courses.employee(), cast.member_officer
    first = studies.study(person, state=StudyState.APPROVED, weekly_hours=5)
    second = studies.study(person, state=StudyState.APPROVED, weekly_hours=4)
    actions.enter_leave(study=first, day=date(2026, 12, 28), hours=Decimal(4), by=by)
    actions.enter_leave(study=second, day=date(2026, 12, 31), hours=Decimal(3), by=by)
    told = refusal(actions.enter_leave, study=second, day=date(2027, 1, 2), hours=Decimal("1.5"), by=by)
    assert told == (
        "每人每週（115/12/28 至 116/1/3）公假進修以 8 小時為限（柒、四）：已登錄 7 小時，再加 1.5 小時即逾限。"
    )
    actions.enter_leave(study=second, day=date(2027, 1, 3), hours=Decimal(1), by=by)
    actions.enter_leave(study=first, day=date(2027, 1, 4), hours=Decimal(5), by=by)  # the next week
    assert StudyLeave.objects.count() == 4


def test_leave_stays_within_what_was_approved(cast: build.Cast) -> None:
    by = cast.member_officer
    study = studies.study(state=StudyState.APPROVED, weekly_hours=4)
    actions.enter_leave(study=study, day=date(2026, 9, 14), hours=Decimal(3), by=by)
    told = refusal(actions.enter_leave, study=study, day=date(2026, 9, 15), hours=Decimal(2), by=by)
    assert told.startswith("本件核准每週公假 4 小時，該週（115/9/14 至 115/9/20）已登錄 3 小時")
    again = refusal(actions.enter_leave, study=study, day=date(2026, 9, 14), hours=Decimal(1), by=by)
    assert again == "115/9/14 已登錄公假，如需更正請先移除。"
    outside = refusal(actions.enter_leave, study=study, day=date(2026, 7, 31), hours=Decimal(1), by=by)
    assert outside == "公假日期須在核准進修期間（115/8/1 至 117/7/31）內。"
    off_duty = studies.study(state=StudyState.APPROVED, time=StudyTime.OFF_DUTY, weekly_hours=0)
    told = refusal(actions.enter_leave, study=off_duty, day=date(2026, 9, 14), hours=Decimal(1), by=by)
    assert told == "公餘進修不核給公假。"


# --- The decision and after it ---------------------------------------------------------------------------------------


def test_a_refusal_needs_a_reason_and_both_are_told_of_a_decision(cast: build.Cast, school: Agency) -> None:
    asked = studies.study(courses.employee(school, name="趙職員", username="clerk"))
    assert refusal(actions.refuse_study, study=asked, reason=" ", by=cast.member_officer) == "請說明不同意的理由。"
    refused = actions.refuse_study(study=asked, reason="與業務無關", by=cast.member_officer)
    assert (refused.state, refused.reason) == (StudyState.REFUSED, "與業務無關")
    mails = {mail.to: mail for mail in Message.objects.all()}
    assert {"clerk@example.gov.tw", "member@example.gov.tw"} <= set(mails)
    assert "不同意" in mails["clerk@example.gov.tw"].subject
    assert "與業務無關" in mails["clerk@example.gov.tw"].text
    assert Entry.objects.filter(act="study.refused").get().detail["reason"] == "與業務無關"


def test_whose_application_it_is_decides_who_is_told(cast: build.Cast, school: Agency) -> None:
    own = studies.study(courses.employee(school), state=StudyState.DRAFT)
    head = studies.study(courses.employee(school), state=StudyState.DRAFT, is_head=True)
    actions.submit_study(study=own, on=date(2026, 6, 15), by=cast.member_officer)
    assert "member@example.gov.tw" in {mail.to for mail in Message.objects.all()}
    Message.objects.all().delete()
    actions.submit_study(study=head, on=date(2026, 6, 15), by=cast.member_officer)
    assert {mail.to for mail in Message.objects.all()} == {"admin@example.gov.tw", "reviewer@example.gov.tw"}


def test_a_study_that_has_begun_is_ended_and_not_withdrawn(cast: build.Cast, clock: Any) -> None:
    clock.move_to(build.at(date(2026, 11, 22), 9))
    by = cast.member_officer
    study = studies.study(state=StudyState.APPROVED)
    studies.semester(study)
    actions.enter_leave(study=study, day=date(2026, 11, 20), hours=Decimal(2), by=by)
    assert "請辦理結束" in refusal(actions.withdraw_study, study=study, reason="", by=by)
    early = refusal(actions.end_study, study=study, on=date(2026, 11, 19), reason="休學", by=by)
    assert early == "115/11/20 已登錄公假，請先移除或改填較晚的結束日。"
    ended = actions.end_study(study=study, on=date(2026, 11, 20), reason="休學", by=by)
    assert (ended.state, ended.last_day, ended.approved_year) == (StudyState.ENDED, date(2026, 11, 20), 115)


@pytest.mark.parametrize(
    ("name", "kind", "clause"),
    [
        ("大林鎮公所", None, "柒、六、(一)"),
        ("民雄國中", None, "柒、六、(二)"),
        ("民雄鄉代表會", "other", "柒、六、(一)"),
    ],
)
def test_subsidies_depend_on_the_agency(name: str, kind: Any, clause: str) -> None:
    agency = build.agency(short_name=name, official_name=f"嘉義縣{name}", kind=kind) if kind else build.listed(name)
    told = subsidy(agency, rule_of(studies.plan()))
    assert told.clause == clause
    assert ("府人二字第0950102787號" in told.text) == (clause == "柒、六、(二)")


# --- Semesters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "nominal", "effective"),
    [
        (date(2026, 9, 14), date(2026, 10, 5), date(2026, 10, 5)),
        (date(2026, 9, 5), date(2026, 9, 26), date(2026, 9, 29)),  # a Saturday; 9/28 is a holiday
    ],
)
def test_a_timetable_is_due_three_weeks_after_the_first_day(starts: date, nominal: date, effective: date) -> None:
    study = studies.study(state=StudyState.APPROVED)
    due = timetable_due(studies.semester(study, starts=starts), study.plan)
    assert CalendarDay.objects.get(day=date(2026, 9, 28)).is_off
    assert (due.nominal, due.effective) == (nominal, effective)


def test_hours_are_registered_from_grades_and_only_once(cast: build.Cast, clock: Any) -> None:
    by = cast.member_officer
    study = studies.study(state=StudyState.APPROVED)
    semester = studies.semester(study)
    told = refusal(terms.register_hours, semester=semester, hours=Decimal(54), by=by)
    assert told == "請先上傳成績，再登錄學習時數（柒、五、(三)）。"
    grades: dict[str, Any] = {"stored": build.stored_file(), "credits_": Decimal(6), "by": by}
    assert "結束後再送成績" in refusal(terms.file_grades, semester=semester, **grades)
    clock.move_to(build.at(date(2027, 1, 20), 9))
    terms.file_grades(semester=semester, **grades)
    for hours in (Decimal(54), Decimal(54), Decimal(36)):
        terms.register_hours(semester=semester, hours=hours, by=by)
    record = LearningRecord.objects.get()
    assert (record.person, record.year, record.hours, record.origin) == (study.person, 116, Decimal(36), Origin.STUDY)
    assert record.reference == f"training.semester-{semester.pk}"
    assert (record.starts, record.ends) == (semester.starts, semester.ends)


def test_semesters_lie_in_their_school_year_and_do_not_overlap(cast: build.Cast) -> None:
    study, by = studies.study(state=StudyState.APPROVED), cast.member_officer
    studies.semester(study)

    def made(**values: Any) -> Semester:
        days = {"year": 115, "term": 2, "starts": date(2027, 2, 22), "ends": date(2027, 6, 25)}
        return Semester(study=study, **(days | values))

    assert refusal(terms.save_semester, semester=made(year=119), by=by) == "學年度須在核准的115至116學年度內。"
    assert refusal(terms.save_semester, semester=made(term=1), by=by) == "115學年度第 1 學期已登錄。"
    overlap = refusal(terms.save_semester, semester=made(starts=date(2027, 1, 15)), by=by)
    assert overlap == "與115學年度第 1 學期（115/9/14 至 116/1/15）重疊。"
    outside = refusal(terms.save_semester, semester=made(ends=date(2027, 8, 1)), by=by)
    assert outside == "115學年度為 115/8/1 至 116/7/31。"
    assert terms.save_semester(semester=made(), by=by).pk


def test_the_last_day_is_none_where_the_plan_states_none(cast: build.Cast) -> None:
    plan = courses.plan()
    assert due_of(plan, "training.study.apply") is None
    plan.deadlines.all().delete()
    draft = studies.study(state=StudyState.DRAFT)
    draft.plan.deadlines.all().delete()
    filed = actions.submit_study(study=draft, on=date(2026, 6, 15), by=cast.member_officer)
    assert filed.state == StudyState.SUBMITTED


def test_the_same_studies_are_applied_for_once_unless_the_first_came_to_nothing() -> None:
    first = studies.study(state=StudyState.DRAFT)
    by = first.entered_by

    def again(**changes: Any) -> Study:
        same = {name: getattr(first, name) for name in ("plan", "person", "agency", "time", "school", "programme")}
        years = {"from_year": first.from_year, "to_year": first.to_year}
        return actions.add_study(study=Study(**(same | years | changes)), by=by)

    with pytest.raises(
        ValidationError, match=r"已有國立中正大學政治學系碩士在職專班自 \d+ 學年度起的進修申請（草稿），不得重複申請。"
    ):
        again()
    other = again(programme="企業管理學系")
    with pytest.raises(ValidationError, match="不得重複申請"):
        actions.change_study(study=other, changes={"programme": first.programme}, by=by)
    actions.withdraw_study(study=first, reason="", by=by)
    assert again().state == StudyState.DRAFT
