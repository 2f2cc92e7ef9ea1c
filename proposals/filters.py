"""Filters of the lists of calls, cases, proposals and what became of them."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from districts.models import District, Plan
from meetings.models import Meeting
from personnel_portal.rules.folding import fold, pattern
from proposals.models import CallRecipient

CALL_STATES = {"none": "未函請", "draft": "擬稿中", "open": "函請中", "closed": "已截止"}
ANSWERS = {"items": "已送件", "none": "回復「無」", "missing": "尚未回復", "late": "有逾期件"}


def _plans(request: Any) -> QuerySet[Plan]:
    return Plan.objects.visible_to(request.user).liaison() if request else Plan.objects.none()


def _districts(request: Any) -> QuerySet[District]:
    return District.objects.visible_to(request.user).select_related("plan") if request else District.objects.none()


class CallFilter(filters.FilterSet):
    """Of meetings, by plan, district, and how far their call is."""

    q = filters.CharFilter(label="文號或主旨", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    district = filters.ModelChoiceFilter(label="分區", queryset=_districts, empty_label="全部")
    call = filters.ChoiceFilter(
        label="函請", choices=list(CALL_STATES.items()), method="in_call_state", empty_label="全部"
    )

    class Meta:
        model = Meeting
        fields = ["q", "plan", "district", "call"]

    def search(self, queryset: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        wanted = pattern(value)
        return queryset.filter(Q(items_call__number__iregex=wanted) | Q(items_call__purpose__iregex=wanted))

    def in_call_state(self, queryset: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        sent, today = Q(items_call__sent_at__isnull=False), timezone.localdate()
        wanted = {
            "none": Q(items_call__isnull=True),
            "draft": Q(items_call__isnull=False, items_call__sent_at__isnull=True),
            "open": sent & Q(items_call__closes_on__gte=today),
            "closed": sent & Q(items_call__closes_on__lt=today),
        }
        return queryset.filter(wanted[value])


class CallRecipientFilter(filters.FilterSet):
    """Of `CallRecipient.objects.with_answers()`, by agency and answer."""

    q = filters.CharFilter(label="機關", method="search", max_length=100)
    answer = filters.ChoiceFilter(label="回復", choices=list(ANSWERS.items()), method="with_answer", empty_label="全部")
    is_coached = filters.ChoiceFilter(
        label="身分", choices=[("False", "分區成員"), ("True", "輔導區兼任(辦)")], empty_label="全部"
    )

    class Meta:
        model = CallRecipient
        fields = ["q", "answer", "is_coached"]

    def search(self, queryset: QuerySet[CallRecipient], name: str, value: str) -> QuerySet[CallRecipient]:
        return queryset.filter(agency__folded__contains=fold(value))

    def with_answer(self, queryset: QuerySet[CallRecipient], name: str, value: str) -> QuerySet[CallRecipient]:
        sent = Q(cases__gt=0) | Q(proposals__gt=0) | Q(joined__gt=0)
        nothing = Q(none_at__isnull=False)
        wanted = {"items": sent, "none": nothing & ~sent, "missing": ~nothing & ~sent, "late": Q(late__gt=0)}
        return queryset.filter(wanted[value])
