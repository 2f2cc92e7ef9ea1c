"""Where a run differs from the one before it, or from today's facts, and because of which fact."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from awards import inputs
from awards.choices import LineKind, Measure
from awards.facts import in_order
from awards.inputs import Plain
from awards.models import Line, Run

NO_RECORD: Plain = {"meetings": [], "proposals": [], "measures": {}}


@dataclass(frozen=True, slots=True)
class Cause:
    """A fact or a rule that is another: a sentence, and the references of what it speaks of."""

    text: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A line that was added (none before), is another than before, or is gone (none now), and because of what."""

    before: Line | None
    now: Line | None
    causes: tuple[Cause, ...]

    @property
    def word(self) -> str:
        return "新增" if self.before is None else "消失" if self.now is None else "變更"

    @property
    def line(self) -> Line | None:
        """The line that it is about, the present one if there is one."""
        return self.now or self.before


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run was computed from, as `inputs.kept` stores it."""

    facts: Plain
    rules: Plain

    def record(self, district: int) -> Plain:
        found: Plain = self.facts["records"].get(str(district), NO_RECORD)
        return found

    def people(self, district: int) -> dict[int, Plain]:
        return {entry["person"]: entry for entry in self.facts["people"].get(str(district), ())}

    def adopted(self) -> dict[str, Plain]:
        return {entry["reference"]: entry for entry in self.facts["adopted"]}


def of(run: Run) -> Inputs:
    """Return what a run was computed from."""
    return Inputs(run.facts, run.rules)


def outdated(lines: Iterable[Line], today: Iterable[Line]) -> list[Line]:
    """Return the lines that do not follow from today's facts any more, or that name as evidence what no longer counts.

    Args:
        today: what would be proposed today.
    """
    counted = {_key(line): set(line.because["references"]) for line in today}
    return [line for line in lines if not set(line.because["references"]) <= counted.get(_key(line), {None})]


def same(earlier: Iterable[Line], later: Iterable[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield the lines that reward the same matters with the same computed result in both."""
    known = {_key(line): line for line in earlier}
    for line in later:
        if old := known.get(_key(line)):
            yield old, line


def _key(line: Line) -> tuple[Any, ...]:
    computed = line.clause, line.computed_unit, line.computed_times, line.is_estimated
    return _whose(line), computed, tuple(sorted(line.matters))


# --- Two runs --------------------------------------------------------------------------------------------------------


def between(before: Run, now: Run, lines: Iterable[tuple[Line | None, Line | None]]) -> list[Change]:
    """Return where the computed result was added, changed or is gone since an earlier run.

    Args:
        lines: as `pairs` returns them.
    """
    old, new = of(before), of(now)
    return [
        Change(earlier, later, tuple(_causes(old, new, earlier, later)))
        for earlier, later in lines
        if earlier is None or later is None or _result(earlier) != _result(later)
    ]


