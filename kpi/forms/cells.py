"""What people type, paste or import for a period, read as numbers; what is none gets its sentence."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError

from kpi.actions.actuals import Amounts
from kpi.choices import Comparator, Formula, Frequency
from kpi.models import Indicator

PARTS = {"n": "分子", "d": "分母", "v": "數值"}
_NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")
_FINEST = 4
_LONGEST = 10  # digits before the point
_YES = frozenset({"1", "是", "v", "✓", "○", "符合", "y", "yes"})
_NO = frozenset({"0", "否", "x", "✗", "╳", "不符", "不符合", "n", "no"})
_QUOTED = 20


def parts_of(indicator: Indicator) -> tuple[str, ...]:
    """Return the parts of a cell: numerator and denominator, or a number."""
    return ("n", "d") if indicator.formula == Formula.RATIO else ("v",)


def is_yes_or_no(indicator: Indicator) -> bool:
    """Tell whether a cell takes 1 or 0 alone."""
    return indicator.formula == Formula.MONTHS_KEPT or indicator.comparator == Comparator.YES


def amounts(indicator: Indicator, texts: Mapping[str, str]) -> Amounts:
    """Return what the texts of a cell's parts say; all blank is nothing.

    Raises:
        ValidationError: one sentence.
    """
    written = {part: _folded(texts.get(part, "")) for part in parts_of(indicator)}
    if not any(written.values()):
        return Amounts()
    if not all(written.values()):
        lacking = next(part for part, text in written.items() if not text)
        raise ValidationError(f"請一併填{PARTS[lacking]}；沒有資料請兩格都留白。")
    if "v" in written:
        return Amounts(value=_value(indicator, written["v"]))
    numerator, denominator = _number(written["n"]), _number(written["d"])
    if numerator > denominator:
        raise ValidationError(f"分子 {written['n']} 大於分母 {written['d']}，請確認。")
    return Amounts(numerator=numerator, denominator=denominator)


def period(indicator: Indicator, text: str) -> int:
    """Return the period that somebody writes: 3, 3月, 第3季, Q3, 上半年, 全年.

    Raises:
        ValidationError: one sentence.
    """
    written = _folded(text)
    named = {"上半年": 1, "下半年": 2} if indicator.frequency == Frequency.HALF_YEAR else {}
    if indicator.frequency == Frequency.YEAR:
        named = dict.fromkeys(("", "全年", "年度"), 1)
    found = named.get(written)
    if found is None and (match := re.fullmatch(r"(?:第|q)?(\d{1,2})(?:月|季|期)?", written)):
        found = int(match[1])
    if found is None or not 1 <= found <= indicator.periods:
        raise ValidationError(
            f"期別「{text[:_QUOTED]}」不是{indicator.get_frequency_display()}填報的期別，請填 1 至 {indicator.periods}。"
        )
    return found


def _folded(text: str) -> str:
    """Return the text as it is compared: half width, without the spaces that come with figures from everywhere.

    A space between digits stays, and so do signs such as ① and ²: the text is no number then.
    """
    half = "".join(sign if _is_ornate(sign) else unicodedata.normalize("NFKC", sign) for sign in text)
    return re.sub(r"(?<!\d) | (?!\d)", "", " ".join(half.split())).lower()


def _is_ornate(sign: str) -> bool:
    return sign.isnumeric() and not sign.isdecimal()


def _value(indicator: Indicator, text: str) -> Decimal:
    if is_yes_or_no(indicator):
        if text in _YES or text in _NO:
            return Decimal(text in _YES)
        raise ValidationError(f"「{text[:_QUOTED]}」不是 1 或 0；符合填 1，不符合填 0。")
    unit = _folded(indicator.unit)
    return _number(text.removesuffix(unit) if unit else text)


def _number(text: str) -> Decimal:
    if text.startswith(("-", "−")) and _NUMBER.fullmatch(text[1:]):
        raise ValidationError(f"「{text[:_QUOTED]}」小於 0，請填 0 以上的數字。")
    if not _NUMBER.fullmatch(text):
        raise ValidationError(f"「{text[:_QUOTED]}」不是數字，請只填阿拉伯數字。")
    whole, _, decimals = text.replace(",", "").partition(".")
    if len(whole.lstrip("0")) > _LONGEST or len(decimals.rstrip("0")) > _FINEST:
        raise ValidationError(f"「{text[:_QUOTED]}」位數過多，整數最多 {_LONGEST} 位、小數最多 {_FINEST} 位。")
    return Decimal(f"{whole}.{decimals or 0}").quantize(Decimal(1).scaleb(-_FINEST)).normalize() + 0
