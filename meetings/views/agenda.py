"""The agenda: items, their order, and what was resolved."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from meetings.actions import agenda as actions
from meetings.choices import Section
from meetings.forms.agenda import AgendaItemForm
from meetings.models import AgendaItem, Meeting
from meetings.policies import can_run_meeting
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@guard(Meeting, can_run_meeting)
def add_item(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Put an item on the agenda; `?section=` chooses its section."""
    section = request.GET.get("section")
    item = AgendaItem(meeting=meeting, section=section if section in Section.values else Section.DISCUSSION)
    return _item_page(request, item, "新增議程項目")


@guard(Meeting, can_run_meeting)
def edit_item(request: SignedInRequest, meeting: Meeting, item: int) -> HttpResponseBase:
    """Change an item or enter its resolution."""
    return _item_page(request, get_object_or_404(AgendaItem, pk=item, meeting=meeting), "編輯議程項目")


def _item_page(request: SignedInRequest, item: AgendaItem, title: str) -> HttpResponseBase:
    form = AgendaItemForm(request.POST or None, instance=item)
    if request.method == "POST" and form.is_valid():
        try:
            if item.pk:
                actions.change_item(item=item, by=request.user, shown=form.as_shown, **form.changes)
            else:
                actions.save_item(item=form.save(commit=False), by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已儲存議程項目。")
            return redirect(f"{item.meeting.get_absolute_url()}#agenda")
    return render(request, "meetings/item.html", {"form": form, "item": item, "title": title})


@guard(Meeting, can_run_meeting)
def remove_item(request: SignedInRequest, meeting: Meeting, item: int) -> HttpResponseBase:
    """Ask, then take an item off the agenda."""
    found = get_object_or_404(AgendaItem, pk=item, meeting=meeting)
    if request.method == "POST":
        try:
            actions.remove_item(item=found, by=request.user)
            messages.success(request, "已刪除議程項目。")
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect(f"{meeting.get_absolute_url()}#agenda")
    context = {
        "title": f"刪除「{found.subject}」？",
        "consequences": ["案由、說明及辦法一併刪除，無法復原。"],
        "action": "刪除",
        "cancel_url": f"{meeting.get_absolute_url()}#agenda",
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@guard(Meeting, can_run_meeting)
def order_items(request: SignedInRequest, meeting: Meeting, section: str) -> HttpResponseBase:
    """Reorder a section: by `order` for all its items (a script drags), or by `up` or `down` for one (a button)."""
    if section not in Section.values:
        raise Http404
    try:
        order = _asked_order(request, _keys(meeting, section))
        actions.order_items(meeting=meeting, section=section, order=order, by=request.user)
    except ValidationError as refusal:
        if "order" in request.POST:
            return HttpResponse(refusal.messages[0], status=409, content_type="text/plain; charset=utf-8")
        messages.error(request, refusal.messages[0])
    if "order" in request.POST:
        return HttpResponse(status=204)
    return redirect(f"{meeting.get_absolute_url()}#agenda")


def _keys(meeting: Meeting, section: str) -> list[int]:
    return list(meeting.agenda.filter(section=section).order_by("order", "pk").values_list("pk", flat=True))


def _asked_order(request: SignedInRequest, keys: list[int]) -> list[int]:
    """Return the keys in the order asked for.

    Raises:
        ValidationError: what was posted names no item of the section.
    """
    if "order" in request.POST:
        posted = request.POST.getlist("order")
        return [int(key) for key in posted if key.isascii() and key.isdecimal() and len(key) < 19]
    step, moved = (-1, request.POST["up"]) if "up" in request.POST else (1, request.POST.get("down", ""))
    at = next((place for place, key in enumerate(keys) if str(key) == moved), None)
    if at is None:
        raise ValidationError("議程已由他人變更，請重新整理後再排序。")
    to = min(max(at + step, 0), len(keys) - 1)
    keys[at], keys[to] = keys[to], keys[at]
    return keys
