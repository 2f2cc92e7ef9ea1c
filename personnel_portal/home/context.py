"""What every page's frame shows: who I am, and where I can go."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from districts.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation; its children show while the person is in that part of the portal.

    Attributes:
        covers: what else the addresses of its part begin with; those that begin with `url` belong to it anyway.
    """

    label: str
    url: str
    icon: str = ""
    current: bool = False
    is_open: bool = False
    children: tuple["Link", ...] = ()
    covers: tuple[str, ...] = ()


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation, the office's name and the line that says as whom the person is here."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    mine = standing(user)
    entries = _entries(mine, user)
    return {
        "navigation": [_placed(link, _here(entries, request.path)) for link in entries],
        "office_name": mine.office_name,
        "standing": mine,
        "standing_line": mine.line,
    }


def _here(entries: list[Link], path: str) -> str:
    """Return the address of the entry in whose part of the portal the page lies: the longest that begins its address."""
    links = [link for entry in entries for link in (entry, *entry.children)]
    parts = {part: link.url for link in links for part in (link.url, *link.covers)}
    here = [part for part in parts if path == part or (part != "/" and path.startswith(part))]
    return parts[max(here, key=len)] if here else ""


def _placed(link: Link, here: str) -> Link:
    """Return the link as it looks from there; a child is where one is rather than its parent of the same address."""
    children = tuple(replace(child, current=child.url == here) for child in link.children)
    is_inside = any(child.current for child in children)
    return replace(link, current=link.url == here and not is_inside, is_open=is_inside, children=children)


def _entries(mine: Standing, user: Any) -> list[Link]:
    entries = [Link("首頁", reverse("home:index"), "home")]
    if mine.office_id is not None and not mine.reads_for:
        entries += [_training(mine), Link("行事曆", reverse("duties:calendar"), "calendar-days")]
    elif mine.office_id is not None:
        entries += [
            Link("責任看板", reverse("duties:board"), "table-cells"),
            Link("聯繫會報", reverse("meetings:list"), "user-group"),
            Link("提案與案例", reverse("proposals:list"), "light-bulb", children=_proposals(mine)),
            Link("通函", reverse("proposals:circulars"), "megaphone"),
            Link("目標與回報", reverse("kpi:targets"), "chart-bar", children=_registers()),
            _training(mine),
            _awards(mine),
            Link("分區與機關", reverse("districts:index"), "map"),
            Link("行事曆", reverse("duties:calendar"), "calendar-days"),
        ]
    if mine.is_reviewer:
        entries.append(Link("寄件匣", reverse("duties:outbox"), "envelope"))
    if mine.is_admin:
        entries.append(Link("帳號與稽核", reverse("home:administration"), "shield-check"))
    if user.is_superuser:
        entries.append(Link("後台管理", reverse("admin:index"), "cog-6-tooth"))
    return entries


def _registers() -> tuple[Link, ...]:
    """Return the registers of targets, usage returns and work plans."""
    return (
        Link("績效目標", reverse("kpi:targets")),
        Link("資訊工具使用", reverse("kpi:usage")),
        Link("年度工作計畫", reverse("kpi:work")),
    )


def _training(mine: Standing) -> Link:
    """Return the pages about training; learning hours are the county's to the office, an agency's to its officers."""
    agency = next(iter(sorted(mine.reads_for)), None)
    if mine.is_office:
        hours = reverse("training:county_hours")
    elif agency is not None:
        hours = reverse("training:agency_hours", args=[agency])
    else:
        hours = reverse("training:hours")
    catalogue = reverse("training:catalogue")
    children = (
        Link("訓練課程", catalogue),
        Link("班別與報名", reverse("training:classes"), covers=_below(catalogue, "sessions", "attendance")),
        Link("我的報名", reverse("training:my_registrations"), covers=_below(catalogue, "questionnaires")),
        Link("學習時數", hours, covers=_below(catalogue, "hours", "reports", "uploads")),
        Link("進修", reverse("training:studies")),
    )
    return Link("訓練進修", catalogue, "academic-cap", children=children)


def _below(url: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{url}{name}/" for name in names)


def _proposals(mine: Standing) -> tuple[Link, ...]:
    """Return the pages about proposals and cases, in the order of the work."""
    links = [
        Link("函請提案", reverse("proposals:calls")),
        Link("修正建議提案", reverse("proposals:list")),
        Link("案例", reverse("proposals:cases")),
        Link("案例庫", reverse("proposals:library")),
    ]
    if mine.is_reviewer:
        links.append(Link("案例適用檢視", reverse("proposals:supersessions")))
    links += [Link("彙整", reverse("proposals:compile", args=[district])) for district in sorted(mine.hosts)[:1]]
    if mine.hosts or mine.is_office:
        links.append(Link("彙整函送", reverse("proposals:packages")))
    if mine.is_office:
        links.append(Link("研處", reverse("proposals:decisions")))
    links.append(Link("決議列管", reverse("proposals:follow_ups")))
    return tuple(links)


def _awards(mine: Standing) -> Link:
    """Return the pages about commendations: the office and hosts begin with what the facts earn, others with their own."""
    if not (mine.is_office or mine.hosts):
        return Link("獎勵建議", reverse("awards:mine"), "trophy")
    links = [Link("試算總覽", reverse("awards:overview"))]
    # After a year's end its host still finishes the work: the newest plan's district is the one at hand.
    links += [Link("承辦人員", reverse("awards:people", args=[district])) for district in sorted(mine.hosts)[-1:]]
    if mine.is_office:
        links += [Link("獎勵試算", reverse("awards:runs")), Link("獎勵建議名冊", reverse("awards:roster"))]
    links.append(Link("我的獎勵", reverse("awards:mine")))
    return Link("獎勵建議", reverse("awards:overview"), "trophy", children=tuple(links))
