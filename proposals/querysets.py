"""Reads on calls, cases, proposals and circulars; `visible_to` is the gate of every list, page and export."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from districts.standing import standing
from meetings.choices import MeetingState
from personnel_portal.rules.folding import fold
from proposals.choices import CaseState, FollowUpState, ProposalState

if TYPE_CHECKING:
    from districts.models import District, Plan
    from meetings.models import Meeting
    from proposals.models import (  # noqa: F401  # ruff does not see the base classes
        Attachment,
        CallForItems,
        CallRecipient,
        Case,
        Circular,
        CircularRecipient,
        Decision,
        FollowUp,
        Package,
        Proposal,
        Publication,
        Statute,
        Supersession,
    )

# What counts as having reached the office (A0.3): returned, withdrawn and merged proposals do not.
REACHED_OFFICE = (ProposalState.AT_OFFICE, ProposalState.RESOLVED, ProposalState.PUBLISHED)


def _rows(name: str) -> Any:
    return apps.get_model("proposals", name)._default_manager


class StatuteQuerySet(models.QuerySet["Statute"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(office=standing(user).office_id)


class CallForItemsQuerySet(models.QuerySet["CallForItems"]):
    def visible_to(self, user: Any) -> Self:
        """Return all calls of the office to its staff, to hosts those of their districts, to others what they were sent."""
        mine = standing(user)
        calls = self.filter(meeting__plan__office=mine.office_id)
        if mine.is_office:
            return calls
        asked = _rows("CallRecipient").filter(agency__in=mine.reads_for, call__sent_at__isnull=False).values("call")
        return calls.filter(Q(meeting__district__in=mine.hosts) | Q(pk__in=asked))


class CallRecipientQuerySet(models.QuerySet["CallRecipient"]):
    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        asked = self.filter(call__meeting__plan__office=mine.office_id)
        if mine.is_office:
            return asked
        sent = Q(agency__in=mine.reads_for, call__sent_at__isnull=False)
        return asked.filter(Q(call__meeting__district__in=mine.hosts) | sent)

    def with_answers(self) -> Self:
        """Count what each agency sent for the call's meeting: `cases`, `proposals`, those it `joined`, and how many of
        its own came `late`. What was withdrawn is no answer; what was returned is."""
        cases, proposals = _sent_for_call("Case"), _sent_for_call("Proposal")
        return self.annotate(
            cases=_count(cases),
            proposals=_count(proposals),
            joined=_count(_joined_for_call()),
            late=_count(cases.filter(is_late=True)) + _count(proposals.filter(is_late=True)),
        )

    def answered(self) -> Self:
        """Return who sent or joined something for the meeting, or said that there is nothing (無)."""
        return self.filter(_answered())

    def missing(self) -> Self:
        return self.exclude(_answered())


def _sent_for_call(name: str) -> models.QuerySet[Any, Any]:
    sent = _rows(name).filter(meeting=OuterRef("call__meeting"), agency=OuterRef("agency"), sent_at__isnull=False)
    # The state of cases is of the same name.
    found: models.QuerySet[Any, Any] = sent.exclude(state=ProposalState.WITHDRAWN)
    return found


def _joined_for_call() -> models.QuerySet[Any, Any]:
    joined = _rows("CoProposer").filter(agency=OuterRef("agency"), proposal__meeting=OuterRef("call__meeting"))
    found: models.QuerySet[Any, Any] = joined.filter(proposal__sent_at__isnull=False).exclude(
        proposal__state=ProposalState.WITHDRAWN
    )
    return found


def _answered() -> Q:
    items = Exists(_sent_for_call("Case")) | Exists(_sent_for_call("Proposal")) | Exists(_joined_for_call())
    return Q(none_at__isnull=False) | Q(items)


def _count(rows: models.QuerySet[Any, Any], *, by: str = "agency") -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)


class PackageQuerySet(models.QuerySet["Package"]):
    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        packages = self.filter(plan__office=mine.office_id).select_related("plan", "district", "sent_by")
        return packages if mine.is_office else packages.filter(district__in=mine.hosts)

    def with_counts(self) -> Self:
        """Annotate how many proposals and cases each holds."""
        return self.annotate(proposal_count=_held("Proposal"), case_count=_held("Case"))


def _held(name: str) -> Coalesce:
    # Not by joins: the proposals of a package times its cases are more rows than the office has items.
    return _count(_rows(name).filter(package=OuterRef("pk")), by="package")


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: Any) -> Self:
        """Return an agency's own cases, and to host and office those that were sent. Others read what is published."""
        mine = standing(user)
        own = Q(agency__in=mine.reads_for)
        sent = Q(sent_at__isnull=False)
        handled = sent if mine.is_office else sent & Q(district__in=mine.hosts)
        found = self.filter(own | handled, plan__office=mine.office_id)
        return found.select_related("plan", "district", "agency", "meeting__district")

    def matching(self, text: str) -> Self:
        return self.filter(folded__contains=fold(text))

    def in_plan(self, plan: "Plan") -> Self:
        return self.filter(plan=plan)

    def taken_in(self) -> Self:
        """Return what the district's 彙整表 lists."""
        compiled = (CaseState.COMPILED, CaseState.AT_OFFICE, CaseState.IN_REVIEW, CaseState.PUBLISHED)
        return self.filter(state__in=compiled)

    def in_compiled_order(self) -> Self:
        """Return what went to the office first, package by package, then what is still with the host, each in its order."""
        return self.order_by(F("package__sent_at").asc(nulls_last=True), "order", "number")

    def handed_in(self) -> Self:
        """Return those that count as an agency's share: sent, and neither returned nor withdrawn."""
        return self.exclude(state__in=[CaseState.DRAFT, CaseState.RETURNED, CaseState.WITHDRAWN])


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Any) -> Self:
        """Return an agency's own and joint proposals with the lead they were merged into, to host and office those that
        were sent, and to everybody of the office's agencies those whose result was published."""
        published = Q(state=ProposalState.PUBLISHED) | Q(merged_into__state=ProposalState.PUBLISHED)
        found = self.filter(self._worked_on(user) | published, plan__office=standing(user).office_id)
        return found.select_related(
            "plan", "district", "agency", "meeting__district", "merged_into__plan", "merged_into__district"
        )

    def worked_on_by(self, user: Any) -> Self:
        """Return those whose making the person may follow: the proposers', the host's and the office's."""
        return self.filter(self._worked_on(user), plan__office=standing(user).office_id)

    def _worked_on(self, user: Any) -> Q:
        mine = standing(user)
        own = Q(pk__in=self.model._default_manager.proposed_by(mine.reads_for).values("pk"))
        sent = Q(sent_at__isnull=False)
        return own | (sent if mine.is_office else sent & Q(district__in=mine.hosts))

    def proposed_by(self, agencies: frozenset[int]) -> Self:
        """Return what the agencies wrote or, once it was sent, joined, with the lead into which it was merged, or with
        those that were merged into it."""
        every = self.model._default_manager.order_by()
        joint = _rows("CoProposer").order_by().filter(agency__in=agencies, proposal__sent_at__isnull=False)
        joins = Q(merged_into__co_proposers__agency__in=agencies, merged_into__sent_at__isnull=False)
        # Each is found by an index; in one condition the whole country's proposals would be read.
        return self.filter(
            pk__in=every.filter(agency__in=agencies)
            .values("pk")
            .union(
                joint.values("proposal"),
                every.filter(agency__in=agencies, merged_into__isnull=False).values("merged_into"),
                joint.filter(proposal__merged_into__isnull=False).values("proposal__merged_into"),
                every.filter(merged_into__agency__in=agencies).values("pk"),
                every.filter(joins).values("pk"),
            )
        )

    def matching(self, text: str) -> Self:
        return self.filter(folded__contains=fold(text))

    def in_plan(self, plan: "Plan") -> Self:
        return self.filter(plan=plan)

    def of_meetings(self, meetings: "Collection[Meeting]") -> Self:
        """Return what stood on the meetings' agendas, answered their calls, or came from their districts without being
        for any meeting; a merged one is told by its lead."""
        every = self.model._default_manager.order_by()
        placed = _rows("Placement").order_by().filter(agenda_item__meeting__in=meetings)
        districts = [meeting.district_id for meeting in meetings]
        unbound = every.filter(district__in=districts, meeting__isnull=True, placements__isnull=True)
        # Each is found by an index; in one condition the whole country's proposals would be read.
        found = placed.values("proposal").union(every.filter(meeting__in=meetings).values("pk"), unbound.values("pk"))
        return self.filter(pk__in=found, merged_into__isnull=True)

    def undecided(self) -> Self:
        """Return those at the office whose result is not published."""
        return self.filter(state__in=[ProposalState.AT_OFFICE, ProposalState.RESOLVED])

    def taken_in(self) -> Self:
        """Return what the district's 彙整表 lists: a merged proposal stands in it with its lead."""
        return self.filter(state__in=(ProposalState.COMPILED, *REACHED_OFFICE))

    def with_proposers(self) -> Self:
        """Fetch all who propose, those of merged proposals too, in a few queries for any number of rows."""
        merged = self.model._default_manager.select_related("plan", "district", "agency").order_by("number")
        joined = models.Prefetch("co_proposers", _rows("CoProposer").select_related("agency"))
        return self.select_related("plan", "district", "agency", "meeting__district").prefetch_related(
            joined, models.Prefetch("merged", merged.prefetch_related(joined))
        )

    def in_compiled_order(self) -> Self:
        """Return what went to the office first, package by package, then what is still with the host, each in its order."""
        return self.order_by(F("package__sent_at").asc(nulls_last=True), "order", "number")

    def to_decide(self) -> Self:
        """Return what the office decides on in the order of the districts, with what was resolved and decided so far:
        `resolution` is that of the last meeting that resolved on it."""
        resolved = _rows("Placement").filter(proposal=OuterRef("pk")).exclude(agenda_item__resolution="")
        decisions = _rows("Decision").select_related("decided_by").order_by("pk")
        return (
            self.reached_office()
            .with_proposers()
            .annotate(resolution=Subquery(resolved.order_by("-pk").values("agenda_item__resolution")[:1]))
            .prefetch_related(models.Prefetch("decisions", decisions))
            .order_by("district__order", "district", "order", "number")
        )

    def reached_office(self) -> Self:
        """Return those that count towards the host's award: a merged group counts once, by its lead."""
        return self.filter(state__in=REACHED_OFFICE)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> Self:
        """Return the files of the items that the person works on: nobody has looked for personal data in them, so they
        stay with proposers, host and office when the result is published."""
        return self.filter(
            Q(case__in=_rows("Case").visible_to(user)) | Q(proposal__in=_rows("Proposal").worked_on_by(user))
        )


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: Any) -> Self:
        """Return pending decisions to the office alone, published ones to everybody of its agencies."""
        mine = standing(user)
        decisions = self.filter(proposal__plan__office=mine.office_id)
        return decisions if mine.is_office else decisions.published()

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def pending(self) -> Self:
        return self.filter(published_at__isnull=True)

    def in_force(self) -> Self:
        """Return what holds: published, and not corrected by another published one."""
        return self.published().exclude(corrected_by__published_at__isnull=False)


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: Any) -> Self:
        """Return the library of the office to everybody of its agencies; what was taken down to the office alone."""
        mine = standing(user)
        publications = self.filter(office=mine.office_id).select_related("plan", "district")
        return publications if mine.is_office else publications.filter(taken_down_at__isnull=True)

    def current(self) -> Self:
        """Return those that no correction has replaced; the library lists these."""
        return self.filter(corrected_by__isnull=True)

    def matching(self, text: str) -> Self:
        """Return those that hold the text anywhere; 台 and 臺, full and half width are alike, two characters are enough."""
        return self.filter(folded__contains=fold(text))


