"""The roster of what is proposed (獎勵建議名冊; domain notes, B2). It proposes and never orders, and converts nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils import timezone

from awards.choices import UnitChoice
from awards.models import Line, Run
from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.documents.paper import Block, Column, Fields, Paper, Paragraph, Table

DRAFT = "試算（未核定）"
# Label, width in a sheet (half-widths), and the column on paper with its percent of the width.
COLUMNS = (
    ("編號", 6, Column("編號", 4, "center")),
    ("服務機關", 16, Column("服務機關", 7)),
    ("單位", 12, Column("單位", 5)),
    ("職稱", 12, Column("職稱", 6)),
    ("官職等", 16, Column("官職等", 6)),
    ("姓名", 10, Column("姓名", 5, "center")),
    ("身分別", 12, Column("身分別", 6, "center")),
    ("具體事蹟", 50, Column("具體事蹟", 15)),
    ("獎勵種類", 10, Column("獎勵種類", 4, "center")),
    ("次數", 6, Column("次數", 4, "center")),
    ("法令依據", 24, Column("法令依據", 8)),
    ("佐證", 50, Column("佐證", 14)),
    ("備註", 24, Column("備註", 10)),
    ("審議結果", 14, Column("審議結果", 6)),
)
SHEET = [sheets.Column(label, width) for label, width, _ in COLUMNS]
TOTAL = "合計"
SIGNED_BY = ("　" * 18).join(("承辦人", "單位主管", "機關首長"))


def totals(lines: Iterable[Line]) -> list[tuple[str, int]]:
    """Return how many times of each award the roster proposes, the strongest first; one is never turned into another."""
    found: Counter[str] = Counter()
    for line in lines:
        if line.is_on_roster:
            found[line.unit] += line.times
    return [(UnitChoice(unit).label, found[unit]) for unit in reversed(UnitChoice.values) if found[unit]]


def name_of(run: Run) -> str:
    """Return the name of a run's roster as files bear it: a draft says so first."""
    name = f"{run.plan.year}年度分區聯繫會報獎勵建議名冊"
    return f"{name}_{roc.digits(run.letter_date)}" if run.letter_date else f"{DRAFT}{name}"


def roster(run: Run, lines: Sequence[Line], day: date) -> Paper:
    """Return the roster of a run as it stands on a day, A4 across; a draft is marked on every page.

    Args:
        lines: those that are on the roster, in its order.
    """
    office = run.plan.office.name
    head = [("依據", f"{run.plan.title}伍、獎勵")]
    head += [("核定", f"{roc.full(run.letter_date)}　{run.letter_number}")] if run.letter_date else []
    rows = [[str(cell) for cell in row] for row in rows_of(run, lines)]
    return Paper(
        title=f"{office}\n{run.plan.year}年度分區聯繫會報獎勵建議名冊{'' if run.is_approved else f'－{DRAFT}'}",
        author=office,
        header="" if run.is_approved else DRAFT,
        footer=f"製表日期：{roc.full(day)}　{run}",
        landscape=True,
        blocks=(
            Fields(tuple(head), place="small"),
            Table(tuple(column for _, _, column in COLUMNS), rows, size="small") if lines else Paragraph("無。"),
            *_notes(run, lines),
        ),
    )


def _notes(run: Run, lines: Sequence[Line]) -> Iterator[Block]:
    people = len({line.person_id for line in lines})
    points = sum(line.points for line in lines)
    yield Paragraph(
        f"共 {people} 人、{len(lines)} 筆。嘉獎與記功分別計列，不相互折算；"
        f"年終考績增分合計 {points} 分（嘉獎 1 分、記功 3 分、記大功 9 分）僅供參考。",
        size="small",
    )
    yield Paragraph(f"\n{SIGNED_BY}", size="small")


def rows_of(run: Run, lines: Iterable[Line]) -> Iterator[list[str | int]]:
    """Yield the rows of the roster by `COLUMNS`: the lines, then a total of each award."""
    shown = list(lines)
    for number, line in enumerate(shown, start=1):
        yield [
            number,
            line.agency.official_name_on(timezone.localdate(run.made_at)),
            line.office_unit,
            line.title,
            line.rank,
            line.name,
            line.get_status_display(),
            line.deed,
            line.get_unit_display(),
            line.times,
            basis(line, run.plan.year),
            evidence(line),
            remarks(line),
            line.result,
        ]
    for unit, times in totals(shown):
        yield [TOTAL, *[""] * 7, unit, times, *[""] * 4]


def sheet_rows(run: Run, lines: Iterable[Line]) -> Iterator[list[str | int]]:
    """Yield the rows of the roster as a sheet: below the totals it says by which letter, or that it is a draft."""
    yield from rows_of(run, lines)
    told = f"核定：{roc.full(run.letter_date)}　{run.letter_number}" if run.letter_date else DRAFT
    yield [told, *[""] * (len(COLUMNS) - 1)]


def basis(line: Line, year: int) -> str:
    """Return 法令依據: 116年度計畫伍、一、(二)."""
    return f"{year}年度計畫{line.clause}"


def evidence(line: Line) -> str:
    """Return 佐證: what was counted, as the run worded it, without the result that has columns of its own."""
    counted: str = line.because["words"].partition(" → ")[0]
    return counted


def remarks(line: Line) -> str:
    """Return 備註: what people wrote, why it is another award than computed, and which earlier line it replaces."""
    told = [line.note]
    if line.is_adjusted:
        told.append(f"試算為{line.computed}，調整理由：{line.reason}")
    if (earlier := line.replaces) and (approved_on := earlier.run.letter_date):
        told.append(f"取代 {roc.short(approved_on)} {earlier.run.letter_number}之{earlier.granted}，原建議註銷")
    if line.is_estimated:
        told.append("預估：會議紀錄未備查")
    return "\n".join(part for part in told if part)
