"""Filters of the lists of runs and of approved lines."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from awards.choices import LineKind, RunState, UnitChoice
from awards.models import Line, Run
from districts.models import Plan
from personnel_portal.rules.folding import pattern


def _plans(request: Any) -> QuerySet[Plan]:
    return Plan.objects.visible_to(request.user).liaison().as_choices() if request else Plan.objects.none()


class RunFilter(filters.FilterSet):
    """Of runs, by plan, state, and the letter that approved them."""

    q = filters.CharFilter(label="核定文號", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    state = filters.ChoiceFilter(label="狀態", choices=RunState, empty_label="全部")

    class Meta:
        model = Run
        fields = ["q", "plan", "state"]

    def search(self, queryset: QuerySet[Run], name: str, value: str) -> QuerySet[Run]:
        return queryset.filter(letter_number__iregex=pattern(value))


class RosterFilter(filters.FilterSet):
    """Of approved lines, by plan, kind, award, and who, where or by which letter."""

    q = filters.CharFilter(label="姓名、機關或文號", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", field_name="run__plan", queryset=_plans, empty_label="全部")
    kind = filters.ChoiceFilter(label="類別", choices=LineKind, empty_label="全部")
    unit = filters.ChoiceFilter(label="獎勵種類", choices=UnitChoice, empty_label="全部")

    class Meta:
        model = Line
        fields = ["q", "plan", "kind", "unit"]

    def search(self, queryset: QuerySet[Line], name: str, value: str) -> QuerySet[Line]:
        wanted = pattern(value)
        return queryset.filter(
            Q(name__iregex=wanted)
            | Q(agency__short_name__iregex=wanted)
            | Q(agency__official_name__iregex=wanted)
            | Q(run__letter_number__iregex=wanted)
        )
