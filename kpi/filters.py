"""Filters of the lists of targets, usage returns and work plans."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from districts.choices import PlanKind
from districts.models import Agency, Plan
from kpi.choices import Filing, ReportState, Round
from kpi.models import Score, SubItem, System, UsageReport
from personnel_portal.rules.folding import pattern

# --- Usage returns ---------------------------------------------------------------------------------------------------


def _usage_plans(request: Any) -> QuerySet[Plan]:
    if not request:
        return Plan.objects.none()
    return Plan.objects.visible_to(request.user).filter(kind=PlanKind.IT_USE).as_choices()


def _sub_items(request: Any) -> Any:
    return SubItem.objects.visible_to(request.user) if request else SubItem.objects.none()


class UsageReturnFilter(filters.FilterSet):
    """Of usage returns, by agency, year, round and state."""

    q = filters.CharFilter(label="機關或文號", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="年度", queryset=_usage_plans, empty_label="全部")
    round = filters.ChoiceFilter(label="次別", choices=Round.choices, empty_label="全部")
    state = filters.ChoiceFilter(label="狀態", choices=ReportState.choices, empty_label="全部")
    is_scored = filters.ChoiceFilter(
        label="考核方式", choices=[("True", "計分"), ("False", "配合度")], empty_label="全部"
    )

    class Meta:
        model = UsageReport
        fields = ["q", "plan", "round", "state", "is_scored"]

    def search(self, queryset: QuerySet[UsageReport], name: str, value: str) -> QuerySet[UsageReport]:
        agencies = Agency.objects.matching(value).values("pk")
        return queryset.filter(Q(agency__in=agencies) | Q(letter_number__iregex=pattern(value)))


class ScoreFilter(filters.FilterSet):
    """Of a published list, by agency and what it filed."""

    q = filters.CharFilter(label="機關", method="search", max_length=100)
    filing = filters.ChoiceFilter(label="報送情形", choices=Filing.choices, empty_label="全部")
    is_scored = filters.ChoiceFilter(
        label="考核方式", choices=[("True", "計分"), ("False", "配合度")], empty_label="全部"
    )

    class Meta:
        model = Score
        fields = ["q", "filing", "is_scored"]

    def search(self, queryset: QuerySet[Score], name: str, value: str) -> QuerySet[Score]:
        return queryset.filter(agency__in=Agency.objects.matching(value).values("pk"))


class SystemFilter(filters.FilterSet):
    """Of the catalogue with its counts; the view reads `round`."""

    q = filters.CharFilter(label="代碼或名稱", method="search", max_length=100)
    round = filters.ChoiceFilter(label="次別", choices=Round.choices, method="as_chosen", empty_label=None)
    sub_item = filters.ModelChoiceFilter(label="子項", queryset=_sub_items, empty_label="全部")

    class Meta:
        model = System
        fields = ["q", "round", "sub_item"]

    def search(self, queryset: QuerySet[System], name: str, value: str) -> QuerySet[System]:
        wanted = pattern(value)
        return queryset.filter(Q(name__iregex=wanted) | Q(code__iregex=wanted))

    def as_chosen(self, queryset: QuerySet[System], name: str, value: str) -> QuerySet[System]:
        return queryset
