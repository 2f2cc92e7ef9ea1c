"""How figures of targets are worded: 「8 ÷ 10 × 100 = 80 %，≧ 80 % → 達標（達成率 100 %）」."""

from collections.abc import Mapping
from decimal import Decimal

from kpi.choices import Comparator, period_label
from kpi.models import Indicator
from personnel_portal.rules import indicators as rules
from personnel_portal.rules.indicators import Deduction, Figure, Formula, Judgement, Light, Target, shown

# The light is always said in words beside its colour.
LIGHTS: Mapping[Light, str] = {
    Light.GREEN: "達標",
    Light.YELLOW: "接近目標",
    Light.RED: "未達標",
    Light.RUNNING: "累計中",
    Light.NONE: "無資料",
}
# The state of the chip that carries each.
CHIPS: Mapping[Light, str] = {
    Light.GREEN: "done",
    Light.YELLOW: "soon",
    Light.RED: "late",
    Light.RUNNING: "wait",
    Light.NONE: "none",
}
# The order in which lights are told: first what asks for something.
ORDER = (Light.RED, Light.YELLOW, Light.RUNNING, Light.GREEN, Light.NONE)
PERCENT = frozenset({Formula.RATIO, Formula.MONTHS_KEPT})


def number(value: Decimal) -> str:
    """Return a number without trailing zeros, thousands apart."""
    return f"{value.normalize():,f}"


def counts(lights: Mapping[Light, int]) -> str:
    """Return how many units stand how: 未達標 1 機關、達標 4 機關."""
    return "、".join(f"{LIGHTS[light]} {lights[light]} 機關" for light in ORDER if lights.get(light))


def unit_of(indicator: Indicator) -> str:
    """Return the unit of the indicator's figures; a share is in percent whatever the row says."""
    return indicator.unit or ("%" if indicator.formula in PERCENT else "")


def amount(indicator: Indicator, value: Decimal, target: Target | None = None) -> str:
    """Return a figure with its unit, rounded as the indicator asks: 80.00 %."""
    return f"{shown(value, indicator.decimals, target):,f} {unit_of(indicator)}".rstrip()


def target(indicator: Indicator, wanted: Target | None) -> str:
    """Return a target as a plan prints it: ≦20 個, 80 %, 區間 3 至 5 次; a dash where there is none."""
    if wanted is None:
        return "—"
    if wanted.comparator is rules.Comparator.YES:
        return "是" if wanted.value else "否"
    unit = unit_of(indicator)
    if wanted.upper is not None:
        return f"{number(wanted.value)} 至 {number(wanted.upper)} {unit}".rstrip()
    return f"{Comparator(wanted.comparator).label} {number(wanted.value)} {unit}".rstrip()


def value(indicator: Indicator, figure: Figure, wanted: Target | None = None) -> str:
    """Return a figure in words; a dash where nothing is reported."""
    if figure.value is None:
        return "無應計案件" if figure.is_reported else "—"
    if indicator.comparator == Comparator.YES:
        return "是" if figure.value else "否"
    return amount(indicator, figure.value, wanted)


def achievement(judgement: Judgement) -> str:
    """Return the achievement, such as 125.00 %; it never rounds up to 100."""
    if judgement.achievement is None:
        return "—"
    rounded = shown(judgement.achievement, 2)
    if not judgement.is_met and rounded >= 100:
        rounded = Decimal("99.99")
    return f"{rounded:,f} %"


def explained(indicator: Indicator, figure: Figure, wanted: Target | None, judgement: Judgement) -> str:
    """Return the arithmetic of a figure and what it amounts to, in a line."""
    if figure.value is None:
        return "分母合計為 0，無應計案件，不予判定。" if figure.is_reported else "尚無已送出的填報資料。"
    arithmetic = f"{_arithmetic(indicator, figure)} = {value(indicator, figure, wanted)}"
    if wanted is None:
        return f"{arithmetic}；未訂目標，不予判定。"
    if judgement.light == Light.RUNNING:
        return f"{arithmetic}，目標 {target(indicator, wanted)}；尚有 {len(figure.missing)} 期未填報，累計中。"
    fails = "" if judgement.is_met else "不符 "
    told = f"{arithmetic}，{fails}{target(indicator, wanted)}"
    return f"{told} → {LIGHTS[judgement.light]}（達成率 {achievement(judgement)}）"


def _arithmetic(indicator: Indicator, figure: Figure) -> str:
    match figure.measure.formula:
        case Formula.DEDUCTIONS:
            return "100" + "".join(map(_deduction, figure.deductions))
        case Formula.MONTHS_KEPT if figure.numerator is not None and figure.denominator is not None:
            return f"符合 {number(figure.numerator)} 個月 ÷ {number(figure.denominator)} 個月 × 100"
        case Formula.RATIO:
            return _ratio(indicator, figure)
    values = [report.value for report in figure.counted if report.value is not None]
    if len(values) < 2:
        return period_label(indicator.frequency, figure.counted[-1].period) if figure.counted else ""
    return " + ".join(map(number, values))


def _deduction(deduction: Deduction) -> str:
    return f" − {number(deduction.points)} × {deduction.times}（{deduction.name}）"


def _ratio(indicator: Indicator, figure: Figure) -> str:
    top = [report.numerator for report in figure.counted if report.numerator is not None]
    bottom = [report.denominator for report in figure.counted if report.denominator is not None]
    return f"{_summed(top, figure.numerator)} ÷ {_summed(bottom, figure.denominator)} × 100"


def _summed(values: list[Decimal], total: Decimal | None) -> str:
    if len(values) < 2 or total is None:
        return number(total or Decimal(0))
    return f"({' + '.join(map(number, values))} = {number(total)})"
