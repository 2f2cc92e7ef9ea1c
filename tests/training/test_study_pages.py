"""The pages of study leave: who applies, who decides, what they say; staff figures, rosters and their papers."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from districts.facts import plan_day
from districts.models import Agency, Person, Posting
from personnel_portal.documents import sheets
from personnel_portal.outbox.models import Message
from personnel_portal.rules.duty import Duty, State
from tests import build
from tests.site.clients import logged_in
from tests.training import courses, studies
from tests.uploads.making import pdf
from training.actions import study as actions
from training.actions import study_rosters as rosters
from training.choices import RosterState, StudyState, StudyTime
from training.duties import study as stated
from training.models import Headcount, LearningRecord, Study, StudyRoster

pytestmark = pytest.mark.django_db
JUNE, SEPTEMBER = date(2026, 6, 15), date(2026, 9, 21)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(build.at(JUNE, 10), tick=False) as traveller:
        yield traveller


@pytest.fixture
def school() -> Agency:
    return build.listed("民雄國中")


@pytest.fixture
def clerk(cast: build.Cast, school: Agency) -> Person:
    """Somebody of 民雄國中 who sees only what is the person's own."""
    studies.plan()
    return courses.employee(school, name="趙職員", username="clerk")


def filled(**changes: Any) -> dict[str, Any]:
    values = {
        "plan": studies.plan().pk,
        "selection": "own",
        "kind": "enrolment",
        "where": "home",
        "time": "part_time",
        "school": "國立中正大學",
        "programme": "政治學系碩士在職專班",
        "from_year": "115",
        "to_year": "116",
        "weekly_hours": "4",
        "why": "精進公共政策規劃能力",
    }
    return values | changes


def page(client: Client, name: str, *args: Any, **data: Any) -> Any:
    return client.get(reverse(f"training:{name}", args=args), data)


def post(client: Client, name: str, *args: Any, **data: Any) -> Any:
    return client.post(reverse(f"training:{name}", args=args), data)


def content(answer: Any) -> bytes:
    """Return the bytes of a file that was sent; who has read it to its end closed it."""
    sent: bytes = answer.getvalue()
    return sent


# --- Applications ----------------------------------------------------------------------------------------------------


def test_an_employee_applies_and_the_agency_approves(cast: build.Cast, clerk: Person, school: Agency) -> None:
    studies.staff(school, 25)
    own = logged_in(clerk.user)
    posting = clerk.postings.get().pk
    admission = SimpleUploadedFile("入學通知.pdf", pdf())
    saved = post(own, "add_study", **filled(posting=posting, send="1", uploads=admission))
    study = Study.objects.get()
    assert saved.url == reverse("training:submit_study", args=[study.pk])
    assert (study.person, study.agency, study.files.count()) == (clerk, school, 1)
    assert "115年6月30日（二）" in page(own, "submit_study", study.pk).text
    assert post(own, "submit_study", study.pk).url == study.get_absolute_url()
    assert page(own, "decide_study", study.pk).status_code == 403

    officer = logged_in(cast.member_officer)
    shown = page(officer, "decide_study", study.pk).text
    assert "編制內預算員額 25 人 × 1/10，小數捨去為 2 人。（柒、三）" in shown
    assert "府人二字第0950102787號" in shown
    post(officer, "decide_study", study.pk, do="approve")
    study.refresh_from_db()
    assert (study.state, study.approved_year, study.decided_by) == (StudyState.APPROVED, 115, cast.member_officer)
    assert "已核准" in page(own, "study", study.pk).text
    assert "clerk@example.gov.tw" in {mail.to for mail in Message.objects.all()}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"time": "full_time"}, "僅部分辦公時間進修得核給公假，其他請填 0。"),
        ({"weekly_hours": "8.5"}, "每人每週公假進修以 8 小時為限（柒、四）。"),
        ({"to_year": "114"}, "訖學年度不得早於起學年度。"),
        ({"to_year": "130"}, "進修期間以 9 學年為限，請確認訖學年度。"),
        ({"from_year": "2026", "to_year": "2027"}, "999"),
        ({"school": "長" * 101}, "100"),
        ({"school": "a\x00b"}, "null"),
    ],
)
def test_an_application_that_cannot_be_says_why_and_keeps_what_was_typed(
    clerk: Person, changes: dict[str, str], told: str
) -> None:
    answer = post(logged_in(clerk.user), "add_study", **filled(posting=clerk.postings.get().pk, **changes))
    assert (answer.status_code, Study.objects.count()) == (422, 0)
    assert told in answer.text or told == "null"
    assert "精進公共政策規劃能力" in answer.text


