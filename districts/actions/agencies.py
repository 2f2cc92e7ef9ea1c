"""Agencies with their names, and the host of a district."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from districts.choices import NameKind
from districts.models import Agency, AgencyName, District, Membership
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record

ONE_DAY = timedelta(days=1)


@transaction.atomic
def save_agency(*, agency: Agency, aliases: Sequence[str], by: User | None) -> Agency:
    """Enter an agency or change it, with the other names by which people look for it; former names stay.

    Raises:
        ValidationError: the listed name is taken.
    """
    is_new = agency.pk is None
    agency.full_clean(exclude=["office"])
    agency.save()
    kept = {name.name: name for name in agency.names.filter(kind=NameKind.ALIAS)}
    for name in kept.keys() - set(aliases):
        kept[name].delete()
    for name in dict.fromkeys(aliases):
        if name not in kept:
            agency.names.create(name=name, kind=NameKind.ALIAS)
    agency.save(update_fields=["folded"])
    record("agency.added" if is_new else "agency.changed", agency, by=by, office_id=agency.office_id)
    return agency


@transaction.atomic
def change_host(*, district: District, agency: Agency, since: date, by: User | None) -> Membership:
    """Let another member host the district from a day on; both stay members, and the days before stay as they were.

    Raises:
        ValidationError: the day is outside the plan's period, or the agency is no member then, or hosts already.
    """
    # One change at a time: two would each cut the same rows.
    District.objects.select_for_update().get(pk=district.pk)
    plan = district.plan
    if not plan.covers(since):
        period = f"{roc.short(plan.starts)} 至 {roc.short(plan.ends)}"
        raise ValidationError({"since": f"變更日須在計畫期間 {period} 之內。"})
    member = district.memberships.on(since).filter(agency=agency).first()
    if member is None:
        raise ValidationError({"agency": f"{agency.short_name}於 {roc.short(since)} 不是{district.name}成員。"})
    if member.is_host:
        raise ValidationError({"agency": f"{agency.short_name}於 {roc.short(since)} 已是{district.name}承辦單位。"})
    host = district.memberships.on(since).filter(is_host=True).select_related("agency").first()
    until = _last_day(member, host)
    if host:
        _set_host(host, since, until, is_host=False)
    hosting = _set_host(member, since, until, is_host=True)
    record(
        "host.changed",
        district,
        by=by,
        office_id=plan.office_id,
        since=since.isoformat(),
        outgoing=host.agency.short_name if host else "",
        incoming=agency.short_name,
    )
    return hosting


def _last_day(member: Membership, host: Membership | None) -> date:
    """Return until when the new host can host: as long as it is a member and the old one would have hosted."""
    if host:
        return min(member.until, host.until)
    later = Membership.objects.filter(district=member.district_id, is_host=True, since__gt=member.since)
    first = later.order_by("since").values_list("since", flat=True).first()
    return min(member.until, first - ONE_DAY) if first else member.until


def _set_host(membership: Membership, since: date, until: date, *, is_host: bool) -> Membership:
    """Change the role for some days of a membership; the days before and after stay as rows of their own."""
    ended, was_host = membership.until, membership.is_host
    if membership.since < since:
        membership.until = since - ONE_DAY
        membership.save(update_fields=["until"])
        membership = _part(membership, since, until, is_host=is_host)
    else:
        membership.until, membership.is_host = until, is_host
        membership.save(update_fields=["until", "is_host"])
    if until < ended:
        _part(membership, until + ONE_DAY, ended, is_host=was_host)
    return membership


def _part(of: Membership, since: date, until: date, *, is_host: bool) -> Membership:
    return Membership.objects.create(
        district=of.district, agency=of.agency, area=of.area, order=of.order, is_host=is_host, since=since, until=until
    )


@transaction.atomic
def add_agencies(*, agencies: Sequence[tuple[Agency, Sequence[str]]], by: User) -> int:
    """Enter many agencies with their other names, as checked beforehand; a handful of queries. Return how many."""
    for agency, aliases in agencies:
        agency.refold(aliases)
    Agency.objects.bulk_create([agency for agency, _ in agencies], batch_size=500)
    AgencyName.objects.bulk_create(
        [AgencyName(agency=agency, name=name) for agency, aliases in agencies for name in aliases], batch_size=500
    )
    if agencies:
        # A bulk write sends no signals, so it leaves its own entry.
        names = [agency.short_name for agency, _ in agencies]
        record("agencies.imported", None, by=by, office_id=agencies[0][0].office_id, count=len(names), names=names)
    return len(agencies)
