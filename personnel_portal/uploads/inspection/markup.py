"""XML parts of office files, read as a stream: nothing is built in memory, and no DTD or entity is let in."""

from __future__ import annotations

import xml.sax
from collections.abc import Iterable
from typing import Any
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.expatreader
from defusedxml.common import DefusedXmlException

from personnel_portal.uploads.inspection.refusals import Reason, Refused

MAX_DEPTH = 256

Attributes = dict[str, str]


class Reader(ContentHandler):
    """Sees each element by its local name: a prefix is the writer's choice, so a rule on it could be dodged."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused(Reason.BOMB, f"elements nested deeper than {MAX_DEPTH}")
        self.element(local(name), attrs)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        self._depth -= 1

    def element(self, name: str, attrs: AttributesImpl) -> None:
        """Look at one element; the base class lets everything pass."""


class _Skimmer(defusedxml.expatreader.DefusedExpatParser):
    """Parses without telling of elements, ten times as fast: a sheet has millions, and in none can harm stand."""

    _parser: Any  # pyexpat's, made by the base class

    def reset(self) -> None:
        super().reset()
        self._parser.StartElementHandler = None
        self._parser.EndElementHandler = None
        self._parser.CharacterDataHandler = None


def plain(attrs: AttributesImpl) -> Attributes:
    """Return attributes by their local names; only for elements that matter, since a sheet has millions of others."""
    return {local(key): value for key, value in attrs.items()}


def local(name: str) -> str:
    """Return a qualified name without its prefix."""
    return name.rpartition(":")[2]


def read(chunks: Iterable[bytes], reader: Reader | None, *, part: str, lenient: bool = False) -> None:
    """Parse one part for its reader.

    Args:
        reader: looks at the elements; None where only the form of the XML matters.
        lenient: whether a part that is not well-formed passes, as Office's old VML drawings are.

    Raises:
        Refused: the part is not well-formed or declares a DTD or an entity.
    """
    parser = (_Skimmer if reader is None else defusedxml.expatreader.DefusedExpatParser)(forbid_dtd=True)
    if reader is not None:
        parser.setContentHandler(reader)
    rest = iter(chunks)
    try:
        for chunk in rest:
            parser.feed(chunk)
        parser.close()
    except DefusedXmlException as error:
        raise Refused(Reason.ENTITY, f"{part!r}: {type(error).__name__}") from error
    except xml.sax.SAXException as error:
        if not lenient:
            raise Refused(Reason.BROKEN, f"{part!r}: {error}") from error
        for _ in rest:  # what was not parsed is still unpacked and counted
            pass
