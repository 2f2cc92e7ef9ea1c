"""What the usage returns of a plan come to: the year's formula, what the review granted, each agency's score and rank."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from districts.choices import Staffing
from districts.models import Agency, Plan
from kpi.choices import BandFor, Filing, Grant, ReportState, Round
from kpi.models import Subsystem, System, UsageBand, UsageReport, UsageRule, Use
from personnel_portal.rules.bands import Band, BandTable, Score
from personnel_portal.rules.bounds import TableError, whole
from personnel_portal.rules.usage import HUNDRED, Formula, UsageScore, usage_score

NO_RULE = "本計畫尚未訂定計分規則。"


class BandRow(Protocol):
    """A band as it is kept or typed: from `low` to `high`, both included, and the share in per cent."""

    @property
    def low(self) -> int: ...
    @property
    def high(self) -> int | None: ...
    @property
    def share(self) -> Decimal: ...


# --- Bands and the formula -------------------------------------------------------------------------------------------


def band_table(rows: Iterable[BandRow]) -> BandTable:
    """Return bands as the rules take them.

    Raises:
        TableError: a band is reversed, or two leave a gap or overlap.
        ValueError: there is none.
    """
    return BandTable(
        tuple(Band(whole(row.low, row.high, True, row.high is not None), Decimal(row.share) / HUNDRED) for row in rows)
    )


def band_problem(rows: Sequence[BandRow]) -> str:
    """Return in a sentence why the rows are no table of bands, or nothing."""
    if not rows:
        return "請至少訂一個級距。"
    try:
        band_table(rows)
    except TableError as error:
        return _worded(error)
    ordered = sorted(rows, key=lambda row: row.low)
    if ordered[0].low > 1:
        return f"級距有缺口：{_range(1, ordered[0].low - 1)}沒有得分。"
    for lower, upper in pairwise(ordered):
        if upper.share < lower.share:
            return f"{upper.low} 項以上的得分（{upper.share:f}%）低於較少項數的得分（{lower.share:f}%）。"
    return ""


def _worded(error: TableError) -> str:
    low, high = error.numbers.get("low"), error.numbers.get("high")
    match error.key:
        case "reversed":
            return f"級距的上限 {high} 小於下限 {low}。"
        case "gap" if low is not None and high is not None:
            return f"級距有缺口：{_range(int(low) + 1, int(high) - 1)}沒有得分。"
        case _ if low is not None and high is not None:
            return f"級距重疊：{_range(int(low), int(high))}落在兩個級距。"
        case _:
            return "沒有上限的級距只能是最高的一個，其他級距請填上限。"


def _range(first: int, last: int) -> str:
    return f" {first} 項" if first == last else f" {first} 至 {last} 項"


@dataclass(frozen=True, slots=True)
class Rules:
    """How a plan scores, with its rows to show; `problem` says why it cannot."""

    row: UsageRule | None
    bands: Mapping[str, list[UsageBand]]
    formula: Formula | None
    problem: str = ""

    def mark(self, counts: BandFor, found: Score) -> str:
        """Return the mark (等第) of the band that a count fell into."""
        if found.band is None:
            return ""
        low = found.band.bounds.low
        return next((band.mark for band in self.bands[counts] if band.low == low), "")

    def as_json(self) -> dict[str, object]:
        """Return the rules as a published list keeps them."""
        row = self.row
        if row is None:
            return {}
        names = ("base", "use_part", "service_part", "tools_weight", "subsystems_weight")
        return {name: f"{getattr(row, name).normalize():f}" for name in names} | {
            str(counts): [[band.mark, band.low, band.high, f"{band.share.normalize():f}"] for band in rows]
            for counts, rows in self.bands.items()
        }


def rules_of(plan: Plan) -> Rules:
    """Return a plan's bands, weights and base; one query, or two where it has no bands."""
    bands: dict[str, list[UsageBand]] = {counts: [] for counts in BandFor.values}
    for band in UsageBand.objects.filter(plan=plan).select_related("plan__usage_rule").order_by("-low"):
        bands[band.counts].append(band)
        plan = band.plan  # it comes with its rule
    row: UsageRule | None = getattr(plan, "usage_rule", None)
    if row is None:
        return Rules(None, bands, None, NO_RULE)
    for counts, rows in bands.items():
        if problem := band_problem(rows):
            return Rules(row, bands, None, f"{BandFor(counts).label}：{problem}")
    formula = Formula(
        base=row.base,
        use_part=row.use_part / HUNDRED,
        service_part=row.service_part / HUNDRED,
        tools_weight=row.tools_weight / HUNDRED,
        subsystems_weight=row.subsystems_weight / HUNDRED,
        tools=band_table(bands[BandFor.TOOLS]),
        subsystems=band_table(bands[BandFor.SUBSYSTEMS]),
    )
    return Rules(row, bands, formula)


