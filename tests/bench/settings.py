"""The portal's own settings, with the pages of the floor and the peer beside its own."""

from pathlib import Path

from personnel_portal.settings import *  # noqa: F403  # all of them
from personnel_portal.settings import ALLOWED_HOSTS, TEMPLATES

ROOT_URLCONF = "tests.bench.urls"
ALLOWED_HOSTS += ["testserver"]
DIRECTORIES: list[Path] = TEMPLATES[0]["DIRS"]  # type: ignore[assignment]  # one of the values of a mixed mapping
DIRECTORIES.append(Path(__file__).parent / "templates")
