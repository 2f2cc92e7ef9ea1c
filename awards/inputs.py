"""What a run keeps of the facts and rules that it was computed from, as plain values, and how these are worded."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from awards.choices import LineKind, Measure, UnitChoice
from awards.compute import Rules
from awards.facts import Gathered
from awards.models import HostPerson, TierCondition
from districts.models import Plan
from meetings.choices import MeetingKind
from personnel_portal.rules.commendations import RULE_VERSION

Plain = Mapping[str, Any]

# How the readings are worded: label, where it stands in the rules, its values and their words, and which award it is of.
_READINGS: tuple[tuple[str, tuple[str, ...], Mapping[Any, str], LineKind], ...] = (
    (
        "計入的會報",
        ("hosting", "kinds"),
        {("A",): "專、兼任(辦)會報", ("A", "B"): "專、兼任(辦)會報與專任會報", ("B",): "專任會報"},
        LineKind.HOSTING,
    ),
    ("會報何時計入", ("accepted_only",), {True: "紀錄備查後", False: "召開後"}, LineKind.HOSTING),
    (
        "計入的提案",
        ("hosting", "members_only"),
        {False: "分區成員及輔導區兼任(辦)機關", True: "僅分區成員"},
        LineKind.HOSTING,
    ),
    ("同一級的條件", ("hosting", "all_conditions"), {True: "須全部符合", False: "符合其一即可"}, LineKind.HOSTING),
    ("達到數級時", ("hosting", "replace"), {True: "較高獎勵取代較低者", False: "各級獎勵併計"}, LineKind.HOSTING),
    ("辦理數場時", ("hosting", "per_meeting"), {False: "全年度核予一次", True: "每場各核予一次"}, LineKind.HOSTING),
    (
        "上限的計算",
        ("cap_per",),
        {"person": "每人", "agency": "每一機關", "proposal": "每一提案"},
        LineKind.PROPOSAL,
    ),
    ("聯合提案", ("joint",), {"first": "獎勵第一提案人", "all": "獎勵全部提案人"}, LineKind.PROPOSAL),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A clause or a reading of it as a run used it, in words, and which award it is of."""

    label: str
    text: str
    kind: LineKind


def kept(plan: Plan, rules: Rules, gathered: Gathered) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the facts and the rules of a plan as a run stores them; one query for the people who were accepted."""
    people: dict[str, list[dict[str, Any]]] = {}
    for named in HostPerson.objects.accepted().filter(district__plan=plan).select_related("person").order_by("pk"):
        entry = {"person": named.person_id, "name": named.person.name, "part": named.part, "work": named.work}
        people.setdefault(str(named.district_id), []).append(entry)
    facts = {
        "records": gathered.records,
        "adopted": gathered.adopted[plan.pk],
        "rewarded": gathered.rewarded[plan.pk],
        "people": people,
    }
    return _plain(facts), {**_plain(rules), "version": RULE_VERSION}


def _plain(value: Any) -> Any:
    """Return values of the rules as JSON keeps them."""
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        listed = [_plain(inner) for inner in value]
        return sorted(listed) if isinstance(value, set | frozenset) else listed
    return value if isinstance(value, str | int | bool | None) else DjangoJSONEncoder().default(value)


def settings(rules: Plain) -> Iterator[Setting]:
    """Yield the clauses and readings of stored rules in words."""
    for tier in rules["tiers"]:
        asked = ("，且" if rules["readings"]["hosting"]["all_conditions"] else "，或").join(
            map(_condition, tier["conditions"])
        )
        yield Setting(tier["clause"], f"{asked}：各{_granted(tier)}", LineKind.HOSTING)
    if reward := rules["reward"]:
        cap = "不設上限" if reward["cap"] is None else f"至多 {reward['cap']} 次"
        yield Setting(reward["clause"], f"提案獲參採且符合獎勵，每案{_granted(reward)}，{cap}", LineKind.PROPOSAL)
    for label, path, words, kind in _READINGS:
        value: Any = rules["readings"]
        for name in path:
            value = value[name]
        yield Setting(label, words[tuple(value) if isinstance(value, list) else value], kind)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a district's stored record holds: meetings with their days, proposals by reference, other measures in words."""

    meetings: tuple[tuple[str, date, str, bool], ...]
    proposals: tuple[str, ...]
    measures: tuple[tuple[str, str], ...]


def counted(record: Plain) -> Counted:
    """Return a stored record for people to read."""
    return Counted(
        tuple(
            (m["reference"], date.fromisoformat(m["day"]), MeetingKind(m["kind"]).label, m["is_accepted"])
            for m in sorted(record["meetings"], key=lambda m: (m["day"], m["reference"]))
        ),
        tuple(fact["reference"] for fact in record["proposals"]),
        tuple((Measure(name).label, value) for name, value in record["measures"].items()),
    )


def _condition(condition: Plain) -> str:
    return f"{Measure(condition['measure']).label} {TierCondition(**condition['bounds']).words}"


def _granted(award: Plain) -> str:
    return f"{UnitChoice(award['unit']).label} {award['times']} 次"
