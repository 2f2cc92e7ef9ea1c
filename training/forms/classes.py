"""The forms of a class: what it is, its sessions, why it is cancelled, its files."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils import timezone

from districts.choices import Status
from districts.models import Agency
from meetings.forms.pasted import PastedField, field_of
from meetings.forms.shown import AsShownForm
from personnel_portal.roc.forms import RocDateField, RocDateTimeField, RocTimeField
from personnel_portal.uploads import kinds
from personnel_portal.uploads.fields import MultipleFileField
from training.choices import Form
from training.models import Session, Topic, TrainingClass

MOST_SESSIONS, SPARE = 60, 2
TOPIC = "topic_"


class ClassForm(AsShownForm):
    """A class with its window, whom it is for, and how its hours are shared out over topics."""

    opens_at = RocDateTimeField(label="報名開始", required=False)
    closes_at = RocDateTimeField(label="報名截止", required=False, help_text="不得晚於開課；受理報名前須填妥。")
    statuses = forms.MultipleChoiceField(
        label="得參加之身分別",
        choices=Status.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "請至少勾選一種身分別。"},
    )
    agencies = forms.ModelMultipleChoiceField(
        Agency.objects.none(), label="得參加之機關", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = TrainingClass
        fields = [
            "form",
            "mode",
            "organiser",
            "responsible",
            "goals",
            "audience",
            "content",
            "place",
            "trainers",
            "quota",
            "minimum",
            "nominees",
            "hours",
            "opens_at",
            "closes_at",
            "statuses",
        ]
        formfield_callback = field_of
        error_messages = {"quota": {"min_value": "名額至少 1 人。"}}
        help_texts = {
            "responsible": "主辦機關內的單位，如 考核訓練科。",
            "content": "各課目與時數；印於實施計畫。",
            "trainers": "以頓號分隔。",
            "minimum": "未達人數時由主辦機關決定是否停辦；0 表示不限。",
            "hours": "核給的學習時數。",
        }

    def __init__(
        self,
        *args: Any,
        organisers: Sequence[Agency],
        agencies: Sequence[Agency],
        topics: Sequence[Topic],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["organiser"].queryset = Agency.objects.filter(pk__in=[agency.pk for agency in organisers])
        fields["organiser"].empty_label = None
        fields["organiser"].choices = [(agency.pk, str(agency)) for agency in organisers]
        if not self.instance.pk and organisers:
            self.initial["organiser"] = organisers[0].pk
        fields["agencies"].queryset = Agency.objects.filter(pk__in=[agency.pk for agency in agencies])
        fields["agencies"].choices = [(agency.pk, str(agency)) for agency in agencies]
        fields["goals"].widget.attrs["rows"] = 3
        fields["content"].widget.attrs["rows"] = 4
        self.initial.setdefault("statuses", self.instance.statuses)
        self.topics = {f"{TOPIC}{topic.pk}": topic for topic in topics}
        known: dict[int, Decimal] = {}
        if self.instance.pk:
            self.initial["agencies"] = list(self.instance.agencies.all())
            known = dict(self.instance.topics.values_list("topic", "hours"))
        for name, topic in self.topics.items():
            fields[name] = forms.DecimalField(
                label=topic.name, min_value=0, max_value=999, max_digits=5, decimal_places=1, required=False
            )
            self.initial[name] = known.get(topic.pk)

    @property
    def topic_fields(self) -> list[Any]:
        return [self[name] for name in self.topics]

    @property
    def hours_by_topic(self) -> dict[Topic, Decimal]:
        """The hours of the topics that have any."""
        return {topic: hours for name, topic in self.topics.items() if (hours := self.cleaned_data.get(name))}

    def clean(self) -> dict[str, Any]:
        """Refuse hours of topics that do not add up to those of the class (陸、七)."""
        cleaned = super().clean()
        total = sum(self.hours_by_topic.values(), Decimal(0))
        hours = cleaned.get("hours")
        if total and hours is not None and total != hours:
            self.add_error("hours", f"各類別時數合計 {_plain(total)} 小時，與學習時數 {_plain(hours)} 小時不符。")
        if cleaned.get("nominees") and cleaned.get("form") != Form.NOMINATED:
            self.add_error("nominees", "僅薦送參訓可限制每機關人數。")
        return cleaned

    def _names(self) -> list[str]:
        return [name for name in super()._names() if name != "agencies" and not name.startswith(TOPIC)]


class SessionForm(forms.ModelForm[Session]):
    """A session of a day; without minutes the whole time counts."""

    day = RocDateField(label="日期")
    begins = RocTimeField(label="開始")
    finishes = RocTimeField(label="結束")
    minutes = forms.IntegerField(label="上課分鐘", min_value=1, max_value=1440, required=False)

    class Meta:
        model = Session
        fields = ["day", "begins", "finishes", "minutes", "title", "place"]
        formfield_callback = field_of

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            starts, ends = map(timezone.localtime, (self.instance.starts, self.instance.ends))
            self.initial.update(day=starts.date(), begins=starts.time(), finishes=ends.time())

    def clean(self) -> dict[str, Any]:
        """Make moments of day and times, and refuse more minutes than lie between them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        day, begins, finishes = (cleaned.get(name) for name in ("day", "begins", "finishes"))
        if day is None or begins is None or finishes is None:
            return cleaned
        starts, ends = (timezone.make_aware(datetime.combine(day, at)) for at in (begins, finishes))
        span = int((ends - starts).total_seconds() // 60)
        if span < 1:
            raise ValidationError({"finishes": "結束須晚於開始。"})
        if (cleaned.get("minutes") or 0) > span:
            raise ValidationError({"minutes": f"上課分鐘不得超過起訖時間（{span} 分鐘）。"})
        self.instance.starts, self.instance.ends = starts, ends
        cleaned["minutes"] = cleaned.get("minutes") or span
        return cleaned


class SessionFormSet(BaseInlineFormSet[Session, TrainingClass, SessionForm]):
    """The sessions of a class, none at the same time as another."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form.instance
            for form in self.forms
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        kept.sort(key=lambda session: session.starts)
        for one, other in pairwise(kept):
            if other.starts < one.ends:
                raise ValidationError("場次時間重疊，請檢查日期與起訖時間。")


SESSIONS = inlineformset_factory(
    TrainingClass, Session, form=SessionForm, formset=SessionFormSet, extra=SPARE, max_num=MOST_SESSIONS
)


class CancelForm(forms.Form):
    """Why a class is not held."""

    reason = PastedField(
        label="停辦原因",
        max_length=200,
        help_text="將寄給所有已報名人員。",
        error_messages={"required": "請填停辦原因。"},
    )


class FilesForm(forms.Form):
    """Hand-outs and other files of a class."""

    handouts = MultipleFileField(allowed=kinds.ATTACHMENTS, label="檔案")
    is_handout = forms.BooleanField(label="講義（錄取學員可下載）", required=False, initial=True)


def _plain(hours: Decimal) -> str:
    return f"{hours.normalize():f}"
