"""Reminders: when they go, to whom, once, and what a missed run or a moved deadline does."""

from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from districts.models import Closure, Office, Plan
from meetings.choices import MeetingKind, MeetingState
from personnel_portal.accounts.models import Deputyship
from personnel_portal.duties import actions, mails, reminders, stream, tasks
from personnel_portal.duties.models import Relief, Reminder
from personnel_portal.outbox.models import Message
from personnel_portal.rules.duty import Due, Duty
from personnel_portal.rules.worktime import OfficeCalendar, Policy
from tests import build

pytestmark = pytest.mark.django_db
A_DUE = date(2027, 6, 30)  # a Wednesday


def send(day: date) -> int:
    return actions.send_reminders(office=build.county(), today=day)


def mails_to(user_mail: str) -> list[str]:
    return list(Message.objects.filter(to=user_mail).order_by("pk").values_list("subject", flat=True))


def a_duty(effective: date) -> Duty:
    return Duty("k", "kind", "h", "t", "c", plan_id=1, agency_id=1, due=Due(effective, effective, Policy.NONE))


def test_offsets_fall_on_the_working_day_before() -> None:
    plan = Plan(reminder_offsets=[30, 14, 7, 1, 0], overdue_every=7)
    duty = a_duty(date(2024, 6, 30))  # a Sunday
    calendar = OfficeCalendar()

    def passed(day: date) -> list[int]:
        return reminders.passed_offsets(duty, plan, calendar, day)

    assert passed(date(2024, 5, 30)) == []
    assert passed(date(2024, 5, 31)) == [30]
    assert passed(date(2024, 6, 13)) == [30]
    assert passed(date(2024, 6, 14)) == [30, 14], "6/16 is a Sunday: it goes on Friday 6/14"
    assert passed(date(2024, 6, 21)) == [30, 14, 7], "6/23 is a Sunday"
    assert passed(date(2024, 6, 28)) == [30, 14, 7, 1, 0], "both 6/29 and 6/30 are rest days"
    assert passed(date(2024, 7, 4)) == [30, 14, 7, 1, 0], "not overdue by a week yet"
    assert passed(date(2024, 7, 5)) == [30, 14, 7, 1, 0, -7], "a week after is a Sunday too: it goes on Friday"
    assert passed(date(2024, 7, 21)) == [30, 14, 7, 1, 0, -7, -14, -21]


def test_a_host_is_reminded_once_an_offset(cast: build.Cast) -> None:
    assert send(date(2027, 5, 30)) == 0, "31 days before"
    assert send(date(2027, 5, 31)) == 2, "both hosts with people"
    assert send(date(2027, 5, 31)) == 0, "a rerun sends nothing"
    assert send(date(2027, 6, 1)) == 0
    assert mails_to(cast.host_officer.email) == [
        "【提醒】您有 3 項應辦事項，最近一項：辦理專、兼任(辦)人事人員聯繫會報至少 1 場（剩 30 日）"
    ], "the month's coaching table and its own case, which have no deadline, stand beside it"
    assert mails_to(cast.member_officer.email) == []
    assert mails_to(cast.office_reviewer.email) == []


