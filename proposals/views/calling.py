"""The steps of a call for items: the host drafts, sends, asks again and gives more time; an agency says that it has none."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from meetings.choices import MeetingState
from meetings.facts import Reach, reach
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from proposals import facts
from proposals.actions import calls as actions
from proposals.forms.calls import CallForm, ClosingForm, ExtensionForm, NumberForm, suggestion
from proposals.models import CallForItems, CallRecipient
from proposals.policies import can_answer, can_extend, can_run_call

# --- What the host does ----------------------------------------------------------------------------------------------


@guard(Meeting, can_run_call)
def edit(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Draft the letter; what speaks against its closing day is shown once. Sent, it only takes its 文號."""
    known = CallForItems.objects.filter(meeting=meeting).first()
    if known and known.sent_at and "purpose" not in request.POST:
        return _number(request, known)
    initial = None if known else suggestion(meeting)
    form = CallForm(request.POST or None, instance=known or CallForItems(meeting=meeting), initial=initial)

    def save() -> CallForItems:
        if known:
            return actions.change_call(call=known, by=request.user, shown=form.as_shown, **form.changes)
        text = {name: form.cleaned_data[name] for name in actions.CHANGEABLE}
        return actions.draft_call(meeting=meeting, by=request.user, **text)

    invitees = facts.to_be_asked(meeting)
    context = {
        "title": "函請提案",
        "subtitle": meeting,
        "meeting": meeting,
        "call": known,
        "is_cancelled": meeting.state == MeetingState.CANCELLED,
        "count": len(invitees),
        "members": [invitee.agency for invitee in invitees if not invitee.is_coached],
        "coached": [invitee.agency for invitee in invitees if invitee.is_coached],
        "back": known.get_absolute_url() if known else reverse("proposals:calls"),
    }
    return _form_page(request, form, save, "proposals/call_form.html", "已儲存函稿，確認後請寄發。", context)


def _number(request: SignedInRequest, known: CallForItems) -> HttpResponseBase:
    form = NumberForm(request.POST or None, instance=known)

    def save() -> CallForItems:
        return actions.number_call(call=known, number=form.cleaned_data["number"], by=request.user)

    context = {"title": "補登文號", "subtitle": known.meeting, "back": known.get_absolute_url()}
    return _form_page(request, form, save, "proposals/call_form.html", "已登錄文號。", context)


