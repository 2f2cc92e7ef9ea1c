"""What the tests of usage returns build: the year's plan, returns in each state."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from districts.actions.plans import clone_plan
from districts.choices import PlanKind
from districts.models import Agency, Plan
from kpi.actions import usage, usage_review
from kpi.actions.usage import Filled, Thing, UseEntry
from kpi.actions.usage_review import Judged, Review
from kpi.choices import Grant, ReportState, Round
from kpi.models import Subsystem, System, UsageReport
from personnel_portal.accounts.models import User
from tests import build

YEAR = 115  # of `build.TODAY`


def plan(year: int = YEAR) -> Plan:
    """Return the plan of a year, carried over from that of 102."""
    plans = Plan.objects.filter(office=build.county(), kind=PlanKind.IT_USE)
    return plans.filter(year=year).first() or clone_plan(plan=plans.get(year=102), year=year, by=None)


def systems(count: int) -> list[System]:
    """Return the first systems of the catalogue."""
    return list(System.objects.order_by("sub_item__order", "order")[:count])


def subsystems(count: int) -> list[Subsystem]:
    """Return so many sub-systems of WebHR, made where they are not there."""
    return [
        Subsystem.objects.get_or_create(office=build.county(), name=f"第{number}子系統", defaults={"order": number})[0]
        for number in range(1, count + 1)
    ]


def things(tools: int, subs: int = 0) -> list[Thing]:
    """Return what is in use, as the actions name it."""
    return [
        *(Thing("system", one.pk) for one in systems(tools)),
        *(Thing("subsystem", one.pk) for one in subsystems(subs)),
    ]


def filled(used: Sequence[Thing], **changes: object) -> Filled:
    """Return a form that may be sent."""
    values: dict[str, object] = {
        "letter_number": "民中人字第1150000001號",
        "letter_date": date(2026, 6, 10),
        "contact_name": "吳成員",
        "uses": {thing: UseEntry("每月辦理", "畫面截圖留存") for thing in used},
    }
    return Filled(**(values | changes))  # type: ignore[arg-type]  # the columns of a form


def report(
    agency: Agency,
    by: User,
    *,
    tools: int = 2,
    subs: int = 0,
    round_: Round = Round.FIRST,
    state: ReportState = ReportState.SUBMITTED,
) -> UsageReport:
    """Make a return of the year's plan in a state; of a reviewed one every item is granted."""
    made = usage.start_return(plan=plan(), agency=agency, round_=round_, by=by)
    made = usage.save_return(report=made, filled=filled(things(tools, subs)), revision=made.revision, by=by)
    if state == ReportState.DRAFT:
        return made
    made = usage.send_return(report=made, by=by)
    if state == ReportState.RETURNED:
        return usage_review.return_for_correction(report=made, reason="請補佐證", by=by)
    return reviewed(made, by) if state == ReportState.REVIEWED else made


def reviewed(made: UsageReport, by: User, *, services: str = "0", refused: int = 0) -> UsageReport:
    """Finish the review of a return: all granted but the first few."""
    keys = list(made.uses.order_by("pk").values_list("pk", flat=True))
    items = {
        key: Judged(Grant.REFUSED, "佐證不足") if number < refused else Judged(Grant.GRANTED)
        for number, key in enumerate(keys)
    }
    review = Review(items, Decimal(services), "配合建置" if Decimal(services) else "", "配合度良好")
    return usage_review.review_return(report=made, review=review, finish=True, revision=made.revision, by=by)
