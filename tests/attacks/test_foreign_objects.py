"""What belongs to another office is not there: by its address, as a part of an own object, in a form, in what is sent."""

import re
from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.db import models
from django.http import QueryDict

from districts.choices import Access, AgencyKind
from districts.models import Office
from personnel_portal.accounts.models import User
from personnel_portal.trail.models import Entry
from tests import build
from tests.attacks import foreign
from tests.attacks.forms import forms_on
from tests.site.addresses import address, places
from tests.site.clients import logged_in, status
from tests.site.test_hostile_requests import SPARED
from tests.site.test_permissions import ROWS
from tests.site.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("guards and querysets ask for rows by key; what finds them is tested on both in each app"),
]

PLACES = places()
NAMING = {name: place for name, place in PLACES.items() if place.parameters}
# A token in the address is the right itself, or signed by a page; a list that is asked for by it is the asker's own.
BY_TOKEN = {"accounts:set_password", "duties:feed", "downloads:ask"}


# --- By the address ----------------------------------------------------------------------------------------------------


def elsewhere(role: str) -> User:
    """Return somebody of the other office with the rights that its own people have there."""
    office = Office.objects.get(code="other")
    if role == "admin":
        return build.officer(office.agencies.get(kind=AgencyKind.OFFICE), access=Access.ADMIN)
    return build.officer(build.agency(office=office, kind=AgencyKind.TOWNSHIP), access=Access.WORK)


@pytest.mark.parametrize("role", ["admin", "worker"])
def test_no_address_opens_an_object_of_another_office(world: World, role: str) -> None:
    """Nobody's rights at home reach over, whatever the state of the object and however it is asked for."""
    client = logged_in(elsewhere(role))
    before, opened = Entry.objects.count(), []
    for name in NAMING.keys() - BY_TOKEN:
        place = NAMING[name]
        for url in addresses(world, name):
            for ask in (client.post,) if place.posts_only else (client.get, client.post):
                code = status(ask(url))
                opened += [(name, ask.__name__, code)] if code not in (403, 404, 405) else []
    assert opened == []
    assert Entry.objects.count() == before


def addresses(world: World, name: str) -> set[str]:
    """Return where a view stands for the objects of the world: as they are, as drafts, as it alone needs them."""
    others: list[dict[str, object]] = [{}, world.drafts, world.particular.get(name, {})]
    return {address(PLACES[name], world.objects | objects) for objects in others}


# --- As a part of an own object ----------------------------------------------------------------------------------------

# The second key of an address: the model whose row it names, and the field by which that belongs to the first.
PARTS = {
    "versions/<int:version>": ("districts.PlanVersion", "plan"),
    "deadlines/<int:deadline>": ("districts.Deadline", "plan"),
    "readings/<int:reading>": ("districts.Reading", "plan"),
    "check-in/<int:invitation>": ("meetings.Invitation", "meeting"),
    "agenda/<int:item>": ("meetings.AgendaItem", "meeting"),
    "units/<int:agency>": ("districts.Agency", "office"),
    "systems/<int:system>": ("kpi.System", "office"),
}


def parts() -> dict[str, str]:
    """Return the views whose address names a part of an object by its key: the part's place in the route."""
    found = {}
    for name, place in NAMING.items():
        keys = re.findall(r"[\w-]+/<int:\w+>", place.route)
        if len(keys) > 1:
            found[name] = keys[-1]
    return found


def test_parts_name_every_second_key_of_the_url_table() -> None:
    assert set(parts().values()) == set(PARTS)


@pytest.mark.parametrize("name", sorted(parts()))
def test_an_own_object_has_no_part_of_another_office(world: World, abroad: set[type[models.Model]], name: str) -> None:
    """The person may open the first object of the address, but the second is another's."""
    part = parts()[name]
    assert apps.get_model(PARTS[part][0]) in abroad
    url = address(PLACES[name], {**world.objects, part: foreign.KEY})
    client = logged_in(world.cast.office_admin)
    assert {status(client.post(url)), status(client.get(url))} <= {404, 405}


@pytest.mark.parametrize("name", sorted(name for name, part in parts().items() if PARTS[part][1] != "office"))
def test_an_own_object_has_no_part_of_its_neighbour(world: World, name: str) -> None:
    """The part is of the same office, but of another plan or meeting."""
    part = parts()[name]
    model, owner = PARTS[part]
    foreign.neighbour(apps.get_model(model)._base_manager.get(pk=world.objects[part]), owner)
    client = logged_in(world.cast.office_admin)
    url = address(PLACES[name], world.objects)
    assert {status(client.post(url)), status(client.get(url))} <= {404, 405}


# --- In a form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["office_admin", "host_officer"])
def test_no_form_offers_a_row_of_another_office(world: World, abroad: set[type[models.Model]], role: str) -> None:
    client = logged_in(getattr(world.cast, role))
    offered, asked = set(), set()
    for name, row in ROWS.items():
        if "GET" not in row.methods or name in SPARED:
            continue
        for url in addresses(world, name):
            response = client.get(url)
            status(response)
            for form in forms_on(response):
                for label, rows in choices(form):
                    asked.add(rows.model)
                    if rows.model in abroad and rows.filter(pk=foreign.KEY).exists():
                        offered.add((name, label))
    assert sorted(offered) == []
    assert role != "office_admin" or len(asked & abroad) > 12


def choices(form: forms.BaseForm) -> Iterator[tuple[str, models.QuerySet[models.Model]]]:
    """Yield the fields that choose a row, with the rows to choose from; the hidden key of a form set's row is none."""
    for label, field in form.fields.items():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None and label != "id":
            yield label, field.queryset


# --- In what is sent ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that the portal looked for in what was sent."""
    names: set[str] = set()
    for method in ("__getitem__", "get", "getlist", "__contains__"):
        plain = getattr(QueryDict, method)

        def listen(self: QueryDict, key: str, *rest: object, plain: object = plain, **more: object) -> object:
            names.add(key)
            return plain(self, key, *rest, **more)  # type: ignore[operator]  # the method itself

        monkeypatch.setattr(QueryDict, method, listen)
    return names


@pytest.mark.parametrize("role", ["office_admin", "host_officer"])
def test_no_field_reaches_a_row_of_another_office(
    world: World, abroad: set[type[models.Model]], sent: set[str], role: str
) -> None:
    """Every view is sent the foreign key in every field that it looks at, whatever that field names."""
    client = logged_in(getattr(world.cast, role), raise_request_exception=False)
    reached, fields = [], 0
    for name, row in ROWS.items():
        if "POST" not in row.methods or name in ("accounts:logout", "accounts:login"):
            continue
        url = address(PLACES[name], world.objects)
        sent.clear()
        for _ in range(3):  # a field may be looked for only after another was found
            known = sent - {"csrfmiddlewaretoken"}
            answer = foreign.post(
                client, url, {key: "1" if key.endswith("_FORMS") else str(foreign.KEY) for key in known}
            )
            if answer.code >= 500 or answer.reached:
                reached.append((name, answer.code, answer.reached))
            if sent - {"csrfmiddlewaretoken"} == known:
                break
        fields += len(sent)
    assert reached == []
    assert fields > 200
