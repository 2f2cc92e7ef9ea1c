"""From results to the lines of a run: one a person and clause, with what it rewards and why."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from django.db.models import Q
from django.utils import timezone

from awards import words
from awards.choices import LineKind
from awards.compute import Result
from awards.facts import Gathered, Reference, references
from awards.models import HostPerson, Line, Run
from districts.models import Person, Posting
from personnel_portal.rules.commendations import Commendation, ProposalCommendation


def lines(run: Run, gathered: Gathered, result: Result) -> Iterator[Line]:
    """Yield the lines of a plan's result, unsaved: the host's accepted people first, then the proposers."""
    yield from _hosting(run, gathered, result)
    named = references(reference for c in result.proposals for reference in c.references)
    rewarded = Counter(reference for c in result.proposals for reference in (*c.references, *c.over_cap))
    split = {reference for reference, people in rewarded.items() if people > 1}
    for commendation in result.proposals:
        if commendation.times:
            yield _for_proposals(gathered.people[commendation.proposer], run, commendation, named, split)


def _hosting(run: Run, gathered: Gathered, result: Result) -> Iterator[Line]:
    people = HostPerson.objects.accepted().filter(district__in=result.hosting)
    listed = list(people.select_related("person", "district"))
    posts = posts_of([named.person for named in listed], run.plan.nearest(timezone.localdate()))
    for named in listed:
        hosting, record = result.hosting[named.district_id], gathered.records[named.district_id]
        for commendation in hosting.commendations:
            post = posts.get(named.person_id)
            if post:
                line = _line(run, post, LineKind.HOSTING, commendation.unit, commendation.times, commendation.clause)
                line.district = named.district
                line.deed = (
                    f"承辦{run.plan.year}年度{named.district.name}聯繫會報（{named.get_part_display()}：{named.work}）"
                )
                line.matters = [_hosting_matter(named, commendation, result)]
                line.because = {
                    "words": words.explained(commendation, record),
                    "hoped": words.hoped(hosting, record),
                    "references": sorted({r for check in commendation.because for r in check.counted.references}),
                }
                line.is_estimated = commendation.is_estimated
                yield line


def _hosting_matter(named: HostPerson, commendation: Commendation, result: Result) -> str:
    """Return the matter that a hosting line rewards; where tiers add up, each tier is one of its own."""
    matter = f"hosting.district-{named.district_id}.person-{named.person_id}"
    several = len(result.hosting[named.district_id].commendations) > 1
    return f"{matter}.{commendation.clause}" if several else matter


def _for_proposals(
    post: Posting, run: Run, commendation: ProposalCommendation, named: Mapping[str, Reference], split: Collection[str]
) -> Line:
    """Return the line of a proposer; of proposals that are `split` the matter is a part for each person."""
    line = _line(run, post, LineKind.PROPOSAL, commendation.unit, commendation.times, commendation.clause)
    titles = "；".join(named[reference].label for reference in commendation.references)
    line.deed = f"提出人事修正建議獲本處參採：{titles}"[:500]
    line.matters = [
        f"{reference}.person-{post.person_id}" if reference in split else reference
        for reference in commendation.references
    ]
    line.because = {
        "words": words.proposals_explained(commendation),
        "references": [*commendation.references, *commendation.over_cap],
    }
    return line


def _line(run: Run, post: Posting, kind: LineKind, unit: str, times: int, clause: str) -> Line:
    return Line(
        run=run,
        kind=kind,
        person=post.person,
        agency=post.agency,
        name=post.person.name,
        office_unit=post.unit,
        title=post.title,
        rank=post.rank,
        status=post.person.status,
        clause=clause,
        computed_unit=unit,
        computed_times=times,
        unit=unit,
        times=times,
    )


def posts_of(people: Iterable[Person], day: date) -> dict[int, Posting]:
    """Return the post that each person holds on the day, else the last one that the person held."""
    found: dict[int, Posting] = {}
    postings = Posting.objects.filter(Q(person__in=list(people))).select_related("person", "agency")
    for posting in postings.order_by("since", "pk"):
        current = found.get(posting.person_id)
        if current is None or posting.since <= day:
            found[posting.person_id] = posting
    return found
