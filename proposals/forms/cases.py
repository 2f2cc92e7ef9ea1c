"""Forms of cases: the case itself (附件1), its review, and the correction of a published one."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from meetings.forms.pasted import PastedField, field_of
from proposals.actions.cases import REVIEWED, UnconfirmedError
from proposals.choices import MarkDecision, MarkKind
from proposals.forms.items import FIRST, LAST, ItemForm
from proposals.models import Case, Mark, Publication
from proposals.models.items import LONGEST

DECISIONS = [(MarkDecision.HIDDEN, "遮蔽"), (MarkDecision.KEPT, "保留")]


class CaseForm(ItemForm):
    """A case (附件1)."""

    class Meta(ItemForm.Meta):
        model = Case
        fields = [*FIRST, "business", "kind", "summary", "handling", "outcome", *LAST]
        help_texts = {
            "subject": "一句話說明是什麼案例，例如：職務代理人加班費核發疑義。",
            "summary": "請避免填寫當事人姓名、身分證統一編號、電話與住址；發布前人事處會再去識別。",
            "handling": "無則免填。",
            "outcome": "無則免填。",
            "contact_phone": "只有提供機關、承辦單位與人事處看得到。",
        }


# --- Review ----------------------------------------------------------------------------------------------------------


class MarksForm(forms.Form):
    """A decision on each mark of a page; what was not chosen waits."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, marks: Iterable[Mark]) -> None:
        super().__init__(data)
        self.marks = list(marks)
        self.initial["shown"] = " ".join(f"{mark.pk}:{mark.decision}" for mark in self.marks)
        for mark in self.marks:
            self.fields[f"mark-{mark.pk}"] = forms.ChoiceField(
                choices=DECISIONS,
                widget=forms.RadioSelect,
                required=False,
                label=mark.text,
                initial=mark.decision,
                error_messages={"invalid_choice": "請選擇遮蔽或保留。"},
            )

    def rows(self) -> list[tuple[Mark, forms.BoundField]]:
        """Return each mark with its field."""
        return [(mark, self[f"mark-{mark.pk}"]) for mark in self.marks]

    @property
    def decisions(self) -> dict[int, MarkDecision]:
        """What was chosen, by the marks' keys."""
        chosen = {mark.pk: self.cleaned_data.get(f"mark-{mark.pk}") for mark in self.marks}
        return {key: MarkDecision(decision) for key, decision in chosen.items() if decision}

    @property
    def as_shown(self) -> Mapping[int, str]:
        """The decisions that the page showed."""
        parts = (part.partition(":") for part in self.cleaned_data["shown"].split())
        return {int(key): decision for key, _, decision in parts if key.isascii() and key.isdecimal() and len(key) < 19}

    def show_again(self, marks: Iterable[Mark], refusal: ValidationError) -> None:
        """Keep what was chosen, beside what stands now; sent once more, it is written."""
        self.add_error(None, refusal)
        self.data = dict(self.data.items(), shown=" ".join(f"{mark.pk}:{mark.decision}" for mark in marks))


class PassageForm(forms.Form):
    """A passage that the portal overlooked."""

    field = forms.ChoiceField(label="欄位", required=False)
    text = forms.CharField(
        label="要遮蔽的文字",
        max_length=200,
        help_text="照原文輸入；相同的文字會一併遮蔽，全形與半形視為相同。",
        error_messages={"required": "請輸入要遮蔽的文字。"},
    )
    kind = forms.ChoiceField(label="種類", choices=MarkKind.choices, initial=MarkKind.NAME)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="passage_%s")
        labels = [(name, str(Case._meta.get_field(name).verbose_name)) for name in REVIEWED]  # type: ignore[union-attr]  # all are columns
        self.fields["field"].choices = [("", "全部欄位"), *labels]  # type: ignore[attr-defined]  # a ChoiceField

    def passage(self) -> dict[str, Any]:
        """Return what the action takes."""
        found: dict[str, Any] = {"text": self.cleaned_data["text"], "kind": MarkKind(self.cleaned_data["kind"])}
        if self.cleaned_data["field"]:
            found["fields"] = [self.cleaned_data["field"]]
        return found


# --- Corrections -----------------------------------------------------------------------------------------------------


class CorrectionForm(forms.ModelForm[Publication]):
    """A published case in new words, and why."""

    reason = PastedField(label="更正理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    stays_superseded = forms.BooleanField(
        label="更正後仍不適用", required=False, initial=True, help_text="已依新規定改寫、可供參考者，請取消勾選。"
    )

    class Meta:
        model = Publication
        fields = ["business", "kind", "subject", "summary", "handling", "outcome", "statutes_text"]
        formfield_callback = field_of

    def __init__(self, data: Any = None, *, publication: Publication, is_superseded: bool) -> None:
        super().__init__(data, instance=publication)
        for name in ("summary", "handling", "outcome"):
            self.fields[name].max_length = LONGEST  # type: ignore[attr-defined]  # a PastedField
            self.fields[name].widget.attrs["rows"] = 6
        if not is_superseded:
            del self.fields["stays_superseded"]
        self._ask(data.getlist("confirmed")[:1000] if data else [])

    def changes(self) -> dict[str, str]:
        """Return the texts by field; the action sees what changed."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def refuse(self, refusal: ValidationError) -> None:
        """Show why it was not published; where passages are to be confirmed, ask for each."""
        if isinstance(refusal, UnconfirmedError):
            self._ask(list(dict.fromkeys([*self.cleaned_data.get("confirmed", []), *refusal.passages])))
        self.add_error(None, refusal)

    def _post_clean(self) -> None:
        """Leave the published record as it is: what was typed becomes another one."""

    def _ask(self, passages: list[str]) -> None:
        if passages:
            self.fields["confirmed"] = forms.MultipleChoiceField(
                label="以下內容可能識別個人，確認可以公開者請勾選",
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[(text, text) for text in passages],
            )
