"""Reading and writing 民國 dates (domain.md B1)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from personnel_portal import roc

ROC_DAYS = st.dates(date(1912, 1, 1), date(1911 + roc.LAST_YEAR, 12, 31))
DAY = date(2024, 6, 30)


@pytest.mark.parametrize(
    "text",
    [
        "113/6/30",
        "113/06/30",
        "1130630",
        "113.06.30",
        "113.6.30",
        "113-06-30",
        "113年6月30日",
        "113 年 6 月 30 日",
        "民國 113 年 6 月 30 日",
        "中華民國113年6月30日",
        "民國113/6/30",
        "１１３／６／３０",
        "１１３０６３０",
        "１１３．０６．３０",
        "１１３－６－３０",
        "１１３年６月３０日",
        "\u3000113 / 6 / 30 ",
        "113年6月30日（日）",
        "113/6/30 (日)",
        "113年6月30日星期天",
        "2024-06-30",
        "2024/6/30",
        "20240630",
        "西元2024年6月30日",
    ],
)
def test_parse_reads_every_office_form(text: str) -> None:
    assert roc.parse(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("0940526", date(2005, 5, 26)),
        ("94/5/26", date(2005, 5, 26)),
        ("1/1/1", date(1912, 1, 1)),
        ("113/2/29", date(2024, 2, 29)),
        ("100/1/1", date(2011, 1, 1)),
        ("99/12/31", date(2010, 12, 31)),
        ("9991231", date(2910, 12, 31)),
    ],
)
def test_parse_reads_edges(text: str, day: date) -> None:
    assert roc.parse(text) == day


SHAPE = "看不懂這個日期，請寫成 113/6/30 或 1130630。"
YEAR = "年份要在民國 1 年到 999 年之間，請檢查年份。"
SIX_DIGITS = "日期數字要寫滿七位，例如 1130630；民國 94 年寫成 0940526。"
ERA = "年份與紀元不合：民國年請寫三位以內，西元年請寫四位。"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "請填日期，例如 113/6/30。"),
        ("　 ", "請填日期，例如 113/6/30。"),
        ("114/2/29", "沒有114年2月29日這一天，請檢查月份與日數。"),
        ("113/6/31", "沒有113年6月31日這一天，請檢查月份與日數。"),
        ("1131301", "沒有113年13月1日這一天，請檢查月份與日數。"),
        ("113/0/1", "沒有113年0月1日這一天，請檢查月份與日數。"),
        ("940526", SIX_DIGITS),
        ("113630", SIX_DIGITS),
        ("113/6/300", SHAPE),
        ("113/6", SHAPE),
        ("113/6-30", SHAPE),
        ("30/6/113", SHAPE),
        ("11306301", YEAR),
        ("6月30日", SHAPE),
        ("明天", SHAPE),
        ("113/6/30\x00", SHAPE),
        ("٢٠٢٤/٦/٣٠", SHAPE),
        ("1" * 5000, SHAPE),
        ("0/1/1", YEAR),
        ("0000101", YEAR),
        ("1911-12-31", YEAR),
        ("2911/1/1", YEAR),
        ("民國2024年6月30日", ERA),
        ("西元113年6月30日", ERA),
        ("113年6月30日（一）", "113年6月30日是星期日，與所寫的星期不合，請確認。"),
    ],
)
def test_parse_refuses_with_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        roc.parse(text)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("write", [roc.long, roc.short, roc.full, roc.digits, date.isoformat])
@given(day=ROC_DAYS)
@example(day=date(1912, 1, 1))
@example(day=date(2024, 2, 29))
def test_parse_reads_back_every_style(write: Callable[[date], str], day: date) -> None:
    assert roc.parse(write(day)) == day


@given(st.one_of(st.text(), st.from_regex(r"[0-9０-９]{0,5}[/年.\- ]?[0-9]{0,3}[/月.\- ]?[0-9]{0,3}日?")))
@example("９" * 8)
@example("9999-99-99")
def test_parse_raises_only_value_error(text: str) -> None:
    try:
        day = roc.parse(text)
    except ValueError as refusal:
        sentence = str(refusal)
        assert sentence.endswith("。")
        assert sentence.count("。") == 1
    else:
        assert 1 <= roc.year(day) <= roc.LAST_YEAR


def test_formats_are_exact() -> None:
    early = date(2005, 5, 6)
    assert roc.long(DAY) == "113年6月30日（日）"
    assert (roc.short(DAY), roc.short(early)) == ("113/6/30", "94/5/6")
    assert roc.full(DAY) == "中華民國113年6月30日"
    assert (roc.month(DAY), roc.gregorian(113)) == ("113年6月", 2024)
    assert (roc.digits(DAY), roc.digits(early)) == ("1130630", "0940506")
    assert roc.moment(datetime(2027, 5, 14, 14, 0)) == "116年5月14日（五）14:00"  # noqa: DTZ001 - prints what it is given


@pytest.mark.parametrize("day", [date(1911, 12, 31), date(2911, 1, 1)])
def test_formats_refuse_days_without_a_roc_year(day: date) -> None:
    with pytest.raises(ValueError, match="年份要在民國 1 年到 999 年之間"):
        roc.long(day)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (time(0, 0), "上午0時"),
        (time(9, 0), "上午9時"),
        (time(11, 59), "上午11時59分"),
        (time(12, 0), "中午12時"),
        (time(12, 30), "中午12時30分"),
        (time(14, 30), "下午2時30分"),
        (time(17, 5), "下午5時5分"),
    ],
)
def test_clock_writes_the_form_of_letters(at: time, text: str) -> None:
    assert roc.clock(at) == text


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_parse_time_reads_back_both_styles(at: time) -> None:
    assert roc.parse_time(roc.clock(at)) == at
    assert roc.parse_time(f"{at:%H:%M}") == at


@pytest.mark.parametrize(
    "text", ["14:30", "1430", "１４：３０", "14時30分", "14 : 30", "下午2時30分", "下午2點半", "下午 2:30"]
)
def test_parse_time_reads_office_forms(text: str) -> None:
    assert roc.parse_time(text) == time(14, 30)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "看不懂這個時間，請寫成 14:00 或下午2時。"),
        ("14", "看不懂這個時間，請寫成 14:00 或下午2時。"),
        ("上午12時", "看不懂這個時間，請寫成 14:00 或下午2時。"),
        ("下午14時", "看不懂這個時間，請寫成 14:00 或下午2時。"),
        ("25:00", "沒有這個時間，請寫 00:00 到 23:59。"),
        ("10:60", "沒有這個時間，請寫 00:00 到 23:59。"),
        ("24:00", "沒有這個時間，請寫 00:00 到 23:59。"),
    ],
)
def test_parse_time_refuses_with_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        roc.parse_time(text)
    assert str(refusal.value) == sentence


@given(st.text())
def test_parse_time_raises_only_value_error(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(roc.parse_time(text), time)
