"""The minutes on their way to 備查: collect files, submit, accept or return, reopen.

Each transition is one conditional UPDATE: of two people who act at once the second finds that the state has gone on,
and is told who was first and when.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from meetings import mails
from meetings.actions import meetings
from meetings.choices import FileRole, MeetingState, MinutesState
from meetings.models import Minutes, MinutesFile, MinutesVersion
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.outbox import wake
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from personnel_portal.uploads import kinds
from personnel_portal.uploads.models import StoredFile

OPEN = (MinutesState.UNFILED, MinutesState.RETURNED)
STEPS = ("minutes.submitted", "minutes.accepted", "minutes.returned", "minutes.reopened")


class Conflict(ValidationError):  # noqa: N818  # not an error of the program: somebody else was faster
    """Somebody else acted first; the message says who, when and what."""


def open_version(minutes: Minutes) -> MinutesVersion:
    """Return the version that collects uploads, made if there is none yet."""
    number = minutes.versions.count() + 1
    version, _ = MinutesVersion.objects.get_or_create(minutes=minutes, submitted_at=None, defaults={"number": number})
    return version


@transaction.atomic
def add_files(*, minutes: Minutes, stored: Iterable[StoredFile], by: User, note: str = "") -> list[MinutesFile]:
    """Put checked files into the open version; a PDF, ODT or DOCX counts as minutes, all else as an attachment.

    A file that the version has already, by name and content, is not put in twice: a double click sends it twice.

    Raises:
        Conflict: the minutes were submitted or accepted meanwhile, or the meeting was cancelled.
    """
    minutes, stored = _locked(minutes, OPEN), list(stored)
    if not stored and not note:
        return []
    version = open_version(minutes)
    if note:
        version.note = note
        version.save(update_fields=["note"])
    present = set(version.files.values_list("stored__name", "stored__sha256"))
    new = {(file.name, file.sha256): file for file in stored if (file.name, file.sha256) not in present}
    files = [MinutesFile.objects.create(version=version, stored=file, role=role_of(file)) for file in new.values()]
    for file in files:
        record("minutes.file_added", minutes, by=by, office_id=_office(minutes), file=file.stored.name)
    return files


def role_of(file: StoredFile) -> FileRole:
    """Return what a kind of file is taken for; the uploader may say otherwise."""
    return FileRole.MINUTES if file.kind in kinds.MINUTES else FileRole.ATTACHMENT


@transaction.atomic
def change_role(*, file: MinutesFile, role: FileRole, by: User) -> MinutesFile:
    """Say whether a file of the open version is the minutes themselves or goes with them.

    Raises:
        Conflict: its version was submitted meanwhile, or the file was removed.
    """
    minutes = _locked(file.version.minutes, OPEN)
    file = _still_open(file)
    file.role = role
    file.save(update_fields=["role"])
    record("minutes.role_changed", minutes, by=by, office_id=_office(minutes), file=file.stored.name, role=role.label)
    return file


@transaction.atomic
def remove_file(*, file: MinutesFile, by: User) -> None:
    """Take a file out of the open version; the trail keeps its name and hash.

    Raises:
        Conflict: its version was submitted meanwhile, or the file was removed.
    """
    minutes = _locked(file.version.minutes, OPEN)
    file = _still_open(file)
    stored = file.stored
    record("minutes.file_removed", minutes, by=by, office_id=_office(minutes), file=stored.name, sha256=stored.sha256)
    file.delete()


@transaction.atomic
def submit_minutes(*, minutes: Minutes, note: str, by: User) -> MinutesVersion:
    """Submit the open version to the office (報送); the meeting counts as held from now on at the latest.

    Raises:
        ValidationError: no minutes among the files, or the meeting's time has not come.
        Conflict: they were submitted meanwhile, or the meeting was cancelled.
    """
    minutes = _locked(minutes, OPEN)
    version = open_version(minutes)
    if not version.files.filter(role=FileRole.MINUTES).exists():
        raise ValidationError("請至少上傳一個會議紀錄檔（PDF、ODT 或 DOCX）後再報送。", code="empty")
    if minutes.meeting.state != MeetingState.HELD:
        meetings.hold_meeting(meeting=minutes.meeting, by=by)
    now = timezone.now()
    version.note = note
    version.submitted_at, version.submitted_by = now, by
    version.save()
    minutes.state, minutes.submitted_at, minutes.decided_at, minutes.reason = MinutesState.SUBMITTED, now, None, ""
    minutes.save()
    record("minutes.submitted", minutes, by=by, office_id=_office(minutes), version=version.number, reason=note)
    mails.submitted(minutes, version)
    wake.after_commit("meetings.precheck_pending")
    return version


@transaction.atomic
def accept_minutes(*, minutes: Minutes, by: User, version: int | None = None) -> Minutes:
    """Accept the submitted version for the record (備查); from now on it is locked and open to the invitees.

    Args:
        version: the number of the version that the reviewer saw.

    Raises:
        Conflict: somebody else decided meanwhile, or a newer version is there.
    """
    minutes = _locked(minutes, [MinutesState.SUBMITTED])
    latest = _seen(minutes, version)
    now = timezone.now()
    latest.accepted_at = now
    latest.save(update_fields=["accepted_at"])
    minutes.state, minutes.decided_at, minutes.reason = MinutesState.ACCEPTED, now, ""
    minutes.save()
    record("minutes.accepted", minutes, by=by, office_id=_office(minutes), version=latest.number)
    mails.accepted(minutes)
    return minutes


@transaction.atomic
def return_for_correction(*, minutes: Minutes, reason: str, by: User, version: int | None = None) -> Minutes:
    """Return the submitted version to the host (退請補正) with a reason; the host submits a new one.

    Raises:
        ValidationError: no reason.
        Conflict: somebody else decided meanwhile, or a newer version is there.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請說明退請補正的理由。"})
    minutes = _locked(minutes, [MinutesState.SUBMITTED])
    latest = _seen(minutes, version)
    minutes.state, minutes.decided_at, minutes.reason = MinutesState.RETURNED, timezone.now(), reason.strip()
    minutes.save()
    record("minutes.returned", minutes, by=by, office_id=_office(minutes), version=latest.number, reason=minutes.reason)
    mails.returned(minutes)
    return minutes


