"""ODT and ODS: which of the two, and what they may not carry (ODF 1.3 parts 2 and 3)."""

from __future__ import annotations

import re
from xml.sax.xmlreader import AttributesImpl

from personnel_portal.uploads.inspection import markup
from personnel_portal.uploads.inspection.archive import Archive
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind

_KINDS = {kind.mime: kind for kind in (Kind.ODT, Kind.ODS)}
_REQUIRED = ("META-INF/manifest.xml", "content.xml")
_MACRO_FOLDERS = ("basic/", "scripts/")
_MACRO_ELEMENTS = frozenset({"event-listener", "script"})
_EMBEDDED_ELEMENTS = frozenset({"applet", "plugin", "floating-frame", "object-ole"})
_EXTERNAL_ELEMENTS = frozenset({"dde-source", "dde-link", "table-source", "cell-range-source", "connection-resource"})
# A template's path stays in the meta data of any document made from it, and nothing follows it.
_LINK_ELEMENTS = frozenset({"a", "template", "auto-reload", "hyperlink-behaviour"})
_SCRIPT_ADDRESS = re.compile(r"\s*(vnd\.sun\.star\.|macro:|javascript:|vbscript:|service:)", re.IGNORECASE)
_OUTSIDE_ADDRESS = re.compile(r"\s*([a-z][a-z0-9+.-]*:|/|\\|\.\./)", re.IGNORECASE)
_LOCAL_PROGRAM = re.compile(r"\s*(file:|\\\\|//)", re.IGNORECASE)
_MAX_TYPE = 200


def kind_of(archive: Archive) -> Kind:
    """Return ODT or ODS by the `mimetype` entry, which stands first and uncompressed (ODF 1.3 part 2, 3.3).

    Raises:
        Refused: macros, missing parts, or an ODF file of another program.
    """
    first = archive.entries[0]
    if first.filename != "mimetype" or first.compress_type != 0:
        raise Refused(Reason.BROKEN, "mimetype is not the first entry, stored")
    declared = archive.content(first, _MAX_TYPE).decode("ascii", "replace").strip()
    if declared not in _KINDS:
        raise Refused(Reason.UNKNOWN, f"mimetype {declared!r}")
    for name in archive.names:
        if name.lower().startswith(_MACRO_FOLDERS):
            raise Refused(Reason.MACRO, name)
    for name in _REQUIRED:
        if name not in archive.names:
            raise Refused(Reason.BROKEN, f"no {name}")
    return _KINDS[declared]


class PartReader(markup.Reader):
    """Looks through one part for encryption, scripts, foreign objects and links to the outside."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part
        self._manifest = part == "META-INF/manifest.xml"

    def element(self, name: str, attrs: AttributesImpl) -> None:
        where = f"{name} in {self._part!r}"
        if self._manifest:
            self._manifest_element(name, markup.plain(attrs))
        elif name in _MACRO_ELEMENTS:
            raise Refused(Reason.MACRO, where)
        elif name in _EMBEDDED_ELEMENTS:
            raise Refused(Reason.EMBEDDED, where)
        elif name in _EXTERNAL_ELEMENTS:
            raise Refused(Reason.EXTERNAL, where)
        else:
            for key in attrs.getNames():
                if markup.local(key) == "href":
                    self._refuse_address(name, attrs.getValue(key))

    def _manifest_element(self, name: str, attributes: markup.Attributes) -> None:
        if name in ("encryption-data", "encrypted-key"):
            raise Refused(Reason.ENCRYPTED, name)
        media_type = attributes.get("media-type", "").lower()
        if "oleobject" in media_type:
            raise Refused(Reason.EMBEDDED, media_type)
        if attributes.get("full-path", "").lower().startswith(_MACRO_FOLDERS):
            raise Refused(Reason.MACRO, attributes["full-path"])

    def _refuse_address(self, name: str, address: str) -> None:
        where = f"{name} to {address[:200]!r} in {self._part!r}"
        if _SCRIPT_ADDRESS.match(address):
            raise Refused(Reason.MACRO, where)
        if name in _LINK_ELEMENTS:
            if name == "a" and _LOCAL_PROGRAM.match(address):
                raise Refused(Reason.EXTERNAL, where)
        elif _OUTSIDE_ADDRESS.match(address):
            raise Refused(Reason.EXTERNAL, where)
