"""民國 dates: reading what people type and writing them the way offices do.

The database keeps Gregorian dates; ROC years (西元 − 1911) exist only where a person reads or types. Standard library
only, so that every layer may use it. Sources: domain.md B1.
"""

import re
import unicodedata
from datetime import date, datetime, time

FIRST_GREGORIAN_YEAR = 1912
LAST_YEAR = 999  # three digits; a four-digit year always means 西元
WEEKDAYS = "一二三四五六日"

_LONGEST_TEXT = 40
_ERA = r"(?P<era>中華民國|民國|西元)?\s*"
_WEEKDAY = r"\s*(?:\(?(?:星期|週|周)?(?P<weekday>[一二三四五六日天])\)?)?"
_SHAPES = tuple(
    re.compile(_ERA + shape + _WEEKDAY)
    for shape in (
        r"(?P<year>[0-9]{1,4})\s*年\s*(?P<month>[0-9]{1,2})\s*月\s*(?P<day>[0-9]{1,2})\s*日",
        r"(?P<year>[0-9]{1,4})\s*(?P<mark>[/.\-])\s*(?P<month>[0-9]{1,2})\s*(?P=mark)\s*(?P<day>[0-9]{1,2})",
        r"(?P<year>[0-9]{3,4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
    )
)
_TIME = re.compile(
    r"(?P<half>上午|中午|下午)?\s*(?P<hour>[0-9]{1,2})"
    r"(?:\s*:\s*(?P<minute>[0-9]{1,2})|\s*[時點]\s*(?:(?P<minute_word>[0-9]{1,2})\s*分|(?P<thirty>半))?|(?P<digits>[0-9]{2}))"
)
_HOURS_OF_HALF = {"上午": range(12), "中午": range(12, 13), "下午": range(1, 13)}  # 上午12時 has two readings

_SHAPE_SENTENCE = "看不懂這個日期，請寫成 113/6/30 或 1130630。"
_YEAR_SENTENCE = f"年份要在民國 1 年到 {LAST_YEAR} 年之間，請檢查年份。"
_TIME_SENTENCE = "看不懂這個時間，請寫成 14:00 或下午2時。"


def parse(text: str) -> date:
    """Return the day that a person typed.

    Takes 113/6/30, 113.06.30, 113-06-30, 1130630 (seven digits, 0940526) and 113年6月30日, with or without 民國 or
    中華民國, a weekday behind it, full-width signs and spaces. A year of four digits is 西元: 2024-06-30, 20240630.

    Raises:
        ValueError: with one sentence for the person, when the text has no or more than one reading.
    """
    plain = _plain(text)
    if not plain:
        raise ValueError("請填日期，例如 113/6/30。")
    if re.fullmatch(r"[0-9]{6}", plain):
        raise ValueError("日期數字要寫滿七位，例如 1130630；民國 94 年寫成 0940526。")
    match = _first_match(plain)
    if match is None:
        raise ValueError(_SHAPE_SENTENCE)
    day = _day(_gregorian_year(match["year"], match["era"]), int(match["month"]), int(match["day"]))
    _check_weekday(day, match["weekday"])
    return day


def parse_time(text: str) -> time:
    """Return the time of day that a person typed: 14:00, 1400, 14時, 下午2時30分, 下午2點半.

    Raises:
        ValueError: with one sentence for the person.
    """
    match = _TIME.fullmatch(_plain(text))
    if match is None:
        raise ValueError(_TIME_SENTENCE)
    hour = int(match["hour"])
    minute = 30 if match["thirty"] else int(match["minute"] or match["minute_word"] or match["digits"] or 0)
    if match["half"] and hour not in _HOURS_OF_HALF[match["half"]]:
        raise ValueError(_TIME_SENTENCE)
    if match["half"] == "下午" and hour < 12:
        hour += 12
    try:
        return time(hour, minute)
    except ValueError:
        raise ValueError("沒有這個時間，請寫 00:00 到 23:59。") from None


def year(day: date) -> int:
    """Return the ROC year of a day.

    Raises:
        ValueError: the day is before 民國元年 or beyond the year 999.
    """
    roc_year = day.year - FIRST_GREGORIAN_YEAR + 1
    if not 1 <= roc_year <= LAST_YEAR:
        raise ValueError(_YEAR_SENTENCE)
    return roc_year


def gregorian(roc_year: int) -> int:
    """Return the Gregorian year of a ROC year."""
    return roc_year + FIRST_GREGORIAN_YEAR - 1


def month(day: date) -> str:
    """Return 115年11月, the form of what belongs to a whole month."""
    return f"{year(day)}年{day.month}月"


def long(day: date) -> str:
    """Return 113年6月30日（日）, the form for reading."""
    return f"{year(day)}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def short(day: date) -> str:
    """Return 113/6/30, the form for tables and for input."""
    return f"{year(day)}/{day.month}/{day.day}"


def full(day: date) -> str:
    """Return 中華民國113年6月30日, the form of letters and minutes."""
    return f"中華民國{year(day)}年{day.month}月{day.day}日"


def digits(day: date) -> str:
    """Return 1130630, seven digits as personnel systems exchange them."""
    return f"{year(day):03d}{day.month:02d}{day.day:02d}"


def clock(at: time) -> str:
    """Return 上午9時, 中午12時 or 下午2時30分, the form of letters and minutes."""
    half = "上午" if at.hour < 12 else "中午" if at.hour == 12 else "下午"
    minutes = f"{at.minute}分" if at.minute else ""
    return f"{half}{at.hour - 12 if at.hour > 12 else at.hour}時{minutes}"


def moment(at: datetime) -> str:
    """Return 116年5月14日（五）14:00, in the time zone that `at` carries."""
    return f"{long(at.date())}{at:%H:%M}"


def stamp(at: datetime) -> str:
    """Write a moment to the second, as logs do: 113/06/30 14:00:05."""
    return f"{year(at.date()):03}/{at:%m/%d %H:%M:%S}"


def _plain(text: str) -> str:
    """Return the text with half-width signs; an overlong one becomes a text that no shape fits."""
    return unicodedata.normalize("NFKC", text).strip() if len(text) <= _LONGEST_TEXT else "…"


def _first_match(plain: str) -> re.Match[str] | None:
    return next((match for shape in _SHAPES if (match := shape.fullmatch(plain))), None)


def _gregorian_year(written: str, era: str | None) -> int:
    is_gregorian = len(written) == 4
    if era and is_gregorian != (era == "西元"):
        raise ValueError("年份與紀元不合：民國年請寫三位以內，西元年請寫四位。")
    return int(written) if is_gregorian else gregorian(int(written))


def _day(gregorian_year: int, month: int, number: int) -> date:
    roc_year = gregorian_year - FIRST_GREGORIAN_YEAR + 1
    if not 1 <= roc_year <= LAST_YEAR:
        raise ValueError(_YEAR_SENTENCE)
    try:
        return date(gregorian_year, month, number)
    except ValueError:
        raise ValueError(f"沒有{roc_year}年{month}月{number}日這一天，請檢查月份與日數。") from None


def _check_weekday(day: date, written: str | None) -> None:
    weekday = WEEKDAYS[day.weekday()]
    if written and written.replace("天", "日") != weekday:
        raise ValueError(f"{year(day)}年{day.month}月{day.day}日是星期{weekday}，與所寫的星期不合，請確認。")
