"""The demo's cases, proposals and circular: each comes about by the acts that people use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from districts.models import Agency, District
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from proposals.actions import calls, cases, circulars, compiling, decisions, drafts, items
from proposals.choices import Business, CaseKind, Effect, MarkDecision, Outcome, ProposalKind
from proposals.forms.calls import suggestion
from proposals.models import Case, Proposal


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: its people by user name, and the meetings of two districts."""

    users: Mapping[str, User]
    hill: Meeting  # is called, and asks for items
    north: Meeting | None  # was held
    south: Meeting | None  # was held, its minutes are accepted


PROPOSALS: list[dict[str, Any]] = [
    {
        "by": "member",
        "subject": "建請修正職務代理人須為同一單位人員之規定",
        "kind": ProposalKind.LAW,
        "current_rule": "各機關職務代理，應由同一單位人員代理。",
        "wording": "各機關職務代理，得由同一機關人員代理。",
        "problem": "小型機關及學校單位人數少，常無同單位人員可供代理。",
        "effect": Effect.AMENDS,
        "statutes_text": "各機關職務代理應行注意事項第 4 點",
    },
    {
        "by": "host.north2",
        "subject": "建請放寬職務代理人之單位限制",
        "kind": ProposalKind.LAW,
        "current_rule": "代理人以同一單位人員為限。",
        "wording": "代理人得為同一機關其他單位人員。",
        "problem": "課室僅二人時，一人休假即無人可代理。",
        "effect": Effect.AMENDS,
        "statutes_text": "各機關職務代理應行注意事項",
    },
    {
        "by": "member",
        "subject": "建請整併新進人員報到應備表件",
        "kind": ProposalKind.PROCESS,
        "current_rule": "",
        "wording": "整併為一份電子表單，由人事資訊系統帶入基本資料。",
        "problem": "報到須填七種表件，內容多有重複。",
        "effect": Effect.SIMPLER,
    },
    {
        "by": "host.north",
        "subject": "建請統一各機關加班費請領表格式",
        "kind": ProposalKind.MEASURE,
        "current_rule": "由各機關自訂。",
        "wording": "由人事處訂定範例，供各機關參用。",
        "problem": "格式不一，調任人員屢須重新學習。",
        "effect": Effect.SIMPLER,
    },
]
CASES: list[dict[str, Any]] = [
    {
        "by": "member",
        "subject": "代理教師敘薪年資採計疑義",
        "business": Business.APPOINTMENT,
        "kind": CaseKind.DIFFICULT,
        "summary": "吳建宏承辦代理教師敘薪時，當事人（電話 05-2261234）主張併計他校年資，兩校證明書格式不同。",
        "handling": "函請原服務學校補正證明書，並比對敘薪通知書。",
        "outcome": "採計日以原校聘期起日為準，不以發文日為準。",
        "statutes_text": "教師待遇條例第 9 條",
    },
    {
        "by": "host.north",
        "subject": "考績表漏列平時考核紀錄致須重行核定",
        "business": Business.APPRAISAL,
        "kind": CaseKind.MISTAKE,
        "summary": "年終考績送審時漏附第二期平時考核紀錄表，經退件後重行提報。",
        "handling": "補附紀錄表並重開考績委員會確認。",
        "outcome": "建議送審前以檢核表逐項勾稽。",
        "statutes_text": "公務人員考績法第 5 條",
    },
]


def play(stage: Stage) -> None:
    """Make a call for items, proposals and cases at several steps, published results and a circular."""
    _call(stage)
    if stage.north:
        _north(stage, stage.north)
    if stage.south:
        _circular(stage, stage.south)


def _call(stage: Stage) -> None:
    host = stage.users["host.hill"]
    text = suggestion(stage.hill)
    text["closes_on"] = text["closes_on"] or stage.hill.day - timedelta(days=1)
    calls.send_call(call=calls.draft_call(meeting=stage.hill, by=host, **text), by=host)


def _north(stage: Stage, meeting: Meeting) -> None:
    """Take the items of 北平原區 from the agencies to published results; one proposal stays a draft, one waits."""
    host, office = stage.users["host.north"], stage.users["reviewer"]
    handed_in = [items.send_item(item=one, by=one.created_by) for one in _written(stage, meeting.district)]
    for item in handed_in:
        items.compile_item(item=item, by=host)
    proposals = [item for item in handed_in if isinstance(item, Proposal)]
    shared = [item for item in handed_in if isinstance(item, Case)]
    lead, same, *_ = proposals
    compiling.merge_proposal(proposal=same, lead=lead, by=host)
    sent: list[Any] = [lead, *proposals[2:], *shared]
    items.send_to_office(district=meeting.district, items=sent, note_text="示範彙整", by=host)
    adopted = decisions.decide_proposal(proposal=lead, outcome=Outcome.ADOPTED, opinion="列入下次修正草案。", by=office)
    decisions.publish_decisions(plan=meeting.plan, seen={lead.pk: adopted.stamp}, by=office)
    for case in shared:
        cases.start_review(case=case, by=office)
    published = shared[0]
    hidden = {mark.pk: MarkDecision.HIDDEN for mark in published.marks.all()}
    cases.decide_marks(case=published, decisions=hidden, by=office)
    cases.publish_case(case=published, by=office)
    member = stage.users["member"]
    drafts.create_item(item=_proposal(stage, PROPOSALS[2] | {"subject": "建請開放線上申請在職證明"}), by=member)


def _written(stage: Stage, district: District) -> list[Any]:
    written: list[Any] = [_proposal(stage, text) for text in PROPOSALS]
    written += [Case(**_common(stage, text)) for text in CASES]
    return [drafts.create_item(item=item, by=item.created_by) for item in written]


def _proposal(stage: Stage, text: Mapping[str, Any]) -> Proposal:
    return Proposal(**_common(stage, text))


def _common(stage: Stage, text: Mapping[str, Any]) -> dict[str, Any]:
    user = stage.users[text["by"]]
    posting = user.person.postings.select_related("agency").get()
    agency: Agency = posting.agency
    own = {name: value for name, value in text.items() if name != "by"}
    return own | {"agency": agency, "created_by": user, "contact_name": user.name, "contact_title": posting.title}


def _circular(stage: Stage, meeting: Meeting) -> None:
    """Publish a circular about the accepted meeting; two agencies have acknowledged it."""
    office, day = stage.users["reviewer"], roc.year(meeting.day)
    drafted = circulars.draft_circular(plan=meeting.plan, meetings=[meeting], by=office)
    published, _ = circulars.publish_circular(
        circular=drafted, number=f"府人任字第{day}0000000號（示範）", issued_on=meeting.day, by=office
    )
    for username in ("host.south", "member"):
        user = stage.users[username]
        agency = user.person.postings.get().agency
        circulars.acknowledge_circular(recipient=published.recipients.get(agency=agency), by=user)