def test_nobody_applies_for_somebody_elses_people(cast: build.Cast, clerk: Person) -> None:
    stranger = courses.employee(build.listed("大林國中"))
    for user in (clerk.user, cast.member_officer, cast.neighbour_host):
        answer = post(logged_in(user), "add_study", **filled(posting=stranger.postings.get().pk))
        assert answer.status_code == 422
    address = f"{reverse('training:add_study')}?agency={build.listed('大林國中').pk}"
    logged_in(cast.office_reviewer).post(address, filled(posting=stranger.postings.get().pk))
    assert Study.objects.get().agency == build.listed("大林國中")


def test_one_sees_ones_own_and_an_agency_its_people(cast: build.Cast, clerk: Person, school: Agency) -> None:
    mine, other = studies.study(clerk), studies.study(courses.employee(school))
    elsewhere = studies.study(courses.employee(build.listed("大林國中")))
    seen = {
        clerk.user: {mine},
        cast.member_officer: {mine, other},
        cast.neighbour_host: set(),
        cast.office_reader: {mine, other, elsewhere},
    }
    for user, expected in seen.items():
        assert set(Study.objects.visible_to(user)) == expected
        listed = page(logged_in(user), "studies").text
        assert {study for study in (mine, other, elsewhere) if study.get_absolute_url() in listed} == expected
    assert page(logged_in(clerk.user), "study", other.pk).status_code == 404


def test_the_head_goes_to_the_office_and_nobody_decides_for_oneself(cast: build.Cast, school: Agency) -> None:
    studies.staff(school, 30)
    head = studies.study(courses.employee(school), is_head=True)
    own = studies.study(cast.member_officer.person)
    officer, reviewer = logged_in(cast.member_officer), logged_in(cast.office_reviewer)
    assert "應向上級提出" in page(officer, "decide_study", head.pk).text
    assert "不得核定本人的申請" in page(officer, "decide_study", own.pk).text
    for study in (head, own):
        assert post(officer, "decide_study", study.pk, do="approve").status_code == 403
        post(reviewer, "decide_study", study.pk, do="approve")
        study.refresh_from_db()
        assert study.state == StudyState.APPROVED


def test_a_full_quota_refuses_with_the_list_that_fills_it(cast: build.Cast, school: Agency) -> None:
    studies.staff(school, 9)
    studies.study(courses.employee(school, name="錢先修"), state=StudyState.APPROVED)
    asked = studies.study(courses.employee(school))
    answer = post(logged_in(cast.member_officer), "decide_study", asked.pk, do="approve")
    assert answer.status_code == 422
    assert "進修名額 1 人已滿（柒、三）。本年度新核准者：錢先修（國立中正大學政治學系碩士在職專班）。" in answer.text


def test_an_officer_enters_on_which_day_a_late_one_came(cast: build.Cast, clerk: Person, clock: Any) -> None:
    clock.move_to(build.at(date(2026, 7, 10), 9))
    officer = logged_in(cast.member_officer)
    early, late = (studies.study(clerk, state=StudyState.DRAFT) for _ in range(2))
    post(officer, "submit_study", early.pk, on="115/6/29")
    assert "逾期" in page(logged_in(clerk.user), "submit_study", late.pk).text
    post(logged_in(clerk.user), "submit_study", late.pk, on="115/6/29")
    states = [Study.objects.get(pk=study.pk).state for study in (early, late)]
    assert states == [StudyState.SUBMITTED, StudyState.LATE]
    assert post(officer, "decide_study", late.pk, do="approve").status_code == 422
    shown = page(officer, "study", late.pk).text
    assert "已逾 115年6月30日（二） 期限，不予受理" in shown


