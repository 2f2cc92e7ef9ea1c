"""Passages of a text that may tell who somebody is: numbers, addresses, and names that are known.

It only marks; a person decides on each passage before a case is published (個人資料保護法 §2: 姓名、國民身分證統一編號、
聯絡方式). Full and half width are alike, and positions are those of the text as it was given.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What a passage may be."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    MAIL = "mail"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text, `text[start:end]`."""

    start: int
    end: int
    text: str
    kind: Kind


_HYPHENS = "‐‑‒–—―−﹣－ー"
_DOTS = "・‧•∙"  # in the names of indigenous people
_VARIANTS = str.maketrans(
    {**dict.fromkeys(_HYPHENS, "-"), **dict.fromkeys(_DOTS, "·"), "台": "臺", "\u3000": " ", "\u200b": " "}
)

# --- Numbers ---------------------------------------------------------------------------------------------------------

# 統一編號: a letter, then 1 or 2, of foreigners 8 or 9 (since 110年) or a letter A-D (before), and eight digits.
_ID_NUMBER = r"(?<![0-9A-Za-z])[A-Za-z][ -]?[1289A-Da-d](?:[ -]?[0-9]){8}(?![0-9A-Za-z])"
# 第0930001234號 is the number of a letter of 93年, never a phone.
_NO_NUMBER_BEFORE = r"(?<![0-9A-Za-z第])(?<!第 )(?<![0-9][-/.])"
_EXTENSION = r"(?: ?(?:,|，)? ?(?:#|轉分機|轉|分機|ext\.? ?|內線)[ :：]?[0-9]{1,6})"
_AREA = r"(?:37|49|82[0-9]?|836|89|[2-8])"
_MOBILE = (
    rf"{_NO_NUMBER_BEFORE}(?:\(?09[0-9]{{2}}\)?|\+?886[ -]?\(?0?\)?9[0-9]{{2}})[ -]?[0-9]{{3}}[ -]?[0-9]{{3}}(?![0-9])"
)
_LAND_LINE = (
    rf"{_NO_NUMBER_BEFORE}(?:\( ?0{_AREA} ?\)|0{_AREA}|\+?886[ -]?{_AREA})[ )-]{{0,2}}"
    rf"[2-9][0-9]{{2,3}}[ -]?[0-9]{{3,4}}(?![0-9]){_EXTENSION}?"
)
_SHORT = rf"{_NO_NUMBER_BEFORE}[2-9][0-9]{{2,3}}[ -]?[0-9]{{4}}{_EXTENSION}"
_NAMED = (
    rf"(?:(?<=電話)|(?<=手機)|(?<=傳真)|(?<=專線)|(?<=話機)|(?<=行動))(?:號碼)?[ :：為是]{{0,3}}"
    rf"(?P<number>[0-9(][0-9() -]{{5,16}}[0-9]{_EXTENSION}?)"
)
_EXTENSION_ALONE = r"(?:分機|內線)(?:號碼)?[ :：為是]{0,3}[0-9]{2,6}(?![0-9])"
_MAIL = r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63} ?(?:@|\(at\)|\[at\]) ?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"

# --- Addresses -------------------------------------------------------------------------------------------------------

# Letters of the names of places: not those that lead to one, nor those of a document's number.
_HAN = "(?:(?![住在於為是址到由從的及與第字函])[\\u4e00-\\u9fff])"
_NUMERAL = r"(?:[0-9]{1,4}|[〇零一二三四五六七八九十百]{1,5})"
_JOINED = rf"(?: ?(?:之|-) ?{_NUMERAL})?"
_COUNTY = rf"(?:{_HAN}{{2}}[縣市])"
_TOWN = rf"(?:{_HAN}{{1,3}}[鄉鎮市區])"
_VILLAGE = rf"(?:{_HAN}{{1,4}}?(?:[村里]|新村|社區))"
_HAMLET = rf"(?: ?{_NUMERAL} ?鄰)"
# A road is no network, railway, motorway or way of doing something.
_WAY = r"(?:(?<![網鐵公線道思])路|街|大道)"
_SECTION = rf"(?: ?(?:[東西南北中] ?)?{_NUMERAL} ?段|[東西南北中]段)?"
_ROAD = rf"(?:{_HAN}{{1,5}}?{_WAY}{_SECTION})"
_SHORT_ROAD = rf"(?:{_HAN}{{1,3}}?{_WAY}{_SECTION})"  # without a house number, it must look like a road's name
_LANES = rf"(?:(?: ?{_NUMERAL}{_JOINED} ?巷)(?: ?{_NUMERAL}{_JOINED} ?弄)?)"
_HOUSE = rf"(?: ?{_NUMERAL}{_JOINED} ?號{_JOINED})"
_FLOOR = rf"(?:[ ,，]?(?:地下)? ?{_NUMERAL} ?(?:樓|[Ff](?![A-Za-z])){_JOINED})?(?:[ ,，]? ?{_NUMERAL} ?室)?"
_REGION = rf"(?:{_COUNTY} ?{_TOWN}?|{_TOWN})"
_PLACE = rf"(?: ?{_HAN}{{2,6}}?)"  # a hamlet's own name where roads have none
_ADDRESS = "|".join(
    (
        rf"{_REGION}? ?{_VILLAGE}?{_HAMLET}? ?{_ROAD}(?:{_LANES}{_HOUSE}?|{_HOUSE}){_FLOOR}",
        rf"{_REGION} ?{_VILLAGE}?{_HAMLET}? ?{_SHORT_ROAD}",
        rf"{_REGION} ?{_VILLAGE}{_HAMLET}?{_PLACE}?{_HOUSE}{_FLOOR}",
        rf"{_VILLAGE}?{_HAMLET}{_PLACE}?{_HOUSE}{_FLOOR}",
        rf"{_VILLAGE}{_HOUSE}{_FLOOR}",
        rf"(?<![0-9]){_NUMERAL} ?巷(?: ?{_NUMERAL} ?弄)?{_HOUSE}{_FLOOR}",
        rf"(?:{_HAN}{{2,4}})?(?:郵政|郵局)第? ?{_NUMERAL}{_JOINED} ?號?信箱",
    )
)

