"""What a country's facts earn and score, computed in a process of its own."""

import time
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from awards.compute import compute, rules_of
from awards.facts import gather
from districts.choices import PlanKind
from districts.models import Plan
from kpi.compute import of_year
from kpi.facts import year_of
from tests.bench.visits import Count


@dataclass(frozen=True, slots=True)
class Computed:
    """Seconds, queries and rows of a whole country, and how much was found."""

    seconds: float
    queries: int
    rows: int
    found: int


def commendations() -> Computed:
    """Gather the facts of all liaison plans and compute what they earn."""
    plans = list(Plan.objects.filter(kind=PlanKind.LIAISON, office__code__startswith="county").order_by("pk"))
    counted, begun = Count(), time.perf_counter()
    with connection.execute_wrapper(counted):
        gathered = gather(plans)
        results = [
            compute(plan, gathered, rules_of(plan), list(plan.districts.values_list("pk", flat=True))) for plan in plans
        ]
    found = sum(len(hosting.commendations) for result in results for hosting in result.hosting.values())
    found += sum(len(result.proposals) for result in results)
    return Computed(time.perf_counter() - begun, counted.queries, counted.rows, found)


def scores() -> Computed:
    """Compute the year of every KPI plan: each indicator of each unit with its light."""
    today, counted, begun, found = timezone.localdate(), Count(), time.perf_counter(), 0
    with connection.execute_wrapper(counted):
        for plan in Plan.objects.filter(kind=PlanKind.KPI, office__code__startswith="county").order_by("pk"):
            found += len(of_year(plan, year_of(plan, today), today=today).cells)
    return Computed(time.perf_counter() - begun, counted.queries, counted.rows, found)
