"""Uploads to the national portal: written with a roster that is never kept, listed, taken back."""

import io
import zipfile
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from districts.policies import is_office
from districts.standing import standing
from personnel_portal import roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.guards import guard
from personnel_portal.uploads.receiving import in_memory_alone
from training.actions import uploads as actions
from training.forms.uploads import MOST_RECORDS, UploadForm
from training.models import LearningRecord, Upload
from training.policies import can_exchange_hours, can_withdraw_upload
from training.portal_layout import LeftOut, Written

SHOWN = 200  # problems on the page; the rest by number


@guard(policy=is_office)
def index(request: SignedInRequest) -> HttpResponse:
    """List the uploads that were written, and how much waits."""
    office_id = standing(request.user).office_id
    waiting = LearningRecord.objects.not_uploaded().filter(agency__office=office_id, hours__gt=0)
    context = {
        "uploads": Upload.objects.visible_to(request.user).select_related("layout", "made_by")[:100],
        "waiting": waiting.count(),
        "may_write": bool(can_exchange_hours(request.user)),
    }
    return render(request, "training/uploads.html", context)


@guard(policy=can_exchange_hours)
@csrf_exempt
def make(request: HttpRequest) -> HttpResponse:
    """Write an upload. Exempt here and protected below: the check reads the form, whose files must not reach a disk."""
    in_memory_alone(request)
    return _make(request)


@csrf_protect
def _make(request: Any) -> HttpResponse:
    office_id = standing(request.user).office_id or 0
    form = UploadForm(request.POST or None, request.FILES or None, office_id=office_id)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid() and form.roster:
        keys = list(form.records().values_list("pk", flat=True)[: MOST_RECORDS + 1])
        if len(keys) > MOST_RECORDS:
            form.add_error(None, f"一次最多匯出 {MOST_RECORDS:,} 筆，請以班別或上課日期縮小範圍。")
        elif not keys:
            form.add_error(None, "這個範圍沒有尚未上傳的時數。")
        else:
            upload, written = actions.write_upload(
                layout=form.cleaned_data["layout"],
                records=keys,
                roster=form.roster,
                scope=form.scope(),
                leave_out=form.cleaned_data["leave_out"],
                by=request.user,
            )
            if upload:
                return _download(written)
            left_out = written.left_out
            form.add_error(None, f"{len(left_out)} 筆無法匯出，尚未產製檔案。請修正，或勾選略過這些資料列。")
            context |= {"left_out": left_out[:SHOWN], "more": len(left_out) - len(left_out[:SHOWN])}
        context["roster_problems"] = form.roster.problems[:SHOWN]
    return render(request, "training/upload_form.html", context, status=422 if form.errors else 200)


def _download(written: Written) -> HttpResponse:
    """Return the one file as it is, several files or a list of what is left out as one archive; all of it in memory."""
    stem = f"終身學習時數_{roc.digits(timezone.localdate())}"
    if len(written.files) == 1 and not written.left_out:
        return _sent(written.files[0], f"{stem}.csv", "text/csv")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, content in enumerate(written.files, start=1):
            packed.writestr(f"{stem}_{number}.csv", content)
        if written.left_out:
            packed.writestr("未匯出清單.csv", _listed(written.left_out))
    return _sent(archive.getvalue(), f"{stem}.zip", "application/zip")


def _listed(left_out: list[LeftOut]) -> bytes:
    target = io.BytesIO()
    rows: list[list[sheets.Value]] = [
        [row.agency.short_name, row.person.name, row.course, row.starts, row.hours, one.problem]
        for one in left_out
        for row in [one.record]
    ]
    sheets.write_csv(target, ["機關", "姓名", "課程", "起日", "時數", "未匯出原因"], rows)
    return target.getvalue()


def _sent(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@guard(Upload, can_withdraw_upload)
def withdraw(request: SignedInRequest, upload: Upload) -> HttpResponse:
    """Count an upload's records as not uploaded again."""
    actions.withdraw_upload(upload=upload, by=request.user)
    messages.success(request, f"已取消註記，{upload.rows:,} 筆時數可重新匯出。")
    return redirect("training:uploads")
