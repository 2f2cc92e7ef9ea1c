"""The forms of a run: what a line proposes, who is left out, what the committee resolved, and the letter of approval."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from awards.choices import UnitChoice
from awards.models import Line, Run
from awards.models.runs import stamp
from meetings.forms.pasted import PastedField
from personnel_portal import roc
from personnel_portal.roc.forms import RocDateField

MOST = 9  # times of one award; more is a slip of the keyboard
_GONE = "勾選的建議不屬這次試算，請重新整理後再處理。"


class _SeenForm(forms.Form):
    """A form that says what its page showed, so that nobody's change is written over unseen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the fields names of their own on the page, where several such forms stand side by side."""
        kwargs["auto_id"] = f"{type(self).__name__.lower()}-%s"
        super().__init__(*args, **kwargs)

    def show_now(self, seen: str) -> None:
        """Let what was typed be sent once more, now that the person was told what somebody else changed."""
        self.data = dict(self.data.items(), seen=seen)


class AdjustForm(_SeenForm):
    """What is proposed in place of what was computed."""

    unit = forms.ChoiceField(label="獎勵種類", choices=UnitChoice)
    times = forms.IntegerField(
        label="次數",
        min_value=1,
        max_value=MOST,
        error_messages={
            "min_value": "次數至少 1 次；不予建議請改用「剔除」。",
            "max_value": f"次數至多 {MOST} 次，請確認。",
        },
    )
    reason = PastedField(
        label="調整理由",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="與試算結果不同時必填；印在名冊備註。",
    )

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        """Show what is proposed now."""
        super().__init__(*args, **kwargs)
        reason = "" if line.is_dropped else line.reason
        self.initial.update(unit=line.unit, times=line.times, reason=reason, seen=line.stamp)

    def clean_unit(self) -> UnitChoice:
        return UnitChoice(self.cleaned_data["unit"])


class DropForm(_SeenForm):
    """Why somebody is left out."""

    reason = PastedField(
        label="剔除理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "請說明剔除的理由。"},
    )

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(reason=line.reason if line.is_dropped else "", seen=line.stamp)


class RestoreForm(_SeenForm):
    """Back to what was computed."""

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(seen=line.stamp)


class RemarkForm(_SeenForm):
    """The columns of the roster that people fill."""

    note = PastedField(label="備註", max_length=200, required=False)
    result = PastedField(
        label="審議結果", max_length=100, required=False, help_text="考績委員會審議後填寫，例如「照案通過」。"
    )

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(note=line.note, result=line.result, seen=line.stamp)


class ChosenForm(forms.Form):
    """Lines of a run that somebody ticked."""

    lines = forms.ModelMultipleChoiceField(
        Line.objects.none(),
        error_messages={
            "required": "請至少勾選一筆獎勵建議。",
            "invalid_choice": _GONE,
            "invalid_pk_value": _GONE,
        },
    )

    def __init__(self, *args: Any, run: Run, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["lines"]
        field.queryset = run.lines.select_related("agency")


class DropChosenForm(ChosenForm):
    """Several people who are left out for one reason."""

    reason = PastedField(label="剔除理由", max_length=300, error_messages={"required": "請說明剔除的理由。"})


class ResultsForm(ChosenForm):
    """The same 審議結果 for several people."""

    result = PastedField(
        label="審議結果", max_length=100, error_messages={"required": "請填審議結果，例如「照案通過」。"}
    )


class ApproveForm(_SeenForm):
    """Number and date of the letter that approves a run."""

    number = PastedField(
        label="核定文號",
        max_length=60,
        error_messages={"required": "請填核定文號。"},
        help_text="例如 府人任字第1160000001號函或簽准文號。",
    )
    day = RocDateField(label="核定日期")

    def __init__(self, *args: Any, run: Run, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        self.initial["seen"] = lambda: stamp(run.lines.all())

    def clean_day(self) -> date:
        """Refuse a day that is still to come, or from before what is approved was computed."""
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise ValidationError("核定日期不能在今天之後。")
        if day < (made := timezone.localdate(self.run.made_at)):
            raise ValidationError(f"核定日期不能早於試算日期（{roc.short(made)}）。")
        return day
