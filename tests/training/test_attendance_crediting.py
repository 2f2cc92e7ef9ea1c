"""Attendance and what it is worth, exactly: a third of absence, a minute less, leave that does not count, corrections."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from meetings.actions.shown import ChangedMeanwhileError
from personnel_portal.accounts.models import User
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.training import attending, courses
from tests.training.attending import PRESENT, missed
from training import crediting
from training.actions import attendance
from training.actions import crediting as actions
from training.choices import ClassState, Granting, HoursState, Leave, Place, Presence
from training.crediting import Mark
from training.models import Attendance, LearningRecord, TrainingClass, TrainingRule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]


@pytest.fixture
def cast() -> build.Cast:
    return build.cast()


def hours(training_class: TrainingClass) -> list[Decimal]:
    """Return the hours of everybody by turn."""
    return [earned.hours for earned in crediting.of_class(training_class).people]


def only(training_class: TrainingClass) -> crediting.Earned:
    (found,) = crediting.of_class(training_class).people
    return found


@pytest.mark.parametrize(
    ("absent", "granting", "earned"),
    [
        (0, Granting.FULL, "6"),
        (119, Granting.FULL, "6"),
        (120, Granting.FULL, "0"),
        (0, Granting.ATTENDED, "6"),
        (60, Granting.ATTENDED, "5"),
        (119, Granting.ATTENDED, "4"),
        (120, Granting.ATTENDED, "0"),
    ],
)
def test_hours_are_lost_at_exactly_a_third(cast: build.Cast, absent: int, granting: Granting, earned: str) -> None:
    TrainingRule.objects.filter(plan=courses.plan()).update(granting=granting)
    training_class = attending.granted(absent, by=cast.office_reviewer)
    assert hours(training_class) == [Decimal(earned)]
    assert [row.hours for row in LearningRecord.objects.all()] == ([Decimal(earned)] if Decimal(earned) else [])


@pytest.mark.parametrize(
    ("counted", "leave", "earned"),
    [
        (Leave.values, Leave.OFFICIAL, "0"),
        ([Leave.PERSONAL, Leave.SICK], Leave.OFFICIAL, "6"),
        ([Leave.PERSONAL, Leave.SICK], Leave.SICK, "0"),
        ([], Leave.PERSONAL, "6"),
    ],
)
def test_leave_counts_as_the_plan_says(cast: build.Cast, counted: list[str], leave: Leave, earned: str) -> None:
    TrainingRule.objects.filter(plan=courses.plan()).update(counted_leaves=[str(each) for each in counted])
    training_class = attending.past_class(by=cast.office_reviewer)
    (person,) = attending.places(training_class, 1, by=cast.office_reviewer)
    attending.enter(training_class, {person: [Mark(Presence.LEAVE, 120, leave), PRESENT]}, by=cast.office_reviewer)
    found = only(training_class)
    assert (found.absent, found.credit.hours) == (120 if earned == "0" else 0, Decimal(earned))


@pytest.mark.parametrize(
    ("absent", "sentence", "arithmetic"),
    [
        (90, "再缺 30 分鐘即不核給 6 小時", "缺課 90 分鐘 × 3 ＝ 270 ＜ 總分鐘 360，核給 6 小時"),
        (119, "再缺 1 分鐘即不核給 6 小時", "缺課 119 分鐘 × 3 ＝ 357 ＜ 總分鐘 360，核給 6 小時"),
        (120, "缺課達三分之一，不核給時數", "缺課 120 分鐘 × 3 ＝ 360 ≥ 總分鐘 360，不核給"),
    ],
)
def test_every_number_is_explained(cast: build.Cast, absent: int, sentence: str, arithmetic: str) -> None:
    found = only(attending.finished(absent, by=cast.office_reviewer))
    assert (found.sentence, found.arithmetic) == (sentence, arithmetic)


def test_attended_hours_explain_their_rounding(cast: build.Cast) -> None:
    TrainingRule.objects.filter(plan=courses.plan()).update(granting=Granting.ATTENDED)
    found = only(attending.finished(61, by=cast.office_reviewer))
    assert found.arithmetic == (
        "缺課 61 分鐘 × 3 ＝ 183 ＜ 總分鐘 360；6 小時 × 299 ÷ 360，未滿 0.5 小時者不計，核給 4.5 小時"
    )


# --- Entering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        (Mark(Presence.PRESENT, 5), "全程出席者沒有缺課分鐘"),
        (Mark(Presence.LATE, 0), "請填缺課分鐘"),
        (Mark(Presence.ABSENT, 181), "大於本場次的 180 分鐘"),
        (Mark(Presence.LEAVE, 60), "請假請選假別"),
        (Mark(Presence.ABSENT, 60, Leave.SICK), "請假請選假別"),
    ],
)
def test_a_mark_that_does_not_fit_is_refused_in_a_sentence(cast: build.Cast, mark: Mark, sentence: str) -> None:
    by = cast.office_reviewer
    training_class = attending.past_class(by=by)
    (person,) = attending.places(training_class, 1, by=by)
    with pytest.raises(ValidationError, match=sentence):
        attending.enter(training_class, {person: [mark, PRESENT]}, by=by)
    assert not Attendance.objects.exists()


def test_a_session_to_come_takes_leave_alone(cast: build.Cast) -> None:
    by = cast.office_reviewer
    training_class = courses.training_class(by=by)
    (person,) = attending.places(training_class, 1, by=by)
    with pytest.raises(ValidationError, match="場次尚未開始"):
        attending.enter(training_class, {person: [PRESENT, None]}, by=by)
    assert attending.enter(training_class, {person: [Mark(Presence.LEAVE, 180, Leave.OFFICIAL), None]}, by=by) == 1


def test_nobody_elses_entry_is_written_over(cast: build.Cast) -> None:
    by = cast.office_reviewer
    training_class = attending.past_class(by=by)
    (person,) = attending.places(training_class, 1, by=by)
    attending.enter(training_class, {person: [PRESENT, None]}, by=cast.office_admin)
    square = (person.pk, training_class.sessions.order_by("starts")[0].pk)
    with pytest.raises(ChangedMeanwhileError, match=r"林主任.*為「出席」"):
        attendance.enter_attendance(
            training_class=training_class, marks={square: Mark(Presence.LATE, 10)}, shown={square: ""}, by=by
        )
    shown = {square: PRESENT.stamp}
    attendance.enter_attendance(
        training_class=training_class, marks={square: Mark(Presence.LATE, 10)}, shown=shown, by=by
    )
    assert Attendance.objects.get().missed == 10


def test_an_unchanged_page_leaves_no_trace(cast: build.Cast) -> None:
    by = cast.office_reviewer
    training_class = attending.past_class(by=by)
    (person,) = attending.places(training_class, 1, by=by)
    marks = {person: [PRESENT, PRESENT]}
    assert (attending.enter(training_class, marks, by=by), attending.enter(training_class, marks, by=by)) == (2, 0)
    assert Entry.objects.filter(act="attendance.entered").count() == 1


# --- Check-in --------------------------------------------------------------------------------------------------------


def _check_in(training_class: TrainingClass, minutes: int, *, code: str = "", name: str = "pupil") -> Attendance:
    session = training_class.sessions.order_by("starts")[0]
    registration = training_class.registrations.select_related("person__user", "agency").get(
        person__user__username=name
    )
    return attendance.check_in(
        session=session,
        registration=registration,
        code=code or session.code,
        by=registration.person.user,
        now=session.starts + timedelta(minutes=minutes),
    )


@pytest.fixture
def pupils_class(cast: build.Cast) -> TrainingClass:
    by = cast.office_reviewer
    training_class = attending.past_class(by=by, days_ago=0)
    courses.registration(training_class, courses.employee(username="pupil", name="學員"), by=by)
    return training_class


@pytest.mark.parametrize(
    ("minutes", "presence", "late"),
    [(-30, Presence.PRESENT, 0), (0, Presence.PRESENT, 0), (1, Presence.LATE, 1), (180, Presence.LATE, 180)],
)
def test_a_code_enters_the_minutes_since_the_start(
    pupils_class: TrainingClass, minutes: int, presence: Presence, late: int
) -> None:
    row = _check_in(pupils_class, minutes)
    assert (row.presence, row.missed) == (presence, late)


@pytest.mark.parametrize("minutes", [-31, 181])
def test_a_code_works_around_its_session_alone(pupils_class: TrainingClass, minutes: int) -> None:
    with pytest.raises(ValidationError, match="簽到時間為"):
        _check_in(pupils_class, minutes)


def test_codes_cannot_be_guessed(pupils_class: TrainingClass) -> None:
    session = pupils_class.sessions.order_by("starts")[0]
    wrong = "111111" if session.code != "111111" else "222222"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(ValidationError, match=f"還可嘗試 {left} 次"):
            _check_in(pupils_class, 0, code=wrong)
    with pytest.raises(ValidationError, match="錯誤次數過多"):
        _check_in(pupils_class, 0)
    assert not Attendance.objects.exists()


def test_what_the_organiser_entered_stands(cast: build.Cast, pupils_class: TrainingClass) -> None:
    registration = pupils_class.registrations.get()
    leave = Mark(Presence.LEAVE, 180, Leave.OFFICIAL)
    attending.enter(pupils_class, {registration: [leave, None]}, by=cast.office_reviewer)
    with pytest.raises(ValidationError, match="已登錄為「公假 180 分鐘」"):
        _check_in(pupils_class, 0)


def test_who_waits_for_a_place_does_not_check_in(pupils_class: TrainingClass) -> None:
    pupils_class.registrations.update(place=Place.WAITING, seat=None)
    with pytest.raises(ValidationError, match="不是本班錄取的學員"):
        _check_in(pupils_class, 0)


def test_a_renewed_code_ends_the_old_one(cast: build.Cast, pupils_class: TrainingClass) -> None:
    session = pupils_class.sessions.order_by("starts")[0]
    session.code = old = "123456"
    session.save()
    renewed = attendance.renew_code(session=session, by=cast.office_reviewer)
    assert renewed.code != old
    with pytest.raises(ValidationError, match="簽到碼不正確"):
        _check_in(pupils_class, 0, code=old)


# --- Finishing, submitting, granting ---------------------------------------------------------------------------------


def test_a_class_ends_when_its_sessions_are_over_and_everybody_is_entered(cast: build.Cast) -> None:
    by = cast.office_reviewer
    with pytest.raises(ValidationError, match="結束後才能結訓"):
        actions.finish_class(training_class=courses.training_class(by=by), by=by)
    training_class = attending.past_class(by=by)
    with pytest.raises(ValidationError, match="沒有錄取學員"):
        actions.finish_class(training_class=training_class, by=by)
    (person,) = attending.places(training_class, 1, by=by)
    attending.enter(training_class, {person: [PRESENT, None]}, by=by)
    with pytest.raises(ValidationError, match="還有 1 人次未登錄"):
        actions.finish_class(training_class=training_class, by=by)
    attending.enter(training_class, {person: [None, PRESENT]}, by=by)
    assert actions.finish_class(training_class=training_class, by=by).state == ClassState.FINISHED
    with pytest.raises(actions.Conflict, match="已結訓"):
        actions.finish_class(training_class=training_class, by=by)


def test_those_who_attended_are_asked_what_they_think(cast: build.Cast) -> None:
    by = cast.office_reviewer
    training_class = attending.past_class(by=by)
    came, stayed_away = attending.places(training_class, 2, by=by)
    away = Mark(Presence.ABSENT, 180)
    attending.enter(training_class, {came: [PRESENT, away], stayed_away: [away, away]}, by=by)
    actions.finish_class(training_class=training_class, by=by)
    asked = Message.objects.filter(subject__contains="課後問卷").values_list("to", flat=True)
    assert list(asked) == [came.person.mail]
    assert training_class.questions.count() == 8


def test_a_units_hours_go_to_the_office_and_back(cast: build.Cast) -> None:
    unit, office = cast.host_officer, cast.office_reviewer
    training_class = attending.units_class(by=unit)
    (person,) = attending.places(training_class, 1, by=unit)
    attending.enter(training_class, {person: missed(60)}, by=unit)
    actions.finish_class(training_class=training_class, by=unit)
    with pytest.raises(ValidationError, match="須俟主辦單位報送"):
        actions.grant_hours(training_class=training_class, by=office)
    actions.submit_hours(training_class=training_class, by=unit)
    assert Message.objects.filter(subject__contains="待核給", to=office.email).exists()
    with pytest.raises(ValidationError, match="時數已報送人事處"):
        attending.enter(training_class, {person: missed(10)}, by=unit)
    with pytest.raises(ValidationError, match="請說明退請補正的理由"):
        actions.return_hours(training_class=training_class, reason=" ", by=office)
    actions.return_hours(training_class=training_class, reason="簽到表與登錄不符。", by=office)
    assert Message.objects.filter(subject__contains="退請補正", to=unit.email).exists()
    attending.enter(training_class, {person: missed(130)}, by=unit)
    actions.submit_hours(training_class=training_class, by=unit)
    granted = actions.grant_hours(training_class=training_class, by=office)
    assert (granted.hours_state, granted.hours_granted_by) == (HoursState.GRANTED, office)
    assert not LearningRecord.objects.exists(), "130 of 360 minutes"


def test_the_offices_own_classes_are_not_submitted(cast: build.Cast) -> None:
    training_class = attending.finished(0, by=cast.office_reviewer)
    with pytest.raises(actions.Conflict, match="不必報送"):
        actions.submit_hours(training_class=training_class, by=cast.office_reviewer)


def test_hours_become_records_by_topic_once(cast: build.Cast) -> None:
    by = cast.office_reviewer
    training_class = attending.finished(0, 119, 120, by=by)
    courses.class_topic(training_class, "政策", 4)
    courses.class_topic(training_class, "環境教育", 2)
    for _ in range(2):
        actions.grant_hours(training_class=training_class, by=by)
    rows = LearningRecord.objects.order_by("person", "-hours")
    assert [(row.topic and row.topic.name, row.hours) for row in rows] == [
        ("政策", Decimal(4)),
        ("環境教育", Decimal(2)),
    ] * 2
    assert {(row.year, row.course, row.reference) for row in rows} == {
        (courses.YEAR, str(training_class), f"training.trainingclass-{training_class.pk}")
    }
    assert Entry.objects.filter(act="hours.granted").count() == 1


def test_attended_hours_are_shared_out_over_the_topics(cast: build.Cast) -> None:
    by = cast.office_reviewer
    TrainingRule.objects.filter(plan=courses.plan()).update(granting=Granting.ATTENDED)
    training_class = attending.finished(60, by=by)
    courses.class_topic(training_class, "政策", 4)
    courses.class_topic(training_class, "環境教育", 2)
    actions.grant_hours(training_class=training_class, by=by)
    assert [row.hours for row in LearningRecord.objects.order_by("-hours")] == [Decimal("3.5"), Decimal("1.5")]


def test_topics_that_do_not_add_up_grant_nothing(cast: build.Cast) -> None:
    training_class = attending.finished(0, by=cast.office_reviewer)
    courses.class_topic(training_class, "政策", 4)
    with pytest.raises(ValidationError, match="合計 4 小時，與本班 6 小時不符"):
        actions.grant_hours(training_class=training_class, by=cast.office_reviewer)


def test_everybody_learns_of_the_hours_and_why(cast: build.Cast) -> None:
    training_class = attending.granted(0, 120, by=cast.office_reviewer)
    texts = {message.to: message.text for message in Message.objects.filter(subject__contains="核給")}
    first, second = (earned.registration.person.mail for earned in crediting.of_class(training_class).people)
    assert "核給 6 小時" in texts[first]
    assert "缺課 120 分鐘 × 3 ＝ 360 ≥ 總分鐘 360，不核給" in texts[second]


# --- Corrections -----------------------------------------------------------------------------------------------------


def _correct(training_class: TrainingClass, minutes: int, by: User, reason: str = "補簽到表") -> object:
    person = training_class.registrations.get()
    session = training_class.sessions.order_by("starts")[0]
    mark = Mark(Presence.LATE, minutes) if minutes else PRESENT
    return actions.correct_attendance(
        training_class=training_class, marks={(person.pk, session.pk): mark}, reason=reason, by=by
    )


def test_a_correction_needs_a_reason_and_the_records_follow(cast: build.Cast) -> None:
    by = cast.office_reviewer
    training_class = attending.granted(120, by=by)
    with pytest.raises(ValidationError, match="填具理由更正"):
        attending.enter(training_class, {training_class.registrations.get(): missed(0)}, by=by)
    with pytest.raises(ValidationError, match="請說明更正的理由"):
        _correct(training_class, 119, by, reason="")
    assert not LearningRecord.objects.exists()
    found = _correct(training_class, 119, by)
    person = training_class.registrations.get()
    assert found == {f"{person.person}（{person.agency.short_name}）": ("0", "6")}
    assert [row.hours for row in LearningRecord.objects.all()] == [Decimal(6)]
    entry = Entry.objects.get(act="attendance.corrected")
    assert list(entry.detail["marked"].values()) == [["遲到 120 分鐘", "遲到 119 分鐘"]]
    assert entry.detail["reason"] == "補簽到表"
    _correct(training_class, 150, by, reason="重複登錄")
    assert not LearningRecord.objects.exists()
    assert Entry.objects.filter(act="attendance.corrected").count() == 2


def test_a_correction_of_nothing_is_refused(cast: build.Cast) -> None:
    training_class = attending.granted(60, by=cast.office_reviewer)
    with pytest.raises(ValidationError, match="沒有變更"):
        _correct(training_class, 60, cast.office_reviewer)


def test_a_new_rule_shows_a_difference_and_changes_no_hours_granted(cast: build.Cast) -> None:
    training_class = attending.granted(60, by=cast.office_reviewer)
    TrainingRule.objects.filter(plan=courses.plan()).update(granting=Granting.ATTENDED)
    found = only(TrainingClass.objects.get(pk=training_class.pk))
    assert (found.hours, found.credit.hours, found.differs) == (Decimal(6), Decimal(5), True)


def test_a_third_of_a_year_at_midnight_counts_for_its_last_day(cast: build.Cast) -> None:
    by = cast.office_reviewer
    day = timezone.localdate() - timedelta(days=2)
    training_class = courses.training_class(starts=build.at(day, 22), minutes=(60, 60), by=by)
    (person,) = attending.places(training_class, 1, by=by)
    attending.enter(training_class, {person: [PRESENT, PRESENT]}, by=by)
    actions.finish_class(training_class=training_class, by=by)
    actions.grant_hours(training_class=training_class, by=by)
    row = LearningRecord.objects.get()
    assert (row.starts, row.ends) == (day, day + timedelta(days=1))
