"""What administrators of an office look after: accounts, the audit trail, and the state of the portal."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from districts.policies import is_admin
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.home import health
from personnel_portal.home.filters import EntryFilter
from personnel_portal.trail import acts
from personnel_portal.trail.models import Entry

LONGEST_DETAIL = 160
PART_WORDS = {"database": "資料庫", "broker": "訊息佇列", "storage": "檔案空間", "beat": "排程"}


@guard(policy=is_admin)
def administration(request: SignedInRequest) -> HttpResponse:
    """Show what there is to look after, and whether the portal is well."""
    well, words = health.check()
    parts = [(PART_WORDS[part], word) for part, word in words.items()]
    return render(request, "home/administration.html", {"well": well, "parts": parts})


COLUMNS = [
    lists.Column("at", "時間", lambda e: roc.stamp(timezone.localtime(e.at)), sort=("id",), width=20),
    lists.Column("who", "人員", sort=("actor_name",)),
    lists.Column("act", "動作", "act_label", sort=("act",), width=24),
    lists.Column("target", "對象", "target_label", width=40),
    lists.Column("address", "來源位址"),
    lists.Column("detail", "內容", lambda e: _words(e.detail), width=40),
    lists.Column("position", "封存序號", numeric=True),
]


def _words(detail: dict[str, Any]) -> str | None:
    """Return what an entry keeps beside its act, in one line; the whole stands in the export of the admin."""
    told = "；".join(
        f"{acts.detail_word(name)} {_plain(value)}" for name, value in detail.items() if value not in ("", None, {}, [])
    )
    return told if len(told) <= LONGEST_DETAIL else f"{told[:LONGEST_DETAIL]}…"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "、".join(f"{name}：{_plain(inner)}" for name, inner in value.items())
    return "、".join(map(_plain, value)) if isinstance(value, list) else str(value)


@guard(policy=is_admin)
def trail(request: SignedInRequest) -> HttpResponseBase:
    """List what was done in the office, newest first, with its export."""
    office_id = standing(request.user).office_id
    accounts = User.objects.filter(person__office=office_id)
    keys = accounts.annotate(key=Cast("pk", TextField())).values("key")
    # Who fails to log in, or is locked out, is no actor yet: such entries are about the account.
    of_accounts = Q(target_type=ContentType.objects.get_for_model(User), target_id__in=keys)
    # An entry that names its office is that office's, and found by an index; few name none.
    mine = Entry.objects.filter(Q(office_id=office_id) | Q(office_id=None) & (Q(actor__in=accounts) | of_accounts))
    return lists.show(
        request,
        queryset=mine.select_related("target_type"),
        columns=COLUMNS,
        filterset_class=EntryFilter,
        title="稽核軌跡",
        empty="尚無紀錄。",
        office_id=office_id,
    )
