"""From registration to certificate in a real browser; what is said while attendance is entered agrees with the server."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from personnel_portal import roc
from tests import build
from tests.browsing import Enter, accessible, told
from tests.training import attending, courses
from training.choices import Granting, Place
from training.crediting import of_class
from training.models import LearningRecord, Registration, Session, TrainingClass, TrainingRule


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    return build.cast()


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def test_from_registration_to_certificate(cast: build.Cast, sign_in: Enter, axe: Axe) -> None:
    plan = courses.plan(roc.year(timezone.localdate()))
    training_class = courses.training_class(course_=courses.course("公文寫作研習", plan_=plan), by=cast.office_reviewer)
    courses.class_topic(training_class, "政策", 6)
    person = courses.employee(username="pupil", name="高學員")
    other = courses.registration(training_class, courses.employee(name="蔡同學"), by=cast.office_reviewer)

    # The employee registers.
    pupil = sign_in(person.user)
    pupil.goto(f"/training/classes/{training_class.pk}/register/")
    accessible(pupil, axe)
    pupil.locator("main form[method=post] button[type=submit]").first.click()
    pupil.wait_for_load_state()
    mine = Registration.objects.get(training_class=training_class, person=person)
    assert mine.place == Place.REGISTERED

    # The class begins; the employee checks in by the code of the room, twelve minutes late.
    _begin(training_class, minutes=12)
    session = training_class.sessions.order_by("starts")[0]
    pupil.goto(f"/training/registrations/{mine.pk}/hours/")
    pupil.get_by_role("link", name="輸入簽到碼").click()
    accessible(pupil, axe)
    pupil.get_by_label("簽到碼").fill(session.code)
    pupil.get_by_role("button", name="簽到").click()
    told(pupil, "遲到 12 分鐘")

    # The office enters the rest once all is over; the other one missed a third and loses the hours.
    _begin(training_class, minutes=60 * 24)
    office = sign_in(cast.office_reviewer)
    office.goto(f"/training/classes/{training_class.pk}/attendance/")
    accessible(office, axe)
    expect(row_of(office, "高學員").locator("output")).to_have_text("再缺 108 分鐘即不核給 6 小時")
    first = office.get_by_label("蔡同學第 1 場出席情形")
    first.focus()
    office.keyboard.press("5")
    expect(first).to_have_value("leave.official")
    office.get_by_label("蔡同學第 1 場缺課分鐘").fill("119")
    expect(row_of(office, "蔡同學").locator("output")).to_have_text("再缺 1 分鐘即不核給 6 小時")
    office.get_by_label("蔡同學第 1 場缺課分鐘").fill("120")
    expect(row_of(office, "蔡同學").locator("output")).to_have_text("缺課達三分之一，不核給時數")
    office.get_by_role("button", name="其餘未登錄者均為出席，儲存").click()
    told(office, "已登錄 3 格")
    expect(row_of(office, "蔡同學").locator("output")).to_have_text("缺課達三分之一，不核給時數")

    office.get_by_role("link", name="時數核給").click()
    accessible(office, axe)
    office.get_by_role("button", name="結訓", exact=True).click()
    told(office, "已結訓")
    office.get_by_role("button", name="核給時數").click()
    office.get_by_role("dialog").get_by_role("button", name="核給").click()
    told(office, "已核給學習時數")
    accessible(office, axe)
    assert [(row.person, row.hours) for row in LearningRecord.objects.all()] == [(person, 6)]

    # The employee fetches the certificate and answers the questionnaire; the other one has none.
    pupil.goto(f"/training/registrations/{mine.pk}/hours/")
    expect(pupil.get_by_text("缺課 12 分鐘 × 3 ＝ 36 ＜ 總分鐘 360，核給 6 小時")).to_be_visible()
    accessible(pupil, axe)
    with pupil.expect_download() as download:
        pupil.get_by_role("link", name="下載證明書").click()
    assert download.value.suggested_filename == "研習證明書_高學員.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF")
    pupil.get_by_role("link", name="填答滿意度問卷").click()
    accessible(pupil, axe)
    for group in pupil.locator("main fieldset").all():
        group.get_by_label("非常滿意", exact=True).check()
    pupil.get_by_role("button", name="送出").click()
    told(pupil, "已收到您的意見")
    office.goto(f"/training/registrations/{other.pk}/hours/")
    expect(office.get_by_text("× 3 ＝ 360 ≥ 總分鐘 360，不核給")).to_be_visible()
    expect(office.get_by_role("link", name="下載證明書")).to_have_count(0)


def _begin(training_class: TrainingClass, *, minutes: int) -> None:
    """Let the class have begun so many minutes ago."""
    start = timezone.now() - timedelta(minutes=minutes, seconds=20)
    for session in training_class.sessions.order_by("starts"):
        end = start + timedelta(minutes=session.minutes)
        Session.objects.filter(pk=session.pk).update(starts=start, ends=end)
        start = end + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("part", "whole", "granting", "hours", "counted"),
    [
        (1, 3, Granting.FULL, "6", ["official", "personal", "sick", "annual", "other"]),
        (1, 3, Granting.ATTENDED, "6.3", ["personal"]),
        (2, 6, Granting.ATTENDED, "7.5", []),
        (2, 3, Granting.FULL, "6.5", ["official"]),
    ],
)
def test_the_page_says_what_the_server_says(
    cast: build.Cast, sign_in: Enter, part: int, whole: int, granting: Granting, hours: str, counted: list[str]
) -> None:
    plan = courses.plan(roc.year(timezone.localdate()))
    TrainingRule.objects.filter(plan=plan).update(
        absence_part=part, absence_whole=whole, granting=granting, counted_leaves=counted
    )
    training_class = attending.past_class(
        course_=courses.course(plan_=plan), minutes=(100, 77), hours=hours, by=cast.office_reviewer
    )
    entries = [
        [(choice, minutes), ("present", "")]
        for choice in ("late", "left_early", "absent", "leave.official", "leave.personal")
        for minutes in ("", "1", "17", "58", "59", "60", "100")
        if minutes or choice not in ("late", "left_early")
    ]
    attending.places(training_class, len(entries), by=cast.office_reviewer)
    TrainingClass.objects.filter(pk=training_class.pk).update(quota=50)
    page = sign_in(cast.office_reviewer)
    page.goto(f"/training/classes/{training_class.pk}/attendance/")
    rows = page.locator("table.attendance-grid tbody tr")
    for place, entry in enumerate(entries):
        for square, (choice, minutes) in enumerate(entry):
            rows.nth(place).locator("select").nth(square).select_option(choice)
            if minutes:
                rows.nth(place).locator("input.form-control").nth(square).fill(minutes)
    said = rows.locator("output").all_inner_texts()
    page.get_by_role("button", name="儲存", exact=True).click()
    told(page, "已登錄")
    people = of_class(TrainingClass.objects.get(pk=training_class.pk)).people
    assert said == [earned.sentence for earned in people]
