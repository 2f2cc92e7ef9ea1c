"""The readings of unclear award clauses (districts' `Reading` rows) as the rules take them, with their alternatives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from districts.models import Plan, Reading
from personnel_portal.rules.commendations import CapPer, HostingReadings, Joint

# What each reading may say. The first is the chosen one of the domain notes (A0.3), used where a plan has no row.
VALUES: Mapping[str, tuple[Any, ...]] = {
    "counted_meeting_kinds": (["A"], ["A", "B"]),
    "tiers_replace": (True, False),
    "tier_counted": ("once", "each"),
    "tier_conditions": ("all", "any"),
    "proposals_from": ("members_and_coached", "members"),
    "meeting_counts_when": ("accepted", "held"),
    "cap_per": ("person", "agency", "proposal"),
    "joint_proposal": ("first", "all"),
}
# Those whose alternatives the pages compute until the office has confirmed them.
COMPARED = ("counted_meeting_kinds", "tiers_replace", "cap_per", "joint_proposal")


@dataclass(frozen=True, slots=True)
class Readings:
    """How a plan reads its award clauses."""

    hosting: HostingReadings
    accepted_only: bool
    cap_per: CapPer
    joint: Joint


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value of a reading that the office has not confirmed."""

    reading: Reading
    readings: Readings
    value: Any


def chosen(rows: Iterable[Reading]) -> Readings:
    """Return the readings of a plan's rows; what no row says, or says in no known way, is read as the domain notes do."""
    values = {key: known[0] for key, known in VALUES.items()}
    values |= {row.key: row.value for row in rows if row.value in VALUES.get(row.key, ())}
    return _of(values)


def alternatives(plan: Plan) -> list[Alternative]:
    """Return, for each compared reading that is not confirmed, the other values it may have."""
    rows = list(plan.readings.all())
    values = {row.key: row.value for row in rows}
    return [
        Alternative(row, _of({key: known[0] for key, known in VALUES.items()} | values | {row.key: other}), other)
        for row in rows
        if row.key in COMPARED and row.confirmed_on is None
        for other in VALUES[row.key]
        if other != row.value
    ]


def _of(values: Mapping[str, Any]) -> Readings:
    return Readings(
        hosting=HostingReadings(
            kinds=frozenset(values["counted_meeting_kinds"]),
            replace=values["tiers_replace"],
            per_meeting=values["tier_counted"] == "each",
            all_conditions=values["tier_conditions"] == "all",
            members_only=values["proposals_from"] == "members",
        ),
        accepted_only=values["meeting_counts_when"] == "accepted",
        cap_per=CapPer(values["cap_per"]),
        joint=Joint(values["joint_proposal"]),
    )
