"""Words that somebody stored stay words: in every page, form, mail, PDF and ODT; no paper fetches what they name."""

import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pypdf
import pytest
from defusedxml import ElementTree
from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.template import engines
from django.template.base import Node, VariableNode
from django.template.defaulttags import AutoEscapeControlNode
from pytest_django import DjangoDbBlocker

from kpi.models import FrozenReport
from personnel_portal.documents import keeping, odf, pdf
from personnel_portal.duties.tasks import remind
from personnel_portal.outbox.models import Message
from tests.attacks.planting import MARK, Planted, became_markup, plant, shown
from tests.site.addresses import address, places
from tests.site.clients import logged_in, status
from tests.site.test_hostile_requests import SPARED
from tests.site.test_permissions import ROWS, SENT, WAITING
from tests.site.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("what stands in a page does not depend on where the words were kept"),
]

PLACES = places()


class Listener(ThreadingHTTPServer):
    """A real server of this machine that counts who calls it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        calls = self.calls

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                calls.append(self.path)
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@dataclass
class Field:
    """The world with words planted in it, the server that the words name, and what was planted."""

    world: World
    listener: Listener
    planted: Planted


@pytest.fixture(scope="module")
def sown(world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[Field]:
    listener = Listener()
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    with django_db_blocker.unblock(), transaction.atomic():
        yield Field(world, listener, plant(listener.server_port))
        transaction.set_rollback(True)
    listener.shutdown()
    listener.server_close()


def addresses(world: World, name: str) -> set[str]:
    others: list[dict[str, object]] = [{}, world.drafts, world.particular.get(name, {})]
    if name in WAITING:
        others.append(world.objects_of(world.meeting(WAITING[name])))
    return {address(PLACES[name], world.objects | objects) for objects in others}


def text_of(response: Any) -> str:
    status(response)
    kind = response.headers.get("Content-Type", "")
    return "" if response.streaming or not kind.startswith("text/html") else response.content.decode()


# --- Pages -------------------------------------------------------------------------------------------------------------


def test_most_text_fields_can_be_sown(sown: Field) -> None:
    """Those that cannot are no free text: a constraint of the database says what stands in them."""
    assert len(sown.planted.fields) > 150


def test_no_page_makes_markup_of_stored_words(sown: Field) -> None:
    seen: set[int] = set()
    wrong: dict[str, list[str]] = {}
    for user in (sown.world.cast.office_admin, sown.world.cast.host_officer):
        client = logged_in(user, raise_request_exception=False)
        for name, row in ROWS.items():
            if "GET" not in row.methods or name in SPARED:
                continue
            for url in (
                addresses(sown.world, name)
                if user is sown.world.cast.office_admin
                else {address(PLACES[name], sown.world.objects)}
            ):
                response = client.get(url)
                page = text_of(response)
                if response.status_code >= 500:
                    wrong[name] = ["500"]
                seen |= shown(page)
                if found := became_markup(page):
                    wrong[name] = found
    assert wrong == {}
    assert len(seen) > 100


def test_no_form_makes_markup_of_what_was_sent(sown: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every view is sent the words in every field that it looks at, and in its query."""
    client = logged_in(sown.world.cast.office_admin, raise_request_exception=False)
    names: set[str] = set()
    wrong: dict[str, list[str]] = {}
    echoed = 0
    for method in ("__getitem__", "get", "getlist", "__contains__"):
        plain = getattr(QueryDict, method)

        def listen(self: QueryDict, key: str, *rest: object, plain: Any = plain, **more: object) -> object:
            names.add(key)
            return plain(self, key, *rest, **more)

        monkeypatch.setattr(QueryDict, method, listen)
    for name, row in ROWS.items():
        if name in SPARED or name == "accounts:logout":
            continue
        url = address(PLACES[name], sown.world.objects)
        names.clear()
        for _ in range(2):
            data = {key: "1" if key.endswith("_FORMS") else "\"'onx=1><x99>" for key in names}
            with transaction.atomic():
                response = client.post(url, data) if "POST" in row.methods else client.get(url, data)
                page = text_of(response)
                if response.status_code >= 500:
                    wrong[name] = ["500"]
                transaction.set_rollback(True)
            echoed += 99 in shown(page)
            if found := became_markup(page):
                wrong[name] = found
    assert wrong == {}
    assert echoed > 60


def _nodes(nodes: Any) -> Iterator[Node]:
    for node in nodes:
        yield node
        for child in node.child_nodelists:
            yield from _nodes(getattr(node, child, None) or ())


