"""What an action refused, said at the form that asked for it."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from meetings.actions.shown import ChangedMeanwhileError


def say(form: Any, refusal: ValidationError) -> None:
    """Say it at its field, or on top where the form has no such field."""
    if isinstance(refusal, ChangedMeanwhileError) or not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    errors: Iterable[tuple[str, Any]] = refusal.error_dict.items()
    for name, error in errors:
        form.add_error(name if name in form.fields else None, error)
