"""The blank forms of cases (附件1) and proposals (附件2): sheets for many, a document for one."""

from io import BytesIO

from django.http import FileResponse

from personnel_portal.accounts.models import User
from personnel_portal.documents import odf, paper
from personnel_portal.documents.sheets import Blank, Entry, blank_response
from proposals.forms.columns import Column, Contents
from proposals.forms.lines import reachable

FORMATS = {"ods": "ODS 試算表", "xlsx": "XLSX 試算表", "odt": "ODT 單件表"}
_ODT = "application/vnd.oasis.opendocument.text"
_REMARKS = (
    "一列一件；欄位順序可以調整，請勿更改欄名。",
    "＊為必填欄位。多行文字可在儲存格內換行。",
    "填妥後由入口網「匯入」上傳，會先逐列檢查，確認後才匯入。",
)


def blank(contents: Contents, form: str, *, user: User) -> FileResponse:
    """Return the blank form as a download; a sheet offers the agencies that the person may bring in.

    Args:
        form: a key of `FORMATS`.
    """
    name = f"{contents.annex}_{contents.name}填報表"
    if form == "odt":
        content = BytesIO(odf.render(form_of(contents)))
        return FileResponse(content, as_attachment=True, filename=f"{name}.odt", content_type=_ODT)
    agencies = tuple(agency.short_name for agency in reachable(user))
    return blank_response(form, sheet_of(contents, agencies=agencies), name=name)


def sheet_of(contents: Contents, *, agencies: tuple[str, ...]) -> Blank:
    """Return the sheet to fill in, with the agencies to choose from."""
    return Blank(
        contents.name,
        tuple(_entry(contents, field, column, agencies) for field, column in contents.offered.items()),
        _REMARKS,
    )


def _entry(contents: Contents, field: str, column: Column, agencies: tuple[str, ...]) -> Entry:
    options = tuple(map(str, column.choices.labels)) if column.choices else ()
    return Entry(
        label=column.labels[0],
        width=column.width,
        help=column.help,
        options=agencies if field == "agency" else options,
        example=column.example,
        longest=0 if options else contents.longest(field),
        is_required=contents.is_required(field),
    )


def form_of(contents: Contents) -> paper.Paper:
    """Return the form for one case or proposal: labels to the left, room to fill in to the right."""
    rows = [(_label(contents, field), _room(column)) for field, column in contents.offered.items()]
    return paper.Paper(
        title=f"分區聯繫會報{contents.name}填報表（{contents.annex}）",
        blocks=(
            paper.Paragraph("＊為必填欄位，一張表填一件。選項請將 □ 改為 ■；內容較長時表格會自動加長。", size="small"),
            paper.Table((paper.Column("欄位", 2), paper.Column("填寫內容", 7)), rows, row_height=11),
        ),
    )


def _label(contents: Contents, field: str) -> str:
    return contents.label(field) + ("＊" if contents.is_required(field) else "")


def _room(column: Column) -> str:
    return "　".join(f"□{label}" for label in column.choices.labels) if column.choices else ""
