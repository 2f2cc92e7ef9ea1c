"""The papers of a meeting in official form: 開會通知單, 簽到表 and 會議紀錄 (文書處理手冊; domain.md B5)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone

from meetings.choices import AttendanceState, MeetingState, Section
from meetings.facts import Invitee, agenda, invited, turnout
from meetings.models import AgendaItem, Invitation, Meeting
from personnel_portal import roc
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

NONE = "無"
INDENT = 4
SIGN_IN_ROW = 10  # mm, room for a signature


def name_of(meeting: Meeting) -> str:
    """Return the meeting's name as papers write it: 北平原區第1次專、兼任(辦)人事人員聯繫會報."""
    return f"{meeting.district.name}第{meeting.number}次{meeting.get_kind_display()}"


def notice(meeting: Meeting) -> Paper:
    """Return the 開會通知單 of the host; it is marked as a draft until the meeting is called."""
    invitees = invited(meeting)
    host, names = _names(meeting, invitees)
    members = [names[invitee.agency.pk] for invitee in invitees if not invitee.is_coached]
    coached = [names[invitee.agency.pk] for invitee in invitees if invitee.is_coached]
    items = _in_order(meeting)
    head = (
        ("發文日期", roc.full(meeting.call_date) if meeting.call_date else ""),
        ("發文字號", meeting.call_number),
        ("速別", "普通件"),
        ("密等及解密條件或保密期限", ""),
        ("附件", NONE),
    )
    matter = (
        ("開會事由", f"召開{meeting.plan.year}年度{name_of(meeting)}"),
        ("開會時間", _moment(meeting.starts_at)),
        ("開會地點", meeting.place),
        ("主持人", meeting.chair),
        ("聯絡人及電話", meeting.contact),
    )
    attending = (
        ("出席者", "、".join(members) or NONE),
        *((("輔導區兼任(辦)出席者", "、".join(coached)),) if coached else ()),
        ("列席者", meeting.observers or NONE),
        ("副本", meeting.plan.office.name),
    )
    remarks = [Item(f"依{meeting.plan.title}辦理。")]
    if items:
        remarks.append(
            Item("會議議程：", tuple(Item(f"{item.get_section_display()}：{item.subject}") for item in items))
        )
    return Paper(
        title=f"{host}　開會通知單",
        author=host,
        filing=Fields((("檔號", ""), ("保存年限", ""))),
        header="草稿" if meeting.state == MeetingState.PLANNED else "",
        blocks=(
            Fields((("受文者", "如出席者及列席者"),)),
            Fields(head, place="small"),
            Fields(matter),
            Fields(attending, place="small"),
            Clause("備註", items=tuple(remarks)),
        ),
    )


def sign_in(meeting: Meeting) -> Paper:
    """Return the 簽到表: chair and observers, then every invited agency with room to sign."""
    invitations = list(meeting.invitations.select_related("agency"))
    invitees = invited(meeting, invitations)
    host, names = _names(meeting, invitees)
    excused = [invitation for invitation in invitations if invitation.attendance == AttendanceState.EXCUSED]
    absences = {invitation.agency_id: invitation.get_attendance_display() for invitation in excused}
    groups = [
        ("分區成員", [invitee for invitee in invitees if not invitee.is_coached]),
        ("輔導區兼任(辦)機關", [invitee for invitee in invitees if invitee.is_coached]),
    ]
    columns = (
        Column("序號", 2, "center"),
        Column("機關", 9),
        Column("職稱", 4),
        Column("簽名", 6),
        Column("備註", 3, "center"),
    )
    blocks: list[Block] = [
        Fields(
            (
                ("時間", _moment(meeting.starts_at)),
                ("地點", meeting.place),
                ("主席", ""),
                ("列席人員", ""),
                ("紀錄", ""),
            )
        )
    ]
    number = 0
    for heading, group in groups:
        if group:
            rows = [
                (str(number + place), names[invitee.agency.pk], "", "", absences.get(invitee.agency.pk, ""))
                for place, invitee in enumerate(group, start=1)
            ]
            number += len(group)
            blocks += [Heading(f"{heading}（{len(group)} 個機關）", 2), Table(columns, rows, row_height=SIGN_IN_ROW)]
    return Paper(title=_title(meeting, "簽到表"), author=host, footer=host, blocks=tuple(blocks))