@transaction.atomic
def reopen_minutes(*, minutes: Minutes, reason: str, by: User) -> Minutes:
    """Unlock accepted minutes (重啟): they stand as returned with the reason, and the host submits a new version.

    The version is on record no more: the invitees see it again, or its successor, with the next 備查. When it was
    accepted before stays in the trail.

    Raises:
        ValidationError: no reason.
        Conflict: they are not accepted any more.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請說明重啟的理由。"})
    minutes = _locked(minutes, [MinutesState.ACCEPTED])
    latest = _seen(minutes, None)
    latest.accepted_at = None
    latest.save(update_fields=["accepted_at"])
    minutes.state, minutes.decided_at, minutes.reason = MinutesState.RETURNED, timezone.now(), reason.strip()
    minutes.save()
    record("minutes.reopened", minutes, by=by, office_id=_office(minutes), version=latest.number, reason=minutes.reason)
    mails.returned(minutes, reopened=True)
    return minutes


@transaction.atomic
def circulate_minutes(*, minutes: Minutes, by: User) -> Minutes:
    """Open the minutes to everybody of the office's agencies, because a circular carries them (肆、三).

    They are read while they are accepted: those that are not yet open with their 備查, and reopened ones close until
    the next. A second circular leaves the day of the first.
    """
    minutes = Minutes.objects.select_for_update(of=("self",)).select_related("meeting__plan").get(pk=minutes.pk)
    if minutes.circulated_at is None:
        minutes.circulated_at = timezone.now()
        minutes.save(update_fields=["circulated_at"])
        record("minutes.circulated", minutes, by=by, office_id=_office(minutes))
    return minutes


def last_step(minutes: Minutes) -> str:
    """Return who took the last step with the minutes, when, and how they stand now: what the second person is told."""
    entry = Entry.objects.for_target(minutes).filter(act__in=STEPS).order_by("-pk").first()
    now = f"目前為「{minutes.get_state_display()}」，請重新整理後再處理。"
    if entry is None:
        return f"會議紀錄{now}"
    return f"{entry.who}已於 {roc.moment(timezone.localtime(entry.at))} 辦理「{entry.act_label}」，{now}"


def keep_words(*, file: MinutesFile, words: str) -> None:
    """Keep what a file says, so that a page that compares versions need not read it again."""
    MinutesFile.objects.filter(pk=file.pk).update(words=words)


def keep_findings(*, version: MinutesVersion, findings: list[dict[str, Any]]) -> None:
    """Keep what the text check found; a result for the reviewer, no act of a person."""
    MinutesVersion.objects.filter(pk=version.pk).update(findings=findings)


def _locked(minutes: Minutes, allowed: Sequence[str]) -> Minutes:
    """Return the minutes as they are now, kept from others until the transaction ends, if their state is allowed."""
    fresh = (
        Minutes.objects.select_for_update(of=("self",))
        .select_related("meeting__plan", "meeting__district")
        .get(pk=minutes.pk)
    )
    # SQLite locks no rows, but its transactions are immediate: only one writes at a time.
    if fresh.state not in allowed:
        raise Conflict(last_step(fresh))
    if fresh.meeting.state == MeetingState.CANCELLED:
        raise Conflict("會議已取消，無須報送紀錄。")
    return fresh


def _seen(minutes: Minutes, number: int | None) -> MinutesVersion:
    """Return the submitted version, if it is the one that the reviewer saw."""
    latest = minutes.versions.filter(submitted_at__isnull=False).latest("number")
    if number is not None and latest.number != number:
        raise Conflict(f"承辦單位已報送第 {latest.number} 版，請重新整理後再處理。")
    return latest


def _still_open(file: MinutesFile) -> MinutesFile:
    """Return the file as it is now, if it is there and its version still collects files."""
    fresh = MinutesFile.objects.filter(pk=file.pk).select_related("stored", "version").first()
    if fresh is None:
        raise Conflict(f"「{file.stored.name}」已由其他人移除。")
    if fresh.version.submitted_at is not None:
        raise Conflict("此檔案所屬版本已報送，不能變更。")
    return fresh


def _office(minutes: Minutes) -> int:
    return minutes.meeting.plan.office_id
