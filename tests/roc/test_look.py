"""The look keeps its promises: readable colours, no inline style or script, components that say what they show."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "personnel_portal" / "static"
MINE = [*(ROOT / "templates").glob("*.html"), *(ROOT / "templates" / "components").glob("*.html")]
TOKENS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", (STATIC / "css" / "portal.css").read_text()))


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(TOKENS[one]), _luminance(TOKENS[other])))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("text", ["ink", "muted", "accent", "accent-deep", "done", "soon", "late"])
@pytest.mark.parametrize("ground", ["paper", "ground"])
def test_text_is_readable_on_every_ground(text: str, ground: str) -> None:
    assert _contrast(text, ground) >= 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("done", "done-soft"),
        ("soon", "soon-soft"),
        ("late", "late-soft"),
        ("accent", "accent-soft"),
        ("muted", "none-soft"),
    ],
)
def test_chips_are_readable(text: str, ground: str) -> None:
    assert _contrast(text, ground) >= 4.5


@pytest.mark.parametrize("ground", ["paper", "ground"])
def test_edges_of_controls_are_visible(ground: str) -> None:
    assert _contrast("edge", ground) >= 3


@pytest.mark.parametrize("path", MINE, ids=lambda path: path.name)
def test_templates_hold_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|https?://", text)


@pytest.mark.parametrize("path", sorted((STATIC / "js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_are_small_and_write_no_markup(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 150
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|https?://", text)


@pytest.mark.parametrize("code", [400, 403, 404, 500])
def test_error_pages_render_without_any_context(code: int) -> None:
    page = render_to_string(f"{code}.html")
    assert f"代碼 {code}・" in page
    assert page.count("<h1>") == 1


def test_forbidden_page_gives_the_reason() -> None:
    assert "僅人事處可以重新開啟 &lt;b&gt;" in render_to_string("403.html", {"exception": "僅人事處可以重新開啟 <b>"})


def test_stepper_names_the_present_step_and_the_past() -> None:
    html = render_to_string(
        "components/stepper.html", {"steps": [("已召開", "past"), ("待報送", "now"), ("已備查", "next")]}
    )
    assert re.findall(r"aria-current=\"step\">([^<]+)<", html) == ["待報送"]
    assert '已召開<span class="visually-hidden">（已完成）</span>' in html


def test_duty_line_shows_word_title_and_one_button() -> None:
    duty = SimpleNamespace(
        state="late", chip="逾期 3 日", title="報送紀錄", detail="肆、二", url="/x/", action="上傳", primary=True
    )
    html = render_to_string("components/duty.html", {"duty": duty})
    assert '<span class="chip chip-late">逾期 3 日</span>' in html
    assert html.count("<a ") == 1
    assert "btn-primary" in html


@pytest.mark.parametrize(
    ("level", "tag", "role"), [(40, "danger", "alert"), (25, "success", "status"), (30, "warning", "status")]
)
def test_messages_are_announced_by_their_weight(level: int, tag: str, role: str) -> None:
    html = render_to_string("components/messages.html", {"messages": [Message(level, "已存 <b>")]})
    assert f"alert-{tag}" in html
    assert f'role="{role}"' in html
    assert "已存 &lt;b&gt;" in html


class Typed(forms.Form):
    place = forms.CharField(label="地點")


def test_error_summary_links_to_the_field() -> None:
    html = render_to_string("components/form_errors.html", {"form": Typed({})})
    assert '<a href="#id_place">地點</a>' in html
    assert render_to_string("components/form_errors.html", {"form": Typed()}).strip() == ""
