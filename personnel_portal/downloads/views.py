"""Asking for a file that takes long to write, seeing how far it is, and fetching it."""

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from personnel_portal.downloads import actions
from personnel_portal.downloads.models import Download
from personnel_portal.downloads.querysets import KEPT
from personnel_portal.guards import guard
from personnel_portal.lists import PUT_OFF_SALT
from personnel_portal.uploads.sending import send

OFFERED = 24 * 60 * 60  # seconds that an offer stands
SHOWN = 50


@guard()
def index(request: HttpRequest) -> HttpResponse:
    """Show my files, and how far those are that are being written."""
    found = list(Download.objects.visible_to(request.user).select_related("file")[:SHOWN])
    context = {
        "downloads": found,
        "waits": any(download.is_unfinished for download in found),
        "days": KEPT.days,
    }
    return render(
        request, "downloads/_table.html" if request.headers.get("HX-Request") else "downloads/index.html", context
    )


@guard()
def ask(request: HttpRequest, of: str) -> HttpResponse:
    """Offer to write what a page found too long (`of`, signed by that page), and take the order."""
    try:
        address, title, rows = signing.loads(of, salt=PUT_OFF_SALT, max_age=OFFERED)
    except signing.BadSignature as error:
        raise Http404("這個連結不完整或已過期，請由清單再匯出一次。") from error
    if request.method == "POST":
        actions.ask(by=request.user, address=address, title=title, rows=rows)
        messages.success(request, f"「{title}」開始產製，完成後會以電子郵件通知您。")
        return redirect("downloads:index")
    return render(request, "downloads/ask.html", {"title": title, "rows": rows, "days": KEPT.days})


@guard(Download)
def file(request: HttpRequest, download: Download) -> HttpResponseBase:
    """Send a file that is ready."""
    if download.file is None:
        raise Http404("檔案尚未產製完成。")
    return send(download.file, by=download.user, target=download)
