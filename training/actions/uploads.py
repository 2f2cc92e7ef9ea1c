"""Uploads to the national portal: written for one download, and taken back where they did not arrive."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from training.models import LearningRecord, Upload, UploadLayout
from training.portal_layout import Roster, Written, write

_MARKED = 1_000  # records at a time


@transaction.atomic
def write_upload(
    *, layout: UploadLayout, records: Sequence[int], roster: Roster, scope: str, leave_out: bool, by: User
) -> tuple[Upload | None, Written]:
    """Write records that were not uploaded yet; those in the files count as uploaded from then on.

    Args:
        records: their keys; whatever went out meanwhile is passed over.
        leave_out: write the others where some cannot be written; otherwise nothing is, and no upload returned.

    The trail says how many, never who: ID numbers and names are in the files alone.
    """
    waiting = LearningRecord.objects.not_uploaded().select_for_update(of=("self",)).filter(pk__in=records)
    found = list(
        waiting.select_related("person", "agency", "topic").order_by("starts", "course", "agency", "person", "pk")
    )
    written = write(layout, found, roster)
    if not written.records or (written.left_out and not leave_out):
        record("upload.refused", layout, by=by, office_id=layout.office_id, left_out=len(written.left_out))
        return None, written
    upload = Upload.objects.create(
        office_id=layout.office_id,
        layout=layout,
        scope=scope[:200],
        rows=len(written.records),
        files=len(written.files),
        left_out=len(written.left_out),
        made_by=by,
    )
    for start in range(0, len(written.records), _MARKED):
        some = written.records[start : start + _MARKED]
        LearningRecord.objects.filter(pk__in=some).update(upload=upload)
    record(
        "upload.written", upload, by=by, office_id=upload.office_id,
        rows=upload.rows, files=upload.files, left_out=upload.left_out,
    )  # fmt: skip
    return upload, written


@transaction.atomic
def withdraw_upload(*, upload: Upload, by: User) -> Upload:
    """Say that an upload did not arrive: its records count as not uploaded again. Done once."""
    locked: Upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if locked.withdrawn_at is None:
        locked.records.update(upload=None)
        locked.withdrawn_at = timezone.now()
        locked.save(update_fields=["withdrawn_at"])
        record("upload.withdrawn", locked, by=by, office_id=locked.office_id, rows=locked.rows)
    return locked
