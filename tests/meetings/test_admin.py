"""Meetings in the administration."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings.choices import MinutesState
from meetings.models import Meeting
from personnel_portal.documents import sheets
from personnel_portal.trail.models import Entry
from tests import build

pytestmark = pytest.mark.django_db
MODELS = ["meeting", "invitation", "agendaitem", "minutes", "minutesversion", "minutesfile"]


@pytest.fixture
def client() -> Client:
    """A superuser, signed in."""
    user = build.user(username="root")
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def meeting(client: Client) -> Meeting:
    made = build.held_meeting()
    build.invitation(meeting=made, agency=build.listed("民雄國中"))
    build.agenda_item(meeting=made, subject="甲案")
    build.minutes(meeting=made, state=MinutesState.SUBMITTED)
    return made


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_searched_shown_and_exported(client: Client, meeting: Meeting, model: str) -> None:
    page = client.get(f"/admin/meetings/{model}/?q=%25")
    assert page.status_code == 200
    listed = client.get(f"/admin/meetings/{model}/")
    (shown,) = re.findall(rf'href="(/admin/meetings/{model}/\d+/change/)', listed.text)
    assert client.get(shown).status_code == 200
    assert client.get(f"/admin/meetings/{model}/export/").status_code == 200


@pytest.mark.parametrize(("number", "read"), [(0, "xlsx"), (1, "ods"), (2, "csv"), (3, "csv")])
def test_meetings_are_exported_in_every_format(client: Client, meeting: Meeting, number: int, read: str) -> None:
    page = client.get("/admin/meetings/meeting/export/")
    names = re.findall(r'name="(meetingresource_\w+)"', page.text)
    answer: Any = client.post(
        "/admin/meetings/meeting/export/", {"format": str(number), "resource": "0", **dict.fromkeys(names, "on")}
    )
    assert sheets.read(BytesIO(answer.content))[0][:5] == ["年度", "分區", "種類", "次別", "開會時間"]
    assert sheets.read(BytesIO(answer.content))[1][:5] == ["116", "北平原區", "A", "1", "115/11/12 14:00"]
    assert Entry.objects.get(act="admin.exported").act_label == "由後台匯出資料"


def imported(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("會議.csv", text.encode("utf-8-sig"))
    page = client.post("/admin/meetings/meeting/import/", {"format": "2", "resource": "", "import_file": file})
    if "confirm_form" not in page.context or page.context["result"].has_errors():
        return page
    return client.post("/admin/meetings/meeting/process_import/", page.context["confirm_form"].initial)


def test_imported_meetings_are_planned_like_others(client: Client, meeting: Meeting) -> None:
    head = "年度,分區,種類,次別,開會時間,地點\n"
    row = "116,北平原區,A,,115/12/22 14:00,禮堂\n"
    assert imported(client, head + "116,北平原區,A,1,115/12/1 9:00,他處\n" + row).status_code == 302
    planned = Meeting.objects.exclude(pk=meeting.pk).get()
    assert str(planned) == "北平原區第 2 次專、兼任(辦)人事人員聯繫會報"
    assert (planned.chair, planned.place, planned.minutes.state) == ("處長", "禮堂", MinutesState.UNFILED)
    meeting.refresh_from_db()
    assert meeting.place == "大林鎮公所三樓會議室"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("116,火星區,A,,115/12/22 14:00,禮堂", "找不到116年度的「火星區」。"),
        ("116,北平原區,C,,115/12/22 14:00,禮堂", "種類請填 A（專、兼任(辦)）或 B（專任）。"),
        ("116,北平原區,A,,,禮堂", "請填開會時間與地點。"),
        ("116,北平原區,A,,115/13/1 14:00,禮堂", "沒有115年13月1日這一天"),
    ],
)
def test_a_wrong_row_is_refused_in_a_sentence(client: Client, meeting: Meeting, row: str, sentence: str) -> None:
    page = imported(client, f"年度,分區,種類,次別,開會時間,地點\n{row}\n")
    assert sentence in page.text
    assert Meeting.objects.count() == 1


def test_states_are_not_edited_here_and_accepted_meetings_not_at_all(client: Client, meeting: Meeting) -> None:
    assert client.get("/admin/meetings/meeting/add/").status_code == 403
    assert client.post(f"/admin/meetings/meeting/{meeting.pk}/change/", {"state": "planned"}).status_code == 403
    assert client.post(f"/admin/meetings/minutes/{meeting.minutes.pk}/delete/").status_code == 403
    item = meeting.agenda.get()
    values = {"meeting": meeting.pk, "section": "report", "order": 1, "subject": "乙案"}
    assert client.post(f"/admin/meetings/agendaitem/{item.pk}/change/", values).status_code == 302
    meeting.minutes.state = MinutesState.ACCEPTED
    meeting.minutes.save()
    assert client.post(f"/admin/meetings/agendaitem/{item.pk}/change/", values).status_code == 403
