"""The minutes: upload, submit, review, reopen, download, compare."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from districts.policies import can_host
from meetings.actions import minutes as actions
from meetings.choices import FileRole, MinutesState
from meetings.forms.minutes import ReasonForm, UploadForm
from meetings.models import Meeting, MinutesFile, MinutesVersion
from meetings.policies import can_submit_minutes, is_minutes_reviewer
from meetings.precheck import words_of
from meetings.querysets import MinutesFileQuerySet
from meetings.views.meetings import detail_page
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents.confined import UnreadableFileError
from personnel_portal.guards import Verdict, guard
from personnel_portal.uploads import kinds, sending
from personnel_portal.uploads.actions import keep_each

LONGEST_COMPARED = 2000  # lines of each side; a comparison of more is a task for a person
CONTEXT = 3  # lines that stay around a change; more that are alike are folded


def _is_host(user: object, meeting: Meeting) -> Verdict:
    return can_host(user, meeting.district)


@guard(Meeting, _is_host)
def edit(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """Collect the files of the open version, and submit it when the person says so.

    Files that are refused say why at the field; the others stay with the version, and nothing is submitted then.
    """
    if not (verdict := can_submit_minutes(request.user, meeting.minutes)):
        # A colleague submitted, or the button was clicked twice: no fault of the person, so no page of refusal.
        decided = meeting.minutes.state in (MinutesState.SUBMITTED, MinutesState.ACCEPTED)
        messages.warning(request, actions.last_step(meeting.minutes) if decided else verdict.reason)
        return redirect(meeting)
    if request.method != "POST":
        return _edit_page(request, meeting, UploadForm(initial={"note": _note(meeting)}))
    form = UploadForm(request.POST, request.FILES)
    try:
        kept = _take_files(request, meeting, form)
        if not form.errors and "submit" in request.POST:
            actions.submit_minutes(minutes=meeting.minutes, note=form.cleaned_data["note"], by=request.user)
            messages.success(request, "已報送人事處備查，並已通知審核人員。")
            return redirect(meeting)
        if not form.errors and (kept or form.cleaned_data["note"]):
            what = f" {kept} 個檔案" if kept else "報送說明"
            messages.success(request, f"已儲存{what}，尚未報送。")
            return redirect("meetings:minutes", pk=meeting.pk)
        if not form.errors:
            form.add_error("uploads", "請選擇要上傳的檔案。")
    except actions.Conflict as conflict:
        messages.error(request, conflict.messages[0])
        return redirect(meeting)
    except ValidationError as error:
        form.add_error("uploads", error)
    return _edit_page(request, meeting, form, status=422)


def _take_files(request: SignedInRequest, meeting: Meeting, form: UploadForm) -> int:
    """Put the good files into the open version, whatever else is wrong; the others say why. Return how many are good.

    Raises:
        Conflict: the version was submitted while the files were on their way.
    """
    form.is_valid()
    batch = keep_each(form.cleaned_data.get("uploads", []), by=request.user, allowed=kinds.ATTACHMENTS)
    try:
        note = form.cleaned_data.get("note", "")
        actions.add_files(minutes=meeting.minutes, stored=batch.kept, note=note, by=request.user)
    except actions.Conflict as conflict:
        lost = f"您這次上傳的 {len(batch.kept)} 個檔案沒有列入。" if batch.kept else ""
        raise actions.Conflict(conflict.messages[0] + lost) from conflict
    for error in batch.refused:
        form.add_error("uploads", error)
    return len(batch.kept)


def _note(meeting: Meeting) -> str:
    version = meeting.minutes.versions.filter(submitted_at__isnull=True).first()
    return version.note if version else ""


def _edit_page(request: SignedInRequest, meeting: Meeting, form: UploadForm, status: int = 200) -> HttpResponse:
    version = meeting.minutes.versions.filter(submitted_at__isnull=True).first()
    context = {
        "meeting": meeting,
        "minutes": meeting.minutes,
        "form": form,
        "files": version.files.select_related("stored") if version else [],
        "FileRole": FileRole,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "returned": meeting.minutes.state == MinutesState.RETURNED,
    }
    return render(request, "meetings/minutes.html", context, status=status)


def _is_host_of_file(user: object, file: MinutesFile) -> Verdict:
    return _is_host(user, file.version.minutes.meeting)


@require_POST
@guard(MinutesFile, _is_host_of_file)
def remove_file(request: SignedInRequest, file: MinutesFile) -> HttpResponse:
    """Take a file out of the version that was not submitted yet."""
    try:
        actions.remove_file(file=file, by=request.user)
        messages.success(request, f"已移除「{file.stored.name}」。")
    except actions.Conflict as conflict:
        messages.error(request, conflict.messages[0])
    return redirect("meetings:minutes", pk=file.version.minutes.meeting_id)


@require_POST
@guard(MinutesFile, _is_host_of_file)
def change_role(request: SignedInRequest, file: MinutesFile) -> HttpResponse:
    """Say whether a file is the minutes or an attachment."""
    role = request.POST.get("role", "")
    if role not in FileRole.values:
        raise Http404
    try:
        actions.change_role(file=file, role=FileRole(role), by=request.user)
        messages.success(request, f"「{file.stored.name}」已改列{FileRole(role).label}。")
    except actions.Conflict as conflict:
        messages.error(request, conflict.messages[0])
    return redirect("meetings:minutes", pk=file.version.minutes.meeting_id)


@require_POST
@guard(Meeting, is_minutes_reviewer)
def accept(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """Accept the minutes for the record."""
    seen = request.POST.get("version", "")
    try:
        actions.accept_minutes(
            minutes=meeting.minutes, by=request.user, version=int(seen) if seen.isdecimal() and len(seen) < 5 else None
        )
        messages.success(request, "已同意備查，並已通知承辦單位。")
    except actions.Conflict as conflict:
        messages.error(request, conflict.messages[0])
    return redirect(meeting)


@require_POST
@guard(Meeting, is_minutes_reviewer)
def return_for_correction(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """Return the minutes with a reason; what was typed stays when somebody else was faster."""
    form = ReasonForm(request.POST, what="退請補正")
    if form.is_valid():
        try:
            actions.return_for_correction(minutes=meeting.minutes, by=request.user, **form.cleaned_data)
            messages.success(request, "已退請補正，並已通知承辦單位。")
            return redirect(meeting)
        except ValidationError as error:
            form.add_error(None, error)
    return detail_page(request, meeting, return_form=form, status=422)


@require_POST
@guard(Meeting, is_minutes_reviewer)
def reopen(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """Unlock accepted minutes with a reason."""
    form = ReasonForm(request.POST, what="重啟")
    if form.is_valid():
        try:
            actions.reopen_minutes(minutes=meeting.minutes, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "已重啟，承辦單位可上傳新版紀錄。")
            return redirect(meeting)
        except ValidationError as error:
            form.add_error(None, error)
    return detail_page(request, meeting, reopen_form=form, status=422)


@guard(MinutesFile)
def download(request: SignedInRequest, file: MinutesFile) -> HttpResponseBase:
    """Send a file; the download is logged."""
    return sending.send(file.stored, by=request.user, target=file.version.minutes)


@guard(Meeting)
def compare(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """Show two versions' text side by side, with what changed."""
    files = MinutesFile.objects.visible_to(request.user).filter(
        version__minutes=meeting.minutes, role=FileRole.MINUTES, version__submitted_at__isnull=False
    )
    numbers = sorted(set(files.values_list("version__number", flat=True)))
    if len(numbers) < 2:
        raise Http404("只有一個版本，沒有可比較的內容。")
    old = _number(request.GET.get("old"), numbers, numbers[-2])
    new = _number(request.GET.get("new"), numbers, numbers[-1])
    versions = {v.number: v for v in MinutesVersion.objects.filter(minutes=meeting.minutes)}
    old_text, new_text = _text(files, old), _text(files, new)
    whole = "all" in request.GET
    rows = list(_side_by_side(old_text.lines, new_text.lines, whole=whole))
    context = {
        "meeting": meeting,
        "numbers": numbers,
        "old": versions[old],
        "new": versions[new],
        "rows": rows,
        "unreadable": [*old_text.unreadable, *new_text.unreadable] if old != new else old_text.unreadable,
        "whole": whole,
        "changed": sum(tone not in ("", "folded") for tone, _, _ in rows),
    }
    return render(request, "meetings/compare.html", context)


