"""The roster: all that was approved as a list, and that of a run as a paper or a sheet."""

from io import BytesIO

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from awards import documents
from awards.filters import RosterFilter
from awards.models import Line, Run
from awards.policies import is_office
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import pdf, sheets
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record


def _who(line: Line) -> lists.Cell:
    return lists.Cell(line.name, note="　".join(part for part in (line.title, line.rank) if part))


def _agency(line: Line) -> lists.Cell:
    return lists.Cell(line.agency.short_name, note=line.office_unit)


def _letter(line: Line) -> lists.Cell:
    return lists.Cell(line.run.letter_number, note=roc.short(line.run.letter_date) if line.run.letter_date else "")


SHOWN = [
    lists.Column("agency", "服務機關", _agency, sort=("agency__short_name",)),
    lists.Column("name", "姓名", _who, sort=("name",), link=Line.get_absolute_url),
    lists.Column("deed", "具體事蹟"),
    lists.Column(
        "granted", "獎勵建議", lambda line: lists.Cell(line.granted, note=line.clause), sort=("unit", "times")
    ),
    lists.Column("points", "增分", numeric=True),
    lists.Column("letter", "核定文號", _letter, sort=("run__letter_date",)),
]
EXPORTED = [
    lists.Column("agency", "服務機關", "agency.official_name", sort=("agency__short_name",), width=24),
    lists.Column("office_unit", "單位"),
    lists.Column("title", "職稱"),
    lists.Column("rank", "官職等"),
    lists.Column("name", "姓名", sort=("name",)),
    lists.Column("status", "身分別", "get_status_display"),
    lists.Column("deed", "具體事蹟", width=50),
    lists.Column("unit", "獎勵種類", "get_unit_display"),
    lists.Column("granted", "次數", "times", sort=("unit", "times"), numeric=True, width=8),
    lists.Column("points", "考績增分（參考）", numeric=True),
    lists.Column(
        "clause", "法令依據", lambda line: documents.basis(line, line.run.plan.year), sort=("clause",), width=24
    ),
    lists.Column("evidence", "佐證", documents.evidence, width=50),
    lists.Column("note", "備註", documents.remarks, width=30),
    lists.Column("result", "審議結果"),
    lists.Column("letter", "核定文號", "run.letter_number", sort=("run__letter_date",), width=30),
    lists.Column("letter_date", "核定日期", "run.letter_date"),
]


@guard(policy=is_office)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List all that was approved and stands: what was replaced since (原建議註銷) is left to the history of its run."""
    lines = Line.objects.visible_to(request.user).approved().on_roster()
    return lists.show(
        request,
        queryset=lines.select_related("agency", "run__plan", "replaces__run").order_by(
            "-run__plan__year", "-run__number", "kind", "district__order", "pk"
        ),
        # All of a line takes more room than a page has: a sheet holds the same rows with a column for each part.
        columns=EXPORTED if "export" in request.GET else SHOWN,
        filterset_class=RosterFilter,
        title="獎勵建議名冊",
        subtitle="已核定且未經取代的建議。嘉獎與記功分別計列，不相互折算；考績增分僅供參考。",
        empty="尚無核定的獎勵建議。試算核定後會列在這裡。",
        actions=[lists.Action("獎勵試算", reverse("awards:runs"), primary=False)],
        office_id=standing(request.user).office_id,
    )


@guard(Run)
def paper(request: SignedInRequest, run: Run, form: str) -> HttpResponseBase:
    """Return the roster of a run as pdf, ods or xlsx; of a draft, marked as such."""
    if form not in ("pdf", "ods", "xlsx"):
        raise Http404
    lines = list(run.lines.on_roster().for_pages().prefetch_related("agency__names"))
    name, day = documents.name_of(run), timezone.localdate()
    if form == "pdf":
        content = BytesIO(pdf.render(documents.roster(run, lines, day)))
        response = FileResponse(content, as_attachment=True, filename=f"{name}.pdf", content_type="application/pdf")
    else:
        response = sheets.response(form, name, documents.SHEET, documents.sheet_rows(run, lines))
    record("award.roster_printed", run, by=request.user, office_id=run.plan.office_id, form=form, rows=len(lines))
    return response
