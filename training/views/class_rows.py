"""Classes as lines of a table: when, how full, and whether one can register now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from training.facts import days, stage
from training.models import TrainingClass


@dataclass(frozen=True, slots=True)
class Row:
    """A class with what a table says of it."""

    training_class: TrainingClass
    days: str
    seated: int
    waiting: int
    word: str
    tone: str


def rows_of(classes: Any) -> list[Row]:
    """Return the lines of a queryset of classes that one may see; one query."""
    found: Iterable[Any] = classes.with_days()
    now = timezone.now()
    return [Row(one, days(one.begins, one.ends), one.seated, one.waiting, *stage(one, now)) for one in found]
