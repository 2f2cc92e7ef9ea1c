"""The national portal's report beside the records here: reading its lines, finding whom they mean, comparing.

Nothing here writes. Columns that are not named below, such as ID numbers, are never looked at.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from districts.models import Agency, Posting
from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.rules.folding import fold
from training.choices import Mode, Outcome
from training.models import NationalRow, Topic

# Field → the headings that its column may have, the preferred first: reports of different pages and years differ.
HEADINGS: Mapping[str, Sequence[str]] = {
    "name": ("姓名", "學員姓名", "中文姓名"),
    "agency": ("服務機關", "機關名稱", "服務機關名稱", "任職機關", "所屬機關", "機關"),
    "course": ("課程名稱", "學習活動名稱", "活動名稱", "班別名稱", "名稱", "課程"),
    "topic": ("課程類別", "學習類別", "課程分類", "類別", "班別類別", "課程類別代碼", "類別代碼"),
    "starts": (
        "實際上課起始日期", "上課起始日期", "開課起始日期", "起始日期", "開始日期", "上課起日", "上課日期", "起日", "日期",
    ),
    "ends": ("實際上課結束日期", "上課結束日期", "開課結束日期", "終迄日期", "結束日期", "上課迄日", "迄日"),
    "hours": ("學習時數", "認證時數", "核可時數", "訓練總數", "訓練時數", "總時數", "實得時數", "時數"),
    "digital": ("數位時數", "數位學習時數"),
    "on_site": ("實體時數", "實體學習時數"),
    "mode": ("學習性質", "學習方式", "上課方式"),
}  # fmt: skip
REQUIRED = ("name", "course", "starts")
_SEARCHED = 10  # rows at the top: a report has a title and remarks above its head
_MODES = {
    **dict.fromkeys(("1", "數位", "數位學習", "線上", "線上學習"), Mode.ONLINE),
    **dict.fromkeys(("2", "實體", "實體學習", "實體課程"), Mode.ON_SITE),
    **dict.fromkeys(("3", "混成", "混成學習", "實體+數位"), Mode.BLENDED),
}
_TENTH, _MOST = Decimal("0.1"), Decimal(999)

Key = tuple[int, str, date]  # person, folded course, first day


class Known(NamedTuple):
    """What is compared of a record here; models of a whole county's records would take several times as long."""

    pk: int
    person_id: int
    course: str
    starts: date
    hours: Decimal
    topic_id: int | None


class UnusableReportError(ValueError):
    """A report cannot be compared; its text is the sentence for the person."""


# --- Its lines -------------------------------------------------------------------------------------------------------


def lines(rows: list[list[sheets.Cell]]) -> Iterator[tuple[int, dict[str, str | date]]]:
    """Yield number and cells of each filled line below the head; the rows are given up on the way.

    Raises:
        UnusableReportError: there is no head with the columns that are needed.
    """
    at, columns = _head(rows)
    for number in range(at + 1, len(rows)):
        row, rows[number] = rows[number], []
        if any(row):
            yield number + 1, {field: row[place] for field, place in columns.items() if place < len(row)}


def _head(rows: Sequence[Sequence[sheets.Cell]]) -> tuple[int, dict[str, int]]:
    found = [_columns(row) for row in rows[:_SEARCHED]]
    at = max(range(len(found)), key=lambda index: len(found[index]), default=0)
    columns = found[at] if found else {}
    missing = [HEADINGS[field][0] for field in REQUIRED if field not in columns]
    if not {"hours", "digital", "on_site"} & columns.keys():
        missing.append(HEADINGS["hours"][0])
    if missing:
        named = "".join(f"「{heading}」" for heading in missing)
        raise UnusableReportError(f"找不到欄位{named}，請確認檔案是入口網站的學習時數報表，表頭在前 {_SEARCHED} 列。")
    return at, columns


def _columns(row: Sequence[sheets.Cell]) -> dict[str, int]:
    """Return where each field stands; of several headings for one field the preferred counts."""
    places: dict[str, tuple[int, int]] = {}
    for place, cell in enumerate(row):
        known = sheets.field_of(str(cell), _LABELLED)
        if known is None:
            continue
        field, _, rank = known.partition(":")
        if field not in places or int(rank) < places[field][0]:
            places[field] = (int(rank), place)
    return {field: place for field, (_, place) in places.items()}


