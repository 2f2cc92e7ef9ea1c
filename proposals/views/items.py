"""What people do with cases and proposals alike: edit, send, withdraw, return, attach files."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import Verdict, guard
from personnel_portal.trail.models import Entry
from personnel_portal.uploads import kinds, sending
from personnel_portal.uploads.actions import keep_each
from proposals.actions import drafts
from proposals.actions import items as actions
from proposals.facts import closing_day, missing
from proposals.forms.items import FilesForm, ItemForm, ReasonForm
from proposals.models import Attachment
from proposals.models.items import Item
from proposals.policies import can_take, is_party, knows, steps_of
from proposals.similar import similar

HISTORY = 40
# What both lists show of an item: with all its texts, thousands of long rows would be sorted for the fifty that are shown.
LISTED = (
    *("number", "subject", "kind", "state", "is_late"),
    *("plan__year", "district__name", "agency__short_name"),
)
# What everybody who knows the item may read of its way, of both kinds and of each. Decisions are not among them before
# they are published.
WAY = (
    "item.sent",
    "item.entered",
    "item.late_accepted",
    "item.shared",
    "item.compiled",
    "item.returned",
    "item.sent_to_office",
    "item.withdrawn",
)
WAY_OF = {
    "case": (
        "case.review_started",
        "case.published",
        "case.corrected",
        "case.taken_down",
        "case.superseded",
        "case.still_holds",
        "case.supersession_reopened",
    ),
    "proposal": (
        "proposal.merged",
        "proposal.joined",
        "proposal.split",
        "proposal.placed",
        "proposal.resolved",
        "proposal.published",
        "proposal.corrected",
    ),
}
# How a draft came about is its agency's own.
DRAFTING = ("item.created", "item.changed", "item.file_added", "item.file_removed")
# Between the office's reviewers.
REVIEWING = ("case.marked", "case.marks_decided")
# Who brings the item further, by the state in which it stands.
NEXT = {
    "draft": "send",
    "returned": "send",
    "sent": "compile",
    "shared": "compile",
    "compiled": "send_to_office",
    "at_office": "resolve",
    "resolved": "publish",
    "in_review": "publish",
}
NEXT_OF_CASES = {"sent": "share", "at_office": "review"}

# Steps with a page of their own below that of the item. Where the first are refused, the page says why.
EXPLAINED = ("edit", "withdraw", "return")
ON_PROPOSALS = ("merge", "split", "resolve", "decide", "correct")
ORDER = ("edit", "send", "merge", "split", "resolve", "decide", "correct", "return", "withdraw")

View = Callable[..., HttpResponseBase]


# --- What both pages show --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """A step as a button; where it is refused, the reason stands in its place."""

    step: str
    label: str
    url: str
    verdict: Verdict


def panel(user: User, item: Any, proposers: Collection[int] = ()) -> dict[str, Any]:
    """Return the context of _item_actions.html, _attachments.html and the history of an item.

    Args:
        proposers: as `policies.knows` takes them.
    """
    can_edit = can_take(user, item, "edit")
    is_known = knows(user, item, proposers)
    return {
        "item": item,
        "buttons": _buttons(user, item),
        "next_step": next_step(item),
        "knows": is_known,
        "can_edit": can_edit,
        "files": item.attachments.select_related("stored"),
        "files_form": FilesForm() if can_edit else None,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "history": history(user, item) if is_known else [],
    }


def _buttons(user: User, item: Any) -> list[Button]:
    found = []
    for step in (*EXPLAINED, "send", *(ON_PROPOSALS if item._meta.model_name == "proposal" else ())):
        verdict = can_take(user, item, step)
        if verdict or (step in EXPLAINED and is_party(step)(user, item)):
            url = f"{item.get_absolute_url()}{step}/"
            found.append(Button(step, steps_of(item)[step].label, url, verdict))
    return sorted(found, key=lambda button: ORDER.index(button.step))


def next_step(item: Any) -> str:
    """Return who may bring the item further, and by what, in a sentence."""
    following = NEXT | (NEXT_OF_CASES if item._meta.model_name == "case" else {})
    step = following.get(item.state)
    if step is None:
        return ""
    taken = steps_of(item)[step]
    whose = {"proposer": item.agency.short_name, "host": f"{item.district.name}承辦單位", "office": "人事處"}
    return f"下一步：{'或'.join(whose[side] for side in taken.sources)}{taken.label}。"


def history(user: User, item: Any) -> list[Entry]:
    """Return the way of an item, newest first, for somebody whose business it is."""
    kind = item._meta.model_name
    acts = [*WAY, *WAY_OF[kind]]
    if is_party("edit")(user, item):
        acts += DRAFTING
    if kind == "case" and is_party("mark")(user, item):
        acts += REVIEWING
    return list(Entry.objects.for_target(item).filter(act__in=acts)[:HISTORY])


# --- The form --------------------------------------------------------------------------------------------------------


def form_page(
    request: SignedInRequest, item: Any, form_class: type[ItemForm], template: str, **context: Any
) -> HttpResponseBase:
    """Show the form of a new or an existing item; save it as a draft, and send it where that was asked for.

    Whatever is wrong with it, what was typed stays: in the saved draft, or on the page.
    """
    user = request.user
    if request.method != "POST":
        if item.pk and not (verdict := can_take(user, item, "edit")):
            messages.warning(request, verdict.reason)
            return redirect(item)
        form = form_class(instance=item, user=user, initial=_asked(request))
        if item.pk and "send" in request.GET:
            form.point_out(_asked_for(item))
        return _form(request, form, item, template, context)
    form = form_class(request.POST, request.FILES, instance=item, user=user)
    saved = _saved(form, user)
    if saved is None:
        return _form(request, form, item, template, context, status=422)
    try:
        errors = _take_files(request, saved, form)
    except actions.Conflict as conflict:
        messages.error(request, conflict.messages[0])
        return redirect(saved)
    if "send" in request.POST:
        errors |= _asked_for(saved)
    if errors:
        form = form_class(instance=saved, user=user)
        form.point_out(errors)
        context["title"] = context["title"].replace("新增", "編輯")
        messages.info(request, "已儲存草稿，尚未送出。")
        return _form(request, form, saved, template, context, status=422)
    if "send" in request.POST:
        return _send_or_ask(request, saved)
    messages.success(request, "已儲存草稿。")
    return redirect(saved)


def _asked(request: SignedInRequest) -> dict[str, object]:
    """Return what the address says of a new item: `?meeting=` names the call that it answers."""
    meeting = request.GET.get("meeting", "")
    return {"meeting": int(meeting)} if meeting.isascii() and meeting.isdecimal() and len(meeting) < 19 else {}


def _form(
    request: SignedInRequest,
    form: ItemForm,
    item: Any,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    values = {
        "form": form,
        "item": item,
        "files": item.attachments.select_related("stored") if item.pk else [],
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "similar": similar(request.user, item.subject, apart_from=item) if item.pk else [],
        "no_agency": not form.districts,
    }
    return render(request, template, values | context, status=status)


def _saved(form: ItemForm, by: User) -> Any:
    """Return the saved item, or nothing where the form says what is wrong."""
    if not form.is_valid():
        return None
    try:
        if form.instance.pk:
            return drafts.change_item(item=form.instance, by=by, shown=form.as_shown, **form.changes)
        joint = form.cleaned_data.get("co_proposers", ())
        return drafts.create_item(item=form.save(commit=False), by=by, co_proposers=joint)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None


def _take_files(request: SignedInRequest, item: Any, form: ItemForm) -> dict[str, list[Any]]:
    """Put the good files to the item and take away those that were ticked; return why others were refused."""
    ticked = {int(key) for key in request.POST.getlist("remove") if key.isascii() and key.isdecimal() and len(key) < 19}
    for attachment in item.attachments.filter(pk__in=ticked):
        drafts.remove_attachment(attachment=attachment, by=request.user)
    batch = keep_each(form.cleaned_data.get("uploads", []), by=request.user, allowed=kinds.ATTACHMENTS)
    if batch.kept:
        drafts.add_attachments(item=item, stored=batch.kept, by=request.user)
    return {"uploads": list(batch.refused)} if batch.refused else {}


def _asked_for(item: Item) -> dict[str, list[Any]]:
    return {name: ["送出前請填寫。"] for name in missing(item)}


# --- Steps -----------------------------------------------------------------------------------------------------------


def _send_or_ask(request: SignedInRequest, item: Any) -> HttpResponseBase:
    """Send at once where nothing speaks against it, else ask first."""
    if warnings(item) or similar(request.user, item.subject, apart_from=item):
        return redirect(f"{item.get_absolute_url()}send/")
    return _send(request, item)


def _send(request: SignedInRequest, item: Any) -> HttpResponseBase:
    try:
        sent = actions.send_item(item=item, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        late = "；已逾截止日，列為逾期件，由承辦單位決定是否收受" if sent.is_late else ""
        messages.success(request, f"已送{sent.district.name}承辦單位，編號 {sent.reference}{late}。")
    return redirect(item)


def warnings(item: Item) -> list[str]:
    """Return what the person should know before sending."""
    closes = closing_day(item.meeting, item.agency_id)
    if item.sent_at is None and closes is not None and timezone.localdate() > closes:
        return [f"截止日為 {roc.long(closes)}，已逾期；送出後列為逾期件，須經承辦單位同意收受。"]
    return []


def send(model: type[Any]) -> View:
    """Return the view that asks before an item is sent, and sends it."""

    @guard(model, is_party("send"))
    def ask_and_send(request: SignedInRequest, item: Any) -> HttpResponseBase:
        if request.method == "POST":
            return _send(request, item)
        if not (verdict := can_take(request.user, item, "send")):
            messages.warning(request, verdict.reason)
            return redirect(item)
        if missing(item):
            return redirect(f"{item.get_absolute_url()}edit/?send=1")
        context = {
            "item": item,
            "warnings": warnings(item),
            "similar": similar(request.user, item.subject, apart_from=item),
        }
        return render(request, "proposals/_send.html", context)

    return ask_and_send


def withdraw(model: type[Any]) -> View:
    """Return the view that asks why an item is withdrawn, and withdraws it."""

    @guard(model, is_party("withdraw"))
    def ask_and_withdraw(request: SignedInRequest, item: Any) -> HttpResponseBase:
        told = ["撤回後不再辦理，也不能再送出；內容與歷程仍會保留。"]
        if item.sent_at:
            told.append("自動寄信通知承辦單位" + ("與人事處。" if item.package_id else "。"))
        told += _off_agendas(item)
        return _reason_page(request, item, "withdraw", actions.withdraw_item, told)

    return ask_and_withdraw


def return_for_correction(model: type[Any]) -> View:
    """Return the view that asks why an item is returned, and returns it."""

    @guard(model, is_party("return"))
    def ask_and_return(request: SignedInRequest, item: Any) -> HttpResponseBase:
        told = [f"「{item.agency}」可修改後再送，自動寄信通知。", "理由會列在信中與歷程。", *_off_agendas(item)]
        return _reason_page(request, item, "return", actions.return_item, told)

    return ask_and_return


def _off_agendas(item: Any) -> list[str]:
    """Return what becomes of the places of a proposal on agendas."""
    placed = item._meta.model_name == "proposal" and item.placements.exists()
    return ["尚未召開的會議，一併自議程移除。"] if placed else []


def _reason_page(
    request: SignedInRequest, item: Any, step: str, act: Callable[..., Any], consequences: list[str]
) -> HttpResponseBase:
    label = steps_of(item)[step].label
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" and not (verdict := can_take(request.user, item, step)):
        messages.warning(request, verdict.reason)
        return redirect(item)
    if form.is_valid():
        try:
            act(item=item, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已{label}「{item.subject}」。")
            return redirect(item)
    context = {
        "item": item,
        "title": f"{label}「{item.subject}」？",
        "text": f"{item._meta.verbose_name} {item.reference}　{item.agency}",
        "consequences": consequences,
        "form": form,
        "action": label,
        "cancel_url": item.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


# --- Files -----------------------------------------------------------------------------------------------------------


def add_files(model: type[Any]) -> View:
    """Return the view that puts files to an item."""

    @require_POST
    @guard(model, is_party("edit"))
    def add(request: SignedInRequest, item: Any) -> HttpResponseBase:
        form = FilesForm(request.POST, request.FILES)
        if not form.is_valid():
            messages.error(request, str(form.errors["uploads"][0]))
            return redirect(item)
        batch = keep_each(form.cleaned_data["uploads"], by=request.user, allowed=kinds.ATTACHMENTS)
        try:
            if batch.kept:
                drafts.add_attachments(item=item, stored=batch.kept, by=request.user)
                messages.success(request, f"已加入 {len(batch.kept)} 個附件。")
        except actions.Conflict as conflict:
            messages.error(request, conflict.messages[0])
        for refusal in batch.refused:
            messages.error(request, refusal.messages[0])
        return redirect(item)

    return add


def _is_editor(user: User, attachment: Attachment) -> Verdict:
    return is_party("edit")(user, attachment.item)


@guard(Attachment)
def download(request: SignedInRequest, attachment: Attachment) -> HttpResponseBase:
    """Send a file; the download is logged."""
    return sending.send(attachment.stored, by=request.user, target=attachment.item)


@require_POST
@guard(Attachment, _is_editor)
def remove_file(request: SignedInRequest, attachment: Attachment) -> HttpResponseBase:
    """Take a file away from an item that is not with the host."""
    try:
        drafts.remove_attachment(attachment=attachment, by=request.user)
        messages.success(request, f"已移除「{attachment.stored.name}」。")
    except actions.Conflict as conflict:
        messages.error(request, conflict.messages[0])
    item: Any = attachment.item
    return redirect(item)
