"""What the lists of training, learning hours and study leave can be narrowed by."""

from collections.abc import Sequence
from typing import Any, Self

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters.fields import ModelChoiceField

from districts.choices import AgencyKind, PlanKind
from districts.models import Agency, Person, Plan
from personnel_portal.rules.folding import fold, pattern
from training.choices import ClassState, Form, Outcome, Place, RosterState, Selection, StudyState, StudyTime
from training.meter import Asked, behind, years
from training.models import College, LearningRecord, NationalRow, Registration, Study, TrainingClass

# --- Classes ---------------------------------------------------------------------------------------------------------


def _plans(request: Any) -> QuerySet[Plan]:
    return (
        Plan.objects.visible_to(request.user).filter(kind=PlanKind.TRAINING).as_choices()
        if request
        else Plan.objects.none()
    )


def _colleges(request: Any) -> QuerySet[College]:
    return College.objects.visible_to(request.user).select_related("plan") if request else College.objects.none()


class _CollegeField(ModelChoiceField):
    """Colleges with the year of their plan: every year has its own of the same names."""

    def label_from_instance(self, obj: College) -> str:
        return f"{obj.plan.year} {obj.name}"


class _CollegeFilter(filters.ModelChoiceFilter):
    field_class = _CollegeField


class ClassFilter(filters.FilterSet):
    """Of classes, by plan, college, how they are run, and where they stand; `open` are those that one can register for."""

    q = filters.CharFilter(label="課程、講座、地點或主辦機關", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", field_name="course__plan", queryset=_plans, empty_label="全部")
    college = _CollegeFilter(label="學院", field_name="course__college", queryset=_colleges, empty_label="全部")
    form = filters.ChoiceFilter(label="辦理方式", choices=Form.choices, empty_label="全部")
    state = filters.ChoiceFilter(
        label="狀態", choices=[("taking", "報名中"), *ClassState.choices], method="in_state", empty_label="全部"
    )

    class Meta:
        model = TrainingClass
        fields = ["q", "plan", "college", "form", "state"]

    def search(self, queryset: QuerySet[TrainingClass], name: str, value: str) -> QuerySet[TrainingClass]:
        found: QuerySet[TrainingClass] = queryset.matching(value)  # type: ignore[attr-defined]  # of classes
        return found

    def in_state(self, queryset: QuerySet[TrainingClass], name: str, value: str) -> QuerySet[TrainingClass]:
        if value != "taking":
            return queryset.filter(state=value)
        taking: QuerySet[TrainingClass] = queryset.taking(timezone.now())  # type: ignore[attr-defined]  # of classes
        return taking


# --- Registration ----------------------------------------------------------------------------------------------------


class RegistrationFilter(filters.FilterSet):
    """Of a class's registrations, by name or agency and by where they stand."""

    q = filters.CharFilter(label="姓名或機關", method="search", max_length=100)
    place = filters.ChoiceFilter(label="狀態", choices=Place.choices, empty_label="全部")

    class Meta:
        model = Registration
        fields = ["q", "place"]

    def search(self, queryset: QuerySet[Registration], name: str, value: str) -> QuerySet[Registration]:
        agencies = Agency.objects.matching(value).values("pk")
        return queryset.filter(Q(person__name__iregex=pattern(value)) | Q(agency__in=agencies))


class OwnRegistrationFilter(filters.FilterSet):
    """Of somebody's own registrations and those of the agency's people, by name, class and where they stand."""

    q = filters.CharFilter(label="姓名或班別", method="search", max_length=100)
    place = filters.ChoiceFilter(label="狀態", choices=Place.choices, empty_label="全部")
    mine = filters.ChoiceFilter(label="範圍", choices=[("1", "僅本人")], method="only_mine", empty_label="全部")

    class Meta:
        model = Registration
        fields = ["q", "place", "mine"]

    def search(self, queryset: QuerySet[Registration], name: str, value: str) -> QuerySet[Registration]:
        wanted = pattern(value)
        return queryset.filter(Q(person__name__iregex=wanted) | Q(training_class__course__name__iregex=wanted))

    def only_mine(self, queryset: QuerySet[Registration], name: str, value: str) -> QuerySet[Registration]:
        request: Any = self.request
        return queryset.filter(person__user=request.user.acting_for or request.user)


# --- Study leave -----------------------------------------------------------------------------------------------------


def _training_plans(request: Any) -> QuerySet[Plan]:
    plans = Plan.objects.filter(kind=PlanKind.TRAINING)
    return plans.visible_to(request.user).as_choices() if request else plans.none()


class StudyFilter(filters.FilterSet):
    """Of study leaves, by plan, how and when somebody studies, and who or where."""

    q = filters.CharFilter(label="姓名、學校、系所或機關", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="年度", queryset=_training_plans, empty_label="全部")
    time = filters.ChoiceFilter(label="進修時間", choices=StudyTime, empty_label="全部")
    selection = filters.ChoiceFilter(label="方式", choices=Selection, empty_label="全部")
    state = filters.ChoiceFilter(label="狀態", choices=StudyState, empty_label="全部")

    class Meta:
        model = Study
        fields = ["q", "plan", "time", "selection", "state"]

    def search(self, queryset: QuerySet[Study], name: str, value: str) -> QuerySet[Study]:
        wanted, agencies = pattern(value), Agency.objects.matching(value).values("pk")
        by_text = Q(person__name__iregex=wanted) | Q(school__iregex=wanted) | Q(programme__iregex=wanted)
        return queryset.filter(by_text | Q(agency__in=agencies))


class StudyRosterFilter(filters.FilterSet):
    """Of agencies, by name, kind and where the roster of the year stands; the view reads `plan`."""

    MISSING = "missing"

    q = filters.CharFilter(label="機關", method="search", max_length=100)
    kind = filters.ChoiceFilter(label="類別", choices=AgencyKind, empty_label="全部")
    state = filters.ChoiceFilter(
        label="狀態", choices=[(MISSING, "未報送"), *RosterState.choices], method="by_state", empty_label="全部"
    )
    plan = filters.ModelChoiceFilter(label="年度", queryset=_training_plans, method="as_chosen", empty_label="目前年度")

    class Meta:
        model = Agency
        fields = ["q", "plan", "kind", "state"]

    def search(self, queryset: QuerySet[Agency], name: str, value: str) -> QuerySet[Agency]:
        return queryset.filter(pk__in=Agency.objects.matching(value).values("pk"))

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        """Narrow to a state; what was begun and not sent is not filed either."""
        if value == self.MISSING:
            return queryset.filter(Q(roster_state__isnull=True) | Q(roster_state=RosterState.DRAFT))
        return queryset.filter(roster_state=value)

    def as_chosen(self, queryset: QuerySet[Agency], name: str, value: Plan) -> QuerySet[Agency]:
        return queryset


# --- Learning hours --------------------------------------------------------------------------------------------------


OUTCOMES = [*Outcome.choices, ("only_here", "僅本平臺有")]


class _OfYearFilter(filters.FilterSet):
    """What the lists of learning hours share: the year and what it asks, which the views read themselves."""

    set: Asked
    sets: Sequence[Asked] = ()

    year = filters.ChoiceFilter(label="年度", method="as_chosen", empty_label="本年度", choices=years)
    asked = filters.ChoiceFilter(label="規定", method="as_chosen", empty_label=None)

    @classmethod
    def asking(cls, asked: Asked, sets: Sequence[Asked]) -> "type[Self]":
        """Return the filter for what a year asks; where it asks one thing alone there is nothing to choose."""
        return type(cls.__name__, (cls,), {"set": asked, "sets": sets})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["asked"].extra["choices"] = [(str(each.pk), each.name) for each in self.sets]
        if len(self.sets) < 2:
            del self.filters["asked"]

    def as_chosen(self, queryset: QuerySet[Any], name: str, value: object) -> QuerySet[Any]:
        return queryset


class AgencyHoursFilter(_OfYearFilter):
    """Of agencies with the hours of their people."""

    q = filters.CharFilter(label="機關", method="search", max_length=100)
    kind = filters.ChoiceFilter(label="類別", choices=AgencyKind.choices, empty_label="全部")

    class Meta:
        model = Agency
        fields = ["q", "kind", "year", "asked"]

    def search(self, queryset: QuerySet[Agency], name: str, value: str) -> QuerySet[Agency]:
        return queryset.filter(folded__contains=fold(value))


class PeopleHoursFilter(_OfYearFilter):
    """Of an agency's people, by name and by whether they have met what is asked."""

    q = filters.CharFilter(label="姓名", method="search", max_length=50)
    standing = filters.ChoiceFilter(
        label="達成情形",
        choices=[("behind", "未達成"), ("met", "已達成")],
        empty_label="全部",
        method="by_standing",
    )

    class Meta:
        model = Person
        fields = ["q", "standing", "year", "asked"]

    def search(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return queryset.filter(name__iregex=pattern(value))

    def by_standing(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        late = behind(self.set)
        return queryset.filter(late if value == "behind" else ~late)


class ReportRowFilter(filters.FilterSet):
    """Of the lines of a report, by what they are beside the records here."""

    q = filters.CharFilter(label="姓名、機關或課程", method="search", max_length=100)
    outcome = filters.ChoiceFilter(choices=OUTCOMES, method="as_chosen", widget=forms.HiddenInput)  # the tabs choose it

    class Meta:
        model = NationalRow
        fields = ["q", "outcome"]

    def as_chosen(self, queryset: QuerySet[NationalRow], name: str, value: str) -> QuerySet[NationalRow]:
        return queryset

    def search(self, queryset: QuerySet[NationalRow], name: str, value: str) -> QuerySet[NationalRow]:
        alike = pattern(value)
        return queryset.filter(Q(name__iregex=alike) | Q(agency_text__iregex=alike) | Q(course__iregex=alike))


class RecordFilter(filters.FilterSet):
    """Of learning records, beside a report."""

    q = filters.CharFilter(label="姓名、機關或課程", method="search", max_length=100)
    outcome = filters.ChoiceFilter(choices=OUTCOMES, method="as_chosen", widget=forms.HiddenInput)  # the tabs choose it

    class Meta:
        model = LearningRecord
        fields = ["q", "outcome"]

    def as_chosen(self, queryset: QuerySet[LearningRecord], name: str, value: str) -> QuerySet[LearningRecord]:
        return queryset

    def search(self, queryset: QuerySet[LearningRecord], name: str, value: str) -> QuerySet[LearningRecord]:
        agencies = Agency.objects.matching(value).values("pk")
        alike = pattern(value)
        return queryset.filter(Q(person__name__iregex=alike) | Q(agency__in=agencies) | Q(course__iregex=alike))