def test_two_people_on_one_draft_do_not_overwrite_each_other(cast: build.Cast, clerk: Person) -> None:
    draft = studies.study(clerk, state=StudyState.DRAFT)
    own, officer = logged_in(clerk.user), logged_in(cast.member_officer)
    shown = [page(one, "edit_study", draft.pk).context["form"]["shown"].value() for one in (own, officer)]
    post(own, "edit_study", draft.pk, **filled(programme="法律學系", shown=shown[0]))
    answer = post(officer, "edit_study", draft.pk, **filled(programme="財金學系", shown=shown[1]))
    assert answer.status_code == 422
    assert "目前為「法律學系」" in answer.text
    assert "財金學系" in answer.text


def test_leave_over_the_limit_is_refused_at_the_field(cast: build.Cast, clerk: Person) -> None:
    study = studies.study(clerk, state=StudyState.APPROVED, weekly_hours=8)
    officer = logged_in(cast.member_officer)
    post(officer, "add_study_leave", study.pk, day="115/9/14", hours="6")
    answer = post(officer, "add_study_leave", study.pk, day="115/9/18", hours="2.5")
    assert answer.status_code == 422
    assert "（115/9/14 至 115/9/20）公假進修以 8 小時為限（柒、四）：已登錄 6 小時" in answer.text
    leave = study.leaves.get()
    assert post(logged_in(clerk.user), "remove_study_leave", leave.pk).status_code == 403
    post(officer, "remove_study_leave", leave.pk)
    assert not study.leaves.exists()


def test_timetable_grades_and_hours(cast: build.Cast, clerk: Person, clock: Any) -> None:
    study = studies.study(clerk, state=StudyState.APPROVED)
    clock.move_to(build.at(date(2026, 9, 16), 9))
    own, officer = logged_in(clerk.user), logged_in(cast.member_officer)
    form = page(officer, "add_semester", study.pk)
    assert form.context["form"]["year"].value() == 115
    post(officer, "add_semester", study.pk, year="115", term="1", starts="115/9/14", ends="115/11/20")
    semester = study.semesters.get()
    assert "115年10月5日（一）" in page(own, "semester", semester.pk).text
    post(own, "file_timetable", semester.pk, **{"timetable-upload": SimpleUploadedFile("課表.pdf", pdf())})
    bad = {"timetable-upload": SimpleUploadedFile("課表.exe", b"MZ")}
    assert post(own, "file_timetable", semester.pk, **bad).status_code == 422
    clock.move_to(build.at(date(2026, 11, 25), 9))
    own, officer = logged_in(clerk.user), logged_in(cast.member_officer)
    graded = {"grades-upload": SimpleUploadedFile("成績.pdf", pdf()), "grades-credits": "6"}
    post(own, "file_grades", semester.pk, **graded)
    assert post(own, "register_study_hours", semester.pk, hours="54").status_code == 403
    post(officer, "register_study_hours", semester.pk, hours="54")
    assert LearningRecord.objects.get().hours == 54
    assert "計入 115 年度" in page(own, "semester", semester.pk).text
    assert content(page(officer, "semester_file", semester.pk, "grades")).startswith(b"%PDF")
    assert page(officer, "semester_file", semester.pk, "x").status_code == 404


# --- Staff -----------------------------------------------------------------------------------------------------------


