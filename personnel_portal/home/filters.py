"""Filters of the administrators' lists."""

from datetime import date, timedelta
from typing import Any

import django_filters as filters
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet
from django.utils import timezone

from personnel_portal.accounts.models import User
from personnel_portal.roc.forms import RocDateField
from personnel_portal.trail import acts
from personnel_portal.trail.models import Entry


def review_limit(today: date) -> date:
    """Return the day since which an account must have been reviewed."""
    return today - timedelta(days=settings.ACCOUNT_REVIEW_DAYS)


class AccountFilter(filters.FilterSet):
    """Search by name, and by what is to be done with an account."""

    q = filters.CharFilter(label="搜尋", method="search")
    state = filters.ChoiceFilter(
        label="狀態",
        method="by_state",
        empty_label="全部",
        choices=[("due", "待清查"), ("active", "使用中"), ("new", "未設定密碼"), ("closed", "已停用")],
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, queryset: QuerySet[User], name: str, text: str) -> QuerySet[User]:
        return queryset.filter(
            Q(username__icontains=text)
            | Q(name__icontains=text)
            | Q(person__postings__agency__short_name__contains=text)
        ).distinct()

    def by_state(self, queryset: Any, name: str, state: str) -> QuerySet[User]:
        found: QuerySet[User] = {
            "due": lambda: queryset.review_due(review_limit(timezone.localdate())),
            "active": lambda: queryset.filter(is_active=True),
            "new": lambda: queryset.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX),
            "closed": lambda: queryset.filter(is_active=False),
        }[state]()
        return found


class RocDateFilter(filters.Filter):
    field_class = RocDateField


class EntryFilter(filters.FilterSet):
    q = filters.CharFilter(label="人員、對象或來源位址", method="search")
    act = filters.ChoiceFilter(label="動作", choices=lambda: acts.known().items(), empty_label="全部")
    since = RocDateFilter(label="自", field_name="at", lookup_expr="date__gte")
    until = RocDateFilter(label="至", field_name="at", lookup_expr="date__lte")

    class Meta:
        model = Entry
        fields = ["q", "act", "since", "until"]

    def search(self, queryset: QuerySet[Entry], name: str, value: str) -> QuerySet[Entry]:
        return queryset.filter(
            Q(actor_name__icontains=value)
            | Q(acting_for_name__icontains=value)
            | Q(target_label__icontains=value)
            | Q(address__startswith=value)
        )
