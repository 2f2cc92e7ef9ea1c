"""Facts about agencies that several apps ask for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from districts.choices import Access
from districts.models import Person, Posting


def officers_by_agency(agencies: Iterable[int], day: date) -> Mapping[int, list[Person]]:
    """Return the people who act for each agency on the day and can be written to; one query."""
    postings = (
        Posting.objects.on(day)
        .filter(agency__in=agencies)
        .exclude(access=Access.READ)
        .exclude(person__mail="")
        .select_related("person")
        .order_by("agency", "since", "pk")
    )
    people: dict[int, list[Person]] = defaultdict(list)
    for posting in postings:
        if posting.person not in people[posting.agency_id]:
            people[posting.agency_id].append(posting.person)
    return people
