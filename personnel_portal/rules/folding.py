"""One spelling for search: full and half width, 台 and 臺, upper and lower case are alike."""

import re
import unicodedata

_VARIANTS = str.maketrans({"台": "臺", "紀": "記"})
_FULL_WIDTH = 0xFEE0  # from ! to ！


def fold(text: str) -> str:
    """Return the text as search compares it, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().translate(_VARIANTS).split())


def pattern(text: str) -> str:
    """Return a regular expression, of Python and PostgreSQL alike, for every spelling of the text that folds the same.

    It is for columns that are not kept folded; to be used without regard to case. Text without a letter matches all.
    """
    return r"\s*".join(f"(?:{'|'.join(map(re.escape, _spellings(letter)))})" for letter in fold(text))


def _spellings(letter: str) -> list[str]:
    full = [chr(ord(form) + _FULL_WIDTH) for form in {letter, letter.upper()} if "!" <= form <= "~"]
    return [letter, *full, *(chr(variant) for variant, folded in _VARIANTS.items() if folded == letter)]
