"""An agency's yearly roster of study leave (當年度進修人員名冊; 柒、五、(二))."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils import timezone

from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.documents.paper import Block, Column, Fields, Paper, Paragraph, Table
from training.choices import RosterState
from training.models import StudyRoster

DRAFT = "草稿（未報送）"
# Field of a line, label, width in a sheet (half-widths), percent on paper.
COLUMNS = (
    ("name", "姓名", 10, 7),
    ("title", "職稱", 14, 8),
    ("school", "進修學校", 28, 15),
    ("programme", "系所", 28, 16),
    ("years", "起訖學年度", 20, 12),
    ("kind", "類別", 12, 8),
    ("time", "進修時間", 18, 13),
    ("selection", "方式", 14, 10),
    ("where", "國內外", 8, 5),
    ("approved", "核准年度", 10, 6),
)
SHEET = [sheets.Column(label, width) for _, label, width, _ in COLUMNS]
SIGNED_BY = ("　" * 18).join(("承辦人", "人事主管", "機關首長"))


def name_of(roster: StudyRoster) -> str:
    """Return the name of a roster's files."""
    draft = "" if roster.submitted_at else "草稿_"
    return f"{draft}{roster.plan.year}年度進修人員名冊_{roster.agency.short_name}"


def roster_paper(roster: StudyRoster, lines: list[dict[str, str]], day: date) -> Paper:
    """Return a roster as it stands, A4 across; what was not sent yet is marked on every page."""
    agency = roster.agency.official_name
    head = [("依據", f"{roster.plan.title}柒、五、(二)"), ("備查情形", standing_of(roster))]
    return Paper(
        title=f"{agency}\n{roster.plan.year}年度進修人員名冊",
        author=agency,
        header="" if roster.submitted_at else DRAFT,
        footer=f"製表日期：{roc.full(day)}",
        landscape=True,
        blocks=(Fields(tuple(head), place="small"), *_body(lines), Paragraph(f"\n{SIGNED_BY}", size="small")),
    )


def _body(lines: list[dict[str, str]]) -> Iterator[Block]:
    if not lines:
        yield Paragraph("無。")
        return
    columns = tuple(Column(label, share) for _, label, _, share in COLUMNS)
    yield Table(columns, list(rows_of(lines)), size="small")
    yield Paragraph(f"共 {len(lines)} 人次。起訖學年度為每年 8 月至次年 7 月。", size="small")


def standing_of(roster: StudyRoster) -> str:
    """Return in words whether the roster was sent and note was taken of it."""
    if roster.submitted_at is None:
        return DRAFT
    sent = f"{roc.full(timezone.localdate(roster.submitted_at))}報送"
    if roster.state == RosterState.ACCEPTED and roster.accepted_at:
        return f"{sent}，{roc.full(timezone.localdate(roster.accepted_at))}備查"
    return f"{sent}，退請補正" if roster.state == RosterState.RETURNED else sent


def rows_of(lines: list[dict[str, str]]) -> Iterator[list[str]]:
    """Yield the rows of a roster by `COLUMNS`."""
    for line in lines:
        yield cells_of(line)


def sheet_rows(lines: list[dict[str, str]]) -> Iterator[list[str]]:
    """Yield the rows of a roster as a sheet; nobody at all is one row that says so (無)."""
    yield from rows_of(lines)
    if not lines:
        yield ["無", *[""] * (len(COLUMNS) - 1)]


def cells_of(line: Mapping[str, str]) -> list[str]:
    """Return the cells of a line."""
    return [line.get(field, "") for field, *_ in COLUMNS]
