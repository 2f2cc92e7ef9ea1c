"""Earlier proposals and published cases whose title says much the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from personnel_portal.rules.folding import fold
from proposals.choices import ProposalState
from proposals.models import Proposal, Publication
from proposals.models.items import Item

ALIKE = 0.6  # from here on two titles are shown as similar
SHOWN = 5
COMPARED = 5000  # the newest of each kind


@dataclass(frozen=True, slots=True)
class Similar:
    """A proposal or a published case with a similar title; `score` is between 0 and 1."""

    record: Proposal | Publication
    score: float

    @property
    def what(self) -> str:
        """Which it is: 案例, or 提案 with its state."""
        return f"提案・{self.record.get_state_display()}" if isinstance(self.record, Proposal) else "案例庫"

    @property
    def where(self) -> str:
        """Where it comes from; a published case does not say from which agency."""
        if isinstance(self.record, Proposal):
            return f"{self.record.reference} {self.record.agency}"
        return f"{self.record.plan.year}年度 {self.record.get_business_display()}"


def score(one: str, other: str) -> float:
    """Return how alike two titles are, between 0 and 1."""
    return fuzz.ratio(fold(one), fold(other)) / 100


def similar(user: Any, title: str, *, apart_from: Item | None = None) -> list[Similar]:
    """Return what the person may see and what is like the title, the most similar first."""
    found = sorted(_scored(user, title, apart_from), key=lambda match: -match[0])[:SHOWN]
    return [
        Similar(model.objects.visible_to(user).select_related("plan", "district").get(pk=pk), value)
        for value, model, pk in found
    ]


def _scored(user: Any, title: str, apart_from: Item | None) -> Iterator[tuple[float, Any, int]]:
    proposals = Proposal.objects.visible_to(user).exclude(state__in=[ProposalState.DRAFT, ProposalState.WITHDRAWN])
    if isinstance(apart_from, Proposal):
        proposals = proposals.exclude(pk=apart_from.pk)
    cases = Publication.objects.visible_to(user).current()
    for found in (proposals, cases):
        for pk, subject in found.order_by("-pk").values_list("pk", "subject")[:COMPARED]:
            if (value := score(title, subject)) >= ALIKE:
                yield value, found.model, pk
