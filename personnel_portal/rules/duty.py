"""A duty: who owes what, under which clause, by when, and the evidence that it is done.

Every app states its duties as these values; the board, the to-do list, the calendar, the iCal feed and the reminder
mails are views of them. Labels are in the words of the field, since a duty is shown as it is stated.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from personnel_portal.rules.worktime import OfficeCalendar, Policy

SOON_DAYS = 14


class State(StrEnum):
    """How a duty stands on a day."""

    DONE = "done"
    LATE = "late"
    SOON = "soon"
    WAITING = "waiting"
    OPEN = "open"  # no day is stated: shown by the days since it arose
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as stated and as it holds.

    Attributes:
        nominal: the day that the clause names (名目期限).
        effective: the last day on which it can be met (實際期限), after the office calendar and any extension.
        policy: what a rest day does.
        hour: closing time of that day, if one is set.
        certain: false where the calendar of that year is not loaded.
    """

    nominal: date
    effective: date
    policy: Policy
    hour: time | None = None
    certain: bool = True

    @classmethod
    def on(cls, nominal: date, policy: Policy, calendar: OfficeCalendar, hour: time | None = None) -> "Due":
        """Return the deadline of a nominal day under a calendar."""
        effective = calendar.effective(nominal, policy)
        return cls(nominal, effective, policy, hour, calendar.covers(nominal) and calendar.covers(effective))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that a duty is done: a label, the day, and the page to look at."""

    label: str
    day: date
    url: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that one agency owes under one plan.

    Attributes:
        key: unique and stable over recomputation, such as `meetings.hold.A.district-3`; a reminder remembers it.
        kind: what it is, the row of the board, such as `meetings.hold.A`.
        heading: the kind in words, the head of its row on the board, such as 專、兼任(辦)會報 ≥ 1 場.
        title: this duty in words, such as 報送第 1 次專、兼任(辦)聯繫會報紀錄.
        clause: where it is written, such as 肆、二、(三).
        plan_id, agency_id: the plan, and the agency that owes it.
        district_id: the column of the board, if it belongs to a district.
        due: the deadline, or none where the plan states none.
        since: the day on which it arose, shown as 「n 日」 where no deadline is stated.
        after: the word before those days, such as 會後.
        done: the evidence, once there is one.
        url, action: the page and the word of its one button.
        note: what else the line should say, such as 已排定 113/6/28.
        waived: the reason why the office does not ask for it, if it waived it.
    """

    key: str
    kind: str
    heading: str
    title: str
    clause: str
    plan_id: int
    agency_id: int
    district_id: int | None = None
    due: Due | None = None
    since: date | None = None
    after: str = "已"
    done: Evidence | None = None
    url: str = ""
    action: str = ""
    note: str = ""
    waived: str = ""

    def state(self, today: date) -> State:
        """Return how the duty stands on a day; it is late only after its effective date."""
        if self.done:
            return State.DONE
        if self.waived:
            return State.WAIVED
        if self.due is None:
            return State.OPEN
        if today > self.due.effective:
            return State.LATE
        return State.SOON if self.days_left(today) <= SOON_DAYS else State.WAITING

    def days_left(self, today: date) -> int:
        """Return the days until the effective date; negative once it has passed.

        Raises:
            ValueError: the duty has no deadline.
        """
        if self.due is None:
            raise ValueError(f"{self.key} has no deadline")
        return (self.due.effective - today).days

    def days_since(self, today: date) -> int:
        """Return the days since the duty arose, at least 0.

        Raises:
            ValueError: the duty does not say when it arose.
        """
        if self.since is None:
            raise ValueError(f"{self.key} does not say when it arose")
        return max(0, (today - self.since).days)

    def days_late(self) -> int:
        """Return by how many days it was done after its effective date; 0 where it was in time or is not done."""
        if self.done is None or self.due is None:
            return 0
        return max(0, (self.done.day - self.due.effective).days)

    def is_open(self) -> bool:
        """Tell whether someone still owes it."""
        return self.done is None and not self.waived

    def extended(self, until: date) -> "Duty":
        """Return the duty with its deadline put off; the nominal day stays as stated."""
        due = Due(until, until, Policy.NONE) if self.due is None else replace(self.due, effective=until)
        return replace(self, due=due)

    def waive(self, reason: str) -> "Duty":
        """Return the duty as one that nobody owes any more, for the reason."""
        return replace(self, waived=reason)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that takes place at a time and is no duty by itself, such as a meeting that was called.

    Attributes:
        key: unique and stable, such as `meetings.meeting-12`.
        starts, ends: aware times.
        sequence: counts the changes, so that a calendar takes the newest.
    """

    key: str
    title: str
    starts: datetime
    ends: datetime
    place: str
    url: str
    sequence: int = 0
