"""Award rules of a plan, who took part, and the runs that compute, review and approve commendations."""

from awards.models.people import HostPerson, ProposalPerson
from awards.models.rules import ProposalRule, Tier, TierCondition
from awards.models.runs import Line, Rewarded, Run

__all__ = [
    "HostPerson",
    "Line",
    "ProposalPerson",
    "ProposalRule",
    "Rewarded",
    "Run",
    "Tier",
    "TierCondition",
]
