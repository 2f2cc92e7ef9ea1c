"""Filters of the list of meetings."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from districts.models import District, Plan
from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.models import Meeting
from personnel_portal.rules.folding import pattern


def _plans(request: Any) -> QuerySet[Plan]:
    return Plan.objects.visible_to(request.user).liaison().as_choices() if request else Plan.objects.none()


def _districts(request: Any) -> QuerySet[District]:
    return District.objects.visible_to(request.user).as_choices() if request else District.objects.none()


class MeetingFilter(filters.FilterSet):
    q = filters.CharFilter(label="地點、主席或文號", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    district = filters.ModelChoiceFilter(label="分區", queryset=_districts, empty_label="全部")
    kind = filters.ChoiceFilter(label="種類", choices=MeetingKind.choices, empty_label="全部")
    state = filters.ChoiceFilter(label="狀態", choices=MeetingState.choices, empty_label="全部")
    minutes = filters.ChoiceFilter(
        label="紀錄", field_name="minutes__state", choices=MinutesState.choices, empty_label="全部"
    )

    class Meta:
        model = Meeting
        fields = ["q", "plan", "district", "kind", "state", "minutes"]

    def search(self, queryset: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        wanted = pattern(value)
        return queryset.filter(Q(place__iregex=wanted) | Q(chair__iregex=wanted) | Q(call_number__iregex=wanted))
