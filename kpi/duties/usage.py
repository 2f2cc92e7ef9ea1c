"""What a plan for the use of IT tools asks: two returns of every agency (六), and sessions of training by the office (五)."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from districts.facts import PlanDay
from districts.models import Deadline
from kpi.choices import ReportState, Round
from kpi.models import UsageReport, UsageRule, UsageTraining
from kpi.scoring import filers
from personnel_portal.rules.duty import Due, Duty, Evidence

RETURN = "kpi.usage"
TRAININGS = "kpi.usage.trainings"


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield both returns of every agency, and the sessions of the office; five queries, however many there are."""
    asked = [(round_, deadline) for round_ in Round if (deadline := on.deadlines.get(f"{RETURN}.{round_}"))]
    if asked:
        yield from _returns(on, asked)
    if deadline := on.deadlines.get(TRAININGS):
        yield _trainings(on, deadline)


def _returns(on: PlanDay, asked: list[tuple[Round, Deadline]]) -> Iterator[Duty]:
    filed = {(report.agency_id, report.round): report for report in UsageReport.objects.filter(plan=on.plan)}
    overview = f"{reverse('kpi:usage')}?year={on.plan.year}"
    agencies = filers(on.plan)
    for round_, deadline in asked:
        for agency in agencies:
            report = filed.get((agency.pk, round_))
            begun = report is not None and report.state in (ReportState.DRAFT, ReportState.RETURNED)
            page = reverse("kpi:edit_usage_return", args=[report.pk]) if report and begun else overview
            yield Duty(
                key=f"{RETURN}.{round_}.agency-{agency.pk}",
                kind=f"{RETURN}.{round_}",
                heading=f"使用情形回報　{round_.label}",
                title=deadline.title,
                clause=deadline.clause,
                plan_id=on.plan.pk,
                agency_id=agency.pk,
                due=_due(on, deadline),
                done=_filed(report),
                url=page,
                action="補正" if report and report.state == ReportState.RETURNED else "填報",
                note="退請補正" if report and report.state == ReportState.RETURNED else "",
            )


def _filed(report: UsageReport | None) -> Evidence | None:
    """Return the first sending of a return that lies with the office; one that went back is owed again."""
    if report is None or report.submitted_at is None or report.state == ReportState.RETURNED:
        return None
    day = timezone.localdate(report.submitted_at)
    return Evidence(report.get_state_display(), day, report.get_absolute_url())


def _trainings(on: PlanDay, deadline: Deadline) -> Duty:
    rule = UsageRule.objects.filter(plan=on.plan).first()
    asked = rule.trainings if rule else 0
    held = [training.day for training in UsageTraining.objects.filter(plan=on.plan, day__lte=on.today)]
    page = f"{reverse('kpi:usage')}?year={on.plan.year}#trainings"
    return Duty(
        key=TRAININGS,
        kind=TRAININGS,
        heading=f"系統教育訓練 ≥ {asked} 梯次",
        title=deadline.title,
        clause=deadline.clause,
        plan_id=on.plan.pk,
        agency_id=on.office_agency_id,
        due=_due(on, deadline),
        done=Evidence(f"已辦 {len(held)} 梯次", sorted(held)[asked - 1], page)
        if asked and len(held) >= asked
        else None,
        url=page,
        action="登錄梯次",
        note=f"已辦 {len(held)}／{asked} 梯次",
    )


def _due(on: PlanDay, deadline: Deadline) -> Due | None:
    if deadline.nominal is None:
        return None
    return Due.on(deadline.nominal, deadline.holiday_policy, on.calendar, deadline.hour)
