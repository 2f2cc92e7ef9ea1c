"""The papers of calls, cases and proposals in official form (文書處理手冊; domain notes, B5)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.text import Truncator

from districts.models import Agency, District, Posting
from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.documents.paper import (
    Block,
    Clause,
    Column,
    Fields,
    Heading,
    Item,
    Paper,
    Paragraph,
    Table,
    numeral,
)
from proposals.choices import FollowUpState
from proposals.facts import asked, proposers
from proposals.models import CallForItems, Case, Circular, FollowUp, Proposal
from proposals.querysets import CaseQuerySet, ProposalQuerySet

ATTACHMENTS = "附件1人事業務案例表、附件2人事修正建議提案表"
# 王小明 05-2653211 分機 101: what stands before the number is the name.
_CONTACT = re.compile(r"(?P<name>[^\d(（+]*)(?P<phone>.*)")


def letter(call: CallForItems) -> Paper:
    """Return the 函 of the host that asks for cases and proposals; it is marked as a draft until it was sent.

    The host itself is among those asked; a letter does not go to its own sender, so it stands among the copies.
    """
    plan, day = call.meeting.plan, call.issued_on
    host = call.meeting.district.host_on(plan.nearest(day))
    agencies = [invitee.agency for invitee in asked(call)]
    prefetch_related_objects([*agencies, *([host] if host else [])], "names")
    sender = host.official_name_on(day) if host else plan.office.name
    receivers = [agency.official_name_on(day) for agency in agencies if agency != host]
    copies = [plan.office.name, *([sender] if host in agencies else [])]
    return Paper(
        title=f"{sender}　函",
        author=sender,
        filing=Fields((("檔號", ""), ("保存年限", ""))),
        header="" if call.sent_at else "草稿",
        blocks=(
            Fields((("地址", ""), *_contact(call, host)), place="corner"),
            Fields((("受文者", "如正本及副本"),)),
            Fields(
                (
                    ("發文日期", roc.full(day)),
                    ("發文字號", call.number),
                    ("速別", "普通件"),
                    ("密等及解密條件或保密期限", ""),
                    ("附件", ATTACHMENTS),
                ),
                place="small",
            ),
            Clause("主旨", call.filled(call.purpose)),
            Clause("說明", items=tuple(map(Item, call.filled(call.explanation).splitlines()))),
            Fields((("正本", "、".join(receivers)), ("副本", "、".join(copies))), place="small"),
        ),
    )


def _contact(call: CallForItems, host: Agency | None) -> Sequence[tuple[str, str]]:
    """Return 承辦人 and how to reach them: the meeting's contact, else who drafted the letter, if one of the host's."""
    contact = _CONTACT.fullmatch(" ".join(call.meeting.contact.split()))
    name = contact["name"].removesuffix("電話：").strip(" ，、：:；") if contact else ""
    phone = contact["phone"].strip() if contact else ""
    if not name and host and Posting.objects.on(call.issued_on).filter(agency=host, person__user=call.created_by_id):
        name = call.created_by.get_full_name()
    return (
        ("承辦人", name),
        ("電話", phone or (host.phone if host else "")),
        ("電子信箱", host.mail if host else ""),
    )


# --- Follow-ups ------------------------------------------------------------------------------------------------------

FOLLOW_UP_COLUMNS = (
    Column("案由及承辦單位", 13),
    Column("辦理情形", 15),
    Column("解除列管", 6, "center"),
    Column("繼續列管", 6, "center"),
)
MARK = "Ｖ"


def follow_up_table(district: District, follow_ups: Iterable[FollowUp], day: date) -> Paper:
    """Return the table of what a district's earlier meetings resolved, for its next one; an empty one says 無.

    `follow_ups` come with their reports, agenda items, meetings and agencies.
    """
    rows = [_followed_up(place, follow_up) for place, follow_up in enumerate(follow_ups, start=1)]
    host = district.host_on(district.plan.nearest(day))
    return Paper(
        title=f"{district.plan.office.name}{district.plan.year}年度{district.name}\n聯繫會報決議事項列管表",
        author=host.official_name_on(day) if host else district.plan.office.name,
        footer=f"製表日期：{roc.full(day)}",
        blocks=(Table(FOLLOW_UP_COLUMNS, rows or [("無", "", "", "")]),),
    )


def _followed_up(place: int, follow_up: FollowUp) -> tuple[str, str, str, str]:
    item = follow_up.agenda_item
    what = [
        f"{numeral(place)}、{item.subject}",
        f"辦理事項：{follow_up.task}",
        f"決議會議：{item.meeting}（{roc.short(item.meeting.day)}）",
        f"承辦單位：{follow_up.agency.short_name}",
        *([f"期限：{roc.short(follow_up.due_on)}"] if follow_up.due_on else []),
    ]
    reported = [
        f"{roc.short(timezone.localdate(line.at))}　{line.text}"
        for line in follow_up.reports.all()
        if line.state == FollowUpState.REPORTED
    ]
    is_over = follow_up.state == FollowUpState.RELEASED
    return "\n".join(what), "\n".join(reported) or "尚未填報。", MARK if is_over else "", "" if is_over else MARK


# --- Circulars -------------------------------------------------------------------------------------------------------

DEEPEST = 3  # items nest four levels


def outline(text: str) -> tuple[Item, ...]:
    """Return 說明 as numbered items: one a line, a level deeper for each full-width space (or two spaces) before it."""
    return _nested([(_depth(line), line.strip()) for line in text.splitlines() if line.strip()])


def _depth(line: str) -> int:
    margin = line[: len(line) - len(line.lstrip())].replace("\t", "　").replace("  ", "　")
    return min(margin.count("　"), DEEPEST)


def _nested(lines: Sequence[tuple[int, str]]) -> tuple[Item, ...]:
    items = []
    while lines:
        (depth, text), rest = lines[0], lines[1:]
        below = next((place for place, (inner, _) in enumerate(rest) if inner <= depth), len(rest))
        items.append(Item(text, _nested(rest[:below])))
        lines = rest[below:]
    return tuple(items)


def circular_letter(circular: Circular) -> Paper:
    """Return a circular as a 函 of the office, to be copied into the document system that issues it."""
    office, number = circular.plan.office.name, circular.meetings.count()
    return Paper(
        title=f"{office}　函",
        author=office,
        filing=Fields((("檔號", ""), ("保存年限", ""))),
        header="" if circular.published_at else "草稿",
        blocks=(
            Fields((("地址", ""), ("承辦人", circular.created_by.get_full_name()), ("電話", "")), place="corner"),
            Fields((("受文者", "如正本"),)),
            Fields(
                (
                    ("發文日期", roc.full(circular.issued_on) if circular.issued_on else ""),
                    ("發文字號", circular.number),
                    ("速別", "普通件"),
                    ("密等及解密條件或保密期限", ""),
                    ("附件", f"會議紀錄 {number} 份（刊載於人事業務協作平台）"),
                ),
                place="small",
            ),
            Clause("主旨", circular.purpose),
            Clause("說明", items=outline(circular.explanation)),
            Fields((("正本", _receivers(circular)), ("副本", "")), place="small"),
        ),
    )


def _receivers(circular: Circular) -> str:
    """Return whom it went to, by name once that is fixed."""
    agencies = [recipient.agency for recipient in circular.recipients.select_related("agency")]
    if not agencies or circular.issued_on is None:
        return "本縣各機關學校人事機構（專任及兼任(辦)）"
    prefetch_related_objects(agencies, "names")
    return "、".join(agency.official_name_on(circular.issued_on) for agency in agencies)


# --- The district's 彙整表 --------------------------------------------------------------------------------------------

COMPILED_PROPOSAL = (
    sheets.Column("編號", 16),
    sheets.Column("提案機關", 20),
    sheets.Column("類別", 8),
    sheets.Column("案由", 30),
    sheets.Column("現行規定", 40),
    sheets.Column("說明（問題）", 50),
    sheets.Column("建議修正文字或辦法", 50),
    sheets.Column("預期效益", 12),
    sheets.Column("相關法規", 24),
    sheets.Column("併案", 30),
    sheets.Column("逾期送件", 10),
    sheets.Column("狀態", 14),
)
COMPILED_CASE = (
    sheets.Column("編號", 16),
    sheets.Column("提供機關", 14),
    sheets.Column("業務類別", 12),
    sheets.Column("案例類型", 12),
    sheets.Column("案由", 30),
    sheets.Column("案情摘要", 50),
    sheets.Column("處理經過", 40),
    sheets.Column("結果或建議", 40),
    sheets.Column("相關法規", 24),
    sheets.Column("逾期送件", 10),
    sheets.Column("狀態", 14),
)
LONGEST_CELL = 400  # characters that the printed 彙整表 shows of a long text; the sheets hold all of it
LATE = "逾期送件"


def compiled_proposals(district: District) -> Iterator[list[sheets.Value]]:
    """Yield the district's compiled proposals, merged ones with their lead, by the columns of `COMPILED_PROPOSAL`."""
    for proposal in _proposals(district):
        yield [
            proposal.reference,
            "、".join(proposers(proposal)),
            proposal.get_kind_display(),
            proposal.subject,
            proposal.current_rule,
            proposal.problem,
            proposal.wording,
            proposal.get_effect_display(),
            proposal.statutes_text,
            "\n".join(_merged(proposal)),
            LATE if proposal.is_late else "",
            proposal.get_state_display(),
        ]


