"""What the text of submitted minutes says, held against the portal's own record. It informs and never blocks."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from meetings.choices import FileRole, Section
from meetings.facts import turnout
from meetings.models import Meeting, MinutesVersion
from personnel_portal import roc
from personnel_portal.documents import text
from personnel_portal.rules.folding import fold
from personnel_portal.uploads import storage

# 案由, 案由一, 案由1: a heading of an item, not the word inside a sentence.
_SUBJECT = re.compile(r"案由\s*[一二三四五六七八九十百\d]*\s*[：:]")
_RESOLUTION = re.compile(r"(?:決議|決定)\s*[：:]")
_DAY = re.compile(r"(?:中華民國)?\s*(\d{2,3})\s*(?:年|[./-])\s*(\d{1,2})\s*(?:月|[./-])\s*(\d{1,2})\s*日?")
_ATTENDANCE = re.compile(r"(?:出席|實到|計)\D{0,12}?(\d{1,3})\s*(?:個)?(?:機關|單位)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for: what the portal has, what the text says, and whether they agree.

    `ok` is None where there is nothing to compare.
    """

    what: str
    expected: str
    found: str
    ok: bool | None


def check(version: MinutesVersion) -> list[dict[str, Any]]:
    """Return the findings on all minutes files of a version, as they are kept with it."""
    words = "\n".join(_texts(version))
    if not words.strip():
        return [asdict(Finding("文字", "", "檔案中沒有可讀取的文字，可能是掃描檔，請人工核對。", None))]
    return [asdict(finding) for finding in findings(version.minutes.meeting, words)]


def _texts(version: MinutesVersion) -> Iterator[str]:
    for file in version.files.filter(role=FileRole.MINUTES).select_related("stored"):
        yield text.extract(storage.path_of(file.stored.sha256), file.stored.kind)


def findings(meeting: Meeting, words: str) -> Iterator[Finding]:
    """Yield what the text says about date, place, chair, attendance, and the number of items and resolutions."""
    folded = fold(words)
    days = _days(words)
    yield Finding("開會日期", roc.long(meeting.day), "、".join(map(roc.long, days)) or "未找到", meeting.day in days)
    yield _contained("地點", meeting.place, folded)
    yield _contained("主席", meeting.chair, folded)
    came = turnout(meeting)
    said = [int(number) for number in _ATTENDANCE.findall(words)]
    known = came.invited > came.unknown
    yield Finding(
        "出席機關數",
        f"{came.came} 個機關" if known else "尚未登錄",
        "、".join(f"{number} 個" for number in said) or "未找到",
        came.came in said if known and said else None,
    )
    items = list(meeting.agenda.exclude(section=Section.REPORT).values_list("resolution", flat=True))
    yield _counted("案由", len(items), len(_SUBJECT.findall(words)))
    yield _counted("決議", sum(map(bool, items)), len(_RESOLUTION.findall(words)))


def _contained(what: str, expected: str, folded: str) -> Finding:
    ok = fold(expected) in folded
    return Finding(what, expected, expected if ok else "未找到", ok)


def _counted(what: str, expected: int, found: int) -> Finding:
    return Finding(what, f"{expected} 個", f"{found} 個", None if expected == 0 else expected == found)


def _days(words: str) -> list[date]:
    """Return the days that the text names, each once, in order."""
    days = []
    for year, month, day in _DAY.findall(words):
        try:
            days.append(date(int(year) + 1911, int(month), int(day)))
        except ValueError:
            continue  # such as 113/2/30: not a day, so nothing that could agree
    return list(dict.fromkeys(days))[:10]