def _number(asked: str | None, known: list[int], default: int) -> int:
    return int(asked) if asked and asked.isdecimal() and len(asked) < 5 and int(asked) in known else default


@dataclass(frozen=True, slots=True)
class _Text:
    """What the minutes files of a version say, line by line, and the names of those that could not be read."""

    lines: list[str]
    unreadable: list[str]


def _text(files: MinutesFileQuerySet, number: int) -> _Text:
    lines: list[str] = []
    unreadable = []
    for file in files.with_words().filter(version__number=number).select_related("stored"):
        try:
            words = words_of(file)
        except (UnreadableFileError, OSError):
            words = ""
        if not words:  # a scan, or what no parser reads
            unreadable.append(file.stored.name)
        lines += words.splitlines()
    return _Text([line.strip() for line in lines if line.strip()][:LONGEST_COMPARED], unreadable)


def _side_by_side(old: list[str], new: list[str], *, whole: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (tone, old line, new line); the tone is empty where both are alike, `folded` in place of many such."""
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new).get_opcodes():
        left, right = old[i1:i2], new[j1:j2]
        if tag != "equal":
            yield from ((tag, *pair) for pair in zip_longest(left, right, fillvalue=""))
        elif whole or len(left) <= 2 * CONTEXT + 1:
            yield from (("", *pair) for pair in zip(left, right, strict=True))
        else:
            yield from (("", line, line) for line in left[:CONTEXT])
            yield "folded", f"相同 {len(left) - 2 * CONTEXT} 行", ""
            yield from (("", line, line) for line in left[-CONTEXT:])
