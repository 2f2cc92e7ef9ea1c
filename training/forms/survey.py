"""The survey of needs: the office's days, and what an agency asks for by rank."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory

from districts.models import Plan
from meetings.forms.pasted import PastedField
from personnel_portal.roc.forms import RocDateField
from personnel_portal.rules.folding import fold
from training.actions.survey import MOST
from training.models import Course, Need

LEAST_ROWS, SPARE = 5, 2


class SurveyForm(forms.Form):
    """From when to when agencies answer."""

    opens_on = RocDateField(label="調查起日")
    closes_on = RocDateField(label="調查迄日", help_text="當日仍可填報；逾期後僅供檢視。")
    note = PastedField(label="說明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("opens_on") and cleaned.get("closes_on") and cleaned["closes_on"] < cleaned["opens_on"]:
            self.add_error("closes_on", "調查迄日不得早於起日。")
        return cleaned


class _CourseField(forms.ModelChoiceField[Course]):
    """Courses with their college, since a plan has some forty."""

    def label_from_instance(self, obj: Course) -> str:
        return f"{obj.college.name}　{obj.name}" if obj.college else f"薦送　{obj.name}"


class NeedForm(forms.Form):
    """One course that an agency asks for; a row without one counts for nothing."""

    rank = forms.IntegerField(label="順序", min_value=1, max_value=99, required=False)
    course = _CourseField(
        Course.objects.none(),
        label="課程",
        required=False,
        empty_label="（選擇課程）",
        error_messages={"invalid_choice": "請選擇清單中的課程。"},
    )
    proposed = PastedField(label="建議課程", max_length=100, required=False)
    people = forms.IntegerField(label="預估人數", min_value=1, max_value=9999, required=False)
    why = PastedField(label="需求說明", max_length=300, required=False)

    def __init__(self, *args: Any, courses: list[Course], plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._courses = courses
        field: Any = self.fields["course"]
        field.queryset = Course.objects.filter(plan=plan)
        # The rows share one look-up of the courses.
        field.choices = [("", field.empty_label), *((one.pk, field.label_from_instance(one)) for one in courses)]

    def clean(self) -> dict[str, Any]:
        """Take a course by its name where one is proposed that the plan has already."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        course, proposed = cleaned.get("course"), cleaned.get("proposed")
        if course and proposed:
            self.add_error("proposed", "請擇一：選擇課程或填建議課程。")
        elif proposed:
            named = next((one for one in self._courses if fold(one.name) == fold(proposed)), None)
            if named:
                cleaned["course"], cleaned["proposed"] = named, ""
        elif not course and (cleaned.get("people") or cleaned.get("why")):
            self.add_error("course", "請選擇課程，或填建議課程。")
        return cleaned

    @property
    def need(self) -> Need | None:
        """What the row asks for; none where it is empty."""
        cleaned = self.cleaned_data
        if not cleaned.get("course") and not cleaned.get("proposed"):
            return None
        return Need(
            rank=cleaned.get("rank") or 0,
            course=cleaned.get("course"),
            proposed=cleaned.get("proposed") or "",
            people=cleaned.get("people"),
            why=cleaned.get("why") or "",
        )


class BaseNeedFormSet(BaseFormSet[NeedForm]):
    """The rows of an agency; they are sorted by rank, and a row without a rank comes last."""

    def clean(self) -> None:
        """Refuse two courses of the same rank."""
        ranks = [need.rank for need in self.needs if need.rank]
        if twice := next((rank for rank in ranks if ranks.count(rank) > 1), None):
            raise ValidationError(f"優先順序 {twice} 重複，請分出先後。")

    @property
    def needs(self) -> list[Need]:
        """What is asked for, the most urgent first."""
        found = [form.need for form in self.forms if hasattr(form, "cleaned_data")]
        return sorted((need for need in found if need), key=lambda need: need.rank or 100)


NeedFormSet: Any = formset_factory(NeedForm, formset=BaseNeedFormSet, extra=0, max_num=MOST, absolute_max=MOST)


def rows_of(needs: list[Need]) -> list[dict[str, object]]:
    """Return the rows that the form begins with: what is asked for, and some empty ones, numbered on."""
    filled: list[dict[str, object]] = [
        {"rank": need.rank, "course": need.course_id, "proposed": need.proposed, "people": need.people, "why": need.why}
        for need in needs
    ]
    rows = min(max(LEAST_ROWS, len(filled) + SPARE), MOST)
    return filled + [{"rank": rank} for rank in range(len(filled) + 1, rows + 1)]
