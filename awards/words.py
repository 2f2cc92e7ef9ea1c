"""How results are worded: 「專、兼任(辦)會報 2 場（113/5/14、113/6/20，均已備查）≥ 2；提案 16 案 > 15 → 伍、一、(二) 記功 1 次」."""

from decimal import Decimal

from awards.choices import Measure, UnitChoice
from awards.facts import is_supposed
from personnel_portal import roc
from personnel_portal.rules.bounds import Bounds
from personnel_portal.rules.commendations import (
    Check,
    Commendation,
    Hosting,
    HostingRecord,
    MeetingFact,
    ProposalCommendation,
    Tier,
    Trial,
)
from personnel_portal.rules.tiers import TierError

UNITS = {Measure.MEETINGS: "場", Measure.PROPOSALS: "案", Measure.ATTENDEES: "人次", Measure.MEMBERS: "個機關"}


def granted(unit: str, times: int) -> str:
    """Return 嘉獎 2 次."""
    return f"{UnitChoice(unit).label} {times} 次"


def explained(commendation: Commendation, record: HostingRecord) -> str:
    """Return why a commendation is granted, with its numbers, clause and unit."""
    counted = "；".join(_check(check, record) for check in commendation.because)
    estimate = "（預估：尚有會議紀錄未備查）" if commendation.is_estimated else ""
    return f"{counted} → {commendation.clause} {_each(commendation)}{granted(commendation.unit, commendation.times)}{estimate}"


def _each(commendation: Commendation) -> str:
    """Return 嘉獎 2 次 × 3 場 ＝, where a tier is granted for each of several meetings."""
    if commendation.meetings == 1:
        return ""
    each = granted(commendation.unit, commendation.times // commendation.meetings)
    return f"{each} × {commendation.meetings} 場 ＝ "


def hoped(hosting: Hosting, record: HostingRecord) -> list[str]:
    """Return what the minutes that wait would bring about beside what is certain, a sentence each."""
    return [f"待備查後可達：{explained(commendation, record)}" for commendation in hosting.hoped]


def refused(trial: Trial, record: HostingRecord) -> str:
    """Return why a tier is not reached: what is counted, and which condition fails."""
    failing = "；".join(_check(check, record) for check in trial.checks if not check.is_met)
    return f"{trial.tier.clause} {granted(trial.tier.unit, trial.tier.times)}未達：{failing}"


def proposals_explained(commendation: ProposalCommendation) -> str:
    """Return for how many adopted proposals somebody is rewarded, and what the cap left out."""
    counted = f"獲參採且符合獎勵之提案 {len(commendation.references) + len(commendation.over_cap)} 案"
    supposed = sum(map(is_supposed, (*commendation.references, *commendation.over_cap)))
    if supposed:
        counted += f"（含假設 {supposed} 案）"
    over = f"，{len(commendation.over_cap)} 案已達上限不另計" if commendation.over_cap else ""
    if not commendation.times:
        return f"{counted}{over}"
    return f"{counted}{over} → {commendation.clause} {granted(commendation.unit, commendation.times)}"


def contradiction(fault: TierError) -> str:
    """Return why a table of tiers is not saved."""
    one, other = (tier.clause for tier in fault.tiers)
    measure = Measure(fault.measure).label if fault.measure else ""
    match fault.key:
        case "empty":
            return f"「{one}」的{measure}範圍內沒有整數，沒有人能符合，請調整上限或下限。"
        case "twins":
            return f"「{one}」與「{other}」的條件相同，無法判定適用何者，請調整其中之一。"
        case "overlap":
            return f"「{one}」與「{other}」的{measure}範圍重疊（{_span(fault.low, fault.high)}），請調整上限或下限。"
        case _:
            return f"符合「{other}」者必定也符合獎勵不低於它的「{one}」，「{other}」永遠不會適用，請檢查條件與獎勵。"


def gap(lower: Tier, upper: Tier, first: Decimal, last: Decimal) -> str:
    """Return which numbers belong to no tier; it may be meant so."""
    measure = Measure(lower.conditions[0].measure).label
    return f"「{lower.clause}」與「{upper.clause}」之間，{measure} {_span(first, last)} 不屬任何級距，不予獎勵。"


def _span(first: Decimal | None, last: Decimal | None) -> str:
    return f"{first}" if first == last else f"{first} 至 {last}"


def _check(check: Check, record: HostingRecord) -> str:
    measure, value = Measure(check.condition.measure), check.counted.value
    number = "無" if measure is Measure.RANK and not value else _number(value)
    told = f"{_label(measure, check, record)} {number} {UNITS.get(measure, '')}".rstrip()
    days, fails = _days(check, record), "" if check.is_met else "不符 "
    gap = "" if days else " "  # none after a full-width bracket
    return f"{told}{days}{gap}{fails}{_compared(check.condition.bounds)}"


def _label(measure: Measure, check: Check, record: HostingRecord) -> str:
    if measure is not Measure.MEETINGS:
        return {Measure.PROPOSALS: "提案"}.get(measure, measure.label)
    kinds = {m.kind for m in record.meetings if m.reference in check.counted.references}
    return "聯繫會報" if kinds == {"A", "B"} else "專任會報" if kinds == {"B"} else "專、兼任(辦)會報"


def _days(check: Check, record: HostingRecord) -> str:
    listed = {m.reference: m for m in record.meetings if not is_supposed(m.reference)}
    counted = [listed[reference] for reference in check.counted.references if reference in listed]
    told = [f"{'、'.join(roc.short(m.day) for m in counted)}，{_accepted(counted)}"] if counted else []
    if supposed := sum(map(is_supposed, check.counted.references)):
        told.append(f"含假設 {supposed} {UNITS[Measure(check.counted.measure)]}")
    return f"（{'；'.join(told)}）" if told else ""


def _accepted(meetings: list[MeetingFact]) -> str:
    waiting = sum(not meeting.is_accepted for meeting in meetings)
    if not waiting:
        return "均已備查" if len(meetings) > 1 else "已備查"
    return f"{waiting} 場紀錄未備查"


def _compared(bounds: Bounds) -> str:
    low = "" if bounds.low is None else f"{'≥' if bounds.low_included else '>'} {_number(bounds.low)}"
    high = "" if bounds.high is None else f"{'≤' if bounds.high_included else '<'} {_number(bounds.high)}"
    return " 且 ".join(part for part in (low, high) if part)


def _number(value: Decimal) -> str:
    return f"{value:f}"
