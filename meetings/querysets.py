"""Reads on meetings; `visible_to` is the gate of every list, page and export."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from districts.standing import standing
from meetings.choices import MeetingKind, MeetingState, MinutesState

if TYPE_CHECKING:
    from districts.models import District, Plan
    from meetings.models import Meeting, Minutes, MinutesFile  # noqa: F401  # ruff does not see the base classes


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Any) -> Self:
        """Return all meetings of the office to its staff; to others those of their districts and invitations.

        They come with what policies and papers ask of a meeting: its plan with the office, its district and its minutes.
        """
        mine = standing(user)
        meetings = self.filter(plan__office=mine.office_id).select_related("plan__office", "district", "minutes")
        if mine.is_office:
            return meetings
        every = self.model._default_manager.order_by().values("pk")
        member = every.filter(district__memberships__agency__in=mine.reads_for)
        return meetings.filter(pk__in=member.union(every.filter(invitations__agency__in=mine.reads_for)))

    def in_plan(self, plan: "Plan") -> Self:
        return self.filter(plan=plan)

    def in_period(self, plan: "Plan") -> Self:
        """Return those that lie in the plan's period, both ends included (000-05)."""
        return self.filter(plan=plan, starts_at__date__gte=plan.starts, starts_at__date__lte=plan.ends)

    def of_kind(self, kind: MeetingKind) -> Self:
        return self.filter(kind=kind)

    def held(self) -> Self:
        return self.filter(state=MeetingState.HELD)

    def standing(self) -> Self:
        """Return those that were not cancelled."""
        return self.exclude(state=MeetingState.CANCELLED)

    def next_number(self, district: "District", kind: MeetingKind) -> int:
        """Return the number of the district's next meeting of the kind; a cancelled meeting keeps its number."""
        last = self.filter(district=district, kind=kind).aggregate(last=models.Max("number"))["last"]
        return (last or 0) + 1


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def visible_to(self, user: Any) -> Self:
        """Return what the host's people and the office may read, and once it is accepted invitees; what a circular
        carries is open to everybody of the office's agencies."""
        mine = standing(user)
        reader = Q(meeting__in=_meetings_of_invitees(mine.reads_for)) | Q(circulated_at__isnull=False)
        accepted = Q(meeting__plan__office=mine.office_id, state=MinutesState.ACCEPTED)
        return self.filter(_worked_on(user) | accepted & reader)

    def worked_on_by(self, user: Any) -> Self:
        """Return those whose making the person may follow, with reasons and notes: the host's and the office's."""
        return self.filter(_worked_on(user))


class MinutesFileQuerySet(models.QuerySet["MinutesFile"]):
    def with_words(self) -> Self:
        """Fetch what the files say too: up to half a megabyte each, left out elsewhere."""
        return self.defer(None)

    def visible_to(self, user: Any) -> Self:
        """Return the files of the minutes that the user may read; invitees and the readers of a circular see the
        accepted version only."""
        mine = standing(user)
        files = self.filter(version__minutes__meeting__plan__office=mine.office_id)
        if mine.is_office:
            return files
        host = Q(version__minutes__meeting__district__in=mine.hosts)
        invited = Q(version__minutes__meeting__in=_meetings_of_invitees(mine.reads_for))
        reader = invited | Q(version__minutes__circulated_at__isnull=False)
        accepted = Q(version__accepted_at__isnull=False, version__minutes__state=MinutesState.ACCEPTED)
        return files.filter(host | accepted & reader)


_MinutesFileManager = models.Manager.from_queryset(MinutesFileQuerySet)


class MinutesFileManager(_MinutesFileManager["MinutesFile"]):
    """Leaves out what the files say unless asked `with_words`."""

    def get_queryset(self) -> models.QuerySet["MinutesFile"]:
        return super().get_queryset().defer("words")


def _worked_on(user: Any) -> Q:
    mine = standing(user)
    own = Q(meeting__plan__office=mine.office_id)
    return own if mine.is_office else own & Q(meeting__district__in=mine.hosts)


def _meetings_of_invitees(agencies: frozenset[int]) -> models.QuerySet[Any, Any]:
    """Return the meetings to which one of the agencies was invited, as a subquery."""
    from django.apps import apps

    return apps.get_model("meetings", "Invitation")._default_manager.filter(agency__in=agencies).values("meeting")
