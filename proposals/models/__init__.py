"""Calls for items, cases, proposals, what became of them, and the circulars that tell everyone."""

from proposals.models.calls import CallForItems, CallRecipient
from proposals.models.cases import Case, Helpful, Mark, Publication, Supersession
from proposals.models.circulars import Circular, CircularRecipient
from proposals.models.items import Attachment, Package, Statute
from proposals.models.proposals import CoProposer, Decision, Placement, Proposal
from proposals.models.tracking import FollowUp, FollowUpReport

__all__ = [
    "Attachment",
    "CallForItems",
    "CallRecipient",
    "Case",
    "Circular",
    "CircularRecipient",
    "CoProposer",
    "Decision",
    "FollowUp",
    "FollowUpReport",
    "Helpful",
    "Mark",
    "Package",
    "Placement",
    "Proposal",
    "Publication",
    "Statute",
    "Supersession",
]