_PATTERNS = (
    (Kind.ID_NUMBER, re.compile(_ID_NUMBER)),
    (Kind.MAIL, re.compile(_MAIL, re.IGNORECASE)),
    (Kind.PHONE, re.compile(f"{_MOBILE}|{_LAND_LINE}", re.IGNORECASE)),
    (Kind.PHONE, re.compile(_SHORT, re.IGNORECASE)),
    (Kind.PHONE, re.compile(_NAMED, re.IGNORECASE)),
    (Kind.PHONE, re.compile(_EXTENSION_ALONE)),
    (Kind.ADDRESS, re.compile(_ADDRESS)),
)


def find(text: str, names: Iterable[str] = ()) -> list[Passage]:
    """Return what may give somebody away, in its order; passages never overlap.

    Args:
        text: as people wrote it, of any width.
        names: of people who are known; in the text their letters may stand apart (王　小　明). Single letters are left out.
    """
    even = half_width(text)
    found = [*_matches(even), *_named(even, names)]
    joined: list[Passage] = []
    for passage in sorted(found, key=lambda passage: (passage.start, -passage.end)):
        if joined and passage.start < joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, passage.end))
        else:
            joined.append(passage)
    return [replace(passage, text=text[passage.start : passage.end]) for passage in joined]


def occurrences(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Yield where the text holds the words, whatever their width; places do not overlap."""
    even, sought = half_width(text), half_width(wanted)
    at = even.find(sought) if sought else -1
    while at >= 0:
        yield at, at + len(sought)
        at = even.find(sought, at + len(sought))


def hide(text: str, passages: Iterable[tuple[int, int]], sign: str = "○○○") -> str:
    """Return the text with the sign in place of each passage; passages that touch become one."""
    parts: list[str] = []
    end = 0
    for start, stop in sorted(passages):
        if start > end or not parts:
            parts += [text[end:start], sign]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def half_width(text: str) -> str:
    """Return the text in half width, letter by letter, so that every position stays."""
    if text.isascii():
        return text
    narrowed = (unicodedata.normalize("NFKC", letter) for letter in text.translate(_VARIANTS))
    return "".join(
        narrow if len(narrow) == 1 else letter
        for narrow, letter in zip(narrowed, text.translate(_VARIANTS), strict=True)
    )


def _matches(even: str) -> Iterator[Passage]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(even):
            start, end = match.span("number") if "number" in pattern.groupindex else match.span()
            yield Passage(start, end, "", kind)


def _named(even: str, names: Iterable[str]) -> Iterator[Passage]:
    known = _known(names)
    if known:
        for match in re.finditer(_alternatives(known), even, re.IGNORECASE):
            yield Passage(*match.span(), "", Kind.NAME)


def _known(names: Iterable[str]) -> set[str]:
    bare = {"".join(half_width(name).split()) for name in names}
    return {name for name in bare if len(name) > 1}


def _alternatives(names: Collection[str]) -> str:
    """Return a pattern of all names, longest first, by their first letter: thousands cost little then."""
    by_first: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        by_first.setdefault(name[0], []).append(name[1:])
    return "|".join(
        re.escape(first) + "(?:" + "|".join(" ?" + " ?".join(map(re.escape, rest)) for rest in rests) + ")"
        for first, rests in by_first.items()
    )