_LABELLED = sheets.labelled(
    {f"{field}:{rank}": [heading] for field, headings in HEADINGS.items() for rank, heading in enumerate(headings)}
)


# --- Whom and what they mean -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """The office's people, agencies and topics by the names that reports may give them."""

    people: Mapping[str, Mapping[int, frozenset[int]]]
    agencies: Mapping[str, int]
    topics: Mapping[str, int]
    topic_names: Mapping[int, str]

    @classmethod
    def of_office(cls, office_id: int, year: int) -> "Names":
        """Look up all names; people with the agencies where they served in the year. Three queries."""
        first, last = date(roc.gregorian(year), 1, 1), date(roc.gregorian(year), 12, 31)
        served: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        posts = Posting.objects.filter(agency__office=office_id, since__lte=last).exclude(until__lt=first)
        for person, name, agency in posts.order_by().values_list("person", "person__name", "agency").iterator():
            served[fold(name)][person].add(agency)
        topics = list(Topic.objects.filter(office=office_id))
        return cls(
            people={
                name: {person: frozenset(where) for person, where in people.items()} for name, people in served.items()
            },
            agencies={
                name: pk
                for pk, folded in Agency.objects.filter(office=office_id).values_list("pk", "folded")
                for name in filter(None, folded.split("|"))
            },
            topics={
                fold(name): topic.pk
                for topic in topics
                for name in (topic.name, topic.code, *topic.aliases.split("、"))
                if name
            },
            topic_names={topic.pk: topic.name for topic in topics},
        )

    def whose(self, name: str, agency_text: str) -> tuple[int | None, int | None, str]:
        """Return the person and agency that are meant, and why not where it is not exactly one."""
        people = self.people.get(_folded(name), {})
        if not agency_text:
            return self._only(people, None, f"「{name}」")
        agency = self.agencies.get(_folded(agency_text))
        if agency is None:
            return None, None, f"查無機關「{agency_text[:40]}」。"
        here = {person: where for person, where in people.items() if agency in where}
        return self._only(here, agency, f"{agency_text[:40]}「{name}」")

    def _only(
        self, people: Mapping[int, frozenset[int]], agency: int | None, whom: str
    ) -> tuple[int | None, int | None, str]:
        if len(people) == 1:
            ((person, where),) = people.items()
            return person, agency or min(where), ""
        return None, agency, f"{whom}有 {len(people)} 位，無法判斷是哪一位。" if people else f"查無{whom}。"


def judged(number: int, cells: Mapping[str, str | date], names: Names, year: int) -> NationalRow:
    """Return a line as it is kept; whatever is wrong with it stands in `problem`."""
    row = NationalRow(line=number, name=_text(cells, "name", 50), agency_text=_text(cells, "agency", 60))
    row.course = _text(cells, "course", 200)
    row.topic_id = names.topics.get(_folded(_text(cells, "topic", 60).lstrip("─-")))
    try:
        row.starts = _day(cells.get("starts", ""))
        row.ends = _day(cells["ends"]) if cells.get("ends") else row.starts
        row.hours, row.digital_hours = _hours(cells)
    except ValueError as refusal:
        row.problem = str(refusal)[:200]
        return row
    row.mode = _mode(cells, row)
    row.person_id, row.agency_id, row.problem = names.whose(row.name, row.agency_text)
    if not row.problem:
        row.problem = _wrong(row, year)
    return row


def _wrong(row: NationalRow, year: int) -> str:
    if not row.course:
        return "沒有課程名稱。"
    if row.starts is None or row.ends is None or row.ends < row.starts:
        return "迄日早於起日。"
    if row.ends.year != roc.gregorian(year):
        return f"迄日不在 {year} 年度。"
    return ""


def _text(cells: Mapping[str, str | date], field: str, longest: int) -> str:
    cell = cells.get(field, "")
    return " ".join(cell.split())[:longest] if isinstance(cell, str) else roc.short(cell)


def _day(cell: str | date) -> date:
    return cell if isinstance(cell, date) else _parsed(cell)


@lru_cache(maxsize=20_000)
def _folded(text: str) -> str:
    return fold(text)


@lru_cache(maxsize=1_000)
def _parsed(text: str) -> date:
    day, _, _ = text.strip().partition(" ")  # a time may follow
    return roc.parse(day)