def draft(meeting: Meeting) -> Paper:
    """Return the 會議紀錄 from agenda, attendance and resolutions; a section without content prints 無."""
    items = agenda(meeting)
    head = (
        ("時間", _moment(meeting.starts_at)),
        ("地點", meeting.place),
        ("主席", meeting.chair),
        *_attendance(meeting),
        ("列席人員", meeting.observers or NONE),
        ("紀錄", meeting.recorder),
    )
    end = f"：{roc.clock(timezone.localtime(meeting.ends_at).time())}" if meeting.ends_at else ""
    return Paper(
        title=_title(meeting, "紀錄"),
        author=_names(meeting)[0],
        blocks=(
            Fields(head),
            Heading("壹、主席致詞"),
            Paragraph(meeting.opening or f"{NONE}。", indent=INDENT),
            *_section("貳", Section.REPORT, items),
            *_section("參", Section.DISCUSSION, items),
            *_section("肆", Section.EXTEMPORE, items),
            Heading(f"伍、散會{end}"),
        ),
    )


def _title(meeting: Meeting, word: str) -> str:
    plan, kind = meeting.plan, meeting.get_kind_display()
    return f"{plan.office.name}{plan.year}年度{meeting.district.name}\n第{meeting.number}次{kind}{word}"


def _moment(at: datetime) -> str:
    """Return 中華民國116年5月14日（星期五）下午2時."""
    local = timezone.localtime(at)
    return f"{roc.full(local.date())}（星期{roc.WEEKDAYS[local.weekday()]}）{roc.clock(local.time())}"


def _names(meeting: Meeting, invitees: Iterable[Invitee] = ()) -> tuple[str, dict[int, str]]:
    """Return the 全銜 of the host on the meeting's day, the office's name where the district has none, and those of the
    invitees by agency."""
    host = meeting.district.host_on(meeting.day)
    agencies = [*(invitee.agency for invitee in invitees), *([host] if host else [])]
    prefetch_related_objects(agencies, "names")
    names = {agency.pk: agency.official_name_on(meeting.day) for agency in agencies}
    return names[host.pk] if host else meeting.plan.office.name, names


def _attendance(meeting: Meeting) -> Iterator[tuple[str, str]]:
    """Yield who came and who did not, agency by agency; until it is entered the sign-in sheet speaks."""
    invitations = list(meeting.invitations.select_related("agency"))
    counted = turnout(invitations)
    if not counted.is_recorded:
        yield "出席人員", "詳如簽到表"
        return
    by_state: dict[str, list[Invitation]] = {state: [] for state in AttendanceState.values}
    for invitation in invitations:
        by_state[invitation.attendance].append(invitation)
    came = by_state[AttendanceState.PRESENT] + by_state[AttendanceState.BY_DEPUTY]
    came.sort(key=lambda invitation: (invitation.order, invitation.pk))
    coached = f"含輔導區{counted.coached_came}個；" if counted.coached else ""
    sum_up = f"{counted.came}個機關（{coached}應出席{counted.invited}個機關），詳如簽到表"
    yield "出席人員", f"{'、'.join(map(_attendee, came))}等{sum_up}" if came else NONE
    for label, state in (("請假", AttendanceState.EXCUSED), ("未出席", AttendanceState.ABSENT)):
        if by_state[state]:
            yield label, "、".join(invitation.agency.short_name for invitation in by_state[state])


def _attendee(invitation: Invitation) -> str:
    """Return 民雄國中, 民雄國中吳成員 or 民雄國中王小明（代理）."""
    deputy = "（代理）" if invitation.attendance == AttendanceState.BY_DEPUTY else ""
    return f"{invitation.agency.short_name}{invitation.attendee}{deputy}"


def _in_order(meeting: Meeting) -> list[AgendaItem]:
    return [item for items in agenda(meeting).values() for item in items]


def _section(number: str, section: Section, items: dict[Section, list[AgendaItem]]) -> Iterator[Block]:
    yield Heading(f"{number}、{section.label}")
    if not items[section]:
        yield Paragraph(f"{NONE}。", indent=INDENT)
    for place, item in enumerate(items[section], start=1):
        yield from _item(place, item, len(items[section]))


def _item(place: int, item: AgendaItem, of: int) -> Iterator[Block]:
    """Yield an item: 案由, then 提案單位, 說明 and 辦法 where there are any, then 決議 (報告事項: 決定)."""
    yield Clause(f"案由{numeral(place)}" if of > 1 else "案由", item.subject, indent=INDENT)
    for label, text in (("提案單位", item.proposer), ("說明", item.explanation), ("辦法", item.remedy)):
        if text:
            yield Clause(label, text, indent=INDENT)
    yield Clause("決定" if item.section == Section.REPORT else "決議", item.resolution, indent=INDENT)
