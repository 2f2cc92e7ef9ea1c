"""No cell of any export runs as a formula, whoever wrote it and whichever export it leaves by."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from defusedxml import ElementTree
from django.contrib import admin
from django.db import transaction
from pytest_django import DjangoDbBlocker

from personnel_portal import exchange, lists
from personnel_portal.documents import sheets
from personnel_portal.documents.reading import FORMULA
from tests.attacks.planting import plant
from tests.site.addresses import address, places
from tests.site.clients import logged_in
from tests.site.test_hostile_requests import SPARED
from tests.site.test_permissions import ROWS
from tests.site.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("a cell is written the same from either database"),
]

PLACES = places()
COMMAND = "=cmd|'/c calc'!A0"
NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?%?$")


@pytest.fixture(scope="module")
def sown(world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, in which every text begins as a formula does."""
    with django_db_blocker.unblock(), transaction.atomic():
        plant(0, COMMAND)
        yield world
        transaction.set_rollback(True)


def exports(world: World) -> Iterator[tuple[str, str, bytes]]:
    """Yield what every view gives as a sheet, in each form: lists by their query, sheets by their address."""
    client = logged_in(world.cast.office_admin, raise_request_exception=False)
    for name, row in ROWS.items():
        if row.sort == "act" or name in SPARED - {"proposals:compilation"} or name.endswith("_file"):
            continue
        for form in lists.EXPORTS:
            ends = [end for end in world.objects if end.endswith("<str:form>")]
            url = address(PLACES[name], {**world.objects, **dict.fromkeys(ends, form)})
            response: Any = client.get(url, {"export": form, "template": form})
            content = response.getvalue() if response.streaming else response.content
            kind = response.headers.get("Content-Type", "")
            if response.status_code == 200 and kind == sheets.FORMATS[form][2]:
                yield name, form, content
            elif form == "ods":
                break  # a page, which gives no other form either


def cells(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]


def assert_runs_nothing(name: str, form: str, content: bytes) -> int:
    """Return how many cells hold the command, none of them to be run."""
    if form == "csv":
        read = cells(content)
        assert not [cell for cell in read if cell.startswith(FORMULA) and not NUMBER.match(cell)], name
        return sum(cell.startswith(f"'{COMMAND}") for cell in read)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [part for part in archive.namelist() if part.endswith(".xml") and archive.getinfo(part).file_size]
        trees = {part: ElementTree.fromstring(archive.read(part)) for part in parts}
    elements = [element for tree in trees.values() for element in tree.iter()]
    assert not [element for element in elements if element.tag.endswith("main}f")], f"{name}: an xlsx formula"
    assert not [element for element in elements if any(key.endswith("table:1.0}formula") for key in element.attrib)], (
        name
    )
    return sum(COMMAND in (element.text or "") for element in elements)


def test_no_export_of_a_page_runs_anything(sown: World) -> None:
    found = {(name, form): assert_runs_nothing(name, form, content) for name, form, content in exports(sown)}
    for form in lists.EXPORTS:
        counts = [count for (_, written), count in found.items() if written == form]
        assert len(counts) > 30
        assert sum(count > 0 for count in counts) > 20


@pytest.mark.parametrize("written", [exchange.Ods, exchange.Xlsx, exchange.Csv], ids=lambda found: found.title)
def test_no_export_of_the_administration_runs_anything(sown: World, written: type[Any]) -> None:
    """Every kind of row that the administration exports, through its own resource."""
    form, hits = written(), 0
    for model, manager in admin.site._registry.items():
        if hasattr(manager, "get_resource_classes"):
            (resource, *_) = manager.get_resource_classes(None)
            data = resource().export(model._base_manager.all()[:10])
            hits += assert_runs_nothing(model.__name__, form.get_extension(), form.export_data(data)) > 0
    assert hits > 10


@pytest.mark.parametrize("start", FORMULA)
@pytest.mark.parametrize("written", [exchange.Csv, exchange.Big5], ids=lambda found: found.title)
def test_no_start_of_a_formula_survives_in_csv(written: type[exchange.Csv], start: str) -> None:
    target = io.BytesIO()
    written().write(target, [f"{start}head"], [[f"{start}1+1"]])
    text = target.getvalue().decode(written.encoding)
    assert [cell[0] for row in csv.reader(io.StringIO(text, newline="")) for cell in row] == ["'", "'"]