def compiled_cases(district: District) -> Iterator[list[sheets.Value]]:
    """Yield the district's compiled cases by the columns of `COMPILED_CASE`."""
    for case in _cases(district):
        yield [
            case.reference,
            case.agency.short_name,
            case.get_business_display(),
            case.get_kind_display(),
            case.subject,
            case.summary,
            case.handling,
            case.outcome,
            case.statutes_text,
            LATE if case.is_late else "",
            case.get_state_display(),
        ]


def compilation(district: District, day: date) -> Paper:
    """Return the district's 彙整表 as of a day, A4 across: its compiled proposals, then its cases.

    Long texts are shortened, so that it stays a table that a meeting can read.
    """
    proposals, cases = (
        [_proposal_row(one) for one in _proposals(district)],
        [_case_row(one) for one in _cases(district)],
    )
    host = district.host_on(district.plan.nearest(day))
    author = host.official_name_on(day) if host else district.plan.office.name
    counts = f"修正建議提案 {len(proposals)} 件、案例 {len(cases)} 件"
    blocks: list[Block] = [Fields((("彙整單位", author), ("製表日期", roc.full(day)), ("件數", counts)), place="small")]
    for heading, columns, rows in (
        ("壹、修正建議提案", PROPOSAL_TABLE, proposals),
        ("貳、業務案例", CASE_TABLE, cases),
    ):
        blocks += [Heading(heading), Table(columns, rows) if rows else Paragraph("無。")]
    return Paper(
        title=f"{district.plan.year}年度{district.name}人事業務案例及修正建議提案彙整表",
        author=author,
        footer=author,
        landscape=True,
        blocks=tuple(blocks),
    )


