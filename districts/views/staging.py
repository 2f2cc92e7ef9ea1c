"""The way of a sheet through the portal, the same for every kind: upload, look through, import, take back what was refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from districts.actions import sheets as actions
from districts.choices import SheetKind
from districts.forms.sheets import Layout, Row, SheetForm
from districts.models import Office, StagedSheet
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.guards import ALLOWED, Verdict, View, guard, refuse
from personnel_portal.trail.actions import record

PER_PAGE = 100
HANDED_BACK = ("xlsx", "ods")


@dataclass(frozen=True, slots=True)
class Intake:
    """What the pages of a kind of sheet are made of.

    Attributes:
        kind: what the sheet holds.
        layout: its columns, and who judges its lines.
        form: the form of the upload.
        take: imports the values of the good lines and keeps the refused ones; called with sheet, values, refused, by.
        pages: the names of the addresses `list`, `upload`, `sheet`, `take` and `refused`.
        blanks: the formats of the blank sheet, with their labels.
        blank: returns the blank sheet in a format.
        what_follows: says in a sentence what else the import of the good values will do for the person.
        upload_template: the page of the upload.
    """

    kind: SheetKind
    layout: Layout
    form: type[SheetForm]
    take: Callable[..., StagedSheet]
    pages: Mapping[str, str]
    blanks: Mapping[str, str]
    blank: Callable[[SignedInRequest, str], HttpResponseBase]
    what_follows: Callable[[User, StagedSheet, Sequence[Any]], str] = lambda by, sheet, values: ""
    upload_template: str = "districts/sheet_upload.html"


def upload(request: SignedInRequest, intake: Intake) -> HttpResponseBase:
    """Stage an uploaded sheet, or hand out the blank one (`?template=ods`)."""
    if request.GET.get("template") in intake.blanks:
        return intake.blank(request, request.GET["template"])
    form = intake.form(request.POST or None, request.FILES or None, layout=intake.layout, by=request.user)
    if request.method == "POST" and form.is_valid():
        sheet = actions.stage_sheet(
            office=Office.objects.visible_to(request.user).get(),
            kind=intake.kind,
            name=form.name,
            rows=[row.staged for row in form.rows],
            options=form.options(),
            by=request.user,
        )
        return redirect(intake.pages["sheet"], pk=sheet.pk)
    context = {
        "form": form,
        "kind": intake.kind,
        "layout": intake.layout,
        "back": reverse(intake.pages["list"]),
        "templates": list(intake.blanks.items()),
    }
    return render(request, intake.upload_template, context, status=422 if form.errors else 200)


def preview(request: SignedInRequest, sheet: StagedSheet, intake: Intake) -> HttpResponse:
    """Show every line beside what is wrong with it, the wrong ones first."""
    rows = sorted(_judged(request, sheet, intake), key=lambda row: (not row.problems, row.number))
    refused = sum(bool(row.problems) for row in rows)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "sheet": sheet,
        "labels": intake.layout.labels,
        "rows": [(row, [row.cells.get(field, "") for field in intake.layout.columns]) for row in page],
        "page": page,
        "good": len(rows) - refused,
        "refused": refused,
        "what_follows": intake.what_follows(request.user, sheet, [row.value for row in rows if row.value]),
        "take": reverse(intake.pages["take"], args=[sheet.pk]),
        "handed_back": reverse(intake.pages["refused"], args=[sheet.pk]),
        "formats": HANDED_BACK,
        "upload": reverse(intake.pages["upload"]),
        "back": reverse(intake.pages["list"]),
    }
    return render(request, "districts/sheet.html", context)


def take(request: SignedInRequest, sheet: StagedSheet, intake: Intake) -> HttpResponse:
    """Import the good lines; all of them or, when something changed meanwhile, none."""
    rows = _judged(request, sheet, intake)
    good = [row.value for row in rows if row.value]
    refused = [row.staged for row in rows if row.problems]
    try:
        if not good and not sheet.imported_at:
            raise ValidationError("沒有可匯入的資料列，請修正後重新上傳。")
        intake.take(sheet=sheet, values=good, refused=refused, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    except IntegrityError:
        messages.error(request, "剛才有人登錄了相同的資料，尚未匯入。請重新檢視後再匯入。")
    else:
        left = f"{len(refused)} 列未匯入，可下載修正後再上傳。" if refused else ""
        messages.success(request, f"已匯入 {len(good)} 筆。{left}")
    return redirect(intake.pages["sheet"], pk=sheet.pk)


def refused(request: SignedInRequest, sheet: StagedSheet, intake: Intake) -> HttpResponseBase:
    """Hand the refused lines back in the same columns, with a column that says why; xlsx or `?form=ods`."""
    wanted = request.GET.get("form")
    layout = intake.layout
    rows = [row for row in _judged(request, sheet, intake) if row.problems]
    record("sheet.refused_rows_downloaded", None, by=request.user, office_id=sheet.office_id, rows=len(rows))
    return sheets.response(
        wanted if wanted in HANDED_BACK else HANDED_BACK[0],
        f"未匯入的{sheet.get_kind_display()}",
        [*layout.labels, sheets.Column("未匯入原因", 60)],
        ([*(row.cells.get(field, "") for field in layout.columns), " ".join(row.problems)] for row in rows),
    )


def _judged(request: SignedInRequest, sheet: StagedSheet, intake: Intake) -> Sequence[Row]:
    """Return the lines as they stand today; once imported only the refused ones are left, with the reasons of then."""
    rows = [Row(number, cells, tuple(problems)) for number, cells, problems in sheet.rows]
    return rows if sheet.imported_at else intake.layout.check(sheet, rows, request.user)


def blank_of(kind: SheetKind, layout: Layout) -> Callable[[Any, str], HttpResponseBase]:
    """Return what hands out the columns of a layout with its example line."""

    def blank(request: Any, form: str) -> HttpResponseBase:
        return sheets.response(form, f"{kind.label}匯入範本", layout.labels, [layout.example])

    return blank


def views(intakes: Mapping[SheetKind, Intake], policy: Callable[[User], Verdict]) -> tuple[View, View, View]:
    """Return the views that show a staged sheet of these kinds, import it, and hand its refused lines back."""

    def can_go_on(user: User, sheet: StagedSheet) -> Verdict:
        kinds = "或".join(intake.kind.label for intake in intakes.values())
        return policy(user) & (ALLOWED if sheet.kind in intakes else refuse(f"這份檔案不是{kinds}的匯入檔。"))

    @guard(StagedSheet, can_go_on)
    def show(request: SignedInRequest, sheet: StagedSheet) -> HttpResponse:
        return preview(request, sheet, intakes[SheetKind(sheet.kind)])

    @require_POST
    @guard(StagedSheet, can_go_on)
    def import_sheet(request: SignedInRequest, sheet: StagedSheet) -> HttpResponse:
        return take(request, sheet, intakes[SheetKind(sheet.kind)])

    @guard(StagedSheet, can_go_on)
    def refused_rows(request: SignedInRequest, sheet: StagedSheet) -> HttpResponseBase:
        return refused(request, sheet, intakes[SheetKind(sheet.kind)])

    return show, import_sheet, refused_rows
