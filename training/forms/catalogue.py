"""The office's forms on a training plan: its rule, a college with its programmes, a course with what is to be read."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import inlineformset_factory

from districts.models import Plan
from meetings.forms.pasted import PastedField, field_of
from meetings.forms.shown import AsShownForm
from training.choices import Leave
from training.models import College, Course, PreReading, Programme, TrainingRule

SPARE = 2  # empty rows below those that are there


class RuleForm(AsShownForm):
    """What a plan says of absence, waiting lists and study leave."""

    counted_leaves = forms.MultipleChoiceField(
        label="計入缺課之假別",
        choices=Leave.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="陸、七未排除任何假別，預設全部計入。",
    )

    class Meta:
        model = TrainingRule
        fields = [
            "absence_part",
            "absence_whole",
            "granting",
            "counted_leaves",
            "offer_hours",
            "quota_part",
            "quota_whole",
            "quota_minimum",
            "weekly_hours",
        ]
        help_texts = {
            "absence_part": "缺課達「分子／分母」以上（含本數）者，不核給時數（陸、七）。",
            "offer_hours": "候補人員收到遞補通知後，名額保留的時數；開課後不再遞補。",
            "quota_part": "當年度進修人數不得逾編制內預算員額的「分子／分母」，小數捨去（柒、三）。",
            "weekly_hours": "部分辦公時間進修，每人每週（星期一至星期日）公假合計（柒、四）。",
        }


class CollegeForm(forms.ModelForm[College]):
    """A college of a plan."""

    class Meta:
        model = College
        fields = ["mark", "name", "run_by_units", "note"]
        formfield_callback = field_of
        labels = {"name": "學院名稱", "run_by_units": "課程由業務單位自行辦理"}
        help_texts = {
            "mark": "計畫所列編號，如 (一)。",
            "run_by_units": "勾選後，各機關可自行建立班別、報送時數，由人事處核給（陸、四、(五)4）。",
        }


class ProgrammeForm(forms.ModelForm[Programme]):
    class Meta:
        model = Programme
        fields = ["name"]
        formfield_callback = field_of


class ReadingForm(forms.ModelForm[PreReading]):
    """A recommended online course. Only web addresses are taken: the page makes links of them."""

    url = forms.URLField(label="網址", max_length=300, assume_scheme="https")

    class Meta:
        model = PreReading
        fields = ["title", "url"]
        formfield_callback = field_of


PROGRAMMES = inlineformset_factory(College, Programme, form=ProgrammeForm, extra=SPARE, max_num=20)
READINGS = inlineformset_factory(Course, PreReading, form=ReadingForm, extra=SPARE, max_num=20)


class CourseForm(AsShownForm):
    """A course of a plan."""

    class Meta:
        model = Course
        fields = [
            "name",
            "college",
            "programme",
            "form",
            "mode",
            "goals",
            "audience",
            "responsible",
            "after",
            "is_example",
            "is_planned",
        ]
        formfield_callback = field_of
        widgets = {"after": forms.CheckboxSelectMultiple}
        labels = {"name": "課程名稱"}
        help_texts = {
            "college": "薦送參加他機關訓練者，不屬任何學院。",
            "programme": "僅設有學程的學院需選填。",
            "after": "須先完成（取得時數）始得報名；同名課程他年度完成者亦計入。",
            "is_example": "計畫僅以「如…等」例示者。",
            "is_planned": "未列入者仍留在課程目錄，但不能新增班別。",
        }

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.plan = plan
        fields: Any = self.fields
        fields["college"].queryset = College.objects.filter(plan=plan)
        fields["programme"].queryset = Programme.objects.filter(college__plan=plan).select_related("college")
        fields["programme"].label_from_instance = lambda one: f"{one.college.name}　{one.name}"
        if "after" in fields:
            fields["after"].queryset = Course.objects.filter(plan=plan).exclude(pk=self.instance.pk)
        fields["goals"].widget.attrs["rows"] = 4

    def clean(self) -> dict[str, Any]:
        """Refuse a programme of another college; a programme alone says which college is meant."""
        cleaned = super().clean()
        college, programme = cleaned.get("college"), cleaned.get("programme")
        if isinstance(programme, Programme):
            if college is None:
                cleaned["college"] = programme.college
                self.changes["college"] = programme.college
            elif isinstance(college, College) and programme.college_id != college.pk:
                self.add_error("programme", ValidationError(f"「{programme.name}」不屬於{college.name}。"))
        return cleaned

    def _names(self) -> list[str]:
        return [name for name in super()._names() if name != "after"]


class TakeUpForm(CourseForm):
    """A course that agencies proposed, to go into the plan."""

    name = PastedField(label="課程名稱", max_length=100)

    class Meta(CourseForm.Meta):
        fields = ["name", "college", "programme", "form", "mode", "goals", "audience", "responsible"]
