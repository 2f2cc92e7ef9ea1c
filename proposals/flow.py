"""The steps of cases and proposals as data: from which states, to which, whose they are, and what they ask.

Policies refuse by this table, actions move by it, pages show it as a stepper, and a test walks all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from proposals.choices import CaseState, ProposalState


class Side(StrEnum):
    """From which side somebody acts on an item."""

    PROPOSER = "proposer"  # whoever works for the agency that handed it in
    HOST = "host"  # the district's host
    OFFICE = "office"  # a reviewer of the personnel office


@dataclass(frozen=True, slots=True)
class Step:
    """A step that somebody takes with an item.

    Attributes:
        label: the step in words, as buttons and refusals name it.
        sources: per side, the states from which that side may take it.
        target: the state afterwards; empty where the state stays.
        asks_reason: whether it must say why.
    """

    label: str
    sources: Mapping[Side, tuple[str, ...]]
    target: str = ""
    asks_reason: bool = False


_P, _C = ProposalState, CaseState
_BEFORE_OFFICE = (_P.SENT, _P.COMPILED)

PROPOSAL_STEPS: Mapping[str, Step] = {
    "edit": Step("編輯", {Side.PROPOSER: (_P.DRAFT, _P.RETURNED)}),
    "send": Step("送承辦單位", {Side.PROPOSER: (_P.DRAFT, _P.RETURNED)}, _P.SENT),
    "withdraw": Step(
        "撤回",
        {Side.PROPOSER: (_P.DRAFT, _P.SENT, _P.COMPILED, _P.AT_OFFICE, _P.RETURNED)},
        _P.WITHDRAWN,
        asks_reason=True,
    ),
    "compile": Step("彙整", {Side.HOST: (_P.SENT,)}, _P.COMPILED),
    "return": Step(
        "退請補正", {Side.HOST: _BEFORE_OFFICE, Side.OFFICE: (_P.AT_OFFICE,)}, _P.RETURNED, asks_reason=True
    ),
    "merge": Step("併案", {Side.HOST: _BEFORE_OFFICE, Side.OFFICE: (_P.AT_OFFICE,)}, _P.MERGED),
    # It goes back to where its lead stands.
    "split": Step("解除併案", {Side.HOST: (_P.MERGED,), Side.OFFICE: (_P.MERGED,)}),
    "send_to_office": Step("送本處", {Side.HOST: (_P.COMPILED,)}, _P.AT_OFFICE),
    "place": Step("列入議程", {Side.HOST: (_P.COMPILED, _P.AT_OFFICE), Side.OFFICE: (_P.COMPILED, _P.AT_OFFICE)}),
    "resolve": Step("登錄決議", {Side.HOST: (_P.AT_OFFICE,), Side.OFFICE: (_P.AT_OFFICE,)}, _P.RESOLVED),
    "decide": Step("研處", {Side.OFFICE: (_P.AT_OFFICE, _P.RESOLVED)}),
    "publish": Step("公布結果", {Side.OFFICE: (_P.AT_OFFICE, _P.RESOLVED)}, _P.PUBLISHED),
    "correct": Step("更正", {Side.OFFICE: (_P.PUBLISHED,)}),
}

CASE_STEPS: Mapping[str, Step] = {
    "edit": Step("編輯", {Side.PROPOSER: (_C.DRAFT, _C.RETURNED)}),
    "send": Step("送承辦單位", {Side.PROPOSER: (_C.DRAFT, _C.RETURNED)}, _C.SENT),
    "withdraw": Step(
        "撤回",
        {
            Side.PROPOSER: (
                _C.DRAFT,
                _C.SENT,
                _C.SHARED,
                _C.COMPILED,
                _C.AT_OFFICE,
                _C.IN_REVIEW,
                _C.RETURNED,
            )
        },
        _C.WITHDRAWN,
        asks_reason=True,
    ),
    "share": Step("登錄分享", {Side.HOST: (_C.SENT,)}, _C.SHARED),
    # A case that came after the meeting is compiled without having been shared there.
    "compile": Step("彙整", {Side.HOST: (_C.SENT, _C.SHARED)}, _C.COMPILED),
    "return": Step(
        "退請補正",
        {Side.HOST: (_C.SENT, _C.SHARED, _C.COMPILED), Side.OFFICE: (_C.AT_OFFICE, _C.IN_REVIEW)},
        _C.RETURNED,
        asks_reason=True,
    ),
    "send_to_office": Step("送本處", {Side.HOST: (_C.COMPILED,)}, _C.AT_OFFICE),
    "review": Step("開始去識別審查", {Side.OFFICE: (_C.AT_OFFICE,)}, _C.IN_REVIEW),
    "mark": Step("確認遮蔽", {Side.OFFICE: (_C.IN_REVIEW,)}),
    "publish": Step("發布", {Side.OFFICE: (_C.IN_REVIEW,)}, _C.PUBLISHED),
    "correct": Step("更正", {Side.OFFICE: (_C.PUBLISHED,)}),
}