def pairs(before: Iterable[Line], now: Iterable[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Yield each line beside the earlier one of the same person for the same matter: by clause first, then in order."""
    earlier: dict[Any, list[Line]] = defaultdict(list)
    later: dict[Any, list[Line]] = defaultdict(list)
    for line in before:
        earlier[_whose(line)].append(line)
    for line in now:
        later[_whose(line)].append(line)
    for whose in dict.fromkeys([*later, *earlier]):
        old, new = earlier[whose], later[whose]
        for line in list(new):
            if same := next((other for other in old if other.clause == line.clause), None):
                yield same, line
                old.remove(same)
                new.remove(line)
        while old or new:
            yield (old.pop(0) if old else None), (new.pop(0) if new else None)


def _whose(line: Line) -> tuple[str, int | None, int]:
    return line.kind, line.district_id, line.person_id


def _result(line: Line) -> tuple[Any, ...]:
    return line.computed_unit, line.computed_times, line.clause, line.is_estimated, line.agency_id, line.matters


def _causes(old: Inputs, new: Inputs, before: Line | None, now: Line | None) -> Iterator[Cause]:
    line = now or before
    if line is None:
        return
    kind = LineKind(line.kind)
    if kind == LineKind.HOSTING and line.district_id:
        causes = list(_of_hosting(old, new, line.district_id, line.person_id))
    else:
        causes = list(_of_proposals(old, new, before, now))
    causes += rules_between(old.rules, new.rules, kind)
    if before and now and before.agency_id != now.agency_id:
        causes.append(Cause(f"服務機關由{before.agency.short_name}改為{now.agency.short_name}"))
    yield from causes or [Cause("人員職務資料或其他提案的上限使用情形更動")]


def _of_hosting(old: Inputs, new: Inputs, district: int, person: int) -> Iterator[Cause]:
    was, is_now = person in old.people(district), person in new.people(district)
    if was and not is_now:
        yield Cause("人員已不在同意列入的名單")
    elif is_now and not was:
        yield Cause("人事處同意列入名單")
    else:
        yield from record_between(old.record(district), new.record(district), _measures(old.rules, new.rules))


def _of_proposals(old: Inputs, new: Inputs, before: Line | None, now: Line | None) -> Iterator[Cause]:
    had, has = _counted(before), _counted(now)
    was, adopted = old.adopted(), new.adopted()
    yield from _told("新公布參採且符合獎勵", [key for key in has - had if key not in was])
    yield from _told("已不予獎勵（更正研處）", [key for key in had - has if key not in adopted])
    moved = [key for key in had ^ has if key in was and key in adopted and _who(was[key]) != _who(adopted[key])]
    yield from _told("獎勵對象更動", moved)


def _counted(line: Line | None) -> set[str]:
    return set(line.because["references"]) if line else set()


def _who(adopted: Plain) -> tuple[Any, Any]:
    return adopted["proposers"], adopted["chosen"]


# --- Today's facts ---------------------------------------------------------------------------------------------------


def since(run: Run, facts: Plain, rules: Plain, districts: Mapping[int, str]) -> list[tuple[str, list[Cause]]]:
    """Return where today's facts and rules differ from those of a run, under headings.

    Args:
        facts, rules: as `inputs.kept` returns them.
        districts: their names, in the order to tell them.
    """
    old, new = of(run), Inputs(facts, rules)
    measures = _measures(old.rules, new.rules)
    told = [
        (
            name,
            [
                *record_between(old.record(pk), new.record(pk), measures),
                *_people_between(old.people(pk), new.people(pk)),
            ],
        )
        for pk, name in districts.items()
    ]
    told.append(("參採提案", list(_adopted_between(old.adopted(), new.adopted()))))
    told.append(("規則與解釋", [cause for kind in LineKind for cause in rules_between(old.rules, new.rules, kind)]))
    return [(heading, causes) for heading, causes in told if causes]


def _people_between(old: Mapping[int, Plain], new: Mapping[int, Plain]) -> Iterator[Cause]:
    for word, names in (
        ("同意列入名單", [new[key]["name"] for key in new.keys() - old.keys()]),
        ("不在同意列入的名單", [old[key]["name"] for key in old.keys() - new.keys()]),
        ("身分或承辦工作更動", [new[key]["name"] for key in new.keys() & old.keys() if new[key] != old[key]]),
    ):
        if names:
            yield Cause(f"{word}：{'、'.join(sorted(names))}")


def _adopted_between(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> Iterator[Cause]:
    yield from _told("新公布參採且符合獎勵", new.keys() - old.keys())
    yield from _told("已不予獎勵（更正研處）", old.keys() - new.keys())
    yield from _told("獎勵對象更動", [key for key in new.keys() & old.keys() if _who(new[key]) != _who(old[key])])


# --- Records and rules -----------------------------------------------------------------------------------------------


def record_between(old: Plain, new: Plain, measures: Iterable[str]) -> Iterator[Cause]:
    """Yield what a district's record counts otherwise; of what other counties count, only the measures that are asked for."""
    held, holds = _by_reference(old["meetings"]), _by_reference(new["meetings"])
    both = held.keys() & holds.keys()
    yield from _told("新增召開的會報", holds.keys() - held.keys())
    yield from _told("不再計入的會報", held.keys() - holds.keys())
    yield from _told("會議紀錄已備查", [k for k in both if holds[k]["is_accepted"] and not held[k]["is_accepted"]])
    yield from _told(
        "會議紀錄退回，未備查", [k for k in both if held[k]["is_accepted"] and not holds[k]["is_accepted"]]
    )
    yield from _told("會報的日期或種類更動", [k for k in both if _when(held[k]) != _when(holds[k])])
    sent, sends = _by_reference(old["proposals"]), _by_reference(new["proposals"])
    yield from _told("新增送達本處的提案", sends.keys() - sent.keys(), "案")
    yield from _told("不再計入的提案（撤回、退回或併案）", sent.keys() - sends.keys(), "案")
    for measure in sorted(measures):
        was, counted = old["measures"].get(measure), new["measures"].get(measure)
        if was != counted:
            yield Cause(f"{Measure(measure).label}由 {was or 0} 變為 {counted or 0}")


def rules_between(old: Plain, new: Plain, kind: LineKind) -> list[Cause]:
    """Return which clauses and readings of an award are others."""
    was = {setting.label: setting.text for setting in inputs.settings(old) if setting.kind == kind}
    rules = {setting.label: setting.text for setting in inputs.settings(new) if setting.kind == kind}
    found = [
        Cause(f"{label}由「{was.get(label, '無')}」改為「{rules.get(label, '無')}」")
        for label in dict.fromkeys([*rules, *was])
        if was.get(label) != rules.get(label)
    ]
    if old["version"] != new["version"]:
        found.append(Cause(f"規則程式由 {old['version']} 版更新為 {new['version']} 版"))
    return found


def _measures(*rules: Plain) -> set[str]:
    asked = {condition["measure"] for one in rules for tier in one["tiers"] for condition in tier["conditions"]}
    return asked - {Measure.MEETINGS.value, Measure.PROPOSALS.value}


def _by_reference(facts: Iterable[Plain]) -> dict[str, Plain]:
    return {fact["reference"]: fact for fact in facts}


def _when(meeting: Plain) -> tuple[str, str]:
    return meeting["day"], meeting["kind"]


def _told(text: str, references: Iterable[str], unit: str = "") -> Iterator[Cause]:
    listed = in_order(references)
    if listed:
        yield Cause(f"{text} {len(listed)} {unit}" if unit else text, tuple(listed))
