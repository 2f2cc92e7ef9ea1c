"""Plain text of a file, for the pre-check of minutes and for comparing versions."""

import io
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, cast
from xml.etree.ElementTree import Element  # the type; parsing is defusedxml's

import pypdf
from defusedxml import DefusedXmlException, ElementTree

from personnel_portal.documents import confined
from personnel_portal.documents.characters import printable
from personnel_portal.documents.confined import UnreadableFileError

MAX_CHARACTERS = 500_000
MAX_PAGES = 500
MAX_XML = 64 << 20  # bytes of unpacked text part
_PATIENCE = 12  # seconds for a PDF; the rest of the child's time is for loading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats a text box
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


def extract(path: Path, kind: str) -> str:
    """Return the text of a file in reading order, a line a paragraph, the cells of a table row divided by tabs.

    The text is cut at `MAX_CHARACTERS`, a PDF also after `MAX_PAGES` pages or some seconds. A scan yields ''.

    Args:
        path: the file.
        kind: `pdf`, `odt` or `docx`.

    Raises:
        UnreadableFileError: with a sentence for the person: broken, encrypted or too large.
    """
    with path.open("rb") as file:
        return cast("str", confined.run("text.plain", file, kind=kind))


def plain(file: IO[bytes], *, kind: str) -> str:
    """Return the text of a file; runs in the confined child."""
    readers: dict[str, Callable[[io.BytesIO], Iterator[str]]] = {"pdf": _pdf, "odt": _odt, "docx": _docx}
    return _bounded(readers[kind](io.BytesIO(file.read())))


def _bounded(parts: Iterable[str]) -> str:
    lines: list[str] = []
    room = MAX_CHARACTERS
    for part in parts:
        line = printable(part).strip()[:room]
        if line:
            lines.append(line)
            room -= len(line)
        if not room:
            break
    return "\n".join(lines)


def _pdf(file: io.BytesIO) -> Iterator[str]:
    stop = time.monotonic() + _PATIENCE
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFileError("PDF 設有密碼，無法讀取文字。")
        for number, page in enumerate(reader.pages):
            if number == MAX_PAGES or time.monotonic() > stop:
                return
            yield page.extract_text()
    except (
        pypdf.errors.PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as error:
        # pypdf answers broken files with whatever its dictionary look-ups raise.
        if isinstance(error, UnreadableFileError):
            raise
        raise UnreadableFileError("PDF 已損毀，無法讀取文字。")


def _odt(file: io.BytesIO) -> Iterator[str]:
    body = _part(file, "content.xml").find(f"{_OFFICE}body")
    return _odt_blocks(body) if body is not None else iter(())


def _odt_blocks(parent: Element) -> Iterator[str]:
    for child in parent:
        if child.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
            yield _odt_line(child)
        elif child.tag == f"{_TABLE}table-row":
            yield "\t".join(" ".join(_odt_blocks(cell)) for cell in child)
        elif child.tag != f"{_TEXT}tracked-changes":  # it holds what was deleted
            yield from _odt_blocks(child)


def _odt_line(paragraph: Element) -> str:
    signs = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}s": " "}

    def parts(element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            if child.tag in signs:
                yield signs[child.tag]
            elif child.tag != f"{_OFFICE}annotation":
                yield from parts(child)
            yield child.tail or ""

    return "".join(parts(paragraph))


def _docx(file: io.BytesIO) -> Iterator[str]:
    body = _part(file, "word/document.xml").find(f"{_W}body")
    return _docx_blocks(body) if body is not None else iter(())


def _docx_blocks(parent: Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield _docx_line(child)
        elif child.tag == f"{_W}tr":
            yield "\t".join(" ".join(_docx_blocks(cell)) for cell in child.findall(f"{_W}tc"))
        else:
            yield from _docx_blocks(child)


def _docx_line(paragraph: Element) -> str:
    signs = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}

    def parts(element: Element) -> Iterator[str]:
        for child in element:
            if child.tag == f"{_W}t":
                yield child.text or ""
            elif child.tag in signs:
                yield signs[child.tag]
            elif child.tag not in {f"{_W}pPr", _FALLBACK}:
                yield from parts(child)

    # Deleted text stands in w:delText, so w:t alone is what the reader sees.
    return "".join(parts(paragraph))


def _part(file: io.BytesIO, name: str) -> Element:
    try:
        with zipfile.ZipFile(file) as archive, archive.open(name) as part:
            content = part.read(MAX_XML + 1)
        if len(content) > MAX_XML:
            raise UnreadableFileError("檔案的文字內容過大，無法讀取。")
        return ElementTree.fromstring(content, forbid_dtd=True)
    except (
        zipfile.BadZipFile,
        KeyError,
        RuntimeError,
        ElementTree.ParseError,
        DefusedXmlException,
        NotImplementedError,
    ):
        raise UnreadableFileError("檔案已損毀或設有密碼，無法讀取文字。")
