"""What two wordings have not in common, down to the character."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

BUDGET = 1_000_000  # the sum of the products of lengths that are compared by characters: a second or so at worst
_SENTENCES = re.compile(r"[^。；\n]*[。；\n]|[^。；\n]+")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text, and whether the other side lacks it."""

    text: str
    is_changed: bool


def marked(before: str, after: str) -> tuple[list[Run], list[Run]]:
    """Return both texts in runs. Sentences that are alike are passed over first, so that long texts take no longer;
    without a counterpart nothing is marked."""
    if not before or not after:
        return _runs([(before, False)]), _runs([(after, False)])
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    budget = BUDGET
    for one, other, is_changed in _stretches(_SENTENCES.findall(before), _SENTENCES.findall(after)):
        parts: Iterable[tuple[str, str, bool]] = [(one, other, is_changed)]
        if is_changed and len(one) * len(other) <= budget:
            budget -= len(one) * len(other)
            parts = _characters(one, other)
        for old, new, differs in parts:
            left.append((old, differs))
            right.append((new, differs))
    return _runs(left), _runs(right)


def _stretches(before: list[str], after: list[str]) -> Iterator[tuple[str, str, bool]]:
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            yield from ((old, new, True) for old, new in zip(before[i1:i2], after[j1:j2], strict=True))
        else:
            yield "".join(before[i1:i2]), "".join(after[j1:j2]), tag != "equal"


def _characters(before: str, after: str) -> Iterator[tuple[str, str, bool]]:
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        # A single character between two changes is alike by chance: marked with them, it reads better.
        by_chance = i2 - i1 == 1 and i1 > 0 and i2 < len(before) and j1 > 0 and j2 < len(after)
        yield before[i1:i2], after[j1:j2], tag != "equal" or by_chance


def _runs(parts: Iterable[tuple[str, bool]]) -> list[Run]:
    filled = (part for part in parts if part[0])
    return [
        Run("".join(text for text, _ in group), is_changed)
        for is_changed, group in groupby(filled, key=lambda part: part[1])
    ]
