"""The office's forms: what it decides, which decisions it publishes, and what it corrects."""

from typing import Any

from django import forms

from meetings.forms.pasted import PastedField
from proposals.choices import Outcome
from proposals.facts import commendable
from proposals.models import Decision, Proposal
from proposals.models.items import LONGEST

BY_RULE, YES, NO = "", "yes", "no"


class DecisionForm(forms.Form):
    """研處, its reason, and whether it earns a commendation. Together they are one thing: `seen` says which one the page
    showed, so that nobody's decision is written over unseen."""

    outcome = forms.ChoiceField(
        label="研處", choices=[("", "請選擇"), *Outcome.choices], error_messages={"required": "請選擇研處。"}
    )
    opinion = PastedField(
        label="研處意見",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="參採以外均須填寫理由；公布後寄給各提案機關。",
    )
    qualifies = forms.ChoiceField(label="獎勵（計畫伍、二）", required=False, widget=forms.RadioSelect)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, *args: Any, proposal: Proposal, shown: Decision | None, **kwargs: Any) -> None:
        """Show the decision that stands now, if there is one."""
        super().__init__(*args, **kwargs)
        self.proposal = proposal
        by_rule, why = commendable(proposal, Outcome.ADOPTED)
        field: Any = self.fields["qualifies"]
        field.choices = [
            (BY_RULE, f"依規定認定：參採時{'符合' if by_rule else '不符合'}，部分參採及其他不符合"),
            (YES, "符合（由人事處認定；限參採、部分參採）"),
            (NO, "不符合（由人事處認定）"),
        ]
        field.help_text = why
        if shown:
            ruled, _ = commendable(proposal, shown.outcome)
            said = BY_RULE if shown.qualifies == ruled else YES if shown.qualifies else NO
            now = {"outcome": shown.outcome, "opinion": shown.opinion, "qualifies": said, "seen": shown.stamp}
        else:
            now = {"qualifies": BY_RULE}
        self.initial.update(now)

    def clean(self) -> dict[str, Any]:
        """Return what the action takes; the reason is asked for by the outcome."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if outcome := cleaned.get("outcome"):
            cleaned["outcome"] = Outcome(outcome)
        if "qualifies" in cleaned:
            cleaned["qualifies"] = {YES: True, NO: False}.get(cleaned["qualifies"])
        return cleaned

    def show_now(self, shown: Decision | None) -> None:
        """Let what was typed be sent once more, now that the person was told what somebody else decided."""
        self.data = dict(self.data.items(), seen=shown.stamp if shown else "")


class CorrectionForm(DecisionForm):
    """A correction: another decision, and why."""

    reason = PastedField(
        label="更正理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "請說明更正理由。"},
        help_text="原研處與更正並列公開，並寄信通知各提案機關。",
    )

    field_order = ["outcome", "opinion", "qualifies", "reason", "seen"]
