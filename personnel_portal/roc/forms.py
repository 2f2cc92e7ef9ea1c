"""Form fields that take and show 民國 dates; what was typed stays in the field when it is refused."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone, to_current_timezone

from personnel_portal import roc

Typed = TypeVar("Typed")


class RocDateInput(forms.DateInput):
    """A text input with a calendar button; the button needs JavaScript, the text does not."""

    template_name = "roc/date.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"autocomplete": "off", "placeholder": "113/6/30", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return roc.short(value) if isinstance(value, date) else value


class RocTimeInput(forms.TimeInput):
    """A text input for 14:00 or 下午2時."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"autocomplete": "off", "placeholder": "14:00", **(attrs or {})}, format="%H:%M")


class RocDateField(forms.DateField):
    """A `date` typed in any form that `roc.parse` reads."""

    widget = RocDateInput
    default_error_messages = {"required": "請填日期，例如 113/6/30。", "incomplete": "請填日期，例如 113/6/30。"}

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return to_current_timezone(value).date()
        return value if isinstance(value, date) else _read(roc.parse, value)


class RocTimeField(forms.TimeField):
    """A `time` typed in any form that `roc.parse_time` reads."""

    widget = RocTimeInput
    default_error_messages = {"required": "請填時間，例如 14:00。", "incomplete": "請填時間，例如 14:00。"}

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values:
            return None
        return value if isinstance(value, time) else _read(roc.parse_time, value)


class RocDateTimeInput(forms.MultiWidget):
    """A date and a time side by side, posted as `<name>_date` and `<name>_time`."""

    template_name = "roc/moment.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts: dict[str, forms.Widget | type[forms.Widget]] = {
            "date": RocDateInput({"aria-label": "日期"}),
            "time": RocTimeInput({"aria-label": "時間"}),
        }
        super().__init__(parts, attrs)

    def decompress(self, value: datetime | None) -> list[Any]:
        if not value:
            return [None, None]
        local = to_current_timezone(value)
        return [local.date(), local.time()]


class RocDateTimeField(forms.MultiValueField):
    """An aware `datetime` in the portal's time zone, from a date and a time."""

    widget = RocDateTimeInput
    default_error_messages = {"required": "請填日期與時間，例如 113/6/30 與 14:00。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__((RocDateField(), RocTimeField()), require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[Any]) -> datetime | None:
        if not data_list:
            return None
        day, at = data_list
        return from_current_timezone(datetime.combine(day, at))


def _read(reader: Callable[[str], Typed], value: object) -> Typed:
    try:
        return reader(str(value))
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from None