def test_only_our_own_pictures_are_put_into_pages_as_they_are() -> None:
    """Every template of the portal, mails among them: nothing but the SVG that we drew is marked as safe."""
    unescaped = set()
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        name = str(path.relative_to(Path(settings.BASE_DIR, "templates")))
        template: Any = engines["django"].get_template(name)
        for node in _nodes(template.template.nodelist):
            if isinstance(node, AutoEscapeControlNode) and not node.setting:
                unescaped.add((name, "autoescape off"))
            if isinstance(node, VariableNode):
                filters = {found.__name__ for found, _ in node.filter_expression.filters}
                if filters & {"safe", "safeseq"}:
                    unescaped.add((name, str(node.filter_expression.token)))
    assert unescaped == {
        ("documents/paper.html", "block.svg|safe"),
        ("kpi/_trend.html", "trend.svg|safe"),
        ("training/questionnaire_results.html", "results.picture|safe"),
    }


# --- Mails -------------------------------------------------------------------------------------------------------------


def test_no_mail_makes_markup_or_heads_of_stored_words(sown: Field) -> None:
    """Every act that the world allows is done, and whatever mail it writes is read as a mail program would."""
    known = set(Message.objects.values_list("pk", flat=True))
    wrong, subjects = {}, set()
    with transaction.atomic():
        for user in (sown.world.cast.office_admin, sown.world.cast.host_officer):
            for name, row in ROWS.items():
                if "POST" in row.methods and not name.startswith("accounts:"):
                    for url in addresses(sown.world, name):
                        with transaction.atomic():
                            status(
                                logged_in(user, raise_request_exception=False).post(
                                    url, {"confirmed": "1", "reason": "<x98>", **SENT.get(name, {})}
                                )
                            )
                            for message in Message.objects.exclude(pk__in=known):
                                subjects.add(name)
                                assert "\n" not in message.subject
                                if found := became_markup(message.html):
                                    wrong[name] = found
                            transaction.set_rollback(True)
        remind()
        for message in Message.objects.exclude(pk__in=known):
            subjects.add("digest")
            if found := became_markup(message.html):
                wrong["digest"] = found
        transaction.set_rollback(True)
    assert wrong == {}
    assert len(subjects) > 10


# --- Papers ------------------------------------------------------------------------------------------------------------


FORMS = ("pdf", "odt")


@pytest.fixture(scope="module")
def papers(sown: Field) -> dict[tuple[str, str], bytes]:
    """Every paper that a view gives, in each form, and the reports that a task renders."""
    client, made = logged_in(sown.world.cast.office_admin), {}
    for name in SPARED:
        for form in FORMS:
            own = {
                "<str:form>": form,
                "<str:kind>.<str:form>": form,
                "hours.<str:form>": form,
                "roster.<str:form>": form,
            }
            objects = {**sown.world.objects, **own, "study/rosters/<int:pk>/paper.<str:form>": form}
            response: Any = client.get(address(PLACES[name], objects))
            if response.status_code == 200:
                made[name, form] = response.getvalue() if response.streaming else response.content
    return made | _frozen(sown.world)


def _frozen(world: World) -> dict[tuple[str, str], bytes]:
    """Freeze the reports with the words in them, and return what the task would render of each."""
    made: dict[tuple[str, str], bytes] = {}
    known = set(FrozenReport.objects.values_list("pk", flat=True))
    for name, user in {
        "kpi:issue_target_report": world.cast.office_admin,
        "kpi:freeze_work_report": world.cast.host_officer,
    }.items():
        status(logged_in(user).post(address(PLACES[name], world.objects)))
        report = FrozenReport.objects.exclude(pk__in=known).get()
        known.add(report.pk)
        paper = keeping.unpacked(report.content["paper"])
        made |= {(name, "pdf"): pdf.render(paper), (name, "odt"): odf.render(paper)}
    return made


def test_no_paper_calls_a_server_or_reads_a_file(sown: Field, papers: dict[tuple[str, str], bytes]) -> None:
    """The words name pictures, style sheets and attachments on a server that runs, and a file that is there."""
    assert len([1 for _, form in papers if form == "pdf"]) > 8
    assert sown.listener.calls == []
    for (name, form), content in papers.items():
        if form == "pdf":
            reader = pypdf.PdfReader(io.BytesIO(content))
            assert not reader.attachments, name
            assert not any(page.get("/Annots") for page in reader.pages), name


def test_papers_show_the_words_as_they_are(papers: dict[tuple[str, str], bytes]) -> None:
    for (name, form), content in papers.items():
        if form == "pdf":
            pages = pypdf.PdfReader(io.BytesIO(content)).pages
            assert "<x" in "".join(page.extract_text() for page in pages), name


def test_odt_papers_are_well_formed_and_hold_the_words_as_text(papers: dict[tuple[str, str], bytes]) -> None:
    read = 0
    for (name, form), content in papers.items():
        if form != "odt":
            continue
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            trees = [
                ElementTree.fromstring(archive.read(part))
                for part in archive.namelist()
                if part.endswith(".xml") and archive.getinfo(part).file_size
            ]
        tags = {element.tag for tree in trees for element in tree.iter()}
        assert not [tag for tag in tags if MARK.match(tag) or "}" not in tag], name
        assert "<x" in "".join(text for tree in trees for text in tree.itertext()), name
        read += 1
    assert read > 5