def test_staff_is_entered_by_the_agency_and_by_sheet(cast: build.Cast, school: Agency) -> None:
    plan = studies.plan()
    officer, reviewer = logged_in(cast.member_officer), logged_in(cast.office_reviewer)
    other = build.listed("大林國中")
    post(officer, "enter_headcounts", plan.pk, **{f"staff-{school.pk}": "25", f"staff-{other.pk}": "99"})
    assert list(Headcount.objects.values_list("agency", "year", "staff")) == [(school.pk, 115, 25)]
    bad = post(officer, "enter_headcounts", plan.pk, **{f"staff-{school.pk}": "-1"})
    assert (bad.status_code, Headcount.objects.get().staff) == (422, 25)

    rows: list[list[Any]] = [["大林國中", 40], ["民雄國中", "三十"], ["不存在國中", 3], ["大林國中", 41]]
    upload = SimpleUploadedFile("員額.xlsx", _sheet(rows))
    answer = post(reviewer, "read_headcounts", plan.pk, sheet=upload)
    assert "已讀入 1 個機關的員額" in answer.text
    for sentence in ("民雄國中的員額「三十」須為", "沒有「不存在國中」這個機關", "大林國中重複，以前一列為準"):
        assert sentence in answer.text
    assert answer.context["form"][f"staff-{other.pk}"].value() == 40
    assert Headcount.objects.count() == 1  # nothing is saved by reading
    broken = post(reviewer, "read_headcounts", plan.pk, sheet=SimpleUploadedFile("x.xlsx", b"PK\x03\x04 no"))
    assert broken.status_code == 422


def _sheet(rows: list[list[Any]]) -> bytes:
    target = BytesIO()
    sheets.write_xlsx(target, ["機關", "編制內預算員額"], rows)
    return target.getvalue()


# --- Rosters ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def roster(cast: build.Cast, school: Agency, clock: Any) -> StudyRoster:
    """The roster of 民雄國中 with one who is new, one who goes on, and others who do not stand on it."""
    clock.move_to(build.at(SEPTEMBER, 10))
    studies.study(courses.employee(school, name="甲新進"), state=StudyState.APPROVED)
    before: dict[str, Any] = {"plan": studies.plan(114), "state": StudyState.APPROVED}
    studies.study(courses.employee(school, name="乙續修"), **before)
    studies.study(courses.employee(school, name="丙已畢"), to_year=114, **before)
    studies.study(courses.employee(school, name="丁待審"))
    return rosters.start_roster(plan=studies.plan(), agency=school, by=cast.member_officer)


def test_a_roster_from_the_agency_to_the_offices_note(cast: build.Cast, roster: StudyRoster) -> None:
    officer, reviewer = logged_in(cast.member_officer), logged_in(cast.office_reviewer)
    shown = page(officer, "study_roster", roster.pk).text
    assert "尚有 1 件申請未核定" in shown
    assert [name in shown for name in ("甲新進", "乙續修", "丙已畢", "丁待審")] == [True, True, False, False]
    assert post(reviewer, "submit_study_roster", roster.pk).status_code == 403
    post(officer, "submit_study_roster", roster.pk)
    roster.refresh_from_db()
    assert [(line["name"], line["school"], line["programme"], line["years"]) for line in roster.lines] == [
        ("乙續修", "國立中正大學", "政治學系碩士在職專班", "114至115學年度"),
        ("甲新進", "國立中正大學", "政治學系碩士在職專班", "115至116學年度"),
    ]
    assert post(officer, "accept_study_roster", roster.pk).status_code == 403
    assert post(reviewer, "return_study_roster", roster.pk, reason="").status_code == 422
    post(reviewer, "return_study_roster", roster.pk, reason="系所請寫全名")
    assert "系所請寫全名" in page(officer, "study_roster", roster.pk).text
    post(officer, "submit_study_roster", roster.pk)
    post(reviewer, "accept_study_roster", roster.pk)
    roster.refresh_from_db()
    assert (roster.state, roster.accepted_by) == (RosterState.ACCEPTED, cast.office_reviewer)
    assert any("已備查" in mail.subject for mail in Message.objects.filter(to="member@example.gov.tw"))


def test_a_roster_that_was_sent_stays_as_it_was(cast: build.Cast, roster: StudyRoster) -> None:
    rosters.submit_roster(roster=roster, by=cast.member_officer)
    Study.objects.filter(person__name="甲新進").update(state=StudyState.WITHDRAWN)
    shown = page(logged_in(cast.office_reader), "study_roster", roster.pk).text
    assert "甲新進" in shown
    assert "報送後進修資料已有異動" in shown


