"""The pages of attendance and hours: the grid, its correction, check-in, the import, the papers."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from districts.models import StagedSheet
from personnel_portal.documents import sheets
from tests import build
from tests.site.clients import logged_in, status
from tests.site.pages import queries
from tests.training import attending, courses
from tests.training.attending import PRESENT, missed
from training.choices import HoursState, Leave, Presence
from training.crediting import Mark
from training.models import Attendance, LearningRecord, Registration, TrainingClass
from training.views import crediting

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def cast() -> build.Cast:
    return build.cast()


@pytest.fixture
def office(cast: build.Cast) -> Client:
    return logged_in(cast.office_reviewer)


@pytest.fixture
def past(cast: build.Cast) -> TrainingClass:
    return attending.past_class(by=cast.office_reviewer)


def page(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(f"training:{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


def fields(training_class: TrainingClass, *cells: tuple[str, str], shown: str = "") -> dict[str, str]:
    """Return what the form of the one person sends: choice and minutes of each session."""
    person = training_class.registrations.get()
    sessions = training_class.sessions.order_by("starts")
    data: dict[str, str] = {}
    for session, (choice, minutes) in zip(sessions, cells, strict=True):
        data |= {f"p-{person.pk}-{session.pk}": choice, f"m-{person.pk}-{session.pk}": minutes}
    data[f"w-{person.pk}"] = shown or " ".join(f"{session.pk}:" for session in sessions)
    return data


def send(client: Client, training_class: TrainingClass, data: dict[str, str]) -> Any:
    return client.post(reverse("training:attendance", args=[training_class.pk]), data)


# --- The grid --------------------------------------------------------------------------------------------------------


def test_a_class_is_entered_on_one_screen(cast: build.Cast, office: Client, past: TrainingClass) -> None:
    attending.places(past, 1, by=cast.office_reviewer)
    assert "再缺 120 分鐘即不核給 6 小時" in page(office, "attendance", past.pk)
    response = send(office, past, fields(past, ("leave.official", ""), ("late", "９０分鐘")))
    assert response.status_code == 302
    rows = Attendance.objects.order_by("session__starts").values_list("presence", "leave", "missed")
    assert list(rows) == [(Presence.LEAVE, Leave.OFFICIAL, 180), (Presence.LATE, "", 90)]
    assert "缺課達三分之一，不核給時數" in page(office, "attendance", past.pk)


def test_the_rest_are_present_at_a_click(cast: build.Cast, office: Client, past: TrainingClass) -> None:
    attending.places(past, 1, by=cast.office_reviewer)
    send(office, past, {**fields(past, ("", ""), ("late", "10")), "fill": "1"})
    assert [row.presence for row in Attendance.objects.order_by("session__starts")] == ["present", "late"]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (("late", "-5"), "「-5」不是分鐘數"),
        (("late", "半小時"), "「半小時」不是分鐘數"),
        (("late", "²"), "不是分鐘數，請填 0 至 180"),
        (("", "15"), "請一併選擇出席情形"),
        (("sleeping", ""), "請選擇出席情形"),
        (("late", "181"), "大於本場次的 180 分鐘"),
        (("late", ""), "請填缺課分鐘"),
    ],
)
def test_what_cannot_be_entered_keeps_all_that_was_typed(
    cast: build.Cast, office: Client, past: TrainingClass, cell: tuple[str, str], sentence: str
) -> None:
    attending.places(past, 1, by=cast.office_reviewer)
    response = send(office, past, fields(past, cell, ("leave.sick", "45")))
    assert response.status_code == 422
    text = response.content.decode()
    assert sentence in text
    assert 'value="45"' in text
    assert not Attendance.objects.exists()


def test_two_pages_at_once_lose_nothing(cast: build.Cast, office: Client, past: TrainingClass) -> None:
    (person,) = attending.places(past, 1, by=cast.office_reviewer)
    stale = fields(past, ("late", "10"), ("", ""))
    attending.enter(past, {person: [PRESENT, PRESENT]}, by=cast.office_admin)
    response = send(office, past, stale)
    assert response.status_code == 422
    assert "林主任" in response.content.decode()
    assert Attendance.objects.filter(presence=Presence.PRESENT).count() == 2
    # What the page left as it was shown is not sent back to what it showed.
    again = response.context["grid"].rows[0]
    confirmed = fields(past, ("late", "10"), ("", ""), shown=again.shown)
    assert send(office, past, confirmed).status_code == 302
    assert list(Attendance.objects.order_by("session__starts").values_list("presence", flat=True)) == [
        "late",
        "present",
    ]


def test_the_grid_asks_no_more_for_thirty_people(cast: build.Cast, office: Client) -> None:
    url = {}
    for number in (1, 30):
        one = attending.past_class(by=cast.office_reviewer, quota=40)
        people = attending.places(one, number, by=cast.office_reviewer)
        attending.enter(one, {person: missed(60) for person in people}, by=cast.office_reviewer)
        url[number] = one.pk
    for name in ("attendance", "class_hours", "questionnaire_results"):
        few, many = (queries(office, reverse(f"training:{name}", args=[url[number]])) for number in (1, 30))
        assert (name, many) <= (name, few) <= (name, 15)


# --- After the grant -------------------------------------------------------------------------------------------------


def test_a_correction_shows_its_effect_before_it_is_made(cast: build.Cast, office: Client) -> None:
    one = attending.granted(120, by=cast.office_reviewer)
    sessions = list(one.sessions.order_by("starts"))
    stamps = " ".join([f"{sessions[0].pk}:late..120", f"{sessions[1].pk}:present..0"])
    shown = send(office, one, fields(one, ("late", "119"), ("present", ""), shown=stamps))
    text = shown.content.decode()
    assert "遲到 120 分鐘" in text
    assert "0 → 6 小時" in text
    assert "119 分鐘 × 3 ＝ 357 ＜ 總分鐘 360，核給 6 小時" in text
    assert not LearningRecord.objects.exists()
    url = reverse("training:correct_attendance", args=[one.pk])
    marks = shown.context["packed"]
    assert office.post(url, {"mark": marks, "reason": ""}).status_code == 422
    assert office.post(url, {"mark": marks, "reason": "簽到表漏登"}).status_code == 302
    assert LearningRecord.objects.get().hours == 6
    history = page(office, "class_hours", one.pk)
    assert "簽到表漏登" in history
    assert "<del>0</del> → <ins>6</ins>" in history


@pytest.mark.parametrize("mark", ["", "x", "1-2|late..9|", "9-9|late..9999999|", "1-1|dead..1|present..0"])
def test_a_forged_correction_changes_nothing(cast: build.Cast, office: Client, mark: str) -> None:
    one = attending.granted(0, by=cast.office_reviewer)
    url = reverse("training:correct_attendance", args=[one.pk])
    assert office.post(url, {"mark": mark, "reason": "x"}).status_code == 302
    assert LearningRecord.objects.get().hours == 6


def test_the_unit_corrects_nothing_once_hours_were_granted(cast: build.Cast) -> None:
    one = attending.submitted(0, by=cast.host_officer)
    TrainingClass.objects.filter(pk=one.pk).update(hours_state=HoursState.GRANTED)
    host = logged_in(cast.host_officer)
    assert "時數已核給，請由人事處填具理由更正" in page(host, "attendance", one.pk)
    assert send(host, one, fields(one, ("late", "9"), ("present", ""))).status_code == 403


def test_hours_go_from_unit_to_office_to_people(cast: build.Cast, office: Client) -> None:
    host = logged_in(cast.host_officer)
    one = attending.units_class(by=cast.host_officer)
    (person,) = attending.places(one, 1, by=cast.host_officer)
    attending.enter(one, {person: missed(0)}, by=cast.host_officer)
    for client, act, data in (
        (host, "finish_class", {}),
        (host, "submit_hours", {}),
        (office, "return_hours", {"reason": "請補假單。"}),
        (host, "submit_hours", {}),
        (office, "grant_hours", {}),
        (office, "grant_hours", {}),
    ):
        assert client.post(reverse(f"training:{act}", args=[one.pk]), data).status_code == 302
    assert LearningRecord.objects.get().hours == 6
    assert "請補假單。" in page(host, "class_hours", one.pk)
    assert host.post(reverse("training:grant_hours", args=[one.pk])).status_code == 403


def test_returning_needs_a_reason_at_its_field(cast: build.Cast, office: Client) -> None:
    one = attending.submitted(0, by=cast.host_officer)
    response = office.post(reverse("training:return_hours", args=[one.pk]), {"reason": " "})
    assert response.status_code == 422
    assert "請說明理由。" in response.content.decode()


# --- Check-in --------------------------------------------------------------------------------------------------------


def test_a_participant_checks_in_by_the_code_of_the_room(cast: build.Cast, office: Client) -> None:
    from datetime import timedelta

    from django.utils import timezone

    one = courses.training_class(by=cast.office_reviewer, starts=timezone.now() - timedelta(minutes=12, seconds=30))
    session = one.sessions.order_by("starts")[0]
    person = courses.registration(one, courses.employee(username="pupil"), by=cast.office_reviewer)
    assert session.code in page(office, "session_code", session.pk)
    pupil, url = logged_in(person.person.user), reverse("training:check_in", args=[session.pk])
    assert reverse("training:check_in", args=[session.pk]) in page(pupil, "registration_hours", person.pk)
    assert pupil.post(url, {"code": "12"}).status_code == 422
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in session.code)
    assert pupil.post(url, {"code": f" {wide} "}).status_code == 302
    assert (Attendance.objects.get().presence, Attendance.objects.get().missed) == (Presence.LATE, 12)
    assert "已登錄為「遲到 12 分鐘」" in page(pupil, "check_in", session.pk)
    assert status(office.get(url)) == 404
    assert status(pupil.get(reverse("training:session_code", args=[session.pk]))) == 403


# --- By sheet --------------------------------------------------------------------------------------------------------


def _csv(*lines: str) -> SimpleUploadedFile:
    text = "\n".join(["場次,姓名,服務機關,出席情形,缺課分鐘,假別", *lines])
    return SimpleUploadedFile("出席.csv", text.encode("big5"))


def test_a_sheet_is_looked_through_before_it_is_imported(cast: build.Cast, office: Client, past: TrainingClass) -> None:
    for name in ("王大同", "陳小明"):
        courses.registration(past, courses.employee(name=name), by=cast.office_reviewer)
    file = _csv(
        "1,王大同,民雄國中,遲到,15,",
        "第2場,王大同,,公假,,",
        "1,陳小明,大林國小,出席,,",
        "1,林外人,,出席,,",
        "3,陳小明,,出席,,",
        "1,陳小明,,打瞌睡,,",
        "2,陳小明,,請假,60,",
        "1,王大同,,出席,,",
        "1,陳小明,,出席,5,",
    )
    upload = reverse("training:import_attendance")
    assert office.post(upload, {"training_class": past.pk, "file": file}).status_code == 302
    sheet = StagedSheet.objects.get()
    text = page(office, "attendance_import", sheet.pk)
    for sentence in (
        "服務機關是民雄國中",
        "不在本班錄取名單內",
        "請填 1 至 2",
        "「打瞌睡」不在選項內",
        "請假請填假別",
        "與第 2 列的學員及場次相同",
        "全程出席者沒有缺課分鐘",
    ):
        assert sentence in text
    assert office.post(reverse("training:take_attendance", args=[sheet.pk])).status_code == 302
    rows = Attendance.objects.order_by("session__starts").values_list("presence", "leave", "missed")
    assert list(rows) == [("late", "", 15), ("leave", "official", 180)]
    refused = office.get(reverse("training:refused_attendance", args=[sheet.pk]))
    assert len(list(sheets.read(BytesIO(refused.getvalue())))) == 8


def test_the_template_comes_with_the_names_of_the_class(cast: build.Cast, office: Client, past: TrainingClass) -> None:
    courses.registration(past, courses.employee(name="王大同"), by=cast.office_reviewer)
    url = f"{reverse('training:import_attendance')}?template=xlsx&class={past.pk}"
    rows = list(sheets.read(BytesIO(office.get(url).getvalue())))
    assert [[str(cell) for cell in row][:4:3] for row in rows][1:] == [["1", "王大同"], ["2", "王大同"]]


def test_nobody_brings_in_the_attendance_of_another_class(cast: build.Cast, past: TrainingClass) -> None:
    host = logged_in(cast.host_officer)
    data = {"training_class": past.pk, "file": _csv("1,王大同,,出席,,")}
    assert host.post(reverse("training:import_attendance"), data).status_code == 422
    assert host.get(f"{reverse('training:import_attendance')}?template=ods&class={past.pk}").status_code == 404


# --- Papers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["pdf", "odt"])
def test_a_sheet_to_sign_is_printed_before_class(cast: build.Cast, office: Client, form: str) -> None:
    one = courses.training_class(by=cast.office_reviewer)
    attending.places(one, 3, by=cast.office_reviewer)
    response = office.get(reverse("training:attendance_sheet", args=[one.pk, form]))
    assert response.getvalue()[:4] in (b"%PDF", b"PK\x03\x04")


def test_certificates_are_for_those_with_hours_alone(cast: build.Cast, office: Client) -> None:
    one = attending.granted(0, 120, by=cast.office_reviewer)
    first, second = Registration.objects.filter(training_class=one).order_by("queue")
    paper = office.get(reverse("training:certificate", args=[first.pk]))
    assert paper.headers["Content-Type"] == "application/pdf"
    assert office.get(reverse("training:certificate", args=[second.pk])).status_code == 302
    assert office.get(reverse("training:certificates", args=[one.pk])).headers["Content-Type"] == "application/pdf"
    later = attending.finished(0, by=cast.office_reviewer)
    waiting = Registration.objects.get(training_class=later)
    assert office.get(reverse("training:certificate", args=[waiting.pk])).status_code == 302


def test_people_fetch_their_own_certificate_and_nobody_elses(cast: build.Cast) -> None:
    one = attending.past_class(by=cast.office_reviewer)
    mine = courses.registration(one, courses.employee(username="pupil"), by=cast.office_reviewer)
    other = courses.registration(one, courses.employee(), by=cast.office_reviewer)
    attending.enter(one, {mine: missed(0), other: missed(0)}, by=cast.office_reviewer)
    office = logged_in(cast.office_reviewer)
    for act in ("finish_class", "grant_hours"):
        office.post(reverse(f"training:{act}", args=[one.pk]))
    pupil = logged_in(mine.person.user)
    assert status(pupil.get(reverse("training:certificate", args=[mine.pk]))) == 200
    assert status(pupil.get(reverse("training:certificate", args=[other.pk]))) == 404
    assert status(pupil.get(reverse("training:hours_list", args=[one.pk, "ods"]))) == 403


def test_the_list_of_hours_holds_minutes_topics_and_why(cast: build.Cast, office: Client) -> None:
    one = attending.finished(119, 120, by=cast.office_reviewer)
    courses.class_topic(one, "政策", 4)
    courses.class_topic(one, "環境教育", 2)
    response = office.get(reverse("training:hours_list", args=[one.pk, "csv"]))
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0].endswith("缺課分鐘,總分鐘,核給時數,政策,環境教育,計算（計畫陸、七）")
    assert ",119,360,6" in lines[1]
    assert "120 分鐘 × 3 ＝ 360 ≥ 總分鐘 360，不核給" in lines[2]


def test_leave_that_does_not_count_is_said_so(cast: build.Cast, office: Client, past: TrainingClass) -> None:
    from training.models import TrainingRule

    TrainingRule.objects.filter(plan=courses.plan()).update(counted_leaves=["personal", "sick"])
    (person,) = attending.places(past, 1, by=cast.office_reviewer)
    attending.enter(past, {person: [Mark(Presence.LEAVE, 180, Leave.OFFICIAL), PRESENT]}, by=cast.office_reviewer)
    text = page(office, "attendance", past.pk)
    assert "計入缺課之假別：事假、病假" in text
    assert "再缺 120 分鐘即不核給 6 小時" in text


def test_certificates_of_a_large_class_come_in_parts(
    cast: build.Cast, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crediting, "AT_A_TIME", 2)
    one = attending.granted(0, 0, 0, by=cast.office_reviewer)
    page = office.get(reverse("training:class_hours", args=[one.pk]))
    assert "證明書 1–2 PDF" in page.text
    assert "證明書 3–3 PDF" in page.text
    address = reverse("training:certificates", args=[one.pk])
    for query, pages in (("", 2), ("?from=1", 2), ("?from=3", 1), ("?from=2", 2), ("?from=x", 2)):
        assert len(PdfReader(BytesIO(office.get(address + query).getvalue())).pages) == pages, query
