"""Why a file is refused."""

from __future__ import annotations

import enum


class Reason(enum.StrEnum):
    """A reason for refusing a file; `uploads.checks` holds the sentence for each."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"
    LEGACY = "legacy"
    NOT_ALLOWED = "not_allowed"
    EXTENSION = "extension"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    MACRO = "macro"
    EMBEDDED = "embedded"
    EXTERNAL = "external"
    ACTIVE = "active"
    ENTITY = "entity"
    ARCHIVE = "archive"
    PROGRAM = "program"
    ENTRIES = "entries"
    POLYGLOT = "polyglot"
    BOMB = "bomb"
    PAGES = "pages"
    PIXELS = "pixels"
    FRAMES = "frames"
    VIRUS = "virus"
    SCANNER = "scanner"
    FULL = "full"


class Refused(Exception):  # noqa: N818 - a verdict on the file, not an error of the portal
    """The file may not be kept; `detail` is for the log, never for the person."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
