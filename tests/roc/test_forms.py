"""Fields and filters for 民國 dates."""

from datetime import UTC, date, datetime, time

import pytest
from django import forms
from django.template import Context, Template
from django.utils.html import escape

from personnel_portal.roc.forms import RocDateField, RocDateTimeField, RocTimeField


class Notice(forms.Form):
    due = RocDateField()
    starts = RocDateTimeField()
    optional = RocDateTimeField(required=False)
    closes = RocTimeField(required=False)


GOOD = {"due": "113/6/30", "starts_date": "1130514", "starts_time": "下午2時"}


def test_fields_clean_to_domain_types() -> None:
    form = Notice({**GOOD, "closes": "17:00"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "due": date(2024, 6, 30),
        "starts": datetime(2024, 5, 14, 6, 0, tzinfo=UTC),
        "optional": None,
        "closes": time(17, 0),
    }


@pytest.mark.parametrize(
    ("typed", "field", "errors"),
    [
        ({"due": ""}, "due", ["請填日期，例如 113/6/30。"]),
        ({"due": "114/2/29"}, "due", ["沒有114年2月29日這一天，請檢查月份與日數。"]),
        ({"due": "<b>"}, "due", ["看不懂這個日期，請寫成 113/6/30 或 1130630。"]),
        ({"starts_time": ""}, "starts", ["請填時間，例如 14:00。"]),
        ({"starts_date": "", "starts_time": ""}, "starts", ["請填日期與時間，例如 113/6/30 與 14:00。"]),
        ({"starts_time": "99:00"}, "starts", ["沒有這個時間，請寫 00:00 到 23:59。"]),
        ({"optional_time": "09:00"}, "optional", ["請填日期，例如 113/6/30。"]),
    ],
)
def test_refused_input_gives_one_sentence_and_stays(typed: dict[str, str], field: str, errors: list[str]) -> None:
    form = Notice({**GOOD, **typed})
    assert form.errors == {field: errors}
    html = form.as_p()
    for name, text in typed.items():
        assert not text or f'name="{name}" value="{escape(text)}"' in html


def test_initial_values_read_as_roc_dates_in_local_time() -> None:
    form = Notice(initial={"due": date(2024, 6, 30), "starts": datetime(2024, 5, 14, 6, 0, tzinfo=UTC)})
    html = form.as_p()
    assert 'name="due" value="113/6/30"' in html
    assert 'name="starts_date" value="113/5/14"' in html
    assert 'name="starts_time" value="14:00"' in html
    assert "style=" not in html


def test_unchanged_input_counts_as_unchanged() -> None:
    initial = {"due": date(2024, 6, 30), "starts": datetime(2024, 5, 14, 6, 0, tzinfo=UTC)}
    assert Notice({**GOOD, "starts_time": "1400"}, initial=initial).changed_data == []


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{{ v|roc }}", date(2027, 5, 14), "116年5月14日（五）"),
        ("{{ v|roc_short }}", date(2027, 5, 14), "116/5/14"),
        ("{{ v|roc_full }}", date(2027, 5, 14), "中華民國116年5月14日"),
        ("{{ v|roc_time }}", datetime(2027, 5, 13, 22, 30, tzinfo=UTC), "116年5月14日（五）06:30"),
        ("{{ v|roc }}", datetime(2027, 5, 13, 22, 30, tzinfo=UTC), "116年5月14日（五）"),
        ("{{ v|roc }}", None, ""),
        ("{{ v|roc_time }}", "", ""),
        ("{{ v|roc }}", date(1900, 1, 1), "1900-01-01"),
        ("{{ v|days_left:today }}", date(2027, 5, 23), "剩 9 日"),
        ("{{ v|days_left:today }}", date(2027, 5, 14), "今日到期"),
        ("{{ v|days_left:today }}", date(2027, 5, 11), "逾期 3 日"),
    ],
)
def test_filters_print_exactly(template: str, value: object, text: str) -> None:
    rendered = Template(template).render(Context({"v": value, "today": date(2027, 5, 14)}))
    assert rendered == text
