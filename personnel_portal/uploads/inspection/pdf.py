"""PDF: readable without a password, nothing in it acts by itself, and nothing in it swells (ISO 32000-2)."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from personnel_portal.uploads.inspection.content import Seekable, holds_zip
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind

MAX_PAGES = 2_000
MAX_OBJECTS = 300_000
MAX_VALUES = 3_000_000
MAX_DEPTH = 100
MAX_PIXELS = 200_000_000
# An A3 page scanned at 600 dpi in colour is 200 MB of pixels; fonts and texts stay far below 64 MB.
MAX_PICTURE = 256 * 1024**2
MAX_STREAM = 64 * 1024**2
MAX_TOTAL = 1024**3
MAX_FILTERS = 4

_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition", "/RichMediaExecute"}
    | {"/Sound", "/Movie", "/GoTo3DView", "/Trans3D", "/SetOCGState3D"}
)
_ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/XFA", "/RichMediaContent", "/RichMediaSettings"})
_ATTACHED_KEYS = frozenset({"/EmbeddedFiles", "/EF"})
_ACTIVE_SUBTYPES = frozenset({"/RichMedia", "/3D", "/Screen", "/Movie", "/Sound"})
_FLATE = frozenset({"/FlateDecode", "/Fl"})
# These swell too, but qpdf unpacks them whole; the process's memory limit is what bounds them.
_OTHER_SWELLING = frozenset({"/LZWDecode", "/LZW", "/RunLengthDecode", "/RL", "/BrotliDecode"})


def inspect(file: Seekable) -> Kind:
    """Return PDF after looking at every object of the file.

    A file that only restricts printing or copying (owner password) opens without a password and is kept: whoever
    reviews it can read it. What needs a password to be read is refused.

    Raises:
        Refused: encrypted, damaged, with active content or attachments, or too large when unpacked.
    """
    _refuse_ends(file)
    if holds_zip(file):
        raise Refused(Reason.POLYGLOT, "also a zip")
    file.seek(0)
    try:
        # Not recovered: another program would recover a damaged file in another way and see other content.
        with pikepdf.open(file, attempt_recovery=False) as document:
            _inspect(document)
    except pikepdf.PasswordError as error:
        raise Refused(Reason.ENCRYPTED, str(error)) from error
    except pikepdf.PdfError as error:
        raise Refused(Reason.BROKEN, str(error)[:300]) from error
    return Kind.PDF


def _refuse_ends(file: Seekable) -> None:
    """Refuse a file that is cut off, or that goes on behind its end mark."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2048))
    tail = file.read()
    if b"%%EOF" not in tail:
        file.seek(0)
        cut = b"%%EOF" not in file.read()
        raise Refused(Reason.BROKEN if cut else Reason.POLYGLOT, "no end mark at the end")
    if tail.rpartition(b"%%EOF")[2].strip(b"\0\t\n\f\r \x1a"):
        raise Refused(Reason.POLYGLOT, "data behind the end mark")


def _inspect(document: pikepdf.Pdf) -> None:
    objects = document.objects
    if len(objects) > MAX_OBJECTS:
        raise Refused(Reason.BOMB, f"{len(objects)} objects")
    budget = _Budget()
    for thing in _values(document.trailer):
        budget.look_at(thing)
    for root in objects:
        for thing in _values(root):
            budget.look_at(thing)
    _count_pages(document)


def _count_pages(document: pikepdf.Pdf) -> None:
    """Refuse too many pages; loops and great depths in their tree qpdf has refused already."""
    pages = len(document.pages)
    if pages > MAX_PAGES:
        raise Refused(Reason.PAGES, f"{pages} pages")
    if not pages:
        raise Refused(Reason.BROKEN, "no pages")


