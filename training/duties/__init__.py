"""What training plans ask of agencies, of people and of the office."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from districts.choices import PlanKind
from districts.facts import PlanDay
from personnel_portal.rules.duty import Duty
from training.duties import study

# One module a slice, each with `duties(on: PlanDay)`.
STATED: Sequence[Callable[[PlanDay], Iterable[Duty]]] = [study.duties]


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield the duties of a training plan; a fixed number of queries, however much there is."""
    if on.plan.kind == PlanKind.TRAINING:
        for stated in STATED:
            yield from stated(on)
