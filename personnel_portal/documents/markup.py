"""The XML of text documents: a part of the archive, and the lines of its paragraphs and tables. Runs in the confined child."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element  # the type; parsing is defusedxml's

from defusedxml import DefusedXmlException, ElementTree

from personnel_portal.documents.confined import UnreadableFileError

MAX_XML = 64 << 20  # bytes of unpacked text part

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats a text box

# Word's boxes to tick are signs of the fonts Wingdings and Wingdings 2.
_TICKED = frozenset({"F0FE", "F0FD", "F052", "F053", "F054"})


def body(file: io.BytesIO, kind: str) -> Element | None:
    """Return the body of an `odt` or a `docx`.

    Raises:
        UnreadableFileError: with a sentence for the person: broken, encrypted or too large.
    """
    if kind == "odt":
        return _part(file, "content.xml").find(f"{_OFFICE}body")
    return _part(file, "word/document.xml").find(f"{W}body")


def lines(parent: Element, kind: str) -> Iterator[str]:
    """Yield the text within an element, a line a paragraph, the cells of a table row divided by tabs."""
    return _odt_lines(parent) if kind == "odt" else _docx_lines(parent)


def _odt_lines(parent: Element) -> Iterator[str]:
    for child in parent:
        if child.tag in {f"{TEXT}p", f"{TEXT}h"}:
            yield _odt_paragraph(child)
        elif child.tag == f"{TABLE}table-row":
            yield "\t".join(" ".join(_odt_lines(cell)) for cell in child)
        elif child.tag != f"{TEXT}tracked-changes":  # it holds what was deleted
            yield from _odt_lines(child)


def _odt_paragraph(paragraph: Element) -> str:
    signs = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n", f"{TEXT}s": " "}

    def parts(element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            if child.tag in signs:
                yield signs[child.tag]
            elif child.tag != f"{_OFFICE}annotation":
                yield from parts(child)
            yield child.tail or ""

    return "".join(parts(paragraph))


def _docx_lines(parent: Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{W}p":
            yield _docx_paragraph(child)
        elif child.tag == f"{W}tr":
            yield "\t".join(" ".join(_docx_lines(cell)) for cell in child.findall(f"{W}tc"))
        else:
            yield from _docx_lines(child)


def _docx_paragraph(paragraph: Element) -> str:
    signs = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n"}

    def parts(element: Element) -> Iterator[str]:
        for child in element:
            if child.tag == f"{W}t":
                yield child.text or ""
            elif child.tag in signs:
                yield signs[child.tag]
            elif child.tag == f"{W}sym":
                yield "☑" if child.get(f"{W}char", "").upper() in _TICKED else "□"
            elif child.tag not in {f"{W}pPr", _FALLBACK}:
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
