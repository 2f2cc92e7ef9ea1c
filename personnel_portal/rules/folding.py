"""One spelling for search: full and half width, 台 and 臺, upper and lower case are alike."""

import unicodedata

_VARIANTS = str.maketrans({"台": "臺", "紀": "記"})


def fold(text: str) -> str:
    """Return the text as search compares it, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().translate(_VARIANTS).split())
