"""The first page, the search, the site map, and the answer to a refused form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.home.desk import desk
from personnel_portal.home.search import find


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say in one sentence what to do when a form comes without its token, mostly after a long pause."""
    message = "表單已逾時或來源不明，內容未送出。請回上一頁重新整理後再送一次。"
    return render(request, "403.html", {"exception": message}, status=403)


@guard()
def index(request: SignedInRequest) -> HttpResponse:
    """Show what I owe, what is new, and my district; the office sees the board."""
    today = timezone.localdate()
    mine = standing(request.user)
    return render(request, "home/index.html", {"desk": desk(request.user, mine, today), "today": today})


@guard()
def search(request: SignedInRequest) -> HttpResponse:
    """Show what matches in meetings, agencies and people, each list through its own gate."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]  # PostgreSQL refuses to look for a NUL
    return render(request, "home/search.html", {"text": text, "groups": find(request.user, text) if text else []})


@guard()
def site_map(request: SignedInRequest) -> HttpResponse:
    """Show every place of the portal that this person can go to (網站導覽)."""
    return render(request, "home/site_map.html", {})
