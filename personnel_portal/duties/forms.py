"""Forms about duties."""

from typing import Any

from django import forms

from personnel_portal.roc.forms import RocDateField


class ReliefForm(forms.Form):
    """Put a deadline off, or waive the duty, with the reason."""

    kind = forms.ChoiceField(
        label="辦理方式",
        choices=[("extend", "展延期限"), ("waive", "免除此事項")],
        widget=forms.RadioSelect,
        initial="extend",
    )
    until = RocDateField(label="展延至", required=False)
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    expires_on = RocDateField(
        label="效力至", required=False, help_text="過了這一天，免除或展延即失效；空白表示至計畫結束。"
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind, until, expires_on = cleaned.get("kind"), cleaned.get("until"), cleaned.get("expires_on")
        if kind == "extend" and not until and "until" not in self.errors:
            self.add_error("until", "請填展延至哪一天；若要免除，請選「免除此事項」。")
        if kind == "waive" and until:
            self.add_error("until", "免除時不必填展延日期。")
        if until and expires_on and expires_on < until:
            self.add_error("expires_on", "效力不得早於展延日期。")
        return cleaned

    def relief(self) -> dict[str, Any]:
        """Return what `actions.give_relief` takes of a valid form."""
        return {name: self.cleaned_data[name] for name in ("until", "reason", "expires_on")}
