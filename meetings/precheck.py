"""What the text of submitted minutes says, held against the portal's own record. It informs and never blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from meetings.choices import FileRole, Section
from meetings.facts import turnout
from meetings.models import Meeting, MinutesFile, MinutesVersion
from personnel_portal import roc
from personnel_portal.documents import text
from personnel_portal.rules.folding import fold
from personnel_portal.uploads import storage

# 案由：, 案由一：, 案　由：; a heading of an item, not the word inside a sentence.
_SUBJECT = re.compile(r"案\s*由\s*[一二三四五六七八九十百\d]*\s*[：:]")
_RESOLUTION = re.compile(r"決\s*[議定]\s*[：:]")
_DAY = re.compile(r"(?<!\d)(\d{2,4})\s*(?:年|[./-])\s*(\d{1,2})\s*(?:月|[./-])\s*(\d{1,2})(?!\d)")
_ATTENDANCE = re.compile(r"(?:(?<!應)出席|實到|計|等)\D{0,12}?(\d{1,3})\s*個?\s*(?:機關|單位)")


SHOWN_DAYS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for: what the portal has, what the text says, and whether they agree.

    `ok` is None where there is nothing to compare.
    """

    what: str
    expected: str
    found: str
    ok: bool | None


def check(version: MinutesVersion, unreadable: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the findings on all minutes files of a version, as they are kept with it.

    Args:
        unreadable: the names of its files that no parser could read.
    """
    found = [Finding("文字", "", f"「{name}」無法讀取文字，請人工核對。", None) for name in unreadable]
    words = "\n".join(map(words_of, version.files.with_words().filter(role=FileRole.MINUTES).select_related("stored")))
    if words.strip():
        found += findings(version.minutes.meeting, words)
    elif not unreadable:
        found.append(Finding("文字", "", "檔案中沒有可讀取的文字，可能是掃描檔，請人工核對。", None))
    return [asdict(finding) for finding in found]


def words_of(file: MinutesFile) -> str:
    """Return what a file says: as it was read before, or read now, in a process of its own, which takes its time.

    Raises:
        UnreadableFileError, OSError: it cannot be read.
    """
    if file.words is not None:
        return file.words
    return text.extract(storage.path_of(file.stored.sha256), file.stored.kind)


def findings(meeting: Meeting, words: str) -> Iterator[Finding]:
    """Yield what the text says about date, place, chair, attendance, and the number of items and resolutions."""
    folded = fold(words)
    days = _days(words)
    shown = "、".join(map(roc.long, days[:SHOWN_DAYS])) + (f"等 {len(days)} 日" if len(days) > SHOWN_DAYS else "")
    yield Finding("開會日期", roc.long(meeting.day), shown or "未找到", meeting.day in days)
    yield _contained("地點", meeting.place, folded)
    yield _contained("主席", meeting.chair, folded)
    came = turnout(meeting.invitations.all())
    said = [int(number) for number in _ATTENDANCE.findall(words)]
    yield Finding(
        "出席機關數",
        f"{came.came} 個機關" if came.is_recorded else "尚未登錄",
        "、".join(f"{number} 個" for number in said) or "未找到",
        came.came in said if came.is_recorded and said else None,
    )
    items = list(meeting.agenda.values_list("section", "resolution"))
    yield _counted("案由", [section for section, _ in items], len(_SUBJECT.findall(words)))
    resolved = [section for section, resolution in items if resolution.strip()]
    yield _counted("決議", resolved, len(_RESOLUTION.findall(words)))


def _contained(what: str, expected: str, folded: str) -> Finding:
    if not expected:
        return Finding(what, "未登錄", "", None)
    ok = fold(expected) in folded
    return Finding(what, expected, expected if ok else "未找到", ok)


def _counted(what: str, sections: list[str], found: int) -> Finding:
    """Compare a number; items of the report may stand in the text with these words or without them."""
    reports = sections.count(Section.REPORT)
    others = len(sections) - reports
    expected = f"{others} 個" + (f"，另報告事項 {reports} 個" if reports else "")
    return Finding(what, expected, f"{found} 個", found in (others, others + reports) if sections else None)


def _days(words: str) -> list[date]:
    """Return the days that the text names, each once, in order."""
    days = []
    for year, month, day in _DAY.findall(words):
        try:
            days.append(date(int(year) + (1911 if len(year) < 4 else 0), int(month), int(day)))
        except ValueError:
            continue  # such as 113/2/30: not a day, so nothing that could agree
    return list(dict.fromkeys(days))
