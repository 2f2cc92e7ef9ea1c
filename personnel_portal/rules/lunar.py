"""The days of the lunar calendar (農曆) that offices work by: 春節, 端午, 中秋, 普渡.

A year of the table holds, from the low end: the leap month (4 bits, 0 where there is none), and for months 12 down to 1
whether they have 30 days or 29 (12 bits); bit 16 says that the leap month has 30. Known for 2020 to 2049.
"""

from datetime import date, timedelta

FIRST_YEAR = 2020
NEW_YEAR = date(2020, 1, 25)  # 農曆正月初一 of the first year
# fmt: off
_YEARS = (
    0x07954, 0x06aa0, 0x0ad50, 0x05b52, 0x04b60, 0x0a6e6, 0x0a4e0, 0x0d260, 0x0ea65, 0x0d530,
    0x05aa0, 0x076a3, 0x096d0, 0x04afb, 0x04ad0, 0x0a4d0, 0x1d0b6, 0x0d250, 0x0d520, 0x0dd45,
    0x0b5a0, 0x056d0, 0x055b2, 0x049b0, 0x0a577, 0x0a4b0, 0x0aa50, 0x1b255, 0x06d20, 0x0ada0,
)
# fmt: on


def solar(year: int, month: int, day: int) -> date:
    """Return the day of a lunar date; `year` is that in which the lunar year begins, the month is no leap month.

    Raises:
        ValueError: the table does not reach the year, or the month has no such day.
    """
    if not 0 <= year - FIRST_YEAR < len(_YEARS):
        raise ValueError(f"the lunar calendar is known for {FIRST_YEAR} to {FIRST_YEAR + len(_YEARS) - 1}, not {year}")
    if not 1 <= month <= 12 or not 1 <= day <= _length(_YEARS[year - FIRST_YEAR], month):
        raise ValueError(f"the lunar year {year} has no {month}/{day}")
    before = sum(map(_days, _YEARS[: year - FIRST_YEAR]))
    info = _YEARS[year - FIRST_YEAR]
    before += sum(_length(info, passed) + _leap(info, passed) for passed in range(1, month))
    return NEW_YEAR + timedelta(days=before + day - 1)


def _days(info: int) -> int:
    return sum(_length(info, month) + _leap(info, month) for month in range(1, 13))


def _length(info: int, month: int) -> int:
    return 30 if info >> (16 - month) & 1 else 29


def _leap(info: int, month: int) -> int:
    """Return the days of the leap month that follows the month; 0 where none does."""
    if info & 0xF != month:
        return 0
    return 30 if info & 0x10000 else 29
