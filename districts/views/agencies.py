"""Entering and changing agencies, and the host of a district."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from districts.actions import agencies as actions
from districts.forms.agencies import AgencyForm, HostForm
from districts.forms.people import add_refusal
from districts.models import Agency, District, Office
from districts.policies import can_manage_plan, is_admin
from personnel_portal import roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@guard(policy=is_admin)
def add_agency(request: SignedInRequest) -> HttpResponse:
    """Enter an agency."""
    agency = Agency(office=Office.objects.visible_to(request.user).get())
    return _edit(request, agency, title="新增機關", back=reverse("districts:agencies"))


@guard(Agency, lambda user, agency: is_admin(user))
def edit_agency(request: SignedInRequest, agency: Agency) -> HttpResponse:
    """Change an agency."""
    back = reverse("districts:agency", args=[agency.pk])
    return _edit(request, agency, title=f"修改{agency.short_name}的資料", back=back)


def _edit(request: SignedInRequest, agency: Agency, *, title: str, back: str) -> HttpResponse:
    form = AgencyForm(request.POST or None, instance=agency)
    if request.method == "POST" and form.is_valid():
        try:
            agency = form.save(commit=False)
            actions.save_agency(agency=agency, aliases=form.cleaned_data["aliases"], by=request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"已儲存{agency.short_name}。")
            return redirect("districts:agency", pk=agency.pk)
    context = {"form": form, "title": title, "action": "儲存", "back": back}
    return render(request, "districts/form.html", context, status=422 if form.errors else 200)


@guard(District, lambda user, district: can_manage_plan(user, district.plan))
def change_host(request: SignedInRequest, district: District) -> HttpResponse:
    """Let another member host the district from a day on; asks before it does."""
    today = timezone.localdate()
    form = HostForm(request.POST or None, district=district, today=today)
    host = district.host_on(district.plan.nearest(today))
    if request.method == "POST" and form.is_valid():
        try:
            hosting = actions.change_host(district=district, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request, f"{district.name}自 {roc.short(hosting.since)} 起由{hosting.agency.short_name}承辦。"
            )
            return redirect("districts:detail", pk=district.pk)
    context = {
        "title": f"變更{district.name}承辦單位",
        "text": f"現由{host.short_name}承辦" if host else "現無承辦單位",
        "consequences": [
            "自變更日起，承辦事項、草稿與權限移由新承辦單位；變更日以前的紀錄不變。",
            "原承辦單位仍為分區成員。",
        ],
        "form": form,
        "action": "變更承辦單位",
        "cancel_url": reverse("districts:detail", args=[district.pk]),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)
