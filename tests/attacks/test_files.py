"""Hundreds of hostile files: each is refused in one sentence or kept harmlessly, and none breaks the portal."""

import io
import logging
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import Settings

from personnel_portal.uploads import actions, checks, sending
from personnel_portal.uploads.inspection import content
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import ATTACHMENTS, Kind
from tests.attacks.files import NAMES, Trick, good, tricks
from tests.hostile import hostile_files
from tests.site.clients import logged_in
from tests.site.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.one_database("a file is judged before anything is written")]


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGE_PATH = tmp_path / "kept" / "files"
    settings.STORAGE_PATH.mkdir(parents=True)
    return tmp_path


@pytest.fixture
def at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inspection runs in this process: `tests/uploads` tries its own process, whose start takes most of the time."""

    def inspected(copy: Any) -> Kind:
        try:
            return content.inspect(copy)
        except Refused:
            raise
        except Exception as error:
            raise Refused(Reason.BROKEN, repr(error)) from error

    monkeypatch.setattr(checks, "_inspected", inspected)
    logging.getLogger("pikepdf").setLevel(logging.CRITICAL)


def judged(trick: Trick) -> str | None:
    """Return the sentence that refuses the file; none when it is kept."""
    file = SimpleUploadedFile("x", trick.build())
    vars(file)["_name"] = trick.name  # as a browser may send it, past what Django makes of a name
    try:
        actions.keep(file, by=None, allowed=ATTACHMENTS)
    except ValidationError as refused:
        (sentence,) = refused.messages
        return str(sentence)
    return None


def test_every_hostile_file_is_refused_in_one_sentence_or_harmless(storage: Path, at_hand: None) -> None:
    wrong, count = [], Counter[bool]()
    for trick in tricks():
        sentence = judged(trick)
        count[sentence is None] += 1
        if sentence is None and not trick.may_be_kept:
            wrong.append((trick.name, "kept"))
        if sentence is not None and (sentence.count("。"), sentence[-1:], "\n" in sentence) != (1, "。", False):
            wrong.append((trick.name, sentence))
    assert wrong == []
    assert count.total() + len(list(hostile_files())) > 300
    assert count[False] > 200


def test_nothing_is_kept_outside_the_storage_nor_under_a_name_of_the_sender(storage: Path, at_hand: None) -> None:
    """Path tricks in names of files and of what is in them: a kept file is called by its hash and may not be run."""
    for trick in tricks():
        if trick.may_be_kept:
            judged(trick)
    kept = [path for path in storage.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        assert path.is_relative_to(storage / "kept" / "files")
        assert not path.is_symlink()
        assert path.name.isalnum() or path.name == ".lock"
        assert not path.stat().st_mode & 0o111


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_file_comes_back_under_a_harmless_name(storage: Path, at_hand: None, name: str) -> None:
    file = SimpleUploadedFile("x", good(Kind.PDF))
    vars(file)["_name"] = name
    try:
        stored = actions.keep(file, by=None, allowed=ATTACHMENTS)
    except ValidationError:
        return
    response: Any = sending.send(stored, by=None, target=None)
    response.file_to_stream.close()
    head = response.headers["Content-Disposition"]
    assert head.startswith("attachment; filename")
    assert not set("\r\n\x00/\\<>") & set(head.replace('\\"', ""))
    assert "\u202e" not in stored.name
    assert len(stored.name) <= 120
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Security-Policy"].startswith("sandbox;")


@pytest.fixture
def files() -> list[Trick]:
    chosen: dict[str, Trick] = {}
    for trick in tricks():
        chosen.setdefault(f"{trick.name[:2]}.{trick.name[-3:]}", trick)
    return list(chosen.values())


@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    "view", ["proposals:add_attachments", "districts:import_agencies", "training:import_attendance"]
)
def test_a_view_answers_hostile_files_with_a_page(
    world: World, storage: Path, at_hand: None, files: list[Trick], view: str
) -> None:
    """By way of the request, through upload handlers, form and action: never a 500."""
    user = world.cast.member_officer if "attachments" in view else world.cast.office_admin
    client = logged_in(user, raise_request_exception=False)
    url = reverse(view, args=[world.drafts["proposals/<int:pk>"]] if "attachments" in view else [])
    answers = Counter[int]()
    for trick in files[:: 1 if "attachments" in view else 6]:
        upload = io.BytesIO(trick.build())
        upload.name = trick.name.replace("\ud800", "x") or "x"
        answers[client.post(url, {"files": upload, "file": upload}).status_code] += 1
    assert set(answers) <= {200, 302, 400, 422}
