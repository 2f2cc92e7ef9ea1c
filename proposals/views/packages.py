"""What the host sends to the office: the package, its list and page, and the 彙整表 as sheets and paper."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from districts.models import District
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import pdf, sheets
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from proposals import documents
from proposals.actions.items import send_to_office
from proposals.facts import proposers, too_late_for_meeting, with_proposers
from proposals.filters import PackageFilter
from proposals.forms.compiling import PackageForm
from proposals.models import Package, Proposal
from proposals.models.items import Item
from proposals.policies import can_compile, can_host, can_read_compilation
from proposals.views.compiling import COMPILED, KINDS, TONES

PER_PAGE = 50  # proposals, and cases beside them

# --- The package -----------------------------------------------------------------------------------------------------


@guard(District, can_host)
def send(request: SignedInRequest, district: District) -> HttpResponse | HttpResponseBase:
    """Send compiled items to the office as one package; what speaks against it is shown once, then it can be sent."""
    items = [
        *with_proposers(_compiled(district.proposals)),
        *_compiled(district.cases),
    ]
    today = timezone.localdate()
    if request.method == "POST":
        form = PackageForm(request.POST, district=district)
        warning = _warning(form, district) if form.is_valid() else ""
        is_confirmed = form.is_valid() and warning in ("", request.POST.get("seen"))
        if is_confirmed and (package := _sent(request, district, form)):
            return redirect(package)
    else:
        form = PackageForm(district=district, initial={"sent_on": today})
        has_proposals = any(isinstance(item, Proposal) for item in items)
        warning = too_late_for_meeting(district, today) if has_proposals else ""
    ticked = {(name, key) for name in KINDS for key in request.POST.getlist(name)}
    context = {
        "district": district,
        "form": form,
        "warning": warning,
        "lines": [
            (item, _key(item)[0], request.method != "POST" or _key(item) in ticked, _proposers(item)) for item in items
        ],
    }
    return render(request, "proposals/package_send.html", context, status=422 if form.errors else 200)


def _compiled(rows: Any) -> Any:
    return rows.filter(state__in=COMPILED).in_compiled_order().select_related("plan", "district", "agency")


def _key(item: Item) -> tuple[str, str]:
    return ("proposals" if isinstance(item, Proposal) else "cases", str(item.pk))


def _proposers(item: Item) -> list[str]:
    return proposers(item) if isinstance(item, Proposal) else [item.agency.short_name]


def _warning(form: PackageForm, district: District) -> str:
    if not form.cleaned_data["proposals"]:
        return ""
    return too_late_for_meeting(district, form.cleaned_data["sent_on"])


def _sent(request: SignedInRequest, district: District, form: PackageForm) -> Package | None:
    values = form.cleaned_data
    try:
        package = send_to_office(
            district=district,
            items=form.items,
            sent_on=values["sent_on"],
            number=values["number"],
            note_text=values["note"],
            by=request.user,
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None
    messages.success(request, f"已將 {len(form.items)} 件函送人事處，並已通知審核人員。")
    return package


PACKAGE_COLUMNS = [
    lists.Column("sent_on", "函送日期", sort=("sent_on", "sent_at"), link=lambda package: package.get_absolute_url()),
    lists.Column("district", "分區", "district.name", sort=("district__order",)),
    lists.Column("number", "文號", lambda package: package.number or "免備文", sort=("number",), width=30),
    lists.Column("proposals", "提案", "proposal_count", sort=("proposal_count",), numeric=True),
    lists.Column("cases", "案例", "case_count", sort=("case_count",), numeric=True),
    lists.Column("sent_by", "送出人", "sent_by.get_full_name", width=14),
    lists.Column("note", "說明", width=40),
]


@guard(policy=can_compile)
def packages(request: SignedInRequest) -> HttpResponseBase:
    """List the packages that went to the office, newest first."""
    queryset = Package.objects.visible_to(request.user).with_counts()
    return lists.show(
        request,
        queryset=queryset,
        columns=PACKAGE_COLUMNS,
        filterset_class=PackageFilter,
        title="彙整函送",
        empty="尚無函送。承辦單位可在彙整畫面勾選已彙整的提案與案例，一次函送人事處。",
    )


@guard(Package)
def package(request: SignedInRequest, package: Package) -> HttpResponse:
    """Show a package: its letter, and where each item of it stands, a page of proposals and of cases at a time."""
    counted: Any = Package.objects.with_counts()
    counts = counted.values("proposal_count", "case_count").get(pk=package.pk)
    page = Paginator(range(max(counts.values())), PER_PAGE).get_page(request.GET.get("page"))
    shown = slice(page.start_index() - 1 if page else 0, page.end_index())
    proposals = package.proposals.select_related("plan", "district", "agency").order_by("order", "number")
    cases = package.cases.select_related("plan", "district", "agency").order_by("order", "number")
    context = {
        "package": package,
        **counts,
        "page": page,
        "proposals": [(one, proposers(one), TONES[one.state]) for one in with_proposers(proposals[shown])],
        "cases": [(case, [case.agency.short_name], TONES[case.state]) for case in cases[shown]],
        "warning": too_late_for_meeting(package.district, package.sent_on) if counts["proposal_count"] else "",
        "entered_later": timezone.localtime(package.sent_at).date() != package.sent_on,
    }
    return render(request, "proposals/package.html", context)


# --- The 彙整表 ------------------------------------------------------------------------------------------------------

LONG_PAPER = 60  # items; their PDF takes some five seconds
SHEETS: dict[str, tuple[str, Any, Callable[[District], Any]]] = {
    "proposals": ("修正建議提案彙整表", documents.COMPILED_PROPOSAL, documents.compiled_proposals),
    "cases": ("業務案例彙整表", documents.COMPILED_CASE, documents.compiled_cases),
}


@guard(District, can_read_compilation)
def sheet(request: SignedInRequest, district: District, kind: str, form: str) -> HttpResponseBase:
    """Return the 彙整表 of a kind as ods or xlsx, or of both as pdf, which a worker writes where it is long."""
    if (kind, form) == ("all", "pdf"):
        rows = district.proposals.taken_in().count() + district.cases.taken_in().count()
        if lists.is_put_off(request, rows, LONG_PAPER):
            return lists.put_off(request, f"{district.plan.year}年度{district.name}彙整表（PDF）", rows=rows)
    response = _sheet(district, kind, form)
    record("compilation.exported", district, by=request.user, office_id=district.plan.office_id, list=kind, form=form)
    return response


def _sheet(district: District, kind: str, form: str) -> FileResponse:
    if kind in SHEETS and form in ("ods", "xlsx"):
        name, columns, rows = SHEETS[kind]
        return sheets.response(form, f"{district.plan.year}年度{district.name}{name}", columns, rows(district))
    if (kind, form) == ("all", "pdf"):
        paper = documents.compilation(district, timezone.localdate())
        return FileResponse(
            BytesIO(pdf.render(paper)),
            as_attachment=True,
            filename=f"{paper.name}_{roc.digits(timezone.localdate())}.pdf",
            content_type="application/pdf",
        )
    raise Http404
