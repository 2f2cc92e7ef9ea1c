"""Asking for a file, writing it, and taking it away after a week."""

import logging
from contextlib import closing, nullcontext
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.urls import resolve, reverse
from django.utils import timezone

from personnel_portal.downloads.models import Download
from personnel_portal.lists import BackgroundRequest
from personnel_portal.outbox.letters import post
from personnel_portal.outbox.wake import after_commit
from personnel_portal.trail.actions import record
from personnel_portal.uploads.actions import keep_made
from personnel_portal.uploads.kinds import Kind
from personnel_portal.uploads.models import StoredFile

logger = logging.getLogger(__name__)

PREPARE = "downloads.prepare"
_CLOSED = "您目前沒有這份資料的權限，或它已不存在。"
_BROKEN = "產製時發生錯誤，請稍後再試一次；仍無法產製請洽系統管理人員。"


@transaction.atomic
def ask(*, by: Any, address: str, title: str, rows: int) -> Download:
    """Ask for a file; while the same one is being written, that one is returned."""
    acting_for = getattr(by, "acting_for", None)
    download: Download
    download, is_new = Download.objects.unfinished().get_or_create(
        user=by, acting_for=acting_for, address=address, defaults={"title": title[:120], "rows": rows}
    )
    if is_new:
        record("download.asked", download, by=by, address=address)
        after_commit(PREPARE)
    return download


def prepare(*, download: Download) -> bool:
    """Write a file; return whether it was this call that did. A worker that is killed meanwhile leaves it to the next."""
    if not Download.objects.waiting(timezone.now()).filter(pk=download.pk).update(claimed_at=timezone.now(), done=0):
        return False
    try:
        file = _write(download)
    except (Http404, PermissionDenied):
        fail(download=download, problem=_CLOSED)
    else:
        _finish(download, file)
    return True


@transaction.atomic
def fail(*, download: Download, problem: str = _BROKEN) -> None:
    """Say why a file cannot be written."""
    download.problem = problem
    download.save(update_fields=["problem"])
    record("download.failed", download, by=None, reason=problem)


def expire(*, now: datetime) -> int:
    """Take away what has been there for a week; the sweep of files forgets the bytes. Return how many."""
    return Download.objects.expired(now).delete()[0]


def _write(download: Download) -> StoredFile:
    answer: Any = _answer(download)
    if not answer.has_header("Content-Disposition"):
        raise Http404
    kind = next(kind for kind in Kind if kind.mime == answer["Content-Type"].partition(";")[0])
    parts = answer.streaming_content if answer.streaming else [answer.content]
    name = f"{download.title}.{kind.value}"
    # The file alone is closed: a closed answer means the end of a request, at which Django closes its connections.
    with closing(answer.file_to_stream) if answer.streaming else nullcontext():
        return keep_made(lambda target: target.writelines(parts), name=name, kind=kind, by=download.user)


def _answer(download: Download) -> HttpResponseBase:
    """Open the address as the person who asked, with the rights of today."""
    user = download.user
    if not user.is_active:
        raise PermissionDenied
    user.acting_for = download.acting_for
    path, _, query = download.address.partition("?")
    request = BackgroundRequest()
    request.method, request.path, request.path_info, request.user = "GET", path, path, user
    request.META = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
    request.GET = QueryDict(query)
    request.tell = lambda rows: _tell(download, rows)
    request.resolver_match = match = resolve(path)
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer


def _tell(download: Download, rows: int) -> None:
    Download.objects.filter(pk=download.pk).update(done=rows, claimed_at=timezone.now())


@transaction.atomic
def _finish(download: Download, file: StoredFile) -> None:
    download.file, download.ready_at = file, timezone.now()
    download.save(update_fields=["file", "ready_at"])
    record("download.ready", download, by=None, size=file.size)
    if download.user.email:
        post(
            "downloads/mail/ready",
            {"download": download, "page": reverse("downloads:index")},
            to=download.user.email,
            to_name=download.user.get_full_name(),
            key=f"download.{download.pk}",
        )