def test_none_is_an_answer(cast: build.Cast) -> None:
    agency = build.listed("大林鎮公所")
    made = rosters.start_roster(plan=studies.plan(), agency=agency, by=cast.host_officer)
    assert "報送「無」" in page(logged_in(cast.host_officer), "study_roster", made.pk).text
    sent = rosters.submit_roster(roster=made, by=cast.host_officer)
    assert (sent.state, sent.lines) == (RosterState.SUBMITTED, [])
    for form in ("pdf", "odt", "xlsx"):
        assert content(page(logged_in(cast.host_officer), "study_roster_paper", made.pk, form))


def test_the_papers_hold_the_frozen_lines(cast: build.Cast, roster: StudyRoster) -> None:
    rosters.submit_roster(roster=roster, by=cast.member_officer)
    officer = logged_in(cast.member_officer)
    sheet = page(officer, "study_roster_paper", roster.pk, "xlsx")
    rows = sheets.read(BytesIO(content(sheet)))
    assert rows[0][:5] == ["姓名", "職稱", "進修學校", "系所", "起訖學年度"]
    assert [row[0] for row in rows[1:]] == ["乙續修", "甲新進"]
    for form, sign in (("pdf", b"%PDF"), ("odt", b"PK")):
        assert content(page(officer, "study_roster_paper", roster.pk, form)).startswith(sign)
    assert page(officer, "study_roster_paper", roster.pk, "exe").status_code == 404


def test_the_office_sees_who_has_not_filed(cast: build.Cast, roster: StudyRoster) -> None:
    rosters.submit_roster(roster=roster, by=cast.member_officer)
    reader = logged_in(cast.office_reader)
    missing = page(reader, "study_rosters", state="missing").context["page"].paginator
    everybody = Agency.objects.filter(office=build.county(), is_active=True).members().count()
    assert missing.count == everybody - 1
    whole = page(reader, "study_rosters")
    assert f"1<small>／{everybody} 機關</small>" in whole.text
    assert "民雄國中" in content(page(reader, "study_rosters", export="csv")).decode()
    own = page(logged_in(cast.member_officer), "study_rosters").context["page"].paginator
    assert [one.short_name for one in own.object_list] == ["民雄國中"]


# --- Duties ----------------------------------------------------------------------------------------------------------


def owed(day: date, kind: str = "") -> list[Duty]:
    found = stated.duties(plan_day(studies.plan(), day))
    return [duty for duty in found if duty.kind.endswith(kind)]


def test_the_window_of_applications_ends_by_itself(cast: build.Cast, school: Agency) -> None:
    studies.study(courses.employee(school))
    studies.study(courses.employee(school), state=StudyState.DRAFT)
    for day, state in ((date(2026, 5, 1), State.WAITING), (JUNE, State.WAITING), (date(2026, 6, 30), State.SOON)):
        (one,) = [duty for duty in owed(day, "apply") if duty.agency_id == school.pk]
        assert (one.state(day), one.note) == (state, "受理 1 件，草稿 1 件未提出")
    day = date(2026, 7, 1)
    (one,) = [duty for duty in owed(day, "apply") if duty.agency_id == school.pk]
    assert (one.state(day), one.done and one.done.label) == (State.DONE, "申請截止，受理 1 件")


def test_a_heads_application_is_the_offices_to_decide(school: Agency) -> None:
    studies.study(courses.employee(school))
    studies.study(courses.employee(school), is_head=True)
    assert {duty.agency_id for duty in owed(JUNE, "decide")} == {school.pk, build.listed("人事處").pk}


