"""Keeping files, and removing those that no row refers to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef

from personnel_portal.trail.actions import record
from personnel_portal.uploads import checks, names, storage
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind
from personnel_portal.uploads.models import StoredFile

logger = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(days=1)  # far longer than any transaction, so a file whose row is being written is left alone


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of several files handed in together: the kept ones, and one error for each of the others."""

    kept: tuple[StoredFile, ...]
    refused: tuple[ValidationError, ...]


def keep(file: File[bytes], *, by: AbstractUser | None, allowed: Collection[Kind]) -> StoredFile:
    """Check the file, put its bytes into the storage, then write its row.

    What is checked is the very copy that is kept. When the surrounding transaction is rolled back the bytes stay as
    an orphan until the sweep.

    Args:
        by: the person who hands it in; None when the portal made it.
        allowed: the kinds that this place takes (`kinds.MINUTES`, `kinds.ATTACHMENTS`).

    Raises:
        ValidationError: the file is refused, or there is no room for it; one sentence that names it.
    """
    name = names.safe_name(file.name)
    try:
        with storage.staged() as copy:
            checks.copy_within_limit(file, copy, name=name)
            kind = checks.judge(copy, name=name, allowed=allowed)
            size = copy.seek(0, 2)
            sha256 = storage.settle(copy)
    except storage.FullError as full:
        raise checks.refusal(Refused(Reason.FULL, str(full)), name=name) from full
    if not names.extension(name):
        name = names.safe_name(f"{name}.{kind.value}")
    with transaction.atomic():
        stored = StoredFile.objects.create(
            sha256=sha256, size=size, kind=kind.value, name=name, kept_by_id=by.pk if by else None
        )
        record("file.kept", stored, by=by, file=name, sha256=sha256, size=size)
    return stored


def keep_bytes(content: bytes, *, name: str, by: AbstractUser | None, allowed: Collection[Kind]) -> StoredFile:
    """Keep a file that the portal made itself, such as a PDF to file; it is checked like any other."""
    return keep(ContentFile(content, name=name), by=by, allowed=allowed)


def keep_made(write: Callable[[BinaryIO], object], *, name: str, kind: Kind, by: AbstractUser | None) -> StoredFile:
    """Keep a file of any length that the portal writes itself, row by row and unchecked, for the person who asked for it."""
    with storage.staged() as copy:
        write(copy)
        size = copy.seek(0, 2)
        sha256 = storage.settle(copy)
    with transaction.atomic():
        stored = StoredFile.objects.create(
            sha256=sha256, size=size, kind=kind.value, name=names.safe_name(name), kept_by_id=by.pk if by else None
        )
        record("file.kept", stored, by=by, file=stored.name, sha256=sha256, size=size)
    return stored


def keep_each(files: Iterable[File[bytes]], *, by: AbstractUser | None, allowed: Collection[Kind]) -> Batch:
    """Keep those files that may be kept, each in its own transaction; a refused one does not hold back the others.

    A view keeps `batch.kept` with the draft and shows `batch.refused` at the field, so nobody uploads twice:

        batch = keep_each(form.cleaned_data["files"], by=request.user, allowed=kinds.MINUTES)
        minutes.add_files(minutes=minutes, stored=batch.kept, by=request.user)
        for error in batch.refused:
            form.add_error("files", error)
    """
    kept: list[StoredFile] = []
    refused: list[ValidationError] = []
    for file in files:
        try:
            kept.append(keep(file, by=by, allowed=allowed))
        except ValidationError as error:
            refused.append(error)
    return Batch(tuple(kept), tuple(refused))


def forget_unused(*, now: datetime, older_than: timedelta = ORPHAN_AGE) -> int:
    """Remove the rows of this age that no record refers to (a file that was taken back, an upload that came too
    late); return how many. Their bytes are orphans then, and the trail keeps name and hash."""
    used = [
        ~Exists(relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")}))
        for relation in StoredFile._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
    ]
    unused = StoredFile.objects.filter(*used, kept_at__lt=now - older_than)
    with transaction.atomic():
        for stored in unused.select_for_update(of=("self",)):
            record("file.forgotten", stored, by=None, file=stored.name, sha256=stored.sha256)
        forgotten, _ = unused.delete()
    return forgotten


def orphans(*, older_than: timedelta = ORPHAN_AGE) -> Iterator[str]:
    """Yield the SHA-256 of each stored file that no row refers to and that has reached this age."""
    for folder, present in storage.present(older_than=older_than):
        rows = StoredFile.objects.filter(sha256__startswith=folder)
        referred = set(rows.order_by().values_list("sha256", flat=True).distinct())
        yield from (sha256 for sha256 in present if sha256 not in referred)


def sweep_orphans(*, older_than: timedelta = ORPHAN_AGE) -> int:
    """Remove orphans and half-written files of this age; return how many files went."""
    removed = storage.remove_staged(older_than=older_than)
    for sha256 in list(orphans(older_than=older_than)):
        with storage.sweeping():
            # Somebody may have handed in the same file since the list was made.
            if StoredFile.objects.filter(sha256=sha256).exists():
                continue
            if storage.remove(sha256, older_than=older_than):
                removed += 1
                logger.info("orphan removed: %s", sha256)
    return removed