PROPOSAL_TABLE = (
    Column("編號", 2, "center"),
    Column("提案機關", 4),
    Column("案由", 7),
    Column("現行規定及說明", 12),
    Column("建議修正文字或辦法", 12),
    Column("預期效益", 4),
)
CASE_TABLE = (
    Column("編號", 2, "center"),
    Column("提供機關", 4),
    Column("案由", 7),
    Column("案情摘要", 12),
    Column("處理經過及結果", 12),
    Column("相關法規", 4),
)


def _proposals(district: District) -> ProposalQuerySet:
    return district.proposals.taken_in().in_compiled_order().with_proposers()


def _cases(district: District) -> CaseQuerySet:
    return district.cases.taken_in().in_compiled_order().select_related("plan", "district", "agency")


def _merged(proposal: Proposal) -> list[str]:
    return [f"{one.reference} {one.agency.short_name}「{one.subject}」" for one in proposal.merged.all()]


def _proposal_row(proposal: Proposal) -> tuple[str, ...]:
    merged = [f"併案：{line}" for line in _merged(proposal)]
    rule = f"現行規定：{_short(proposal.current_rule)}" if proposal.current_rule else ""
    return (
        str(proposal.number),
        _short("、".join(proposers(proposal))),
        _lines(proposal.subject, *merged, f"（{LATE}）" if proposal.is_late else ""),
        _lines(rule, f"說明：{_short(proposal.problem)}"),
        _short(proposal.wording),
        _lines(proposal.get_effect_display(), _short(proposal.effect_note)),
    )


def _case_row(case: Case) -> tuple[str, ...]:
    sort = f"（{case.get_business_display()}、{case.get_kind_display()}）"
    return (
        str(case.number),
        case.agency.short_name,
        _lines(case.subject, sort, f"（{LATE}）" if case.is_late else ""),
        _short(case.summary),
        _lines(_short(case.handling), _short(case.outcome)),
        _short(case.statutes_text),
    )


def _short(text: str) -> str:
    return Truncator(text).chars(LONGEST_CELL, truncate="…（下略，全文見平台）")


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
