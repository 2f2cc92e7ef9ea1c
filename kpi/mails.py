"""The mails about targets, usage returns and work plans, a function each."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from districts.facts import officers_by_agency
from districts.models import Agency, Plan
from kpi.models import Actual, Score, ScoreList, System, UsageReport
from personnel_portal.outbox.letters import post, post_all
from proposals.mails import officers, reviewers

# --- Targets ---------------------------------------------------------------------------------------------------------


def actuals_returned(plan: Plan, year: int, agency: Agency, actuals: Sequence[Actual], reason: str) -> None:
    """Tell a unit which of its figures to correct."""
    page = f"{reverse('kpi:entry', args=[plan.pk])}?agency={agency.pk}&year={year}"
    context = {"plan": plan, "year": year, "agency": agency, "actuals": actuals, "reason": reason, "page": page}
    people = {person.mail: person.name for person in officers([agency.pk])}
    post_all("kpi/mail/actuals_returned", context, to=people, sender=f"office:{plan.office_id}")


# --- Usage returns ---------------------------------------------------------------------------------------------------


def usage_sent(report: UsageReport) -> None:
    """Tell the office that a return came in."""
    _to_office("usage_sent", report.plan.office_id, {"report": report, "page": report.get_absolute_url()})


def usage_returned(report: UsageReport) -> None:
    """Tell the agency what to correct."""
    _to_agency("usage_returned", report)


def usage_reviewed(report: UsageReport, granted: int, refused: int) -> None:
    """Tell the agency what the review granted and refused."""
    _to_agency("usage_reviewed", report, granted=granted, refused=refused)


def usage_published(published: ScoreList, scores: Iterable[Score]) -> None:
    """Tell each agency its own result."""
    found = list(scores)
    people = officers_by_agency([score.agency_id for score in found], timezone.localdate())
    for score in found:
        for person in people.get(score.agency_id, []):
            post(
                "kpi/mail/usage_published",
                {"published": published, "score": score, "page": reverse("kpi:usage_score", args=[score.pk])},
                to=person.mail,
                to_name=person.name,
                sender=f"office:{published.plan.office_id}",
            )


def usage_missing(plan: Plan, title: str, due: Any, agencies: Iterable[Agency]) -> int:
    """Ask the agencies that have not filed to do so; return how many people were written to."""
    people = {person.mail: person.name for person in officers(agency.pk for agency in agencies)}
    page = f"{reverse('kpi:usage')}?year={plan.year}"
    context = {"plan": plan, "title": title, "due": due, "page": page}
    return post_all("kpi/mail/usage_missing", context, to=people, sender=f"office:{plan.office_id}")


def system_proposed(system: System) -> None:
    """Tell the office that an agency proposes a system for the catalogue."""
    page = reverse("kpi:usage_system", args=[system.pk])
    _to_office("system_proposed", system.sub_item.office_id, {"system": system, "page": page})


def system_decided(system: System) -> None:
    """Tell the agency whether its system was taken on."""
    if system.proposed_by_id is None:
        return
    for person in officers([system.proposed_by_id]):
        post(
            "kpi/mail/system_decided",
            {"system": system, "page": reverse("kpi:usage_catalogue")},
            to=person.mail,
            to_name=person.name,
            sender=f"office:{system.sub_item.office_id}",
        )


def _to_office(name: str, office_id: int, context: dict[str, Any]) -> None:
    people = {person.mail: person.name for person in reviewers(office_id)}
    post_all(f"kpi/mail/{name}", context, to=people, sender=f"office:{office_id}")


def _to_agency(name: str, report: UsageReport, **more: Any) -> None:
    for person in officers([report.agency_id]):
        post(
            f"kpi/mail/{name}",
            {"report": report, "page": report.get_absolute_url(), **more},
            to=person.mail,
            to_name=person.name,
            sender=f"office:{report.plan.office_id}",
        )
