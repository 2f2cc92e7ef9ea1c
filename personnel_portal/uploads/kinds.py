"""The kinds of file the portal keeps. Standard library only: the inspection process reads it without Django."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Kind(enum.StrEnum):
    """One kind of file, named by its usual extension; `mime` is what it is sent as."""

    mime: str
    extensions: tuple[str, ...]

    def __new__(cls, value: str, mime: str = "", *others: str) -> Kind:
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.mime = mime
        kind.extensions = (value, *others)
        return kind

    PDF = "pdf", "application/pdf"
    ODT = "odt", "application/vnd.oasis.opendocument.text"
    DOCX = "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ODS = "ods", "application/vnd.oasis.opendocument.spreadsheet"
    XLSX = "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    JPG = "jpg", "image/jpeg", "jpeg", "jpe", "jfif"
    PNG = "png", "image/png"
    CSV = "csv", "text/csv"

    @property
    def label(self) -> str:
        """The name people know the kind by, such as DOCX."""
        return self.value.upper()


MINUTES = frozenset({Kind.PDF, Kind.ODT, Kind.DOCX})
# The content of a CSV does not tell what it is, so that the portal writes such files and nobody hands them in.
ATTACHMENTS = frozenset(Kind) - {Kind.CSV}


def listed(kinds: Iterable[Kind]) -> str:
    """Return the kinds for a sentence, in the order of their definition: PDF、ODT、DOCX."""
    wanted = set(kinds)
    return "、".join(kind.label for kind in Kind if kind in wanted)


def accepted(kinds: Iterable[Kind]) -> str:
    """Return the `accept` attribute of a file input: .pdf,.odt,.docx."""
    wanted = set(kinds)
    return ",".join(f".{extension}" for kind in Kind if kind in wanted for extension in kind.extensions)
