"""Hostile words in every text of the world: markup that would run, load or break out, each with its field's number."""

import html.parser
import re
from dataclasses import dataclass, field

from django.apps import apps
from django.db import Error, models, transaction
from django.db.models import CharField, TextField, URLField, Value
from django.db.models.functions import Cast, Concat

from personnel_portal.accounts.models import User

APPS = {
    "accounts",
    "districts",
    "duties",
    "meetings",
    "proposals",
    "awards",
    "training",
    "kpi",
    "outbox",
    "uploads",
    "downloads",
}
# What the portal writes itself and reads again; a person's words stand in none of them.
OWN = {
    "password", "sha256", "hash", "previous_hash", "token", "key", "kind", "code", "section", "scope", "duty_key", "claim",
    "html", "sender", "folded", "reference", "stamp", "form", "field",
}  # fmt: skip
MARK = re.compile(r"x(\d+)$")


@dataclass
class Planted:
    """Which field has which number, and which fields a constraint keeps free of such words."""

    fields: dict[int, str] = field(default_factory=dict)
    kept_free: set[str] = field(default_factory=set)


def words(number: int, longest: int | None, port: int) -> str:
    """Return what is planted: a tag and an attribute that break out of the text; more where there is room."""
    short = f"<x{number}>"
    plain = f"\"'onx=1>{short}"
    loading = (
        f'{plain}<img src="http://127.0.0.1:{port}/i"><link rel=stylesheet href="http://127.0.0.1:{port}/c">'
        f"<style>@import url(http://127.0.0.1:{port}/s)</style><link rel=attachment href=file:///etc/passwd>"
        "</text:p><text:p>&x;{{ 7|add:7 }}{% now 'Y' %}"
    )
    room = (longest or 10_000) - 8  # for the row's key, which keeps apart what must differ
    return next((text for text in (loading, plain, short) if len(text) <= room), "")


def plant(port: int, begins: str = "") -> Planted:
    """Put the words into every text field of every row of the portal's apps; or one word that begins them all."""
    planted, number = Planted(), 100
    for model in apps.get_models():
        if model._meta.app_label not in APPS or not model._meta.managed:
            continue
        for column in model._meta.concrete_fields:
            if not isinstance(column, CharField | TextField) or column.choices or column.name in OWN:
                continue
            number += 1
            text = f"{begins}-" if begins else words(number, column.max_length, port)
            if not text or len(text) + 8 > (column.max_length or 10_000):
                continue
            if isinstance(column, URLField):
                text = f"https://a.example/{text}"[: column.max_length]
            told = f"{model._meta.label}.{column.name}"
            try:
                with transaction.atomic():
                    rows = model._base_manager.all()
                    if model is User:
                        rows = rows.exclude(username__in=["admin", "host"]) if column.name == "username" else rows
                    changed = models.QuerySet.update(
                        rows, **{column.name: Concat(Value(text), Cast("pk", CharField()), output_field=TextField())}
                    )
            except Error:
                planted.kept_free.add(told)
            else:
                if changed:
                    planted.fields[number] = told
    return planted


class Reader(html.parser.HTMLParser):
    """Reads a page as a browser does, and keeps what was planted and became more than text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK.match(tag):
            self.found.append(tag)
        for name, value in attrs:
            if name == "onx" or "onx=" in name:
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action") and (value or "").strip().lower().startswith(("javascript:", "data:")):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def became_markup(page: str) -> list[str]:
    """Return what was planted in the page and is no text there."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.found


def shown(page: str) -> set[int]:
    """Return the numbers of the fields whose words the page shows."""
    return {int(found) for found in re.findall(r"(?:&lt;|<)x(\d+)(?:&gt;|>)", page)}
