"""The office's forms on usage returns: the review, the catalogue, the rules of scoring."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from districts.models import Agency
from kpi.actions.usage_review import Judged, Review
from kpi.actions.usage_scores import BandValue
from kpi.choices import BandFor, Grant
from kpi.models import Subsystem, System, UsageBand, UsageReport, UsageRule, UsageTraining, Use
from meetings.forms.pasted import PastedField, field_of
from personnel_portal.roc.forms import RocDateField
from personnel_portal.rules.usage import plain

# What a button does to the ticked items of a review.
GRANT_PICKED, REFUSE_PICKED, GRANT_PENDING = "grant_picked", "refuse_picked", "grant_pending"


def _percent(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2)


class ItemForm(forms.Form):
    """The review of one item."""

    picked = forms.BooleanField(
        label="勾選", required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )
    grant = forms.ChoiceField(
        label="審查", choices=Grant.choices, widget=forms.Select(attrs={"class": "form-select form-select-sm"})
    )
    reason = PastedField(
        label="不採認理由",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
    )

    def __init__(self, *args: Any, use: Use, before: Use | None, **kwargs: Any) -> None:
        """Show an item with what the review of the first return said of it."""
        self.use, self.before = use, before
        kwargs["prefix"] = f"use-{use.pk}"
        super().__init__(*args, **kwargs)
        self.initial = {"grant": use.grant, "reason": use.reason}


class WholeForm(forms.Form):
    """What the review says of the whole return."""

    service_share = _percent("整合服務核給比例 %")
    service_reason = PastedField(label="核給理由", max_length=300, required=False)
    remark = PastedField(
        label="配合度",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="兼任（辦）機關不計分，於此註記配合度（七、(三)）；專任機關得留白。",
    )
    bulk_reason = PastedField(label="不採認的共同理由", max_length=300, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, report: UsageReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ("service_share", "service_reason", "remark", "revision")
        self.initial = {name: getattr(report, name) for name in names}
        self.initial["service_share"] = plain(report.service_share)
        if not report.is_scored:
            del self.fields["service_share"], self.fields["service_reason"]
            self.fields["remark"].required = False
        else:
            del self.fields["remark"]

    def clean_service_share(self) -> Decimal:
        return self.cleaned_data["service_share"] or Decimal(0)


class ReviewForm:
    """All forms of a review's page together."""

    def __init__(
        self,
        report: UsageReport,
        uses: Iterable[Use],
        before: Mapping[tuple[int | None, int | None], Use],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.report = report
        self.whole = WholeForm(data, report=report)
        self.items = [ItemForm(data, use=use, before=before.get((use.system_id, use.subsystem_id))) for use in uses]

    def is_valid(self) -> bool:
        valid = [
            form.is_valid() for form in (self.whole, *self.items)
        ]  # all of them, so that all that is wrong is said
        return all(valid)

    def review(self, button: str) -> Review:
        """Return what was said, with what the button does to the ticked or open items.

        Raises:
            ValidationError: items are to be refused together without a reason, or none is ticked.
        """
        cleaned = self.whole.cleaned_data
        items = {}
        picked = [form.use.pk for form in self.items if form.cleaned_data["picked"]]
        if button in (GRANT_PICKED, REFUSE_PICKED) and not picked:
            raise ValidationError("請先勾選要一併審查的項目。")
        if button == REFUSE_PICKED and not cleaned["bulk_reason"]:
            raise ValidationError({"bulk_reason": ["請填不採認的共同理由。"]})
        for form in self.items:
            grant = Grant(form.cleaned_data["grant"])
            is_granted = (button == GRANT_PICKED and form.use.pk in picked) or (
                button == GRANT_PENDING and grant == Grant.PENDING
            )
            if is_granted:
                items[form.use.pk] = Judged(Grant.GRANTED)
            elif button == REFUSE_PICKED and form.use.pk in picked:
                items[form.use.pk] = Judged(Grant.REFUSED, cleaned["bulk_reason"])
            else:
                reason = form.cleaned_data["reason"] if grant == Grant.REFUSED else ""
                items[form.use.pk] = Judged(grant, reason)
        return Review(
            items,
            cleaned.get("service_share", Decimal(0)),
            cleaned.get("service_reason", ""),
            cleaned.get("remark", self.report.remark),
        )

    def add_errors(self, refusal: ValidationError) -> None:
        """Say what the action refused at its field: `reason-<use>`, `grant-<use>`, or a field of the whole."""
        if not hasattr(refusal, "error_dict"):
            self.whole.add_error(None, refusal)
            return
        by_name = {f"{field}-{form.use.pk}": (form, field) for form in self.items for field in ("reason", "grant")}
        for name, sentences in refusal.message_dict.items():
            for sentence in sentences:
                if name in by_name:
                    form, field = by_name[name]
                    form.add_error(field, sentence)
                else:
                    self.whole.add_error(name if name in self.whole.fields else None, sentence)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return every error with the id of its field, in the order of the page."""
        found = [("", str(error)) for error in self.whole.non_field_errors()]
        for form in (*self.items, self.whole):
            found += [
                (form[name].id_for_label, str(error))
                for name, errors in form.errors.items()
                if name != "__all__"
                for error in errors
            ]
        return found

    def show_again(self, report: UsageReport) -> None:
        """Let what was typed be sent once more after somebody else reviewed."""
        self.whole.data = {**{key: self.whole.data[key] for key in self.whole.data}, "revision": report.revision}


class ReturnReasonForm(forms.Form):
    """Why a return goes back."""

    reason = PastedField(
        label="退請補正理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "請說明退請補正的理由。"},
    )


class BulkForm(forms.Form):
    """Why the ticked returns' items of one system are refused."""

    reason = PastedField(label="不採認理由", max_length=300, required=False)


# --- The catalogue ---------------------------------------------------------------------------------------------------


class SystemForm(forms.ModelForm[System]):
    """A system for the catalogue, proposed by an agency or entered by the office."""

    class Meta:
        model = System
        fields = ["sub_item", "category", "code", "name", "builder", "reason"]
        formfield_callback = field_of

    def __init__(self, *args: Any, agencies: Iterable[Agency], office_id: int, **kwargs: Any) -> None:
        """Offer the office's sub-items; an agency says in whose name it proposes, and why."""
        super().__init__(*args, **kwargs)
        sub_item: Any = self.fields["sub_item"]
        sub_item.queryset = sub_item.queryset.filter(office=office_id)
        sub_item.empty_label = "請選擇"
        own = list(agencies)
        self.fields["reason"].label = "建議理由與用途"
        if own:
            self.fields["agency"] = forms.ModelChoiceField(
                Agency.objects.filter(pk__in=[one.pk for one in own]),
                label="建議機關",
                initial=own[0],
                empty_label=None,
            )
        else:
            del self.fields["reason"]


class DecideSystemForm(forms.Form):
    """What becomes of a proposed system."""

    since = RocDateField(label="列入日期", required=False, help_text="留白表示立即列入。")
    reason = PastedField(label="不列入理由", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class ListedSystemForm(forms.ModelForm[System]):
    """A system on the catalogue, as the office keeps it."""

    since = RocDateField(label="列入日期", required=False)
    retired_on = RocDateField(label="停用日期", required=False, help_text="自該日起不再列於回報表；已回報者保留。")

    class Meta:
        model = System
        fields = ["category", "code", "name", "builder", "order", "since", "retired_on", "same_as"]
        formfield_callback = field_of

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        same: Any = self.fields["same_as"]
        office = self.instance.sub_item.office_id
        same.queryset = System.objects.filter(sub_item__office=office).exclude(pk=self.instance.pk)
        same.empty_label = "無"


class SubsystemForm(forms.ModelForm[Subsystem]):
    """A sub-system of WebHR."""

    retired_on = RocDateField(label="停用日期", required=False)

    class Meta:
        model = Subsystem
        fields = ["name", "order", "retired_on"]
        formfield_callback = field_of

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].required = False
        if not self.instance.pk:
            self.initial["order"] = None
        self.fields["order"].help_text = "留白排在最後。"

    def clean_order(self) -> int:
        return self.cleaned_data["order"] or 0


class TrainingForm(forms.ModelForm[UsageTraining]):
    """A session of system training."""

    day = RocDateField(label="日期")

    class Meta:
        model = UsageTraining
        fields = ["day", "title", "attendees"]
        formfield_callback = field_of


# --- The rules of scoring --------------------------------------------------------------------------------------------


class BandForm(forms.Form):
    """One band; a row without anything is none."""

    mark = PastedField(label="等第", max_length=5, required=False)
    low = forms.IntegerField(label="自（項）", required=False, min_value=0, max_value=9999)
    high = forms.IntegerField(label="至（項）", required=False, min_value=0, max_value=9999)
    share = _percent("得分 %")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if any(value not in (None, "") for value in cleaned.values()):
            for name, label in (("mark", "等第"), ("low", "下限"), ("share", "得分")):
                if name not in self.errors and cleaned.get(name) in (None, ""):
                    self.add_error(name, f"請填{label}。")
        return cleaned

    def value(self) -> BandValue | None:
        cleaned = self.cleaned_data
        return BandValue(**cleaned) if cleaned["mark"] else None


class RuleForm(forms.ModelForm[UsageRule]):
    """Base, parts and weights."""

    class Meta:
        model = UsageRule
        fields = ["base", "use_part", "service_part", "tools_weight", "subsystems_weight", "trainings"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("base", "use_part", "service_part", "tools_weight", "subsystems_weight"):
            self.initial[name] = plain(Decimal(self.initial[name]))


class ScoringForm:
    """The whole of a year's scoring: base and weights, and both tables of bands, judged together."""

    BLANK = 2

    def __init__(
        self, rule: UsageRule, bands: Mapping[str, list[UsageBand]], data: Mapping[str, Any] | None = None
    ) -> None:
        self.rule = RuleForm(data, instance=rule)
        self.tables = [
            (BandFor(counts), [_band_form(counts, number, band, data) for number, band in enumerate(_rows(rows, data))])
            for counts, rows in bands.items()
        ]
        self.refused: dict[str, list[str]] = {}

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.rule, *(form for _, rows in self.tables for form in rows))]
        return all(valid)

    def values(self, counts: BandFor) -> list[BandValue]:
        """Return the bands of a table."""
        rows = next(rows for kind, rows in self.tables if kind == counts)
        return [value for form in rows if (value := form.value())]

    @property
    def shown(self) -> list[tuple[BandFor, list[BandForm], list[str]]]:
        """The tables with what is wrong with them as a whole."""
        return [(counts, rows, self.refused.get(counts, [])) for counts, rows in self.tables]

    @property
    def problems(self) -> list[tuple[str, str]]:
        found = [("", str(error)) for error in self.rule.non_field_errors()]
        found += [
            (f"table-{key}", f"{BandFor(key).label}：{one}") for key, all_ in self.refused.items() for one in all_
        ]
        for form in (self.rule, *(form for _, rows in self.tables for form in rows)):
            found += [
                (form[name].id_for_label, f"{form[name].label}：{error}")
                for name, errors in form.errors.items()
                if name != "__all__"
                for error in errors
            ]
        return found


def _rows(bands: list[UsageBand], data: Mapping[str, Any] | None) -> list[UsageBand | None]:
    # As many rows as were shown: what is typed into the empty ones comes back at its place.
    return [*bands, *[None] * max(ScoringForm.BLANK, 7 - len(bands))]


def _band_form(counts: str, number: int, band: UsageBand | None, data: Mapping[str, Any] | None) -> BandForm:
    initial = {"mark": band.mark, "low": band.low, "high": band.high, "share": plain(band.share)} if band else {}
    form = BandForm(data, prefix=f"{counts}-{number}", initial=initial)
    for field in form.fields.values():
        field.widget.attrs["class"] = "form-control form-control-sm"
    return form


class PublishForm(forms.Form):
    """Why scores are published again."""

    seen = forms.IntegerField(
        label="頁面版本",
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), "頁面內容不完整，請重新整理後再公布。"),
    )
    reason = PastedField(label="重新公布理由", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not again:
            self.fields["reason"].widget = forms.HiddenInput()
