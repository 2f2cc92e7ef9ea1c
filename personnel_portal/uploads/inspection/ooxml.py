"""DOCX and XLSX: which of the two, and what they may not carry (ECMA-376 part 2, MS-OFFMACRO2)."""

from __future__ import annotations

import re
from xml.sax.xmlreader import AttributesImpl

from personnel_portal.uploads.inspection import markup
from personnel_portal.uploads.inspection.archive import Archive
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind

MAX_STRUCTURE = 4 * 1024**2

MAIN_PARTS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": Kind.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": Kind.XLSX,
}
_MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "macrosheet", "dialogsheet", "ms-word.attachedtoolbars")
_MACRO_PARTS = re.compile(r"(^|/)(vbaproject[^/]*\.bin|vbadata\.xml|macrosheets/.*)$", re.IGNORECASE)
_EMBEDDED_TYPES = ("activex", "oleobject", "ms-package.")
_EMBEDDED_PARTS = re.compile(r"(^|/)(activex|embeddings)/", re.IGNORECASE)
_EMBEDDED_LINKS = frozenset({"oleObject", "package", "control", "activeXControlBinary", "aFChunk"})
_MACRO_LINKS = frozenset({"vbaProject", "wordVbaData", "xlMacrosheet", "xlIntlMacrosheet"})
_EXTERNAL_LINKS = frozenset(
    {"attachedTemplate", "externalLink", "connections", "subDocument", "webextension", "webextensiontaskpanes"}
)
_WEB_ADDRESS = re.compile(r"\s*(https?|mailto|tel|ftp):|\s*#", re.IGNORECASE)
_HAS_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*:|\\\\|//)", re.IGNORECASE)
_DDE = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
_TELLING = frozenset({"Relationship", "fldSimple", "fldChar", "ddeLink", "oleLink"})
_FIELD_LIMIT = 100_000


class _Types(markup.Reader):
    """Reads `[Content_Types].xml`: the declared type of each part."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[str, str] = {}

    def element(self, name: str, attrs: AttributesImpl) -> None:
        attributes = markup.plain(attrs)
        content_type = attributes.get("ContentType", "").strip().lower()
        if any(word in content_type for word in _MACRO_TYPES):
            raise Refused(Reason.MACRO, content_type)
        # A default for an extension is often declared although no such part exists; only parts count here.
        if name == "Override":
            if any(word in content_type for word in _EMBEDDED_TYPES):
                raise Refused(Reason.EMBEDDED, content_type)
            self.parts[attributes.get("PartName", "").lstrip("/").lower()] = content_type


class _RootLinks(markup.Reader):
    """Reads `_rels/.rels`: which part is the document."""

    def __init__(self) -> None:
        super().__init__()
        self.document = ""

    def element(self, name: str, attrs: AttributesImpl) -> None:
        attributes = markup.plain(attrs)
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            self.document = attributes.get("Target", "").lstrip("/").lower()


def kind_of(archive: Archive) -> Kind:
    """Return DOCX or XLSX by the declared type of the main part, and refuse parts by their names.

    Raises:
        Refused: macros, embedded objects, or an OOXML file of another program.
    """
    for name in archive.names:
        if _MACRO_PARTS.search(name):
            raise Refused(Reason.MACRO, name)
        if _EMBEDDED_PARTS.search(name):
            raise Refused(Reason.EMBEDDED, name)
    types, links = _Types(), _RootLinks()
    _read(archive, "[Content_Types].xml", types)
    _read(archive, "_rels/.rels", links)
    if links.document not in {name.lower() for name in archive.names}:
        raise Refused(Reason.BROKEN, "no main part")
    declared = types.parts.get(links.document, "")
    if declared not in MAIN_PARTS:
        raise Refused(Reason.UNKNOWN, f"main part is {declared!r}")
    return MAIN_PARTS[declared]


def _read(archive: Archive, name: str, reader: markup.Reader) -> None:
    entry = next((entry for entry in archive.entries if entry.filename == name), None)
    if entry is None:
        raise Refused(Reason.BROKEN, f"no {name}")
    markup.read([archive.content(entry, MAX_STRUCTURE)], reader, part=name)


class PartReader(markup.Reader):
    """Looks through one part for links to the outside and for fields that start programs (DDE)."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part
        self._links = part.lower().endswith(".rels")
        self._in_field = False
        self._field = ""

    def element(self, name: str, attrs: AttributesImpl) -> None:
        self._in_field = name == "instrText"
        if name not in _TELLING:
            return
        attributes = markup.plain(attrs)
        if self._links and name == "Relationship":
            self._relationship(attributes)
        elif name == "fldSimple":
            self._refuse_dde(attributes.get("instr", ""))
        elif name in ("ddeLink", "oleLink"):
            raise Refused(Reason.EXTERNAL, f"{name} in {self._part!r}")
        elif name == "fldChar" and attributes.get("fldCharType") == "begin":
            self._field = ""

    def characters(self, content: str) -> None:
        # One field's instruction may be cut into many runs, so it is judged as it grows.
        if self._in_field and len(self._field) < _FIELD_LIMIT:
            self._field += content
            self._refuse_dde(self._field)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        super().endElement(name)
        self._in_field = False

    def _relationship(self, attributes: markup.Attributes) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        where = f"{kind} to {target[:200]!r} in {self._part!r}"
        if kind in _MACRO_LINKS:
            raise Refused(Reason.MACRO, where)
        if kind in _EMBEDDED_LINKS:
            raise Refused(Reason.EMBEDDED, where)
        if kind in _EXTERNAL_LINKS:
            raise Refused(Reason.EXTERNAL, where)
        outside = attributes.get("TargetMode", "").lower() == "external" or _HAS_SCHEME.match(target)
        if outside and not (kind == "hyperlink" and _harmless(target)):
            raise Refused(Reason.EXTERNAL, where)

    def _refuse_dde(self, instruction: str) -> None:
        if _DDE.search(instruction):
            raise Refused(Reason.EXTERNAL, f"DDE field in {self._part!r}")


def sheet_reader(part: str) -> PartReader | None:
    """Return the reader of one part of an XLSX: whatever acts or leads outside does so through its relationships."""
    return PartReader(part) if part.lower().endswith(".rels") else None


def _harmless(target: str) -> bool:
    """Whether a hyperlink is a web or mail address, or a relative path, rather than a program or a network share."""
    return bool(_WEB_ADDRESS.match(target)) or not _HAS_SCHEME.match(target)
