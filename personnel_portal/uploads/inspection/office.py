"""What ODF and OOXML files have in common: a zip of XML parts, each of which is looked through."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator

from personnel_portal.uploads.inspection import markup, odf, ooxml
from personnel_portal.uploads.inspection.archive import Archive
from personnel_portal.uploads.inspection.content import ARCHIVES, COMPOUND, PROGRAMS, ZIP, Seekable
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind

_XML_NAMES = (".xml", ".rels", ".rdf", ".svg", ".vml", ".xhtml")
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PACKED_PICTURES = (".emz", ".wmz")  # Office's own gzipped drawings
_SHEETS = frozenset({Kind.ODS, Kind.XLSX})


def inspect(file: Seekable) -> Kind:
    """Return the kind of an office file after reading every entry of it.

    Raises:
        Refused: it is another kind of zip, or one of its parts may not be kept.
    """
    archive = Archive(file)
    reader: Callable[[str], markup.Reader | None]
    if "[Content_Types].xml" in archive.names:
        kind = ooxml.kind_of(archive)
        reader = ooxml.sheet_reader if kind is Kind.XLSX else ooxml.PartReader
    elif "mimetype" in archive.names:
        kind, reader = odf.kind_of(archive), odf.PartReader
    else:
        raise Refused(Reason.ARCHIVE, "zip without an office document")
    for entry in archive.entries:
        _look_through(archive, entry, reader)
    if kind in _SHEETS:
        _open_sheets(file)
    return kind


def _look_through(archive: Archive, entry: zipfile.ZipInfo, reader: Callable[[str], markup.Reader | None]) -> None:
    chunks = archive.chunks(entry)
    first = next(chunks, b"")
    _refuse_foreign(entry.filename, first)
    whole = itertools.chain([first], chunks)
    if entry.file_size and _is_xml(entry.filename, first):
        lenient = entry.filename.lower().endswith(".vml")
        markup.read(whole, reader(entry.filename), part=entry.filename, lenient=lenient)
    else:
        _exhaust(whole)


def _refuse_foreign(name: str, head: bytes) -> None:
    """Refuse an entry that is a file of its own: a program, an archive, an OLE object."""
    if head.startswith(COMPOUND):
        raise Refused(Reason.EMBEDDED, f"OLE object {name!r}")
    # Two letters are little to go by: a real program also carries zero bytes in its header.
    if head.startswith(PROGRAMS) and (not head.startswith(b"MZ") or b"\0" in head[:64]):
        raise Refused(Reason.PROGRAM, f"program {name!r}")
    if head.startswith(ZIP) or (head.startswith(ARCHIVES) and not name.lower().endswith(_PACKED_PICTURES)):
        raise Refused(Reason.ARCHIVE, f"archive {name!r}")


def _is_xml(name: str, head: bytes) -> bool:
    """Whether the part is XML by its name or by its first byte: a renamed part is still read as XML by programs."""
    for mark in _BYTE_ORDER_MARKS:
        head = head.removeprefix(mark)
    return name.lower().endswith(_XML_NAMES) or head.lstrip(b" \t\r\n\0").startswith(b"<")


def _exhaust(chunks: Iterable[bytes] | Iterator[bytes]) -> None:
    for _ in chunks:
        pass


def _open_sheets(file: Seekable) -> None:
    """Open the workbook with the reader that imports use: a file that it cannot open is of no use to anybody."""
    import python_calamine

    file.seek(0)
    workbook = python_calamine.CalamineWorkbook.from_filelike(file)
    if not workbook.sheet_names:
        raise Refused(Reason.BROKEN, "workbook without sheets")
