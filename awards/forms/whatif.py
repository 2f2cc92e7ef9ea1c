"""What-if: how much more of what, asked by an address that can be kept; nothing is saved."""

from collections.abc import Iterable
from typing import Any

from django import forms

from awards.choices import Measure
from awards.compute import Rules
from awards.outlook import ProposerLine
from awards.supposing import SOMEBODY_NEW, Supposition
from meetings.choices import MeetingKind
from personnel_portal.rules.commendations import Proposer

NEW = "new"


def _number(label: str, most: int, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, required=False, **kwargs)


class WhatIfForm(forms.Form):
    """More meetings, more proposals, more that are adopted; what is left empty stays as it is."""

    use_required_attribute = False

    joint = _number(f"再辦{MeetingKind.JOINT.label}（場）", 99)
    full_time = _number(f"再辦{MeetingKind.FULL_TIME.label}（場）", 99)
    proposals = _number("再有提案送達人事處（案）", 9999)
    attendees = _number("再有出席人次", 99_999)
    accepted = forms.BooleanField(label="待備查的會議紀錄均已備查", required=False)
    adopted = _number("再有提案獲參採且符合獎勵（案）", 999)
    proposer = forms.ChoiceField(label="上列獲參採提案的提案人", required=False)

    def __init__(self, *args: Any, rules: Rules, people: Iterable[ProposerLine], **kwargs: Any) -> None:
        """Ask only for what the plan's clauses count, and offer the proposers whom the person may see."""
        super().__init__(*args, **kwargs)
        asked = {condition.measure for tier in rules.tiers for condition in tier.conditions}
        if Measure.ATTENDEES not in asked:
            del self.fields["attendees"]
        self._people = {str(line.posting.pk): line for line in people}
        field: Any = self.fields["proposer"]
        field.choices = [
            (NEW, "目前尚無獎勵的提案人"),
            *((key, f"{one.posting.agency.short_name} {one.posting.person.name}") for key, one in self._people.items()),
        ]
        if rules.reward is None:
            del self.fields["adopted"], self.fields["proposer"]

    @property
    def supposition(self) -> Supposition:
        """What is supposed, as the facts take it."""
        numbers = {name: value for name, value in self.cleaned_data.items() if name != "proposer" and value}
        return Supposition(**numbers, proposer=self._proposer(self.cleaned_data.get("proposer", "")))

    def _proposer(self, key: str) -> Proposer:
        line = self._people.get(key)
        return (
            Proposer(f"districts.person-{line.posting.person_id}", f"districts.agency-{line.posting.agency_id}")
            if line
            else SOMEBODY_NEW
        )
