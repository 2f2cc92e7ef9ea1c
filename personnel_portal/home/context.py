"""What every page's frame shows: who I am, and where I can go."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from districts.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    label: str
    url: str
    icon: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation, the office's name and the line that says as whom the person is here."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    mine = standing(user)
    return {
        "navigation": [
            Link(label, url, icon, request.path == url or (url != "/" and request.path.startswith(url)))
            for label, url, icon in _entries(mine, user)
        ],
        "office_name": mine.office_name,
        "standing": mine,
        "standing_line": mine.line,
    }


def _entries(mine: Standing, user: Any) -> list[tuple[str, str, str]]:
    entries = [("首頁", reverse("home:index"), "home")]
    if mine.office_id is not None:
        entries += [
            ("責任看板", reverse("duties:board"), "table-cells"),
            ("聯繫會報", reverse("meetings:list"), "user-group"),
            ("分區與機關", reverse("districts:index"), "map"),
            ("行事曆", reverse("duties:calendar"), "calendar-days"),
        ]
    if mine.is_reviewer:
        entries.append(("寄件匣", reverse("duties:outbox"), "envelope"))
    if mine.is_admin:
        entries.append(("帳號與稽核", reverse("home:administration"), "shield-check"))
    if user.is_superuser:
        entries.append(("後台管理", reverse("admin:index"), "cog-6-tooth"))
    return entries
