"""The outbox page: what the office's mails came to, with the server's words, and sending again."""

import django_filters as filters
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.policies import is_reviewer
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.outbox import actions
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Message

TONES = {State.SENT: "done", State.FAILED: "late", State.QUEUED: "wait", State.SENDING: "wait", State.CANCELLED: "none"}


class MessageFilter(filters.FilterSet):
    q = filters.CharFilter(label="搜尋", method="search")
    state = filters.ChoiceFilter(label="狀態", choices=State.choices, empty_label="全部")

    class Meta:
        model = Message
        fields = ["q", "state"]

    def search(self, queryset: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return queryset.filter(Q(subject__icontains=value) | Q(to__icontains=value) | Q(to_name__icontains=value))


COLUMNS = [
    lists.Column(
        "subject", "主旨", link=lambda m: reverse("duties:message", kwargs={"pk": m.pk}), sort=("subject",), width=40
    ),
    lists.Column("to", "收件人", lambda m: f"{m.to_name} <{m.to}>" if m.to_name else m.to, sort=("to",), width=30),
    lists.Column("state", "狀態", lambda m: lists.Cell(m.get_state_display(), TONES[State(m.state)]), sort=("state",)),
    lists.Column("attempts", "嘗試", sort=("attempts",), numeric=True, width=6),
    lists.Column(
        "at", "時間", lambda m: roc.moment(timezone.localtime(m.sent_at or m.created_at)), sort=("created_at",)
    ),
    lists.Column("last_error", "伺服器回應", lambda m: m.last_error[:80] or None, width=40),
]


@guard(policy=is_reviewer)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the office's mails, newest first."""
    return lists.show(
        request,
        queryset=_mine(request),
        columns=COLUMNS,
        filterset_class=MessageFilter,
        title="寄件匣",
        empty="尚無信件。開會通知、審核結果與提醒寄出時會列在這裡。",
        office_id=standing(request.user).office_id,
    )


@guard(policy=is_reviewer)
def message(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one mail as it is sent."""
    return render(request, "duties/message.html", {"message": get_object_or_404(_mine(request), pk=pk), "State": State})


@require_POST
@guard(policy=is_reviewer)
def resend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Queue a mail once more."""
    try:
        actions.resend(message=get_object_or_404(_mine(request), pk=pk), by=request.user)
        messages.success(request, "已重新排入寄送。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("duties:message", pk=pk)


@require_POST
@guard(policy=is_reviewer)
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Call a queued mail back."""
    try:
        actions.cancel_message(message=get_object_or_404(_mine(request), pk=pk), by=request.user)
        messages.success(request, "已取消寄送。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("duties:message", pk=pk)


def _mine(request: SignedInRequest) -> QuerySet[Message]:
    return Message.objects.from_sender(f"office:{standing(request.user).office_id}")
