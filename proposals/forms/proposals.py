"""The form of a proposal (附件2)."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from rapidfuzz import process

from districts.models import Agency
from meetings.forms.pasted import PastedField
from personnel_portal.rules.folding import fold
from proposals.actions.drafts import joined, names_of
from proposals.forms.items import FIRST, LAST, ItemForm
from proposals.models import Proposal

MOST_CO_PROPOSERS = 30
_SEPARATORS = re.compile(r"[、，,；;\n]")


class Agencies(list[Agency]):
    """Agencies in order, which read as one line."""

    def __str__(self) -> str:
        return names_of(self)


class ProposalForm(ItemForm):
    """A proposal with those who propose the same, in their order."""

    co_proposers = PastedField(
        label="聯合提案機關",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="與本機關共同提案的機關，依序以頓號分開，例如：民雄國中、大埔國中小；無則免填。",
    )

    class Meta(ItemForm.Meta):
        model = Proposal
        fields = [*FIRST, "kind", "current_rule", "wording", "problem", "effect", "effect_note", *LAST]
        labels = {"contact_name": "提案人"}
        help_texts = {
            "subject": "一句話說明要修正什麼，例如：建請放寬職務代理人資格。",
            "current_rule": "照錄現行條文或作法；新增規定者免填。",
            "wording": "直接寫成修正後的條文或作法，與現行規定並列比較。",
            "contact_phone": "只有提案機關、承辦單位與人事處看得到。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "agency" in self.fields:
            self.fields["agency"].label = "提案機關"
        proposal: Proposal = self.instance
        self.initial["co_proposers"] = Agencies(joined(proposal) if proposal.pk else [])

    def clean_co_proposers(self) -> Agencies:
        """Return the agencies that are named, in their order, each once."""
        named = {fold(name): name.strip() for name in _SEPARATORS.split(self.cleaned_data["co_proposers"])}
        named.pop("", None)
        if len(named) > MOST_CO_PROPOSERS:
            raise ValidationError(f"聯合提案機關最多 {MOST_CO_PROPOSERS} 個，目前 {len(named)} 個。")
        if not named:
            return Agencies()
        every = list(Agency.objects.visible_to(self.user).members())
        known = {spelling: agency for agency in every for spelling in agency.folded.split("|")}
        if unknown := [name for spelling, name in named.items() if spelling not in known]:
            raise ValidationError([_unknown(name, every) for name in unknown])
        return Agencies(dict.fromkeys(known[spelling] for spelling in named))

    def clean(self) -> dict[str, Any]:
        """Refuse an agency that joins itself."""
        cleaned = super().clean()
        agency = cleaned.get("agency") or (self.instance.agency if self.instance.agency_id else None)
        if agency in cleaned.get("co_proposers", ()):
            self.add_error("co_proposers", f"「{agency}」就是提案機關，不必再列。")
        return cleaned


def _unknown(name: str, agencies: list[Agency]) -> str:
    nearest = process.extractOne(name, [agency.short_name for agency in agencies], score_cutoff=50)
    if nearest:
        return f"找不到機關「{name[:30]}」，是否為「{nearest[0]}」？"
    return f"找不到機關「{name[:30]}」，請填機關名稱，並以頓號分開。"
