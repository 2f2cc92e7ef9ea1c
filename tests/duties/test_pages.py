"""Pages of the duty stream: board, one duty, relief, calendar, private feed, outbox."""

from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from districts.models import Closure, Deadline
from meetings.choices import MeetingState, MinutesState
from personnel_portal.accounts.models import User
from personnel_portal.duties import actions, stream, tasks
from personnel_portal.duties.board import board
from personnel_portal.duties.models import FeedToken, Relief
from personnel_portal.outbox.actions import enqueue
from personnel_portal.outbox.choices import State as MailState
from personnel_portal.outbox.models import Message
from personnel_portal.rules.duty import Duty
from personnel_portal.trail.models import Entry
from proposals.choices import CaseState
from tests import build

pytestmark = pytest.mark.django_db
TODAY = build.TODAY


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(build.at(TODAY, 12), tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def hold_duty(cast: build.Cast) -> Duty:
    host = build.listed("大林鎮公所")
    duties = stream.of_plan(cast.plan, today=TODAY)
    return next(d for d in duties if d.agency_id == host.pk and d.kind == "meetings.hold.A")


def test_the_board_shows_a_cell_a_district(cast: build.Cast) -> None:
    build.minutes(state=MinutesState.ACCEPTED)
    build.meeting(district=build.district("山區"), day=date(2026, 12, 8))
    districts = list(cast.plan.districts.all())
    rows = {row.kind: row for row in board(stream.of_plan(cast.plan, today=TODAY), districts, TODAY)}

    joint = rows["meetings.hold.A"]
    assert joint.heading == "專、兼任(辦)會報 ≥ 1 場"
    assert [(cell.chip.tone, cell.chip.text) for cell in joint.cells] == [
        ("wait", "剩 220 日"),
        ("done", "1 場"),
        ("wait", "剩 220 日"),
        ("wait", "剩 220 日"),
    ]
    assert joint.cells[2].first.note == "已排定 115/12/8"
    assert [bool(cell.duties) for cell in rows["meetings.minutes"].cells] == [False, True, False, False]
    assert rows["meetings.minutes"].cells[1].chip.text == "已備查"


def test_people_outside_the_office_see_their_own_column(cast: build.Cast) -> None:
    page = signed_in(cast.member_officer).get(reverse("duties:board")).content.decode()
    assert "北平原區" in page
    assert "南平原區" not in page
    assert "南平原區" in signed_in(cast.office_reader).get(reverse("duties:board")).content.decode()


def test_the_office_reminds_and_relieves_from_the_page_of_a_duty(cast: build.Cast) -> None:
    duty, client = hold_duty(cast), signed_in(cast.office_reviewer)
    address = reverse("duties:detail", args=[cast.plan.pk, duty.key])
    assert "立即提醒" in client.get(address).content.decode()

    client.post(reverse("duties:remind_now", args=[cast.plan.pk, duty.key]))
    assert Message.objects.get().to == cast.host_officer.email
    assert "已提醒 1 次" in client.get(reverse("duties:board")).content.decode()

    refused = client.post(
        reverse("duties:relieve", args=[cast.plan.pk, duty.key]),
        {"kind": "extend", "until": "116/6/1", "reason": "整修"},
    )
    assert refused.status_code == 422
    assert "展延日期須晚於原期限。" in refused.content.decode()
    assert "整修" in refused.content.decode(), "what was typed stays"

    client.post(
        reverse("duties:relieve", args=[cast.plan.pk, duty.key]),
        {"kind": "extend", "until": "116/7/31", "reason": "整修"},
    )
    relief = Relief.objects.get()
    assert (relief.until, relief.agency.short_name, relief.given_by) == (
        date(2027, 7, 31),
        "大林鎮公所",
        cast.office_reviewer,
    )
    unsaid = client.post(
        reverse("duties:relieve", args=[cast.plan.pk, duty.key]), {"kind": "extend", "until": "", "reason": "整修"}
    )
    assert "請填展延至哪一天；若要免除，請選「免除此事項」。" in unsaid.content.decode(), "an empty box waives nothing"
    again = client.post(
        reverse("duties:relieve", args=[cast.plan.pk, duty.key]), {"kind": "waive", "until": "", "reason": "免"}
    )
    assert "此事項已有免除或展延，請先撤銷。" in again.content.decode()

    client.post(reverse("duties:withdraw", args=[relief.pk]))
    due = hold_duty(cast).due
    assert due
    assert due.effective == date(2027, 6, 30)
    assert Relief.objects.on(TODAY).count() == 0
    assert list(Entry.objects.filter(act__startswith="duty.").order_by("pk").values_list("act", flat=True)) == [
        "duty.reminded",
        "duty.relieved",
        "duty.relief_withdrawn",
    ]


def test_a_host_sees_its_duty_but_cannot_chase(cast: build.Cast) -> None:
    duty = hold_duty(cast)
    address = reverse("duties:detail", args=[cast.plan.pk, duty.key])
    page = signed_in(cast.host_officer).get(address)
    assert page.status_code == 200
    assert "立即提醒" not in page.content.decode()
    assert signed_in(cast.host_officer).post(f"{address}remind/").status_code == 403
    assert signed_in(cast.neighbour_host).get(address).status_code == 404
    assert Message.objects.count() == 0


def test_the_calendar_shows_deadlines_meetings_and_rest_days(cast: build.Cast) -> None:
    build.meeting(day=date(2027, 6, 10), state=MeetingState.CALLED)
    page = signed_in(cast.host_officer).get(reverse("duties:calendar"), {"month": "116-06"}).content.decode()
    assert "116年6月" in page
    assert "14:00 北平原區第 1 次專、兼任(辦)人事人員聯繫會報" in page
    assert "辦理專、兼任(辦)人事人員聯繫會報至少 1 場" in page
    assert "端午節" in page


def test_what_everybody_owes_on_one_day_is_folded(cast: build.Cast) -> None:
    Deadline.objects.filter(plan=cast.plan, duty="proposals.case").update(nominal=date(2027, 6, 15))
    build.case(state=CaseState.SENT)
    page = signed_in(cast.office_reviewer).get(reverse("duties:calendar"), {"month": "116-06"}).content.decode()
    assert "<summary>各機關案例 ≥ 1 件<small>已辦 1／85</small></summary>" in page
    own = signed_in(cast.member_officer).get(reverse("duties:calendar"), {"month": "116-06"}).content.decode()
    assert "提供人事業務案例至少 1 件" in own
    assert "<summary>各機關案例" not in own


@pytest.mark.parametrize("month", ["", "x", "116", "116-13", "²-1", "999999999999-01", "-5-1", "0-1"])
def test_an_odd_month_is_this_month(cast: build.Cast, month: str) -> None:
    page = signed_in(cast.host_officer).get(reverse("duties:calendar"), {"month": month})
    assert page.status_code == 200


def test_the_feed_is_private_and_closes_when_revoked(cast: build.Cast) -> None:
    build.meeting(day=date(2026, 12, 8), state=MeetingState.CALLED)
    client = signed_in(cast.host_officer)
    client.post(reverse("duties:open_feed"))
    address = reverse("duties:feed", kwargs={"token": FeedToken.objects.get().token})

    feed = Client().get(address)
    assert feed["Content-Type"] == "text/calendar; charset=utf-8"
    entries: dict[str, Any] = {str(e["summary"]): e for e in Calendar.from_ical(feed.content).walk("VEVENT")}
    meeting = entries["北平原區第 1 次專、兼任(辦)人事人員聯繫會報"]
    assert meeting["dtstart"].dt == build.at(date(2026, 12, 8), 14)
    assert str(meeting["location"]) == "大林鎮公所三樓會議室"
    deadline = entries["期限：辦理專、兼任(辦)人事人員聯繫會報至少 1 場"]
    assert deadline["dtstart"].dt == date(2027, 6, 30)
    assert not any("竹崎" in name for name in entries)

    client.post(reverse("duties:open_feed"))
    assert Client().get(address).status_code == 404, "a new address closes the old one"
    client.post(reverse("duties:revoke_feed"))
    assert FeedToken.objects.live().count() == 0


def test_the_feed_of_a_closed_account_is_gone(cast: build.Cast) -> None:
    feed = actions.open_feed(user=cast.host_officer)
    type(cast.host_officer).objects.filter(pk=cast.host_officer.pk).update(is_active=False)
    assert Client().get(reverse("duties:feed", kwargs={"token": feed.token})).status_code == 404


def test_a_closure_moves_filings_and_tells_those_concerned_once(cast: build.Cast) -> None:
    cast.plan.deadlines.filter(duty="meetings.minutes").update(days_after=14)
    build.held_meeting(day=date(2026, 11, 12))  # due on Thursday 11-26
    closure = Closure.objects.create(office=build.county(), day=date(2026, 11, 26), reason="颱風")
    tasks.tell_closures()
    tasks.tell_closures()

    message = Message.objects.get()
    assert message.to == cast.host_officer.email
    assert message.subject == "【期限調整】115年11月26日（四）停止上班，1 項期限順延"
    assert "期限 115年11月26日（四），實際 115年11月27日（五）" in message.text
    closure.refresh_from_db()
    assert closure.told_at == timezone.now()


def test_the_outbox_shows_the_offices_mails_and_sends_again(cast: build.Cast) -> None:
    scope = f"office:{build.county().pk}"
    mine = enqueue(to="a@example.org", name="甲", subject="開會通知", text="內文", sender=scope)
    enqueue(to="b@example.org", name="乙", subject="他縣公文", text="內文", sender="office:0")
    Message.objects.filter(pk=mine.pk).update(state=MailState.FAILED, last_error="550 no such user")
    client = signed_in(cast.office_reviewer)

    page = client.get(reverse("duties:outbox")).content.decode()
    assert "開會通知" in page
    assert "550 no such user" in page
    assert "他縣公文" not in page
    client.post(reverse("duties:resend", args=[mine.pk]))
    mine.refresh_from_db()
    assert mine.state == MailState.QUEUED
    client.post(reverse("duties:cancel", args=[mine.pk]))
    mine.refresh_from_db()
    assert mine.state == MailState.CANCELLED
    assert signed_in(cast.host_officer).get(reverse("duties:outbox")).status_code == 403


def test_the_times_of_the_feed_are_whole(cast: build.Cast) -> None:
    build.meeting(day=date(2026, 12, 8), state=MeetingState.CALLED)
    events = stream.events_for(cast.host_officer, date(2026, 12, 1), date(2026, 12, 31))
    assert [(e.starts, e.ends) for e in events] == [
        (build.at(date(2026, 12, 8), 14), build.at(date(2026, 12, 8), 16)),
    ]
    assert isinstance(events[0].starts, datetime)


def test_a_meeting_held_after_its_day_is_done_and_shown_as_late(cast: build.Cast) -> None:
    with time_machine.travel(build.at(date(2027, 7, 5), 12), tick=False):
        build.held_meeting(day=date(2027, 7, 1))
        districts = list(cast.plan.districts.all())
        rows = board(stream.of_plan(cast.plan, today=date(2027, 7, 5)), districts, date(2027, 7, 5))
        cell = next(row for row in rows if row.kind == "meetings.hold.A").cells[1]
        assert (cell.chip.tone, cell.chip.text) == ("soon", "1 場・逾期 1 日")


def test_an_expired_relief_makes_way_for_a_new_one(cast: build.Cast) -> None:
    duty = hold_duty(cast)
    old = actions.give_relief(
        plan=cast.plan, duty=duty, until=None, reason="整修", expires_on=date(2026, 11, 20), by=cast.office_reviewer
    )
    page = signed_in(cast.office_reader).get(reverse("duties:reliefs")).content.decode()
    assert "已失效" in page
    new = actions.give_relief(
        plan=cast.plan, duty=duty, until=date(2027, 7, 31), reason="再展", expires_on=None, by=cast.office_reviewer
    )
    old.refresh_from_db()
    assert old.withdrawn_at is not None
    assert list(Relief.objects.on(TODAY)) == [new]
