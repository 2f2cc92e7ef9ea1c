"""What a page showed when somebody began to type: nobody writes over a change that he or she has not seen."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.text import Truncator

from personnel_portal import roc
from personnel_portal.trail.models import Entry

Shown = Mapping[str, str]  # field → digest of the value that the page showed


class ChangedMeanwhileError(ValidationError):
    """Somebody else changed the same. `now` holds what stands there now, by field or key, to be confirmed."""

    def __init__(self, message: Any, now: Mapping[Any, Any]) -> None:
        super().__init__(message)
        self.now = now


def digest(value: Any) -> str:
    """Return a short digest of a value as a form shows it: to the minute, whatever the line ends."""
    if isinstance(value, datetime):
        value = f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    text = "\n".join(str("" if value is None else value).splitlines()).strip()
    return sha256(text.encode()).hexdigest()[:16]


def refuse_overwriting(
    record: Model, changes: Mapping[str, Any], shown: Shown | None, entries: Iterable[Entry]
) -> None:
    """Refuse to write over what somebody else changed since the page was shown.

    Args:
        record: the record as it is now, locked.
        changes: what the person changed, by field.
        shown: what the page showed; None when no page stands behind the change.
        entries: the trail of such changes, newest first, with the fields in `detail["changed"]` where known.

    Raises:
        ChangedMeanwhileError: says for each such field who changed it, when, and what it is now.
    """
    now = {name: digest(getattr(record, name)) for name in changes if shown and name in shown}
    both = [name for name in now if shown and now[name] not in (shown[name], digest(changes[name]))]
    if both:
        entries = list(entries)
        sentences = {name: _sentence(record, name, entries) for name in both}
        raise ChangedMeanwhileError(sentences, {name: now[name] for name in both})


def author(last: Entry | None) -> str:
    """Return whose entry it is, and when it was made, as the beginning of a sentence."""
    return f"{last.who}已於 {roc.moment(timezone.localtime(last.at))} " if last else "已有他人"


def _sentence(record: Model, name: str, entries: Iterable[Entry]) -> str:
    label = record._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # only a record's own columns
    last = next((entry for entry in entries if name in entry.detail.get("changed", ())), None)
    return f"{author(last)}變更「{label}」，目前為「{_words(record, name)}」；請確認後再儲存。"


def _words(record: Model, name: str) -> str:
    value = getattr(record, name)
    if isinstance(value, datetime):
        return roc.moment(timezone.localtime(value))
    if isinstance(value, date):
        return roc.short(value)
    display = getattr(record, f"get_{name}_display", None)
    return Truncator(display() if display else str(value or "")).chars(200) or "空白"
