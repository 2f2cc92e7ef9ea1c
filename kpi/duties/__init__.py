"""What the plans of targets, IT use and work ask of agencies and of the office."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from districts.choices import PlanKind
from districts.facts import PlanDay
from kpi.duties import strategy, usage, work
from personnel_portal.rules.duty import Duty

STATED: Mapping[PlanKind, Callable[[PlanDay], Iterable[Duty]]] = {
    PlanKind.KPI: strategy.duties,
    PlanKind.IT_USE: usage.duties,
    PlanKind.WORK: work.duties,
}


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield the duties of a plan of these kinds; a fixed number of queries, however much there is."""
    if state := STATED.get(PlanKind(on.plan.kind)):
        yield from state(on)
