"""The papers of a meeting in official form: 開會通知單, 簽到表 and 會議紀錄 (文書處理手冊; domain.md B5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from districts.models import Agency
from meetings.choices import AttendanceState, MeetingKind, MeetingState, Section
from meetings.facts import agenda, invited
from meetings.models import AgendaItem, Invitation, Meeting
from personnel_portal import roc
from personnel_portal.documents.paper import (
    Block,
    Clause,
    Column,
    Fields,
    Heading,
    Item,
    Items,
    Paper,
    Paragraph,
    Table,
    numeral,
)

NONE = "無"
INDENT = 4
SIGN_IN_ROW = 11  # mm
SIGNED_BY_HAND = "詳如簽到表"


def name_of(meeting: Meeting) -> str:
    """Return the meeting's name as papers write it: 北平原區第1次專、兼任(辦)人事人員聯繫會報."""
    return f"{meeting.district.name}第{meeting.number}次{meeting.get_kind_display()}"


def notice(meeting: Meeting) -> Paper:
    """Return the 開會通知單 of the host; it is marked as a draft until the meeting is called."""
    invitees = invited(meeting)
    members = [invitee.agency for invitee in invitees if not invitee.is_coached]
    coached = [invitee.agency for invitee in invitees if invitee.is_coached]
    host = _host(meeting)
    issued = f"{roc.full(meeting.call_date)}" if meeting.call_date else ""
    attending = [("出席者", _listed(members, meeting))]
    if coached:
        attending.append(("", _listed(coached, meeting)))
    return Paper(
        title=f"{host}　開會通知單",
        author=host,
        filing=Fields((("檔號", ""), ("保存年限", ""))),
        header="草稿" if meeting.state == MeetingState.PLANNED else "",
        blocks=(
            Fields((("受文者", "如出席者、列席者"),)),
            Fields(
                (
                    ("發文日期", issued),
                    ("發文字號", meeting.call_number),
                    ("速別", "普通件"),
                    ("密等及解密條件或保密期限", ""),
                    ("附件", "議程" if meeting.agenda.exists() else NONE),
                ),
                place="small",
            ),
            Fields(
                (
                    ("開會事由", f"召開{meeting.plan.year}年度{name_of(meeting)}"),
                    ("開會時間", moment(meeting.starts_at)),
                    ("開會地點", meeting.place),
                    ("主持人", meeting.chair),
                    ("聯絡人及電話", meeting.contact),
                )
            ),
            Fields(
                (
                    ("出席者", _listed(members, meeting)),
                    *((("輔導區兼任(辦)出席者", _listed(coached, meeting)),) if coached else ()),
                    ("列席者", meeting.observers or NONE),
                    ("副本", meeting.plan.office.name),
                ),
                place="small",
            ),
            Clause("備註", items=(Item(f"依據{meeting.plan.title}辦理。"),)),
            *_programme(meeting),
        ),
    )
