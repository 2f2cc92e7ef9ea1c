"""Whether a text can be a 統一編號 of a citizen or resident: its form and its check digit."""

import re
import unicodedata

# The value of each letter is its place here, from 10 on (戶政 numbering: I is 34, O 35, W 32, Z 33).
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_FIRST = 10
# Of residents: since 110年 the second sign is 8 or 9, before it was a letter from A to D.
_FORM = re.compile(r"[A-Z](?:[1289]|[A-D])[0-9]{8}")
_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)


def normal(text: str) -> str:
    """Return the text as such numbers are written: half width, capitals, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def is_valid(number: str) -> bool:
    """Tell whether a number, as `normal` returns it, has the form and the check digit of a 統一編號."""
    if not _FORM.fullmatch(number):
        return False
    second = number[1] if number[1].isdecimal() else str(_value(number[1]) % 10)
    digits = f"{_value(number[0])}{second}{number[2:]}"
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 10 == 0


def _value(letter: str) -> int:
    return _LETTERS.index(letter) + _FIRST
