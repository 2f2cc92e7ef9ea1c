"""The registers of a made-up county: figures of its targets, learning hours of its people, and the trail of it all."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from random import Random
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from districts.choices import PlanKind
from kpi.choices import EntryState, Formula
from kpi.models import Actual, Indicator
from personnel_portal import roc
from personnel_portal.home.management.commands import _country_words as words
from personnel_portal.home.management.commands._copying import copy, take_keys
from personnel_portal.home.management.commands._country_ground import COUNTY_CODE, UNITS, County
from personnel_portal.trail.chain import GENESIS, entry_hash
from personnel_portal.trail.models import ChainHead, Entry
from proposals.models import Proposal
from training.choices import Mode, Origin
from training.models import LearningRecord, Requirement, RequirementSet, Topic

ACTUALS, RECORDS, ENTRIES = 9_091, 45_455, 18_182


def make_registers(county: County, *, random: Random, today: date) -> None:
    """Write the figures and the learning hours of a county."""
    copy(Actual, islice(_actuals(county, random), ACTUALS))
    topics = _topics(county)
    copy(LearningRecord, _records(county, topics, random, today))


def make_trail(counties: Sequence[tuple[County, Random]], *, today: date) -> None:
    """Write what the people of all counties did, in the order of time, sealed after the entries that are there."""
    head = ChainHead.objects.filter(pk=1).first() or ChainHead(pk=1, hash=GENESIS, anchor_hash=GENESIS)
    acts = chain.from_iterable(zip(*(_acts(county, random, today) for county, random in counties), strict=True))
    copy(Entry, _sealed(acts, head, take_keys(Entry, ENTRIES * len(counties))))
    head.save()


def _actuals(county: County, random: Random) -> Iterator[dict[str, Any]]:
    plan = county.plans[PlanKind.KPI]
    indicators = list(Indicator.objects.filter(goal__plan=plan).exclude(formula=Formula.DEDUCTIONS))
    now = timezone.now()
    for year in range(roc.year(plan.starts), roc.year(plan.ends) + 1):
        for indicator in indicators:
            for place in range(UNITS):
                for period in range(1, indicator.periods + 1):
                    yield {
                        "indicator_id": indicator.pk,
                        "agency_id": county.agencies[place],
                        "year": year,
                        "period": period,
                        "state": EntryState.APPROVED,
                        "entered_by_id": county.officers[place],
                        "submitted_at": now,
                        "reviewed_by_id": county.reviewer,
                        "reviewed_at": now,
                        **_figure(indicator, random),
                    }


def _figure(indicator: Indicator, random: Random) -> dict[str, Any]:
    match indicator.formula:
        case Formula.RATIO:
            whole = random.randint(10, 200)
            return {"numerator": random.randint(whole // 2, whole), "denominator": whole}
        case Formula.MONTHS_KEPT:
            return {"value": random.randint(0, 1)}
        case _:
            return {"value": random.randint(0, 20)}


def _topics(county: County) -> list[int]:
    """Give the county the topics and requirements of the real one; return the topics' keys."""
    copies = {
        topic.pk: Topic.objects.create(
            office=county.office, order=topic.order, name=topic.name, code=topic.code, aliases=topic.aliases
        )
        for topic in Topic.objects.filter(office__code=COUNTY_CODE)
    }
    for asked in RequirementSet.objects.filter(office__code=COUNTY_CODE):
        requirements = list(asked.requirements.prefetch_related("topics"))
        asked.pk, asked.office, asked._state.adding = None, county.office, True
        asked.save()
        for requirement in requirements:
            topics = [copies[topic.pk] for topic in requirement.topics.all()]
            made = Requirement.objects.create(
                requirement_set=asked, order=requirement.order, name=requirement.name, hours=requirement.hours
            )
            made.topics.set(topics)
    return [topic.pk for topic in copies.values()]


def _records(county: County, topics: list[int], random: Random, today: date) -> Iterator[dict[str, Any]]:
    first = today.replace(month=1, day=1)
    days = max((today - first).days, 1)
    for order in range(RECORDS):
        person, agency = county.people[order % len(county.people)]
        day = first + timedelta(days=random.randrange(days))
        yield {
            "person_id": person,
            "agency_id": agency,
            "year": roc.year(day),
            "topic_id": random.choice(topics),
            "course": random.choice(words.TRAININGS),
            "starts": day,
            "ends": day,
            "hours": Decimal(random.randint(1, 6)) / 2,
            "mode": random.choice(Mode.values),
            "origin": Origin.IMPORT,
        }


def _acts(county: County, random: Random, today: date) -> Iterator[Entry]:
    kind = ContentType.objects.get_for_model(Proposal)
    proposals = list(
        Proposal.objects.filter(plan=county.plans[PlanKind.LIAISON]).order_by("pk").values_list("pk", "subject")
    )
    start = timezone.make_aware(datetime.combine(today - timedelta(days=180), time(8)))
    for order in range(ENTRIES):
        proposal, subject = proposals[order % len(proposals)]
        person = random.randrange(len(county.officers))
        yield Entry(
            at=start + timedelta(days=180) * order / ENTRIES,
            actor_id=county.officers[person],
            actor_name=f"承辦{person}",
            address="10.0.0.1",
            act="proposal.saved",
            target_type=kind,
            target_id=str(proposal),
            target_label=subject,
            office_id=county.office.pk,
        )


def _sealed(entries: Iterable[Entry], head: ChainHead, keys: range) -> Iterator[dict[str, Any]]:
    for key, entry in zip(keys, entries, strict=True):
        entry.pk, entry.position, entry.previous_hash = key, head.position + 1, head.hash
        entry.hash = entry_hash(entry)
        head.position, head.hash = entry.position, entry.hash
        yield {field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields}
