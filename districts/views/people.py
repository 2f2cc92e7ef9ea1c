"""People and their posts: enter, change, end, hand over, and give a login."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from districts.actions import handover
from districts.actions import people as actions
from districts.forms.people import (
    AppointForm,
    EditDetailsForm,
    EndForm,
    HandOverForm,
    InviteForm,
    NewPersonForm,
    PostForm,
    add_refusal,
)
from districts.models import Agency, Person, Posting
from districts.policies import can_manage_agency_people, can_manage_person, can_manage_posting, is_admin
from personnel_portal import roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@guard(Agency, can_manage_agency_people)
def add_person(request: SignedInRequest, agency: Agency) -> HttpResponse:
    """Enter somebody new at an agency, with a login if wished."""
    form = NewPersonForm(request.POST or None, agency=agency, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                posting = actions.add_person(
                    details=form.details(),
                    agency=agency,
                    post=form.post(),
                    since=form.cleaned_data["since"],
                    by=request.user,
                )
                _give_login(request, posting.person, form.cleaned_data["username"])
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"已登錄{posting.person.name}，自 {roc.short(posting.since)} 起任職。")
            return redirect("districts:agency", pk=agency.pk)
    title = f"{agency.short_name}新增人員"
    return _form(request, form, title=title, action="登錄", back=reverse("districts:agency", args=[agency.pk]))


@guard(Person, can_manage_person)
def edit_person(request: SignedInRequest, person: Person) -> HttpResponse:
    """Change what is kept of a person."""
    form = EditDetailsForm(request.POST or None, person=person, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_person(person=person, details=form.details(), by=request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "已更新人員資料。")
            return redirect("districts:person", pk=person.pk)
    return _form(request, form, title=f"修改{person.name}的資料", action="儲存", back=_page(person))


@guard(Person, can_manage_person)
def invite_person(request: SignedInRequest, person: Person) -> HttpResponse:
    """Make a login for a person and send the invitation."""
    form = InviteForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            _give_login(request, person, form.cleaned_data["username"])
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("districts:person", pk=person.pk)
    subtitle = f"邀請信將寄到 {person.mail}。" if person.mail else "尚未登錄公務信箱，請先修改人員資料。"
    return _form(
        request,
        form,
        title=f"為{person.name}建立帳號",
        subtitle=subtitle,
        action="建立並寄送邀請信",
        back=_page(person),
    )


@guard(Person, lambda user, person: is_admin(user))
def appoint(request: SignedInRequest, person: Person) -> HttpResponse:
    """Choose the agency of a further post; the form of the post follows on the same page."""
    agencies = Agency.objects.visible_to(request.user).filter(is_active=True)
    chosen = request.POST.get("agency") or request.GET.get("agency", "")
    agency = agencies.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    form = AppointForm(request.POST or None, agency=agency, by=request.user) if agency else None
    if form and request.method == "POST" and form.is_valid() and agency:
        try:
            actions.appoint(
                person=person, agency=agency, post=form.post(), since=form.cleaned_data["since"], by=request.user
            )
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"已登錄{person.name}於{agency.short_name}的職務。")
            return redirect("districts:person", pk=person.pk)
    context = {"person": person, "agencies": agencies, "agency": agency, "form": form}
    return render(request, "districts/appoint.html", context, status=_status(form))


@guard(Posting, can_manage_posting)
def edit_posting(request: SignedInRequest, posting: Posting) -> HttpResponse:
    """Change a post."""
    form = PostForm(request.POST or None, agency=posting.agency, by=request.user, posting=posting)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_posting(posting=posting, post=form.post(), by=request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "已更新職務，權限即時生效。")
            return redirect("districts:person", pk=posting.person_id)
    title = f"修改{posting.person.name}在{posting.agency.short_name}的職務"
    return _form(request, form, title=title, action="儲存", back=_page(posting.person))


@guard(Posting, can_manage_posting)
def end_posting(request: SignedInRequest, posting: Posting) -> HttpResponse:
    """End a post; nobody follows."""
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_posting(posting=posting, until=form.cleaned_data["until"], by=request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{posting.person.name}的職務至 {roc.short(form.cleaned_data['until'])} 止。")
            return redirect("districts:agency", pk=posting.agency_id)
    context = {
        "title": f"{posting.person.name}自{posting.agency.short_name}卸任",
        "text": f"{posting.unit}{posting.title}，{roc.short(posting.since)} 到任",
        "consequences": [
            "卸任日次日起，不能再代表本機關辦理業務，也看不到本機關的資料。",
            "如有接任人員，請改用「交接」，待辦與權限才會接續。",
        ],
        "form": form,
        "action": "卸任",
        "danger": True,
        "cancel_url": _page(posting.person),
    }
    return render(request, "components/confirm.html", context, status=_status(form))


@guard(Posting, can_manage_posting)
def hand_over(request: SignedInRequest, posting: Posting) -> HttpResponse:
    """Hand a post over: who leaves when, who comes; what passes over is shown before it is confirmed."""
    form = HandOverForm(request.POST or None, posting=posting, by=request.user)
    context = {"posting": posting, "form": form, "passing": handover.passing_on(posting, timezone.localdate())}
    if request.method != "POST" or not form.is_valid():
        return render(request, "districts/handover.html", context, status=_status(form))
    last_day, to = form.cleaned_data["last_day"], form.to()
    if "confirmed" not in request.POST:
        first_day = last_day + handover.ONE_DAY
        context |= {
            "to": to,
            "last_day": last_day,
            "first_day": first_day,
            "passing": handover.passing_on(posting, first_day),
            "post": form.post(),
        }
        return render(request, "districts/handover_confirm.html", context)
    try:
        with transaction.atomic():
            begun = handover.hand_over(posting=posting, last_day=last_day, to=to, post=form.post(), by=request.user)
            if not begun.person.user:
                _give_login(request, begun.person, form.cleaned_data["username"])
    except ValidationError as refusal:
        add_refusal(form, refusal)
        return render(request, "districts/handover.html", context, status=422)
    messages.success(
        request, f"已完成交接：{posting.person.name}至 {roc.short(last_day)}，{begun.person.name}自次日起任。"
    )
    return redirect("districts:agency", pk=posting.agency_id)


def _give_login(request: SignedInRequest, person: Person, username: str) -> None:
    if username:
        user = actions.give_login(person=person, username=username, by=request.user)
        messages.success(request, f"已建立帳號「{user.username}」，邀請信將寄到 {user.email}。")


def _page(person: Person) -> str:
    return reverse("districts:person", args=[person.pk])


def _form(
    request: SignedInRequest,
    form: PostForm | EditDetailsForm | InviteForm,
    *,
    title: str,
    action: str,
    back: str,
    subtitle: str = "",
) -> HttpResponse:
    context = {"form": form, "title": title, "subtitle": subtitle, "action": action, "back": back}
    return render(request, "districts/form.html", context, status=_status(form))


def _status(form: object) -> int:
    return 422 if getattr(form, "errors", None) else 200
