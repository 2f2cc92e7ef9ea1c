"""Template filters for 民國 dates, loaded as builtins.

A missing value prints nothing; a day outside the ROC years prints as ISO text rather than breaking the page.
"""

from collections.abc import Callable
from datetime import date, datetime

from django import template
from django.utils import timezone

from personnel_portal import roc as dates

register = template.Library()


def _local_day(value: date) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _written(value: object, write: Callable[[date], str]) -> str:
    if not isinstance(value, date):
        return ""
    day = _local_day(value)
    try:
        return write(day)
    except ValueError:
        return day.isoformat()


@register.filter
def roc(value: object) -> str:
    """113年6月30日（日）."""
    return _written(value, dates.long)


@register.filter
def roc_short(value: object) -> str:
    """113/6/30."""
    return _written(value, dates.short)


@register.filter
def roc_full(value: object) -> str:
    """中華民國113年6月30日."""
    return _written(value, dates.full)


@register.filter
def roc_time(value: object) -> str:
    """116年5月14日（五）14:00 in local time; a plain date prints without a time."""
    if not isinstance(value, datetime):
        return roc(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{roc(local)}{local:%H:%M}"


@register.filter
def days_left(value: object, today: date | None = None) -> str:
    """剩 9 日, 今日到期 or 逾期 3 日, counted in calendar days from today's local date."""
    if not isinstance(value, date):
        return ""
    days = (_local_day(value) - (today or timezone.localdate())).days
    if days == 0:
        return "今日到期"
    return f"剩 {days} 日" if days > 0 else f"逾期 {-days} 日"


@register.simple_tag
def roc_now() -> str:
    """Return the present moment, for pages that are rendered without a context (error pages)."""
    return dates.moment(timezone.localtime())
