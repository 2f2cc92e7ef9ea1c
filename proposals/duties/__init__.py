"""What the plan asks of agencies, hosts and the office about cases, proposals and circulars (肆、二、(二); 肆、三).

Closing days are those of the hosts' calls, the days of meetings and of follow-ups; for all else the plan states none, so
that it shows the days since it arose and is late only where the office sets a number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from districts.facts import PlanDay
from districts.models import Deadline
from personnel_portal.rules.duty import Duty
from proposals.duties import agencies, hosts, office
from proposals.duties.ground import Ground

# In the order of the board, by the codes of the plan's deadlines.
STATED: Mapping[str, Callable[[Ground, Deadline], Iterable[Duty]]] = {
    agencies.ANSWER: agencies.answers,
    agencies.CASE: agencies.cases,
    hosts.CASES: hosts.cases_to_office,
    hosts.PROPOSALS: hosts.proposals_to_office,
    office.PUBLISH_CASES: office.publish_cases,
    office.DECIDE: office.decide,
    office.CIRCULATE: office.circulate,
    agencies.ACKNOWLEDGE: agencies.acknowledge,
    agencies.FOLLOW_UP: agencies.follow_ups,
    office.RELEASE: office.releases,
}


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield the duties of all agencies of the plan; a fixed number of queries, however much there is."""
    asked = {code: state for code, state in STATED.items() if code in on.deadlines}
    if asked:
        ground = Ground.of(on)
        for code, state in asked.items():
            yield from state(ground, on.deadlines[code])
