"""What waits on somebody's desk about commendations. The plan names no duty and no day for it (伍), so it is no duty of
the stream: nobody is reminded and nothing is late."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from awards.choices import HostPersonState, RunState
from awards.models import HostPerson, Run
from awards.policies import can_approve
from districts.models import District
from districts.standing import Standing
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.duties.board import Line


def waiting(user: User, mine: Standing, today: date) -> Iterator[Line]:
    """Yield what the person may do next: reviewers check names and approve what another computed, hosts name people."""
    if mine.is_reviewer:
        yield from (_check(district) for district in _named(user))
        for run in _drafts(user):
            if can_approve(user, run):
                yield _approve(run)
    if mine.hosts:
        yield from (_name(district) for district in _unnamed(mine, today))


def _named(user: User) -> Iterator[District]:
    named = HostPerson.objects.visible_to(user).filter(state=HostPersonState.NAMED)
    districts = District.objects.filter(host_people__in=named).select_related("plan").order_by("plan", "order")
    counted = Q(host_people__state=HostPersonState.NAMED)
    yield from districts.annotate(
        names=Count("host_people", filter=counted, distinct=True), since=Min("host_people__named_at", filter=counted)
    )


def _check(district: District) -> Line:
    names, since = district.names, timezone.localdate(district.since)  # type: ignore[attr-defined]  # annotated above
    return Line(
        "soon",
        "待審查",
        f"審查{district.plan.year}年度{district.name}會報承辦人員 {names} 人",
        f"{roc.short(since)} 提報・計畫伍、一",
        reverse("awards:people", args=[district.pk]),
        "審查",
        primary=False,
    )


def _drafts(user: User) -> Iterator[Run]:
    """Return the newest run of each plan, where it is still a draft and proposes anybody."""
    later = Run.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    drafts = Run.objects.visible_to(user).filter(~Exists(later), state=RunState.DRAFT).select_related("plan", "made_by")
    counted = drafts.annotate(proposed=Count("lines", filter=Q(lines__is_dropped=False)))
    yield from counted.filter(proposed__gt=0)


def _approve(run: Run) -> Line:
    made = roc.short(timezone.localdate(run.made_at))
    return Line(
        "soon",
        "待核定",
        f"審查並核定{run}（{run.proposed} 筆建議）",  # type: ignore[attr-defined]  # annotated above
        f"{run.made_by.get_full_name()} {made} 試算・計畫伍",
        run.get_absolute_url(),
        "審查",
        primary=False,
    )


def _unnamed(mine: Standing, today: date) -> Iterator[District]:
    """Return the hosted districts that held meetings in a period that is over, and named nobody."""
    held = Meeting.objects.held().filter(district=OuterRef("pk"))
    over = District.objects.filter(pk__in=mine.hosts, plan__ends__lt=today, host_people__isnull=True)
    yield from over.filter(Exists(held)).select_related("plan").order_by("plan", "order")


def _name(district: District) -> Line:
    return Line(
        "soon",
        "待提報",
        f"提報{district.plan.year}年度{district.name}會報承辦人員",
        f"計畫期間至 {roc.short(district.plan.ends)}・計畫伍、一",
        reverse("awards:people", args=[district.pk]),
        "提報",
        primary=False,
    )