def test_a_digest_that_cannot_be_written_keeps_nobody_else_from_theirs(
    cast: build.Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write = mails.digest

    def broken(letter: reminders.Digest, today: date) -> list[dict[str, Any]]:
        if letter.person.mail == cast.host_officer.email:
            raise ValueError("broken")
        return write(letter, today)

    monkeypatch.setattr(mails, "digest", broken)
    assert send(date(2027, 5, 31)) == 1
    assert [message.to for message in Message.objects.all()] == [cast.neighbour_host.email]
    assert Reminder.objects.count() == 1
    assert "digest of person" in caplog.text
    monkeypatch.undo()
    assert send(date(2027, 5, 31)) == 1, "the next run makes up for it"
    assert len(mails_to(cast.host_officer.email)) == 1


def test_a_missed_week_is_caught_up_by_one_mail(cast: build.Cast) -> None:
    assert send(date(2027, 6, 28)) == 2, "30, 14 and 7 have passed"
    assert len(mails_to(cast.host_officer.email)) == 1
    settled = Reminder.objects.filter(person__user=cast.host_officer).values_list("offset", flat=True)
    assert set(settled) == {7, 14, 30}


def test_several_duties_of_a_person_are_one_digest(cast: build.Cast) -> None:
    assert send(date(2027, 8, 31)) == 2
    (subject,) = mails_to(cast.host_officer.email)
    assert subject == "【提醒】您有 4 項應辦事項，最近一項：辦理專、兼任(辦)人事人員聯繫會報至少 1 場（逾期 62 日）"


def test_who_delivered_is_not_reminded(cast: build.Cast) -> None:
    build.meeting(day=date(2027, 5, 3), state=MeetingState.HELD)
    send(date(2027, 6, 16))
    assert mails_to(cast.host_officer.email) == []
    assert len(mails_to(cast.neighbour_host.email)) == 1


def test_a_moved_deadline_reminds_anew(cast: build.Cast) -> None:
    send(date(2027, 6, 28))
    host = build.listed("大林鎮公所")
    duty = next(d for d in stream.of_plan(cast.plan, today=A_DUE) if d.agency_id == host.pk and d.kind.endswith("A"))
    actions.give_relief(
        plan=cast.plan, duty=duty, until=date(2027, 7, 30), reason="颱風", expires_on=None, by=cast.office_reviewer
    )
    assert send(date(2027, 6, 29)) == 1, "30 days before 7/30 has come in the meantime… for the host alone"
    assert Relief.objects.get().until == date(2027, 7, 30)


def test_overdue_is_weekly(cast: build.Cast) -> None:
    send(A_DUE)
    days = [day for day in range(1, 30) if send(A_DUE + timedelta(days=day))]
    assert days == [7, 14, 21, 28]


def test_the_deputy_of_an_absent_officer_is_told_too(cast: build.Cast) -> None:
    deputy = build.officer(build.listed("大林鎮公所"), username="deputy", name="代理人")
    Deputyship.objects.create(
        principal=cast.neighbour_host, deputy=deputy, since=date(2027, 5, 1), until=date(2027, 6, 30)
    )
    send(date(2027, 5, 31))
    assert len(mails_to(cast.neighbour_host.email)) == 1
    assert len(mails_to(deputy.email)) == 2, "once for the own agency, once in place of the absent neighbour"


def test_reminders_keep_office_hours(cast: build.Cast) -> None:
    county = Office.objects.get(code=build.COUNTY)
    monday = build.at(date(2026, 11, 23), 9)
    assert actions.in_office_hours(monday, county)
    assert not actions.in_office_hours(build.at(date(2026, 11, 23), 7, 59), county)
    assert not actions.in_office_hours(build.at(date(2026, 11, 23), 18), county)
    assert not actions.in_office_hours(build.at(date(2026, 11, 22), 9), county), "a Sunday"
    Closure.objects.create(office=county, day=date(2026, 11, 23), reason="颱風")
    assert not actions.in_office_hours(monday, county)


@pytest.mark.parametrize(("moment", "mails"), [("2027-05-31T09:05:00+08:00", 2), ("2027-05-30T09:05:00+08:00", 0)])
def test_the_task_sends_on_working_days(cast: build.Cast, moment: str, mails: int) -> None:
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        tasks.remind()
        tasks.remind()
    assert Message.objects.count() == mails


def test_remind_now_counts_and_refuses_what_is_done(cast: build.Cast) -> None:
    host = build.listed("大林鎮公所")
    duty = next(d for d in stream.of_plan(cast.plan, today=A_DUE) if d.agency_id == host.pk and d.kind.endswith("A"))
    assert actions.remind_now(plan=cast.plan, duty=duty, by=cast.office_reviewer, today=A_DUE) == 1
    with pytest.raises(ValidationError, match="剛剛已寄出提醒"):
        actions.remind_now(plan=cast.plan, duty=duty, by=cast.office_reviewer, today=A_DUE)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        actions.remind_now(plan=cast.plan, duty=duty, by=cast.office_reviewer, today=A_DUE)
    assert stream.reminded(cast.plan) == {duty.key: 2}
    assert [subject[:11] for subject in mails_to(cast.host_officer.email)] == [
        "【人事處第 1 次提醒",
        "【人事處第 2 次提醒",
    ]


def test_the_command_shows_what_would_go(cast: build.Cast) -> None:
    person = cast.host_officer.person
    out = StringIO()
    call_command("remind", date="113-06-14", dry_run=True, stdout=out)
    shown = out.getvalue()
    assert "嘉義縣政府人事處　113年6月14日（五）：2 封" in shown
    assert f"{person.name} <{person.mail}>" in shown
    assert "[剩 16 日] 辦理專、兼任(辦)人事人員聯繫會報至少 1 場（提醒點 +30、+14）" in shown
    assert Message.objects.count() == 0


def test_what_has_no_deadline_stands_in_a_digest_that_goes_anyway(cast: build.Cast) -> None:
    build.held_meeting(day=date(2027, 5, 20), kind=MeetingKind.FULL_TIME)
    assert send(date(2027, 5, 25)) == 0, "minutes without a number of days are never mailed for alone"
    send(date(2027, 5, 31))
    text = Message.objects.get(to=cast.host_officer.email).text
    assert "[會後 11 日] 報送第 1 次專任會報紀錄" in text


def test_the_command_names_agencies_that_nobody_can_be_written_to_for() -> None:
    build.plan()
    out = StringIO()
    call_command("remind", date="113-06-16", dry_run=True, stdout=out)
    assert "113年6月16日（日）：0 封（放假日，實際於次一上班日寄送）" in out.getvalue()
    assert "無人可通知：大林鎮公所（2 項）" in out.getvalue()
