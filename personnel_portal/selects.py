"""How selects are written: as Django's own templates write them, without a template for every option and its attributes.

The list of acts above the audit trail has 270 options, a choice of agencies 364; Django includes two templates for each,
which took more than half of such a page.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

_SELECT = "django/forms/widgets/select.html"
_OPTION = "django/forms/widgets/select_option.html"


class Renderer(DjangoTemplates):
    """Django's renderer of forms but for selects whose template, and that of whose options, is Django's own."""

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        if template_name == _SELECT and _has_plain_options(context["widget"]):
            return _select(context["widget"])
        return super().render(template_name, context, request)


def _has_plain_options(widget: Mapping[str, Any]) -> bool:
    return all(option["template_name"] == _OPTION for _, options, _ in widget["optgroups"] for option in options)


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = SafeString("".join(_group(name, options) for name, options, _ in widget["optgroups"]))
    return format_html('<select name="{}"{}>{}\n</select>', widget["name"], _attributes(widget["attrs"]), groups)


def _group(name: Any, options: list[dict[str, Any]]) -> str:
    written = "".join(map(_option, options))
    return format_html('\n<optgroup label="{}">{}\n</optgroup>', name, SafeString(written)) if name else written


def _option(option: Mapping[str, Any]) -> str:
    label = conditional_escape(localize(option["label"]))
    return f'\n<option value="{conditional_escape(option["value"])}"{_attributes(option["attrs"])}>{label}</option>'


def _attributes(attributes: Mapping[str, Any]) -> SafeString:
    """Return them as they stand in a tag: True is the name alone, False is nothing."""
    return SafeString(
        "".join(
            f" {conditional_escape(name)}"
            if value is True
            else f' {conditional_escape(name)}="{conditional_escape(value)}"'
            for name, value in attributes.items()
            if value is not False
        )
    )
