"""Forms about duties."""

from typing import Any

from django import forms

from personnel_portal.roc.forms import RocDateField


class ReliefForm(forms.Form):
    """Waive a duty, or put its deadline off, with the reason."""

    until = RocDateField(label="展延至", required=False, help_text="空白表示免除此事項。")
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    expires_on = RocDateField(
        label="效力至", required=False, help_text="過了這一天，免除或展延即失效；空白表示至計畫結束。"
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        until, expires_on = cleaned.get("until"), cleaned.get("expires_on")
        if until and expires_on and expires_on < until:
            self.add_error("expires_on", "效力不得早於展延日期。")
        return cleaned
