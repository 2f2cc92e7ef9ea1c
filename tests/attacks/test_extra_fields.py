"""Fields that no form has, sent along with those that it has: they change nothing that the person may not change."""

import re

import pytest
from django import forms
from django.apps import apps
from django.db import models

from tests.attacks import foreign, sendings
from tests.attacks.planting import APPS
from tests.attacks.sendings import Sending
from tests.site.addresses import address, places
from tests.site.clients import logged_in
from tests.site.test_permissions import ROWS
from tests.site.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("a form reads the same fields on either database"),
]

PLACES = places()
FORMS = {name for name, row in ROWS.items() if row.sort == "form"}
# Forms that are not tried, and why.
UNTRIED = {
    "accounts:login": "who is logged in is led away from it; it takes a name and a password, and has no model",
    "accounts:set_password": "it opens by a mailed link alone; tests/accounts tries it, and Django's form saves a password only",
}
# Every column of the portal by the names that a form could read it by.
COLUMNS = {
    name
    for model in apps.get_models()
    if model._meta.app_label in APPS
    for column in model._meta.concrete_fields
    for name in (column.name, column.attname)
}
# What nobody sets by a form of one's own rows: who and whose it is, how far it has come, what the portal notes.
PROTECTED = {
    "office", "plan", "state", "is_superuser", "is_staff", "is_active", "password", "user", "groups", "made_by",
    "created_by", "entered_by", "decided_by", "published_at", "published_by", "submitted_at", "accepted_at", "kept_by",
    "must_change_password", "principal", "score", "token", "sent_at", "given_by", "decided_at", "issued_on", "number",
}  # fmt: skip
# Fields of such a name that are the person's to fill in: an agency that was dissolved, the number of a letter.
MEANT = {
    ("AgencyForm", "is_active"),
    ("VersionForm", "number"),
    ("VersionForm", "issued_on"),
    ("NumberForm", "number"),
    ("StudyForm", "plan"),
}
# What a form reads though its page does not show it: with another office's key in it, it is refused.
UNSHOWN = {"proposals:edit_call": {"purpose"}}


@pytest.fixture
def sent(world: World, db: None) -> list[Sending]:
    """Every form as it is accepted from the first of the cast who may send it."""
    waiting = sendings.waiting(world)
    found: dict[str, Sending] = {}
    cast = world.cast
    for user in (cast.office_admin, cast.office_reviewer, cast.host_officer, cast.member_officer):
        client = logged_in(user, raise_request_exception=False)
        drafts = world.drafts if user == cast.member_officer else {}
        for name in sorted(FORMS - UNTRIED.keys() - found.keys()):
            own = waiting.get(name) or world.particular.get(name) or drafts
            url = address(PLACES[name], world.objects | own) + sendings.QUERIES.get(name, "")
            if accepted := sendings.accepted(name, client, url):
                found[name] = accepted
    return list(found.values())


def test_no_column_can_be_set_by_a_field_that_the_form_does_not_have(
    sent: list[Sending], abroad: set[type[models.Model]]
) -> None:
    """Every form is sent with every column beside it that its page does not show, then with a foreign key in each choice."""
    assert {one.name for one in sent} == FORMS - UNTRIED.keys()
    refused, written = [], []
    for one in sent:
        answer = one.post(_unshown(one), texts=True)
        refused += [] if answer.is_accepted else [(one.name, answer.code)]
        answers = {"unshown": answer} | {label: one.post({label: str(foreign.KEY)}) for label in _choices(one)}
        written += [(one.name, what, a.code, a.reached) for what, a in answers.items() if a.code >= 500 or a.reached]
    assert written == []
    assert refused == []
    assert {(type(form).__name__, label) for one in sent for form in one.forms for label in _protected(form)} == MEANT


def _unshown(one: Sending) -> dict[str, str]:
    """Return the columns that the page has no field for, alone and in the first row of each list."""
    rows: dict[str, str] = {"": ""}
    for label in one.fields:
        row = label[: label.rfind("-") + 1]
        rows.setdefault(re.sub(r"\d+", "#", row), row)
    columns = {row + column for row in rows.values() for column in COLUMNS - UNSHOWN.get(one.name, set())}
    return dict.fromkeys(columns - one.fields.keys() - one.given.keys(), str(foreign.KEY))


def _choices(one: Sending) -> list[str]:
    """Return the fields that may name a row, the first of those that differ by a number alone; a list's length is none."""
    alike = {re.sub(r"\d+", "#", label): label for label in reversed(one.naming) if not label.endswith("_FORMS")}
    return list(alike.values())


def _protected(form: forms.BaseForm) -> set[str]:
    return form.fields.keys() & PROTECTED if isinstance(form, forms.BaseModelForm) else set()