def test_a_roster_is_owed_by_each_agency_until_it_lies_with_the_office(
    cast: build.Cast, roster: StudyRoster, school: Agency
) -> None:
    def own(day: date) -> Duty:
        return next(duty for duty in owed(day, "roster") if duty.agency_id == school.pk)

    late = date(2026, 10, 1)
    assert own(late).state(late) == State.LATE
    rosters.submit_roster(roster=roster, by=cast.member_officer)
    assert own(late).state(late) == State.DONE
    rosters.return_roster(roster=roster, reason="請補正", by=cast.office_reviewer)
    assert (own(late).state(late), own(late).note) == (State.LATE, "退請補正")
    agencies = {duty.agency_id for duty in owed(late, "roster")}
    assert build.listed("人事處").pk not in agencies
    assert len(agencies) == Agency.objects.filter(office=build.county(), is_active=True).members().count()


def test_timetables_and_grades_are_owed_by_semester(cast: build.Cast, clock: Any) -> None:
    study = studies.study(state=StudyState.APPROVED)
    off_duty = studies.study(state=StudyState.APPROVED, time=StudyTime.OFF_DUTY, weekly_hours=0)
    (unknown,) = owed(date(2026, 9, 16), "timetable")
    assert (unknown.due, unknown.since, unknown.action) == (None, date(2026, 8, 1), "登錄學期")
    semester = studies.semester(study)
    studies.semester(off_duty)
    (timetable,) = owed(date(2026, 9, 16), "timetable")
    assert timetable.due is not None
    assert (timetable.due.nominal, timetable.clause) == (date(2026, 10, 5), "柒、四")
    assert owed(date(2027, 1, 15), "grades") == []
    found = owed(date(2027, 1, 16), "grades")
    assert {(duty.agency_id, duty.since) for duty in found} == {(study.agency_id, date(2027, 1, 15))}
    assert len(found) == 2
    semester.grades_on, semester.hours = date(2027, 1, 20), Decimal(54)
    semester.save()
    done = {duty.key: duty.done for duty in owed(date(2027, 1, 21), "grades")}
    told = done[f"training.study.grades.semester-{semester.pk}"]
    assert told is not None
    assert told.label == "已登錄 54 小時"


def test_duties_take_as_many_queries_for_thirty_as_for_one(
    cast: build.Cast, school: Agency, django_assert_num_queries: Any
) -> None:
    for _ in range(30):
        studies.semester(studies.study(courses.employee(school), state=StudyState.APPROVED))
        studies.study(courses.employee(school))
    day = plan_day(studies.plan(), SEPTEMBER)
    with django_assert_num_queries(6):
        assert len(list(stated.duties(day))) > 90


def test_a_withdrawn_application_is_asked_about_first(cast: build.Cast, clerk: Person) -> None:
    study = studies.study(clerk)
    own = logged_in(clerk.user)
    assert "撤回後不再核定" in page(own, "withdraw_study", study.pk).text
    post(own, "withdraw_study", study.pk, reason="另有規劃")
    study.refresh_from_db()
    assert (study.state, study.reason) == (StudyState.WITHDRAWN, "另有規劃")
    assert page(own, "study", study.pk).status_code == 200


def test_an_end_is_entered_by_the_agency(cast: build.Cast, clerk: Person, clock: Any) -> None:
    clock.move_to(build.at(SEPTEMBER, 10))
    study = studies.study(clerk, state=StudyState.APPROVED)
    assert post(logged_in(clerk.user), "end_study", study.pk, on="115/9/1").status_code == 403
    officer = logged_in(cast.member_officer)
    assert post(officer, "end_study", study.pk, on="115/12/1").status_code == 422
    post(officer, "end_study", study.pk, on="115/9/1", reason="休學")
    study.refresh_from_db()
    assert (study.state, study.ended_on) == (StudyState.ENDED, date(2026, 9, 1))


def test_files_go_with_the_application(cast: build.Cast, clerk: Person) -> None:
    draft = studies.study(clerk, state=StudyState.DRAFT)
    made = draft.files.create(stored=build.stored_file())
    own = logged_in(clerk.user)
    assert page(logged_in(cast.neighbour_host), "study_file", made.pk).status_code == 404
    post(own, "remove_study_file", made.pk)
    assert not draft.files.exists()
    actions.withdraw_study(study=draft, reason="", by=cast.member_officer)
    assert Posting.objects.filter(person=clerk).exists()