# --- What was granted ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Granted:
    """How many tools and sub-systems of a return the review granted; systems that are the same count once."""

    tools: int = 0
    subsystems: int = 0


def granted(reports: Iterable[int]) -> Mapping[int, Granted]:
    """Return what was granted in each return; two queries."""
    uses = Use.objects.filter(report__in=list(reports), grant=Grant.GRANTED).order_by()
    return counted(uses.values_list("report", "system", "subsystem"))


def counted(uses: Iterable[tuple[int, int | None, int | None]]) -> Mapping[int, Granted]:
    """Return how many each return has of granted items, given as its key and that of a system or a sub-system; one query."""
    roots = _roots()
    tools: dict[int, set[int]] = defaultdict(set)
    subsystems: dict[int, int] = defaultdict(int)
    for report, system, subsystem in uses:
        if system is not None:
            tools[report].add(roots.get(system, system))
        elif subsystem is not None:
            subsystems[report] += 1
    return {key: Granted(len(tools[key]), subsystems[key]) for key in {*tools, *subsystems}}


def _roots() -> Mapping[int, int]:
    """Return, for each system that the office marked as the same as another, the one that stands for both."""
    same: dict[int, int] = {
        pk: other
        for pk, other in System.objects.filter(same_as__isnull=False).order_by().values_list("pk", "same_as")
        if other is not None
    }
    return {pk: _root(pk, same) for pk in {*same, *same.values()}}


def _root(pk: int, same: Mapping[int, int]) -> int:
    seen = {pk}
    while pk in same and same[pk] not in seen:
        pk = same[pk]
        seen.add(pk)
    # Two that name each other are one thing as well.
    return min(seen) if pk in same else pk


# --- Every agency of a plan ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One agency's standing in a plan year.

    Attributes:
        is_scored: a full-time post; others get a remark alone (七、(三)).
        returns: its returns by round, drafts among them.
        report: the one that counts, the last that was reviewed.
        result: its score; none where nothing can be scored.
        rank: its place among the scored, the same for the same score.
    """

    agency: Agency
    is_scored: bool
    filing: Filing
    returns: Mapping[int, UsageReport]
    report: UsageReport | None
    counted: Granted
    result: UsageScore | None = None
    rank: int | None = None

    @property
    def score(self) -> Decimal | None:
        """The score with two places: 0 where nothing was filed, none where there is none (yet)."""
        if not self.is_scored:
            return None
        if self.filing == Filing.MISSING:
            return Decimal(0)
        return self.result.shown if self.result else None

    @property
    def waits(self) -> bool:
        """Tell whether something that it filed has not been reviewed."""
        return any(report.state == ReportState.SUBMITTED for report in self.returns.values())

    @property
    def first(self) -> UsageReport | None:
        return self.returns.get(Round.FIRST)

    @property
    def second(self) -> UsageReport | None:
        return self.returns.get(Round.SECOND)


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan's rules and what every agency comes to under them: the scored by rank, the others behind."""

    rules: Rules
    lines: tuple[Line, ...]


def filers(plan: Plan) -> list[Agency]:
    """Return the agencies that file (六: 各機關（學校）): all of the office but itself, and who filed although closed since."""
    members = Agency.objects.filter(office=plan.office_id).members()
    active = members.filter(is_active=True) | members.filter(usage_reports__plan=plan)
    return list(active.distinct().order_by("pk"))


