"""An amount of money as people typed it into a table's cell, with the markup that word processors paste taken away."""

import html
import re
from dataclasses import dataclass, replace
from decimal import Decimal

_ATTRIBUTES = r"""(?:\s+[a-z:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?>"""
PARAGRAPH = re.compile(rf"</?(?:p|li|ol|ul|div|br){_ATTRIBUTES}", re.IGNORECASE | re.ASCII)
# Only what word processors paste: a < 5 and b > 3 are no markup.
TAG = re.compile(
    rf"</?(?:p|li|ol|ul|div|br|span|a|b|i|u|s|em|strong|sub|sup|font|h[1-6]|table|thead|tbody|tr|td|th|o:p){_ATTRIBUTES}",
    re.IGNORECASE | re.ASCII,
)
_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(?:千元)?")
_WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９])")
LONGEST_NOTE = 60  # characters of a funding note
_FUNDING = re.compile(r"\D*(?:款|費|補助|經費|預算|基金|支應|收入)")
_NOTHING = re.compile(r"[-–—─]+|無|千元")
_NARROW = str.maketrans("０１２３４５６７８９．－＋（）；＝", "0123456789.-+();=")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount in thousands, or a funding note, or both; a doubt where what is printed is neither."""

    thousands: Decimal | None
    funding: str = ""
    doubt: str = ""


def sums(cell: str) -> list[Sum]:
    """Return the amounts of a cell: numbers with the funding note in brackets behind them, or a note alone.

    What is neither a plain number nor a known note, such as -5, 40元 or 約40, stays as it is printed, with a doubt.
    """
    text = " ".join(_WIDE_COMMA.sub(",", plain(cell)).translate(_NARROW).split()).replace(" 千元", "千元")
    notes = re.findall(r"[(]([^()]+)[)]", text)
    words = [word for word in re.split(r"[\s、;]+", re.sub(r"[(][^()]*[)]", " ", text)) if word]
    found = [_sum(word) for word in words if not _NOTHING.fullmatch(word)]
    if not found:  # a number in brackets is how accounts print what is below zero
        return [_sum(f"({note})" if note.isdecimal() else note) for note in notes]
    funding = "、".join(filter(None, (found[-1].funding, *notes)))
    if len(funding) > LONGEST_NOTE:
        found[-1] = replace(found[-1], doubt=f"經費註記超過 {LONGEST_NOTE} 字，只列前段，請對照原表。")
    return [*found[:-1], replace(found[-1], funding=funding[:LONGEST_NOTE])]


def _sum(word: str) -> Sum:
    if match := _AMOUNT.fullmatch(word):
        return Sum(Decimal(match[1].replace(",", "")))
    doubt = "" if _FUNDING.fullmatch(word) else f"「{word[:30]}」不是千元的整數，也不是已知的經費註記，請對照原表改正。"
    return Sum(None, word[:LONGEST_NOTE], doubt)


def plain(cell: str) -> str:
    """Return a cell without the markup that word processors paste."""
    return html.unescape(TAG.sub("", PARAGRAPH.sub(" ", cell)))
