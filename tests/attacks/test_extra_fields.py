"""Fields that no form has, sent along with those that it has: they change nothing that the person may not change."""

from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.db import models

from tests.attacks import foreign
from tests.attacks.forms import filled_in, forms_on
from tests.attacks.planting import APPS
from tests.site.addresses import address, places
from tests.site.clients import logged_in, status
from tests.site.test_hostile_requests import SPARED
from tests.site.test_permissions import ROWS
from tests.site.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("a form reads the same fields on either database"),
]

PLACES = places()
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


def test_no_column_can_be_set_by_a_field_that_the_form_does_not_have(
    world: World, abroad: set[type[models.Model]]
) -> None:
    """Every form is sent as it stands on its page, with every column of the portal beside it."""
    written: list[Any] = []
    named: set[tuple[str, str]] = set()
    taken: set[str] = set()
    for user in (world.cast.office_admin, world.cast.host_officer, world.cast.member_officer):
        client = logged_in(user, raise_request_exception=False)
        for name, row in ROWS.items():
            if row.sort != "form" or name in taken | SPARED or name.startswith("accounts:log"):
                continue
            own = world.particular.get(name) or (world.drafts if user == world.cast.member_officer else {})
            url = address(PLACES[name], world.objects | own)
            response: Any = client.get(url)
            if status(response) != 200:
                continue
            for form in forms_on(response):
                named |= {(type(form).__name__, label) for label in _open_fields(form) & PROTECTED}
            data: dict[str, Any] = dict(filled_in(response.content.decode()))
            extra = dict.fromkeys(COLUMNS - data.keys(), str(foreign.KEY))
            code, writes = foreign.post(client, url, data | extra, texts=True)
            if code == 302:
                taken.add(name)
            if code >= 500 or writes:
                written.append((name, code, writes))
    assert written == []
    assert named <= MEANT
    assert len(taken) > 20


def _open_fields(form: forms.BaseForm) -> set[str]:
    if not isinstance(form, forms.BaseModelForm):
        return set()
    return {label for label, field in form.fields.items() if not isinstance(field.widget, forms.HiddenInput)}
