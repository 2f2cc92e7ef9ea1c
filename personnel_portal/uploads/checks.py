"""Whether a file may be kept: its content decides, never its name or what the browser says it is."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File

from personnel_portal.uploads import antivirus, kinds, names
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind

logger = logging.getLogger(__name__)

INSPECTION_SECONDS = 40  # of the clock; the process itself may use 20 of the processor

SENTENCES = {
    Reason.EMPTY: "「{name}」是空的檔案，請確認內容後再上傳。",
    Reason.TOO_LARGE: "「{name}」超過 {limit} 的上限，請縮小或分成數個檔案後再上傳。",
    Reason.UNKNOWN: "「{name}」不是可以收的檔案，請改用 {allowed} 檔上傳。",
    Reason.LEGACY: "「{name}」是舊版 Office 檔案，請另存為 {allowed} 檔後再上傳。",
    Reason.NOT_ALLOWED: "「{name}」是 {kind} 檔，此處只收 {allowed} 檔。",
    Reason.EXTENSION: "「{name}」的內容其實是 {kind} 檔，請改正副檔名後再上傳。",
    Reason.BROKEN: "「{name}」已損壞或不完整，請重新存檔後再上傳。",
    Reason.ENCRYPTED: "「{name}」設有密碼，請解除密碼後再上傳。",
    Reason.MACRO: "「{name}」含有巨集，請另存為不含巨集的檔案後再上傳。",
    Reason.EMBEDDED: "「{name}」內嵌了其他檔案或物件，請移除後再上傳，需要的附件請另外上傳。",
    Reason.EXTERNAL: "「{name}」會連到外部的檔案、範本或資料，請中斷這些連結後再上傳。",
    Reason.ACTIVE: "「{name}」含有會自動執行的內容，請重新列印成一般的 PDF 檔後再上傳。",
    Reason.ENTITY: "「{name}」的內部含有不安全的 XML 宣告，請用 Office 或 LibreOffice 重新存檔後再上傳。",
    Reason.ARCHIVE: "「{name}」是壓縮檔或夾帶壓縮檔，請解壓縮後逐一上傳需要的檔案。",
    Reason.PROGRAM: "「{name}」是程式或夾帶程式，無法收存。",
    Reason.ENTRIES: "「{name}」的內部結構不正常，請用 Office 或 LibreOffice 重新存檔後再上傳。",
    Reason.POLYGLOT: "「{name}」夾帶了不屬於它的資料，請重新存檔後再上傳。",
    Reason.BOMB: "「{name}」展開後過於龐大或複雜，請簡化或分成數個檔案後再上傳。",
    Reason.PAGES: "「{name}」的頁數過多，請分成數個檔案後再上傳。",
    Reason.PIXELS: "「{name}」的影像尺寸過大，請縮小後再上傳。",
    Reason.FRAMES: "「{name}」含有多張影像，請另存為單張的 JPG 或 PNG 檔後再上傳。",
    Reason.VIRUS: "「{name}」經掃毒發現惡意程式，無法收存，請通知貴機關資訊人員。",
    Reason.SCANNER: "「{name}」目前無法掃毒，尚未收存，請稍後再上傳。",
    Reason.FULL: "系統的儲存空間不足，「{name}」尚未收存。請稍後再上傳，並通知系統管理人員。",
}


def check(file: File[bytes], allowed: Collection[Kind]) -> Kind:
    """Return what the file is, after looking through all of it.

    Raises:
        ValidationError: the file may not be kept here; one sentence that names it, `code` a `Reason`.
    """
    name = names.safe_name(file.name)
    with tempfile.TemporaryFile() as copy:
        copy_within_limit(file, copy, name=name)
        return judge(copy, name=name, allowed=allowed)


def copy_within_limit(file: File[bytes], target: IO[bytes], *, name: str) -> None:
    """Copy the file's bytes, which are counted: the size that a file claims is only good for refusing it early.

    Raises:
        ValidationError: it is empty or larger than `UPLOAD_MAX_BYTES`.
    """
    size = 0
    # A file that was dropped while it was received has its true size and no bytes.
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise refusal(Refused(Reason.TOO_LARGE, f"{file.size} bytes"), name=name)
    for chunk in file.chunks():
        size += len(chunk)
        if size > settings.UPLOAD_MAX_BYTES:
            raise refusal(Refused(Reason.TOO_LARGE, f"more than {size} bytes"), name=name)
        target.write(chunk)
    if not size:
        raise refusal(Refused(Reason.EMPTY), name=name)
    target.flush()


def judge(copy: IO[bytes], *, name: str, allowed: Collection[Kind]) -> Kind:
    """Return what the copy is; it must be a real file on disk, since another process reads it.

    Raises:
        ValidationError: as `check`.
    """
    kind = None
    try:
        kind = _inspected(copy)
        if kind not in allowed:
            raise Refused(Reason.NOT_ALLOWED, kind)
        named = names.extension(name)
        if named and named not in kind.extensions:
            raise Refused(Reason.EXTENSION, f"{named} is {kind}")
        if settings.CLAMAV_SOCKET:
            copy.seek(0)
            antivirus.scan(copy, settings.CLAMAV_SOCKET)
    except Refused as refused:
        raise refusal(refused, name=name, kind=kind, allowed=allowed) from refused
    return kind


def refusal(
    refused: Refused, *, name: str, kind: Kind | None = None, allowed: Collection[Kind] = kinds.ATTACHMENTS
) -> ValidationError:
    """Return the one sentence for the person, and log the reason behind it."""
    logger.warning("file refused: %s (%s) %r", refused.reason.value, refused.detail, name)
    sentence = SENTENCES[refused.reason].format(
        name=name, kind=kind.label if kind else "", allowed=kinds.listed(allowed), limit=size_limit()
    )
    return ValidationError(sentence, code=refused.reason.value)


def size_limit() -> str:
    """Return the largest size of a file as people read it: 20 MB."""
    return f"{settings.UPLOAD_MAX_BYTES / 1024**2:g} MB"


def _inspected(copy: IO[bytes]) -> Kind:
    """Run the inspection process on the copy and read its verdict."""
    copy.seek(0)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "personnel_portal.uploads.inspection"],
            stdin=copy,
            capture_output=True,
            timeout=INSPECTION_SECONDS,
            cwd=settings.BASE_DIR,
            # Nothing of the portal's environment: it holds the secrets.
            env={"LANG": "C.UTF-8", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(Reason.BOMB, f"more than {INSPECTION_SECONDS} seconds") from error
    with contextlib.suppress(ValueError, KeyError):
        verdict = json.loads(done.stdout)
        if "kind" in verdict:
            return Kind(verdict["kind"])
        raise Refused(Reason(verdict["refused"]), verdict["detail"])
    # Killed by its limits or by the file: either way the file is too much for a parser.
    raise Refused(Reason.BOMB, f"exit {done.returncode}: {done.stderr[-300:].decode('utf-8', 'replace')}")
