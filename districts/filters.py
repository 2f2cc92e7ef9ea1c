"""Filters of the lists."""

import django_filters as filters
from django.db.models import Q, QuerySet

from districts.choices import AgencyKind, Staffing
from districts.models import Agency, Person
from personnel_portal.rules.folding import pattern


class AgencyFilter(filters.FilterSet):
    q = filters.CharFilter(label="機關名稱", method="search")
    kind = filters.ChoiceFilter(label="類別", choices=AgencyKind.choices, empty_label="全部")
    staffing = filters.ChoiceFilter(label="人事人員", choices=Staffing.choices, empty_label="全部")

    class Meta:
        model = Agency
        fields = ["q", "kind", "staffing"]

    def search(self, queryset: QuerySet[Agency], name: str, value: str) -> QuerySet[Agency]:
        return queryset & Agency.objects.matching(value)


class PersonFilter(filters.FilterSet):
    q = filters.CharFilter(label="姓名或機關", method="search", max_length=100)

    class Meta:
        model = Person
        fields = ["q"]

    def search(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        agencies = Agency.objects.matching(value)
        return queryset.filter(Q(name__iregex=pattern(value)) | Q(postings__agency__in=agencies)).distinct()