class SupersessionQuerySet(models.QuerySet["Supersession"]):
    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        found = self.filter(publication__office=mine.office_id)
        return found if mine.is_office else found.filter(is_confirmed=True)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: Any) -> Self:
        """Return all to the office; to others those of the districts that they host, their own, and those of what they
        proposed, alone, with others or merged into a lead."""
        mine = standing(user)
        found = self.filter(agenda_item__meeting__plan__office=mine.office_id)
        if mine.is_office:
            return found
        proposals = _rows("Proposal").proposed_by(mine.reads_for).values("pk")
        return found.filter(
            Q(agenda_item__meeting__district__in=mine.hosts) | Q(agency__in=mine.reads_for) | Q(proposal__in=proposals)
        )

    def open(self) -> Self:
        return self.exclude(state=FollowUpState.RELEASED)

    def for_next_meeting(self, district: "District", day: date) -> Self:
        """Return what a district's next meeting hears of: what is open, from earlier plans too, and what was released
        since its last meeting. A district keeps its name from plan to plan."""
        last = apps.get_model("meetings", "Meeting")._default_manager.filter(
            district__name=district.name,
            plan__office=district.plan.office_id,
            state=MeetingState.HELD,
            starts_at__date__lt=day,
        )
        found = self.filter(
            agenda_item__meeting__district__name=district.name,
            agenda_item__meeting__plan__office=district.plan.office_id,
        )
        released = Q(released_at__gte=last.order_by("-starts_at").values("starts_at")[:1])
        return found.filter(~Q(state=FollowUpState.RELEASED) | released)


class CircularQuerySet(models.QuerySet["Circular"]):
    def visible_to(self, user: Any) -> Self:
        """Return drafts to the office alone, published ones to everybody of its agencies."""
        mine = standing(user)
        circulars = self.filter(plan__office=mine.office_id)
        return circulars if mine.is_office else circulars.filter(published_at__isnull=False)


class CircularRecipientQuerySet(models.QuerySet["CircularRecipient"]):
    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        reached = self.filter(circular__plan__office=mine.office_id)
        return reached if mine.is_office else reached.filter(agency__in=mine.reads_for)
