"""Registering, cancelling, nominating and deciding on nominations."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from districts.models import Agency, Person
from meetings.forms.pasted import PastedField

APPROVE, REFUSE = "approve", "refuse"


def _is_key(value: object) -> bool:
    """Tell whether a posted value can be a key at all; a longer number would overflow the database's."""
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) < 19


class _PeopleField(forms.ModelMultipleChoiceField[Person]):
    def clean(self, value: Any) -> Any:
        if not all(_is_key(one) for one in value or ()):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().clean(value)


class RegisterForm(forms.Form):
    """Who is to be registered, in the order of the page."""

    people = _PeopleField(
        Person.objects.none(),
        label="報名人員",
        error_messages={
            "required": "請至少勾選一人。",
            "invalid_choice": "請選擇名單上的人員。",
            "invalid_pk_value": "請選擇名單上的人員。",
        },
    )

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]  # a ModelMultipleChoiceField

    def clean_people(self) -> list[Person]:
        """Return the people in the order in which they were posted: it is that of their turns."""
        found = {str(person.pk): person for person in self.cleaned_data["people"]}
        return [found[key] for key in dict.fromkeys(self.data.getlist("people")) if key in found]  # type: ignore[attr-defined]  # a QueryDict

    @property
    def ticked(self) -> set[str]:
        """The keys that were posted, so that a refused page keeps its ticks."""
        return set(self.data.getlist("people")) if self.is_bound else set()  # type: ignore[attr-defined]  # a QueryDict


class CancelForm(forms.Form):
    """Why a registration is cancelled."""

    reason = PastedField(
        label="取消原因", max_length=300, error_messages={"required": "請填取消原因，會寫在報名歷程與通知信。"}
    )


class DeclineForm(forms.Form):
    """Why an offered place is let go; it may stay empty."""

    reason = PastedField(label="放棄原因", max_length=300, required=False, help_text="選填，會寫在報名歷程。")


class _PersonField(forms.ModelChoiceField[Person]):
    """People of an agency with their status."""

    def to_python(self, value: Any) -> Person | None:
        if value and not _is_key(value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)

    def label_from_instance(self, obj: Person) -> str:
        return f"{obj.name}（{obj.get_status_display()}）"


class NominationForm(forms.Form):
    """Somebody of an agency, the rank among those it nominates, and why."""

    use_required_attribute = False

    person = _PersonField(
        Person.objects.none(),
        label="薦送人員",
        empty_label="請選擇",
        error_messages={"required": "請選擇薦送人員。", "invalid_choice": "請選擇機關名單上的人員。"},
    )
    rank = forms.IntegerField(
        label="薦送順序",
        min_value=1,
        max_value=999,
        error_messages={"required": "請填薦送順序。", "invalid": "請填數字。"},
    )
    reason = PastedField(
        label="薦送理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "請說明薦送的理由。"},
    )

    def __init__(self, *args: Any, agency: Agency, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agency = agency
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # a ModelChoiceField


class DecideForm(forms.Form):
    """Approve the nominations that are ticked, or refuse them for a reason."""

    decision = forms.ChoiceField(
        label="審核",
        choices=[(APPROVE, "同意薦送"), (REFUSE, "不予薦送")],
        error_messages=dict.fromkeys(["required", "invalid_choice"], "請選擇同意薦送或不予薦送。"),
    )
    reason = PastedField(
        label="審核意見",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不予薦送時必填，並寄信通知薦送機關；同意時免填。",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a refusal, and read the ticks."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("decision") == REFUSE and "reason" in cleaned and not cleaned["reason"]:
            self.add_error("reason", "請說明不予薦送的理由。")
        cleaned["chosen"] = self.chosen
        if not cleaned["chosen"]:
            raise ValidationError("請至少勾選一人。")
        return cleaned

    @property
    def chosen(self) -> set[int]:
        """The keys of the nominations that are ticked."""
        posted = self.data.getlist("nomination") if hasattr(self.data, "getlist") else []
        return {int(key) for key in posted if key.isascii() and key.isdecimal() and len(key) < 19}