class _Budget:
    """What the objects of one document may add up to."""

    def __init__(self) -> None:
        self._values = 0
        self._unpacked = 0

    def look_at(self, thing: Any) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise Refused(Reason.BOMB, f"more than {MAX_VALUES} values")
        if isinstance(thing, pikepdf.Stream):
            _refuse_active(thing.stream_dict)
            self._measure(thing)
        elif isinstance(thing, pikepdf.Dictionary):
            _refuse_active(thing)

    def _measure(self, stream: pikepdf.Stream) -> None:
        """Count what the stream unpacks to, layer by layer, without ever holding it."""
        picture = stream.get("/Subtype") == "/Image"
        if picture and _number(stream, "/Width") * _number(stream, "/Height") > MAX_PIXELS:
            raise Refused(Reason.PIXELS, "picture with too many pixels")
        limit = MAX_PICTURE if picture else MAX_STREAM
        filters = _filters(stream)
        if len(filters) > MAX_FILTERS:
            raise Refused(Reason.BOMB, f"{len(filters)} filters on one stream")
        if _OTHER_SWELLING.intersection(filters):
            length = len(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
            self._add(length, limit)
            return
        chunks: Iterator[bytes] = iter([stream.read_raw_bytes()])
        for name in filters:
            if name not in _FLATE:
                break
            chunks = _inflated(chunks)
        length = 0
        for chunk in chunks:
            length += len(chunk)
            if length > limit:
                break
        self._add(length, limit)

    def _add(self, length: int, limit: int) -> None:
        self._unpacked += length
        if length > limit or self._unpacked > MAX_TOTAL:
            raise Refused(Reason.BOMB, f"streams of {self._unpacked} bytes, the last one of {length}")


def _values(root: Any) -> Iterator[Any]:
    """Yield an object and what is written inside it; what is only referred to has its own turn."""
    waiting = [(root, 0)]
    while waiting:
        thing, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Refused(Reason.BOMB, f"values nested deeper than {MAX_DEPTH}")
        yield thing
        if isinstance(thing, pikepdf.Array):
            children = list(thing)
        elif isinstance(thing, pikepdf.Stream):
            children = list(thing.stream_dict.values())
        elif isinstance(thing, pikepdf.Dictionary):
            children = list(thing.values())
        else:
            continue
        waiting.extend((child, depth + 1) for child in children if _is_direct_container(child))


def _is_direct_container(thing: Any) -> bool:
    return isinstance(thing, pikepdf.Array | pikepdf.Dictionary) and not thing.is_indirect


def _refuse_active(dictionary: Any) -> None:
    """Refuse scripts, programs, forms of XFA, media and attached files."""
    keys = set(dictionary.keys())
    if found := keys & _ACTIVE_KEYS:
        raise Refused(Reason.ACTIVE, " ".join(sorted(found)))
    if found := keys & _ATTACHED_KEYS:
        raise Refused(Reason.EMBEDDED, " ".join(sorted(found)))
    if "/S" in keys and _name(dictionary, "/S") in _ACTIONS:
        raise Refused(Reason.ACTIVE, f"action {_name(dictionary, '/S')}")
    subtype = _name(dictionary, "/Subtype") if "/Subtype" in keys else ""
    if subtype in _ACTIVE_SUBTYPES:
        raise Refused(Reason.ACTIVE, f"annotation {subtype}")
    if subtype == "/FileAttachment" or ("/Type" in keys and _name(dictionary, "/Type") == "/EmbeddedFile"):
        raise Refused(Reason.EMBEDDED, "attached file")


def _name(dictionary: Any, key: str) -> str:
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _number(dictionary: Any, key: str) -> int:
    value = dictionary.get(key, 0)
    return int(value) if isinstance(value, int) else 0


def _filters(stream: pikepdf.Stream) -> list[str]:
    value = stream.get("/Filter")
    if isinstance(value, pikepdf.Array):
        return [str(name) for name in value]
    return [str(value)] if isinstance(value, pikepdf.Name) else []


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield one layer of Flate unpacked; damaged data ends it, as it does in every reader."""
    inflater = zlib.decompressobj()
    try:
        for chunk in chunks:
            rest = chunk
            while rest and not inflater.eof:
                yield inflater.decompress(rest, 1024**2)
                rest = inflater.unconsumed_tail
        while not inflater.eof and (chunk := inflater.decompress(b"", 1024**2)):
            yield chunk
    except zlib.error:
        return
