"""Duties and meetings as iCalendar (RFC 5545)."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar
from icalendar import Event as Entry

from personnel_portal.duties import stream
from personnel_portal.duties.board import due_text
from personnel_portal.rules.duty import Duty, Event

BACK, AHEAD = timedelta(days=90), timedelta(days=400)


def feed_of(user: Any, today: date) -> bytes:
    """Return a person's calendar: the open duties with a deadline, and the meetings of a year."""
    book = _book()
    book.add("x-wr-calname", "人事業務協作平台")
    for duty in stream.seen_by(user, today=today):
        if duty.due and duty.is_open():
            book.add_component(_deadline(duty))
    for event in stream.events_for(user, today - BACK, today + AHEAD):
        book.add_component(meeting_entry(event))
    return bytes(book.to_ical())


def invitation(event: Event, *, cancelled: bool = False) -> bytes:
    """Return one meeting as an .ics that a mail carries; a later `sequence` replaces an earlier one."""
    book = _book()
    book.add("method", "CANCEL" if cancelled else "PUBLISH")
    entry = meeting_entry(event)
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    book.add_component(entry)
    return bytes(book.to_ical())


def meeting_entry(event: Event) -> Entry:
    """Return an event as a calendar entry."""
    entry = Entry()
    entry.add("uid", _uid(event.key))
    entry.add("dtstamp", timezone.now())
    entry.add("summary", event.title)
    entry.add("dtstart", event.starts)
    entry.add("dtend", event.ends)
    entry.add("location", event.place)
    entry.add("sequence", event.sequence)
    entry.add("url", f"{settings.PORTAL_URL}{event.url}")
    return entry


def _deadline(duty: Duty) -> Entry:
    assert duty.due  # noqa: S101 -- the caller chose duties with a deadline
    entry = Entry()
    entry.add("uid", _uid(duty.key))
    entry.add("dtstamp", timezone.now())
    entry.add("summary", f"期限：{duty.title}")
    entry.add("dtstart", duty.due.effective)
    entry.add("dtend", duty.due.effective + timedelta(days=1))
    entry.add("description", f"{due_text(duty.due)}\n計畫{duty.clause}")
    entry.add("url", f"{settings.PORTAL_URL}{duty.url}")
    return entry


def _book() -> Calendar:
    book = Calendar()
    book.add("prodid", "-//personnel portal//zh-TW")
    book.add("version", "2.0")
    return book


def _uid(key: str) -> str:
    return f"{key}@{urlsplit(settings.PORTAL_URL).hostname}"