@guard(Meeting, can_run_call)
def send(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Say what follows, then send the call."""
    drafted = get_object_or_404(CallForItems, meeting=meeting)
    agencies = [invitee.agency for invitee in facts.asked(drafted)]

    def act() -> str:
        reached = actions.send_call(call=drafted, by=request.user)
        _warn_unreachable(request, reached)
        return f"已寄發函請提案，寄信給 {len(reached.addresses)} 人。"

    found = reach(agencies)
    consequences = [
        f"函請對象就此固定，共 {len(agencies)} 個機關；函稿不能再變更，截止日只能延後。",
        f"寄信給 {len(found.addresses)} 人。",
        *_unreachable(found),
        "本平台不代發公文；請另由公文系統發文，取號後補登文號。",
    ]
    return _confirm_page(request, drafted, act, f"寄發{drafted}？", "寄發", consequences)


@guard(Meeting, can_run_call)
def ask_missing(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Say who has not answered, then mail them."""
    sent = get_object_or_404(CallForItems, meeting=meeting)
    missing = [row.agency for row in sent.recipients.missing().select_related("agency")]

    def act() -> str:
        reached = actions.ask_missing(call=sent, by=request.user)
        _warn_unreachable(request, reached)
        return f"已寄出催請，寄信給 {len(reached.addresses)} 人。"

    found = reach(missing)
    consequences = [
        f"寄信給尚未回復的 {len(missing)} 個機關，共 {len(found.addresses)} 人：{'、'.join(map(str, missing)) or '無'}。",
        *_unreachable(found),
    ]
    return _confirm_page(request, sent, act, "催請尚未回復的機關？", "寄出催請", consequences)


@require_POST
@guard(Meeting, can_run_call)
def ask_more(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Ask the agencies that were named after the call was sent."""
    sent = get_object_or_404(CallForItems, meeting=meeting)
    try:
        reached = actions.ask_more(call=sent, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已補發函請提案，寄信給 {len(reached.addresses)} 人。")
        _warn_unreachable(request, reached)
    return redirect(sent)


@guard(Meeting, can_run_call)
def move_closing(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Give everybody more time."""
    sent = get_object_or_404(CallForItems, meeting=meeting)
    form = ClosingForm(request.POST or None, meeting=meeting)

    def save() -> CallForItems:
        _warn_unreachable(
            request, actions.move_closing(call=sent, closes_on=form.cleaned_data["closes_on"], by=request.user)
        )
        return sent

    context = {
        "title": "延後截止日",
        "subtitle": f"{meeting}　目前截止日：{roc.long(sent.closes_on)}",
        "note": "儲存後寄信給尚未回復的機關；截止日只能延後，不能提前。",
        "back": sent.get_absolute_url(),
    }
    return _form_page(
        request, form, save, "proposals/call_form.html", "已延後截止日，並寄信給尚未回復的機關。", context
    )


@guard(CallRecipient, can_extend)
def extend(request: SignedInRequest, recipient: CallRecipient) -> HttpResponseBase:
    """Give one agency more time, with a reason."""
    shown = recipient.extension_reason
    form = ExtensionForm(request.POST or None, recipient=recipient, initial={"reason": shown})

    def save() -> CallForItems:
        data = form.cleaned_data
        reached = actions.extend(recipient=recipient, until=data["until"], reason=data["reason"], by=request.user)
        _warn_unreachable(request, reached)
        return recipient.call

    context = {
        "title": f"{recipient.agency}展延",
        "subtitle": f"{recipient.call.meeting}　目前截止日：{roc.long(recipient.closes_on)}",
        "note": "儲存後寄信給該機關；先前已逾期送達的案例與提案仍列為逾期件。",
        "back": recipient.call.get_absolute_url(),
    }
    done = f"已同意{recipient.agency}展延，並寄信通知。"
    return _form_page(request, form, save, "proposals/call_form.html", done, context)


# --- What an agency answers ------------------------------------------------------------------------------------------


@require_POST
@guard(CallRecipient, can_answer)
def answer_none(request: SignedInRequest, recipient: CallRecipient) -> HttpResponseBase:
    """Say that the agency has nothing (無)."""
    return _answered(request, recipient, actions.answer_none, f"已替{recipient.agency}回復「無」。")


@require_POST
@guard(CallRecipient, can_answer)
def take_back_none(request: SignedInRequest, recipient: CallRecipient) -> HttpResponseBase:
    """Take the answer 「無」 back."""
    return _answered(request, recipient, actions.take_back_none, f"已撤回{recipient.agency}「無」的回復。")


def _answered(
    request: SignedInRequest, recipient: CallRecipient, action: Callable[..., object], done: str
) -> HttpResponseBase:
    try:
        action(recipient=recipient, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, done)
    return redirect(recipient.call)


# --- What the pages share --------------------------------------------------------------------------------------------


def _form_page(
    request: SignedInRequest,
    form: Any,
    save: Callable[[], CallForItems],
    template: str,
    done: str,
    context: dict[str, Any],
) -> HttpResponseBase:
    """Save at once, or once the person has seen what speaks against it; what was typed stays meanwhile."""
    warnings: list[str] = []
    if request.method == "POST" and form.is_valid():
        warned = hasattr(form, "unseen")
        warnings = form.unseen(request.POST.getlist("seen")) if warned else []
        if not warnings:
            try:
                saved = save()
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, done)
                return redirect(saved)
        warnings = form.found() if warned and not form.errors else warnings
    context = {"form": form, "warnings": warnings, **context}
    return render(request, template, context, status=422 if form.errors else 200)


def _confirm_page(
    request: SignedInRequest,
    drafted: CallForItems,
    act: Callable[[], str],
    title: str,
    action: str,
    consequences: list[str],
) -> HttpResponse:
    """Ask first; what is refused is said on the page of the call."""
    if request.method == "POST":
        try:
            messages.success(request, act())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect(drafted)
    context = {"title": title, "action": action, "consequences": consequences, "cancel_url": drafted.get_absolute_url()}
    return render(request, "components/confirm.html", context)


def _unreachable(reached: Reach) -> list[str]:
    if not reached.unreachable:
        return []
    return [f"下列 {len(reached.unreachable)} 個機關尚無可通知的人員，請另行通知：{'、'.join(reached.unreachable)}。"]


def _warn_unreachable(request: SignedInRequest, reached: Reach) -> None:
    for sentence in _unreachable(reached):
        messages.warning(request, sentence)
