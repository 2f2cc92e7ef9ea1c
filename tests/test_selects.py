"""Selects are written as Django's own templates write them."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString
from pytest_django.asserts import assertHTMLEqual

from personnel_portal.selects import Renderer

HOSTILE = "\"><script>alert(1)</script>&'"
GROUPED = [
    ("", "全部"),
    ("北平原區", [(1, "甲鄉公所"), (2, "乙國小")]),
    (HOSTILE, [(HOSTILE, HOSTILE)]),
    (1234567, 1234567),
]


class Coloured(forms.Select):
    """A select whose options have a template of their own."""

    option_template_name = "django/forms/widgets/checkbox_option.html"


def written(widget: forms.Widget, renderer: DjangoTemplates, value: Any) -> str:
    attributes = {"id": "id_agency", "required": True, "disabled": False, "data-say": HOSTILE, "size": 4}
    text: str = widget.render(HOSTILE, value, attributes, renderer)
    return text


@pytest.mark.parametrize("value", [None, "", 2, "2", HOSTILE, [1, HOSTILE]])
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple, Coloured])
def test_a_select_is_written_as_djangos_own_template_writes_it(kind: type[forms.Select], value: object) -> None:
    widget = kind(choices=GROUPED)
    assertHTMLEqual(written(widget, Renderer(), value), written(widget, DjangoTemplates(), value))


def test_a_select_is_written_without_a_template_unless_its_options_have_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def render(self: DjangoTemplates, template_name: str, context: Any, request: Any = None) -> str:
        asked.append(template_name)
        return ""

    monkeypatch.setattr(DjangoTemplates, "render", render)
    for widget in (forms.Select(choices=GROUPED), forms.TextInput(), Coloured(choices=GROUPED)):
        written(widget, Renderer(), "")
    assert asked == ["django/forms/widgets/text.html", "django/forms/widgets/select.html"]


def test_what_is_marked_up_already_stays_so() -> None:
    marked = forms.Select(choices=[("1", SafeString("<b>甲</b>"))])
    assert "<b>甲</b>" in written(marked, Renderer(), "")
    assert "&lt;b&gt;甲" in written(forms.Select(choices=[("1", "<b>甲</b>")]), Renderer(), "")
