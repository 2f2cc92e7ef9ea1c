"""The readings of unclear award clauses (districts' `Reading` rows) as the rules take them, with their alternatives."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from districts.models import Plan, Reading
from personnel_portal.rules.commendations import CapPer, HostingReadings, Joint

# What each reading may say, and how it is worded. The first is the chosen one of the domain notes (A0.3), used where a
# plan has no row.
_SAID: Mapping[str, tuple[tuple[Any, str], ...]] = {
    "counted_meeting_kinds": ((["A"], "僅計專、兼任(辦)會報"), (["A", "B"], "專任會報併計")),
    "tiers_replace": ((True, "較高獎勵取代較低者"), (False, "各級獎勵併計")),
    "tier_counted": (("once", "全年度核予一次"), ("each", "每場各核予一次")),
    "tier_conditions": (("all", "同一級的條件須全部符合"), ("any", "同一級的條件符合其一即可")),
    "proposals_from": (("members_and_coached", "分區成員與輔導區機關的提案均計"), ("members", "僅計分區成員的提案")),
    "meeting_counts_when": (("accepted", "紀錄備查後計入"), ("held", "召開即計入")),
    "cap_per": (("person", "上限以每人計"), ("agency", "上限以每一機關計"), ("proposal", "上限以每一提案計")),
    "joint_proposal": (("first", "獎勵第一提案人"), ("all", "獎勵全部提案人")),
}
VALUES: Mapping[str, tuple[Any, ...]] = {key: tuple(value for value, _ in said) for key, said in _SAID.items()}
# Those whose alternatives the pages compute until the office has confirmed them.
COMPARED = ("counted_meeting_kinds", "tiers_replace", "cap_per", "joint_proposal")
# Those that switch nothing: where the answer is set, or that it is fixed.
_FIXED: Mapping[str, str] = {
    "proposals_over": "案數門檻由獎勵級距的條件設定，變更本項不影響試算。",
    "proposals_counted_over": "一律以計畫期間合計，變更本項不影響試算。",
    "counted_proposals": "一律計送達人事處者，併案計 1 案，變更本項不影響試算。",
    "tier_otherwise": "由獎勵級距的條件決定，變更本項不影響試算。",
    "partly_adopted": "由研處時是否勾選「核敘獎勵」決定，變更本項不影響試算。",
    "awards_side_by_side": "一律分別列示，變更本項不影響試算。",
    "convert_commendations": "一律不換算，變更本項不影響試算。",
    "award_people": "不限人數，由承辦單位提報、人事處審查，變更本項不影響試算。",
}


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

    @property
    def words(self) -> str:
        """How the clause would be read otherwise: 專任會報併計."""
        return said(self.reading.key, self.value)

    @property
    def chosen(self) -> str:
        """What is computed today; the row's own text is free and may say something else."""
        return effect(self.reading)


def chosen(rows: Iterable[Reading]) -> Readings:
    """Return the readings of a plan's rows; what no row says, or says in no known way, is read as the domain notes do."""
    return _of(_values(rows))


def alternatives(plan: Plan) -> list[Alternative]:
    """Return, for each compared reading that is not confirmed, the other values it may have."""
    rows = list(plan.readings.all())
    values = _values(rows)
    return [
        Alternative(row, _of(values | {row.key: other}), other)
        for row in rows
        if row.key in COMPARED and row.confirmed_on is None
        for other in VALUES[row.key]
        if other != values[row.key]
    ]


def confirmed(plan: Plan) -> list[Reading]:
    """Return the compared readings that the office has confirmed."""
    return [row for row in plan.readings.all() if row.key in COMPARED and row.confirmed_on]


def said(key: str, value: Any) -> str:
    """Return a known value of a reading in words: 專任會報併計."""
    return next(words for known, words in _SAID[key] if known == value)


def effect(reading: Reading) -> str:
    """Return how a plan's awards are computed for what a reading asks; empty for the questions of others."""
    if reading.key in VALUES:
        return said(reading.key, _values([reading])[reading.key])
    return _FIXED.get(reading.key, "")


def refuse_unknown(reading: Reading) -> None:
    """Refuse a value that nothing can be computed with.

    Raises:
        ValidationError: in one sentence, with the values that the reading may have.
    """
    if reading.key in VALUES and reading.value not in VALUES[reading.key]:
        offered = "、".join(
            f"{json.dumps(value, ensure_ascii=False)}（{words}）" for value, words in _SAID[reading.key]
        )
        raise ValidationError({"value": f"這項條文解釋只能採用{offered}之一。"})


def _values(rows: Iterable[Reading]) -> dict[str, Any]:
    values = {key: known[0] for key, known in VALUES.items()}
    return values | {row.key: row.value for row in rows if row.value in VALUES.get(row.key, ())}


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
