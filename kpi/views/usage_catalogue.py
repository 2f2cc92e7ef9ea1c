"""The catalogue of systems, WebHR's sub-systems, and the year's training sessions."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Agency, Office, Plan
from districts.standing import standing
from kpi.actions import usage_catalogue as actions
from kpi.choices import Catalogued
from kpi.forms.usage_office import DecideSystemForm, ListedSystemForm, SubsystemForm, SystemForm, TrainingForm
from kpi.models import SubItem, Subsystem, System, UsageTraining
from kpi.policies import (
    can_keep_subsystem,
    can_keep_system,
    can_keep_training,
    can_propose_system,
    can_review_usage,
    is_reviewer,
    is_somebody,
)
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry

TONES = {Catalogued.PROPOSED: "wait", Catalogued.LISTED: "done", Catalogued.REFUSED: "none"}


@guard(policy=is_somebody)
def catalogue(request: SignedInRequest) -> HttpResponse:
    """Show the systems by sub-item, with what is proposed and what was retired."""
    today = timezone.localdate()
    mine = standing(request.user)
    systems = System.objects.visible_to(request.user).select_related("sub_item", "same_as", "proposed_by")
    rows = [(system, _standing(system, today)) for system in systems.order_by("order", "pk")]
    listed = [row for row in rows if row[0].state == Catalogued.LISTED]
    context = {
        "groups": [
            (sub_item, [row for row in listed if row[0].sub_item_id == sub_item.pk])
            for sub_item in SubItem.objects.visible_to(request.user)
        ],
        "count": sum(status[1] != "none" for _, status in listed),
        "proposals": [row for row in rows if row[0].state != Catalogued.LISTED],
        "subsystems": Subsystem.objects.visible_to(request.user),
        "today": today,
        "may_propose": bool(can_propose_system(request.user)),
        "may_keep": mine.is_reviewer,
    }
    return render(request, "kpi/usage_catalogue.html", context)


def _standing(system: System, today: Any) -> tuple[str, str]:
    """Return how a system stands on the day, in a word and its tone; nothing for one in use."""
    if system.state != Catalogued.LISTED:
        return system.get_state_display(), TONES[Catalogued(system.state)]
    if system.retired_on and system.retired_on <= today:
        return "已停用", "none"
    if system.since and system.since > today:
        return "尚未列入", "none"
    return "", ""


@guard(policy=can_propose_system)
def propose(request: SignedInRequest) -> HttpResponse | HttpResponseBase:
    """Propose a system; the office's reviewers enter one that is listed at once."""
    mine = standing(request.user)
    agencies = [] if mine.is_reviewer else list(Agency.objects.filter(pk__in=mine.works_for).order_by("pk"))
    form = SystemForm(request.POST or None, agencies=agencies, office_id=mine.office_id or 0)
    if request.method == "POST" and form.is_valid():
        try:
            system = actions.propose_system(
                system=form.save(commit=False), agency=form.cleaned_data.get("agency"), by=request.user
            )
        except ValidationError as refusal:
            _say(form, refusal)
        else:
            told = "已列入清單。" if system.state == Catalogued.LISTED else "已送出建議，人事處審查後以信件通知。"
            messages.success(request, told)
            return redirect("kpi:usage_catalogue")
    context = {"form": form, "proposes": bool(agencies)}
    return render(request, "kpi/usage_system_form.html", context, status=422 if form.errors else 200)


@guard(System, can_keep_system)
def system(request: SignedInRequest, system: System) -> HttpResponse | HttpResponseBase:
    """Decide on a proposed system; change or retire a listed one."""
    system = System.objects.select_related("sub_item", "proposed_by").get(pk=system.pk)
    decides = system.state == Catalogued.PROPOSED
    data = request.POST if request.method == "POST" else None
    form: Any = DecideSystemForm(data) if decides else ListedSystemForm(data, instance=system)
    if data is not None and form.is_valid():
        try:
            if decides:
                accept = request.POST.get("do") == "accept"
                actions.decide_system(system=system, accept=accept, by=request.user, **form.cleaned_data)
                messages.success(
                    request, f"「{system.name}」已{'列入清單' if accept else '審查為不列入'}，並通知建議機關。"
                )
            else:
                actions.change_system(system=form.save(commit=False), by=request.user)
                messages.success(request, f"已儲存「{system.name}」。")
            return redirect("kpi:usage_catalogue")
        except ValidationError as refusal:
            _say(form, refusal)
    entries = Entry.objects.for_target(system)[:10]
    context = {"system": system, "form": form, "decides": decides, "entries": entries}
    return render(request, "kpi/usage_system.html", context, status=422 if form.errors else 200)


@guard(policy=is_reviewer)
def subsystems(request: SignedInRequest) -> HttpResponse | HttpResponseBase:
    """Keep the list of WebHR's sub-systems; the plan names none."""
    office = Office.objects.visible_to(request.user).get()
    form = SubsystemForm(request.POST or None, instance=Subsystem(office=office))
    if request.method == "POST" and _save_subsystem(request, form):
        return redirect("kpi:usage_subsystems")
    listed = Subsystem.objects.visible_to(request.user).exclude(pk=None)
    context = {"form": form, "subsystems": listed, "today": timezone.localdate()}
    return render(request, "kpi/usage_subsystems.html", context, status=422 if form.errors else 200)


@guard(Subsystem, can_keep_subsystem)
def subsystem(request: SignedInRequest, subsystem: Subsystem) -> HttpResponse | HttpResponseBase:
    """Change or retire a sub-system."""
    form = SubsystemForm(request.POST or None, instance=subsystem)
    if request.method == "POST" and _save_subsystem(request, form):
        return redirect("kpi:usage_subsystems")
    context = {"form": form, "subsystem": subsystem}
    return render(request, "kpi/usage_subsystem.html", context, status=422 if form.errors else 200)


def _save_subsystem(request: SignedInRequest, form: SubsystemForm) -> bool:
    if not form.is_valid():
        return False
    try:
        saved = actions.save_subsystem(subsystem=form.save(commit=False), by=request.user)
    except ValidationError as refusal:
        _say(form, refusal)
        return False
    messages.success(request, f"已儲存「{saved.name}」。")
    return True


@require_POST
@guard(Plan, can_review_usage)
def add_training(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Enter a session of system training."""
    form = TrainingForm(request.POST)
    back = f"{reverse('kpi:usage')}?year={plan.year}#trainings"
    if form.is_valid():
        try:
            actions.add_training(plan=plan, training=form.save(commit=False), by=request.user)
        except ValidationError as refusal:
            _say(form, refusal)
        else:
            messages.success(request, "已登錄教育訓練。")
            return redirect(back)
    context = {"plan": plan, "form": form, "back": back}
    return render(request, "kpi/usage_training.html", context, status=422)


@require_POST
@guard(UsageTraining, can_keep_training)
def remove_training(request: SignedInRequest, training: UsageTraining) -> HttpResponseBase:
    """Take back a session that was entered by mistake."""
    year = training.plan.year
    actions.remove_training(training=training, by=request.user)
    messages.success(request, "已移除教育訓練。")
    return redirect(f"{reverse('kpi:usage')}?year={year}#trainings")


def _say(form: Any, refusal: ValidationError) -> None:
    """Say what an action refused at its field, or on top where the form has no such field."""
    errors: Iterable[tuple[str, list[str]]] = (
        refusal.message_dict.items() if hasattr(refusal, "error_dict") else [("", refusal.messages)]
    )
    for name, sentences in errors:
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
