"""Looking around: districts, agencies and people."""

from datetime import date

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from districts.filters import AgencyFilter, PersonFilter
from districts.models import Agency, CoachingTable, District, Membership, Person, Plan, Posting
from districts.policies import (
    can_file_coaching,
    can_manage_agency_people,
    can_manage_person,
    can_manage_plan,
    can_manage_posting,
    is_admin,
    is_somebody,
)
from districts.standing import standing
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponse:
    """Show the plan of a year: its letters, its districts with areas, hosts and members."""
    plans = Plan.objects.visible_to(request.user).liaison()
    today = timezone.localdate()
    plan = plans.of_year(request.GET.get("year", ""), today)
    day = plan.nearest(today) if plan else today
    districts = (
        District.objects.filter(plan=plan)
        .annotate(members=Count("memberships", filter=Q(memberships__since__lte=day, memberships__until__gte=day)))
        .prefetch_related(
            "areas",
            Prefetch("memberships", Membership.objects.hosting(day).select_related("agency"), to_attr="hostings"),
        )
    )
    context = {"plan": plan, "plans": plans, "districts": districts, "versions": plan.versions.all() if plan else []}
    return render(request, "districts/index.html", context)


@guard(District)
def detail(request: SignedInRequest, district: District) -> HttpResponse:
    """Show a district: host, areas, members in the order and groups of the plan, and who is coached this month."""
    today = district.plan.nearest(timezone.localdate())
    table = CoachingTable.objects.valid_on(today, district)
    context = {
        "district": district,
        "host": district.host_on(today),
        "memberships": district.memberships.on(today).select_related("agency", "area").order_by("order"),
        "table": table,
        "coached": table.rows.select_related("agency", "officer") if table else [],
        "may_file": can_file_coaching(request.user, district),
        "may_change_host": can_manage_plan(request.user, district.plan),
    }
    return render(request, "districts/detail.html", context)


AGENCY_COLUMNS = [
    lists.Column(
        "short_name", "機關", sort=("short_name",), link=lambda a: reverse("districts:agency", kwargs={"pk": a.pk})
    ),
    lists.Column("official_name", "全銜", sort=("official_name",), width=36),
    lists.Column("kind", "類別", "get_kind_display", sort=("kind",)),
    lists.Column("township", "所在鄉鎮市", "township.name", sort=("township__order",)),
    lists.Column("staffing", "人事人員", "get_staffing_display", sort=("staffing",)),
]


@guard(policy=is_somebody)
def agencies(request: SignedInRequest) -> HttpResponseBase:
    """List the agencies of the office."""
    mine = standing(request.user)
    actions = [
        lists.Action("新增機關", reverse("districts:add_agency")),
        lists.Action("匯入機關", reverse("districts:import_agencies"), primary=False),
    ]
    return lists.show(
        request,
        queryset=Agency.objects.visible_to(request.user).select_related("township"),
        columns=AGENCY_COLUMNS,
        filterset_class=AgencyFilter,
        title="機關",
        empty="找不到機關。請換一個名稱，台與臺視為相同。",
        actions=actions if mine.is_admin else [],
        office_id=mine.office_id,
    )


@guard(Agency)
def agency(request: SignedInRequest, agency: Agency) -> HttpResponse:
    """Show an agency: names, where it belongs, and who works there now and did before."""
    today = timezone.localdate()
    postings = Posting.objects.visible_to(request.user).filter(agency=agency).select_related("person__user")
    context = {
        "agency": agency,
        "names": agency.names.all(),
        "memberships": agency.memberships.select_related("district__plan", "area").order_by("-since"),
        "current": postings.on(today),
        "former": postings.filter(until__lt=today).order_by("-until"),
        "may_manage": can_manage_agency_people(request.user, agency),
        "may_edit": is_admin(request.user),
    }
    return render(request, "districts/agency.html", context)


PERSON_COLUMNS = [
    lists.Column("name", "姓名", sort=("name",), link=lambda p: reverse("districts:person", kwargs={"pk": p.pk})),
    lists.Column("agency", "機關", lambda p: "、".join(x.agency.short_name for x in p.now), width=24),
    lists.Column("title", "職稱", lambda p: "、".join(x.title for x in p.now)),
    lists.Column("status", "身分別", "get_status_display", sort=("status",)),
    lists.Column("mail", "公務信箱", sort=("mail",), width=28),
    lists.Column("phone", "公務電話"),
    lists.Column("login", "帳號", lambda p: p.user.username if p.user else None),
]


@guard(policy=is_somebody)
def people(request: SignedInRequest) -> HttpResponseBase:
    """List the people whom the user may see, with their posts of today."""
    mine = standing(request.user)
    now = Prefetch("postings", Posting.objects.on(timezone.localdate()).select_related("agency"), to_attr="now")
    actions = [lists.Action("匯入人員", reverse("districts:import_people"))] if mine.is_admin else []
    return lists.show(
        request,
        queryset=Person.objects.visible_to(request.user).select_related("user").prefetch_related(now),
        columns=PERSON_COLUMNS,
        filterset_class=PersonFilter,
        title="人員",
        empty="尚無人員。請由人事處匯入，或於機關頁面登錄接任人員。",
        actions=actions,
        office_id=mine.office_id,
    )


@guard(Person)
def person(request: SignedInRequest, person: Person) -> HttpResponse:
    """Show a person and all posts."""
    today = timezone.localdate()
    postings = Posting.objects.visible_to(request.user).filter(person=person).select_related("agency")
    context = {
        "person": person,
        "postings": [
            (posting, not _is_over(posting, today) and can_manage_posting(request.user, posting))
            for posting in postings.order_by("-since")
        ],
        "may_manage": can_manage_person(request.user, person),
        "may_appoint": is_admin(request.user),
    }
    return render(request, "districts/person.html", context)


def _is_over(posting: Posting, today: date) -> bool:
    return posting.until is not None and posting.until < today
