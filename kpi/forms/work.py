"""Forms of work plans: begin and copy one, an item with its amounts, progress, doings and events."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from districts.models import Agency
from kpi.choices import Level, Pace, Period
from kpi.models import Amount, Progress, WorkItem
from meetings.forms.pasted import PastedField
from meetings.forms.shown import AsShownForm
from personnel_portal import roc
from personnel_portal.roc.forms import RocDateField, RocDateTimeField
from personnel_portal.uploads import kinds
from personnel_portal.uploads.fields import MultipleFileField


class YearField(forms.IntegerField):
    """A year of the Republic."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="年度", min_value=90, max_value=200, help_text="民國年度，如 116。", **kwargs)


class BeginForm(forms.Form):
    """Whose plan, and of which year."""

    agency = forms.ModelChoiceField(Agency.objects.none(), label="機關", empty_label=None)
    year = YearField()

    def __init__(self, *args: Any, agencies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]  # a ModelChoiceField


class ItemForm(AsShownForm):
    """An item: what it says, who does it, how often."""

    text = PastedField(label="內容", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    note = PastedField(label="註記", max_length=300, required=False)

    class Meta:
        model = WorkItem
        fields = (
            "level",
            "mark",
            "text",
            "responsible",
            "period",
            "weekday",
            "month",
            "day",
            "limit",
            "within",
            "period_text",
            "note",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        helps = {
            "weekday": "每週辦理者：1（週一）到 7（週日）；空白為週五。",
            "month": "每年辦理者的月份，空白為 12 月；農曆填農曆月份。",
            "day": "當月幾日，空白為月底；農曆填農曆日期。",
            "limit": "事件後辦理者，如 15。",
            "responsible": "與所屬課室不同時填寫。",
        }
        for name, text in helps.items():
            self.fields[name].help_text = text

    def clean(self) -> dict[str, Any]:
        """Ask for what the period needs: a limit after an event, a month and a day of the lunar calendar."""
        cleaned = super().clean()
        period = cleaned.get("period")
        if period == Period.AFTER_EVENT and bool(cleaned.get("limit")) != bool(cleaned.get("within")):
            self.add_error("limit", ValidationError("事件後的期限請填數字與單位，或兩者都留白。"))
        if period == Period.LUNAR and not (cleaned.get("month") and cleaned.get("day")):
            self.add_error("month", ValidationError("農曆日期請填月份與日期，如農曆 7 月 15 日。"))
        return cleaned


class AmountForm(forms.ModelForm[Amount]):
    class Meta:
        model = Amount
        fields = ("thousands", "funding", "is_doubtful", "counts_once_with", "note")

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a doubt, so that whoever reads the total knows it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("is_doubtful") and not cleaned.get("note"):
            self.add_error("note", ValidationError("請說明歸屬存疑的原因。"))
        return cleaned


class AmountFormSet(BaseInlineFormSet[Amount, WorkItem, AmountForm]):
    """The amounts of an item; one may be the same as another amount of the plan."""

    def add_fields(self, form: AmountForm, index: int | None) -> None:
        super().add_fields(form, index)
        others = Amount.objects.filter(item__plan=self.instance.plan_id, thousands__isnull=False)
        choice: Any = form.fields["counts_once_with"]
        choice.queryset = others.exclude(pk=form.instance.pk).select_related("item").order_by("item__order")
        choice.label_from_instance = lambda amount: f"{amount}：{amount.item}"[:60]


AMOUNTS = inlineformset_factory(WorkItem, Amount, form=AmountForm, formset=AmountFormSet, extra=1, max_num=10)


class PercentField(forms.DecimalField):
    """A percentage from 0 to 100, shown without zeros that say nothing; blank is not 0."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def __init__(self) -> None:
        sentences = {"invalid": "請填 0 到 100 的數字，如 75 或 12.5。"}
        super().__init__(
            min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False, error_messages=sentences
        )


class ProgressForm(forms.ModelForm[Progress]):
    """An item's progress of a quarter; left blank altogether, nothing is entered."""

    planned = PercentField()
    actual = PercentField()
    spent = forms.DecimalField(
        min_value=0, max_digits=12, decimal_places=0, required=False, error_messages={"invalid": "請填千元的整數。"}
    )
    text = PastedField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    pace_reason = PastedField(max_length=300, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Progress
        fields = ("planned", "actual", "spent", "text", "pace", "pace_reason")

    def __init__(self, *args: Any, item: WorkItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        if self.instance.pk:
            self.initial["seen"] = self.instance.entered_at.isoformat()
        name = f"{item.mark}{item.text}"[:30]
        labels = {
            "planned": "預定進度 %",
            "actual": "實際進度 %",
            "spent": "累計執行數（千元）",
            "text": "辦理情形",
            "pace": "進度認定",
            "pace_reason": "認定理由",
        }
        for field, label in labels.items():
            self.fields[field].label = label
            self.fields[field].widget.attrs |= {"aria-label": f"{label}：{name}"}
            self.fields[field].widget.attrs["class"] = (
                "form-select form-select-sm" if field == "pace" else "form-control form-control-sm"
            )
        for field in ("planned", "actual", "spent"):
            self.fields[field].widget = forms.TextInput(
                attrs={**self.fields[field].widget.attrs, "inputmode": "decimal", "autocomplete": "off"}
            )
        self.fields["pace"].choices = [("", "依數字判定"), *Pace.choices]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Ask for a planned figure with any other, and for the reason of a judgement."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        entered = [name for name in ("actual", "spent", "text", "pace") if cleaned.get(name) not in (None, "")]
        if entered and cleaned.get("planned") is None and "planned" not in self.errors:
            self.add_error("planned", ValidationError("請填預定進度。"))
        if cleaned.get("pace") and not cleaned.get("pace_reason"):
            self.add_error("pace_reason", ValidationError("請說明人工認定進度的理由。"))
        return cleaned

    def _post_clean(self) -> None:
        """Leave the row alone: the action writes it, and compares it with what stands there then."""

    @property
    def is_blank(self) -> bool:
        names = ("planned", "actual", "spent", "text", "pace")
        return self.instance.pk is None and all(self.cleaned_data.get(name) in (None, "") for name in names)

    @property
    def shown_at(self) -> datetime | None:
        """When what the page showed was entered."""
        try:
            return parse_datetime(self.cleaned_data.get("seen") or "")
        except ValueError:
            return None

    def values(self) -> Mapping[str, Any]:
        return {
            name: self.cleaned_data.get(name) for name in ("planned", "actual", "spent", "text", "pace", "pace_reason")
        }


class EvidenceForm(forms.Form):
    quarter = forms.TypedChoiceField(
        label="季別", coerce=int, choices=[(quarter, f"第 {quarter} 季") for quarter in range(1, 5)]
    )
    evidence = MultipleFileField(label="佐證檔案", allowed=kinds.ATTACHMENTS)


class DoingForm(forms.Form):
    """That it was done, and for which period."""

    due_on = forms.ChoiceField(label="應辦日", error_messages={"invalid_choice": "請選擇尚未登錄的應辦日。"})
    done_on = RocDateField(label="辦理日")
    note = PastedField(label="說明", max_length=200, required=False)

    def __init__(self, *args: Any, days: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(day.isoformat(), roc.long(day)) for day in days]
        self.fields["due_on"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["done_on"].initial = timezone.localdate()

    def clean_due_on(self) -> date:
        return date.fromisoformat(self.cleaned_data["due_on"])


class EventForm(forms.Form):
    """An event that the item's limit counts from."""

    event_at = RocDateTimeField(label="事件時間")
    note = PastedField(label="事件說明", max_length=200)


class FinishForm(forms.Form):
    done_on = RocDateField(label="辦畢日")


class SourceForm(forms.Form):
    """A table to be read: a sheet, or pasted text."""

    section = PastedField(
        label="課室名稱", max_length=60, required=False, help_text="表格內沒有「○○課…年度重要工作計畫」標題列時填寫。"
    )
    file = forms.FileField(
        label="試算表",
        required=False,
        help_text="可上傳 xlsx、ods 或 csv，最多 2,000 列；欄位為機關工作項目、重要工作計畫項目、實施內容、預算金額。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
        error_messages={"empty": "檔案是空的，請確認內容後再上傳。"},
    )
    text = forms.CharField(
        label="或貼上文字",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="可直接貼上 Excel 或 Word 表格，也可貼上「一、(一)1.(1)」編號的條列文字。",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and bool(cleaned.get("file")) == bool((cleaned.get("text") or "").strip()):
            raise ValidationError("請上傳試算表或貼上文字，擇一辦理。")
        return cleaned


class NodeForm(forms.Form):
    """A proposed node as a person corrects it."""

    level = forms.ChoiceField(label="層級", choices=Level.choices)
    mark = PastedField(label="編號", max_length=10, required=False)
    text = PastedField(label="內容", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    sums = PastedField(
        label="預算金額",
        max_length=200,
        required=False,
        help_text="千元，一筆一格以分號分開，如 8,359；449(健保局補助)；市府統籌款。",
    )
    settled = forms.BooleanField(label="已對照原表，取消存疑標記", required=False)