def of_plan(plan: Plan) -> Standing:
    """Return the standing of every agency; six queries, however many there are."""
    rules = rules_of(plan)
    reports: dict[int, dict[int, UsageReport]] = defaultdict(dict)
    for report in UsageReport.objects.filter(plan=plan).order_by("round"):
        reports[report.agency_id][report.round] = report
    counting = {agency: counting_one(found.values()) for agency, found in reports.items()}
    counts = granted(report.pk for report in counting.values() if report)
    lines = [
        _line(agency, reports[agency.pk], counting.get(agency.pk), counts, rules.formula) for agency in filers(plan)
    ]
    return Standing(rules, tuple(_ranked(lines)))


def counting_one(reports: Iterable[UsageReport]) -> UsageReport | None:
    """Return the last return of the year that was reviewed: it is the one that is scored."""
    reviewed = [report for report in reports if report.state == ReportState.REVIEWED]
    return max(reviewed, key=lambda report: report.round, default=None)


def score_of(report: UsageReport, counted: Granted, formula: Formula | None) -> UsageScore | None:
    """Return what a return earns as it stands."""
    if formula is None:
        return None
    return usage_score(
        tools=counted.tools,
        subsystems=counted.subsystems,
        services=report.service_share / HUNDRED,
        formula=formula,
    )


def _line(
    agency: Agency,
    returns: Mapping[int, UsageReport],
    report: UsageReport | None,
    counts: Mapping[int, Granted],
    formula: Formula | None,
) -> Line:
    sent = [one for one in returns.values() if one.submitted_at]
    is_scored = (report or max(sent, key=lambda one: one.round)).is_scored if sent else _is_full_time(agency)
    filing = Filing.REVIEWED if report else Filing.OPEN if sent else Filing.MISSING
    counted = counts.get(report.pk, Granted()) if report else Granted()
    result = score_of(report, counted, formula) if report and is_scored else None
    return Line(agency, is_scored, filing, returns, report, counted, result)


def _is_full_time(agency: Agency) -> bool:
    return agency.staffing == Staffing.FULL_TIME


def _ranked(lines: Sequence[Line]) -> Iterable[Line]:
    """Yield the scored from the highest, then those without a score: not reviewed, not filed, not scored at all."""
    scored = sorted((line for line in lines if line.result), key=lambda line: -_exact(line))
    exact = [_exact(line) for line in scored]
    for line in scored:
        yield replace(line, rank=exact.index(_exact(line)) + 1)
    order = [Filing.REVIEWED, Filing.OPEN, Filing.MISSING]
    others = [line for line in lines if not line.result]
    yield from sorted(others, key=lambda line: (not line.is_scored, order.index(line.filing)))


def _exact(line: Line) -> Decimal:
    return line.result.exact if line.result else Decimal(0)


# --- What a published list keeps -------------------------------------------------------------------------------------


def inputs(line: Line, rules: Rules) -> dict[str, object]:
    """Return what an agency's published score rests on, as it is kept with it."""
    report = line.report
    kept: dict[str, object] = {"rounds": {str(key): one.get_state_display() for key, one in line.returns.items()}}
    if report is None:
        return kept
    kept |= {
        "round": report.round,
        "letter_number": report.letter_number,
        "letter_date": report.letter_date.isoformat() if report.letter_date else "",
        "tools": line.counted.tools,
        "subsystems": line.counted.subsystems,
        "service_share": f"{report.service_share.normalize():f}",
        "service_reason": report.service_reason,
        "remark": report.remark,
    }
    if line.result:
        kept |= {
            "pieces": [[piece.text, piece.about] for piece in line.result.pieces],
            "line": line.result.line,
            "exact": str(line.result.exact),
            "tools_mark": rules.mark(BandFor.TOOLS, line.result.tools),
            "subsystems_mark": rules.mark(BandFor.SUBSYSTEMS, line.result.subsystems),
        }
    return kept


def items_of(reports: Iterable[int]) -> Mapping[int, list[dict[str, str]]]:
    """Return the items of each return with what the review said, as a published list keeps them; one query."""
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    uses = Use.objects.filter(report__in=list(reports)).select_related("system__sub_item", "subsystem")
    for use in uses.order_by("report", "system__sub_item", "system__order", "subsystem__order", "pk"):
        under = use.system.sub_item.name if use.system else Subsystem._meta.verbose_name
        found[use.report_id].append(
            {"under": str(under), "name": str(use), "grant": use.get_grant_display(), "reason": use.reason}
        )
    return found