def _hours(cells: Mapping[str, str | date]) -> tuple[Decimal, Decimal | None]:
    digital, on_site = _amount(cells, "digital"), _amount(cells, "on_site")
    hours = _amount(cells, "hours")
    if hours is None:
        hours = (digital or Decimal(0)) + (on_site or Decimal(0))
    if not hours:
        raise ValueError("沒有時數。")
    return hours, digital if digital is not None and digital <= hours else None


def _amount(cells: Mapping[str, str | date], field: str) -> Decimal | None:
    text = unicodedata.normalize("NFKC", str(cells.get(field, ""))).strip().removesuffix("小時").strip()
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"時數「{text[:20]}」不是數字。")
    if not amount.is_finite() or not 0 <= amount <= _MOST or amount % _TENTH:
        raise ValueError(f"時數「{text[:20]}」須為 0 到 {_MOST} 的數字，最多一位小數。")
    return amount


def _mode(cells: Mapping[str, str | date], row: NationalRow) -> Mode:
    if known := _MODES.get(_text(cells, "mode", 20)):
        return known
    if not row.digital_hours:
        return Mode.ON_SITE
    return Mode.ONLINE if row.digital_hours == row.hours else Mode.BLENDED


# --- Beside the records ----------------------------------------------------------------------------------------------


def compare(rows: Iterable[NationalRow], records: Iterable[Known], topics: Mapping[int, str]) -> None:
    """Say of each good line what it is beside the records: `outcome`, `record`, and in what they differ.

    One course may be split over topics, so lines and records of a course on a day are first paired by topic and hours,
    then by topic, then in their order; each record answers for one line. A line that repeats another is a problem.
    """
    there: dict[Key, list[NationalRow]] = defaultdict(list)
    here: dict[Key, list[Known]] = defaultdict(list)
    for row in rows:
        if not row.problem and row.person_id and row.starts:
            there[row.person_id, _folded(row.course), row.starts].append(row)
    for record in records:
        here[record.person_id, _folded(record.course), record.starts].append(record)
    for key, group in there.items():
        _pair(_unrepeated(group), here.get(key, []), topics)


def _unrepeated(group: Sequence[NationalRow]) -> list[NationalRow]:
    first: dict[tuple[int | None, Decimal | None], NationalRow] = {}
    for row in group:
        known = first.setdefault((row.topic_id, row.hours), row)
        if known is not row:
            row.outcome, row.problem = Outcome.PROBLEM, f"與第 {known.line} 列相同。"
    return list(first.values())


def _pair(rows: list[NationalRow], records: list[Known], topics: Mapping[int, str]) -> None:
    left, unanswered = list(records), list(rows)
    for fits in (_is_same, _is_of_topic, _is_any):
        for row in list(unanswered):
            if record := next((record for record in left if fits(row, record)), None):
                left.remove(record)
                unanswered.remove(row)
                _answer(row, record, topics)
    for row in unanswered:
        row.outcome = Outcome.ONLY_THERE


def _is_of_topic(row: NationalRow, record: Known) -> bool:
    return row.topic_id is None or row.topic_id == record.topic_id


def _is_same(row: NationalRow, record: Known) -> bool:
    return row.hours == record.hours and _is_of_topic(row, record)


def _is_any(row: NationalRow, record: Known) -> bool:
    return True


def _answer(row: NationalRow, record: Known, topics: Mapping[int, str]) -> None:
    differences = []
    if row.hours != record.hours:
        differences.append(f"時數：本平臺 {_number(record.hours)}，入口網站 {_number(row.hours)}")
    if not _is_of_topic(row, record):
        mine = topics.get(record.topic_id or 0, "未分類")
        differences.append(f"類別：本平臺 {mine}，入口網站 {topics.get(row.topic_id or 0, '未分類')}")
    row.record_id = record.pk
    row.outcome = Outcome.DIFFERING if differences else Outcome.BOTH
    row.problem = "；".join(differences)[:200]


def _number(hours: Decimal | None) -> str:
    return f"{(hours or Decimal(0)).normalize():f}"


def reference_of(row: NationalRow) -> str:
    """Return what the record of a line refers to: the same for the same line of whichever report."""
    told = f"{fold(row.course)}|{row.starts}|{row.hours}"
    return f"portal-{hashlib.sha256(told.encode()).hexdigest()[:24]}"
