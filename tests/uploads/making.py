"""Small files of every kind, built by hand, so that a test can put exactly one thing into them."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import pikepdf
from PIL import Image

ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def zipped(parts: dict[str, bytes | str], *, comment: bytes = b"") -> bytes:
    """Return a zip of these parts in this order; `mimetype` is stored, as ODF wants it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, compress_type=method)
        archive.comment = comment
    return buffer.getvalue()


def links_part(*links: tuple[str, str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{LINKS}/{kind}" Target="{target}"{mode}/>'
        for number, (kind, target, mode) in enumerate(links)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


EXTERNAL = ' TargetMode="External"'


def docx(
    *,
    body: str = "<w:p><w:r><w:t>會議紀錄</w:t></w:r></w:p>",
    prolog: str = "",
    main: str = MAIN,
    links: tuple[tuple[str, str, str], ...] = (),
    extra: dict[str, bytes | str] | None = None,
    types: str = "",
    comment: bytes = b"",
) -> bytes:
    """Return a small valid DOCX with what a test adds to it."""
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
            "_rels/.rels": links_part(("officeDocument", "word/document.xml", "")),
            "word/document.xml": f"{prolog}<w:document {WORD}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": links_part(*links),
            **(extra or {}),
        },
        comment=comment,
    )


def odf(
    *,
    mimetype: str = ODT,
    body: str = "<text:p>會議紀錄</text:p>",
    prolog: str = "",
    manifest: str = "",
    extra: dict[str, bytes | str] | None = None,
) -> bytes:
    """Return a small valid ODT (or, by its type, another ODF file) with what a test adds to it."""
    prefixes = {"office": "office", "text": "text", "draw": "drawing", "script": "script", "table": "table"}
    names = " ".join(f'xmlns:{at}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for at, name in prefixes.items())
    office = f'{names} xmlns:xlink="http://www.w3.org/1999/xlink"'
    return zipped(
        {
            "mimetype": mimetype,
            "content.xml": f"{prolog}<office:document-content {office}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
            "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{mimetype}"/>{manifest}</m:manifest>',
            **(extra or {}),
        }
    )


def doubled(name: str) -> bytes:
    buffer = io.BytesIO(docx())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr(name, "<w:document/>")
    return buffer.getvalue()


def lying(entry: str, size: int) -> bytes:
    """Return a DOCX whose directory and entry header both claim another size for one part."""
    data = bytearray(docx(extra={entry: b"0" * 30_000_000}))
    for magic, name_at, size_at in ((b"PK\x03\x04", 30, 22), (b"PK\x01\x02", 46, 24)):
        at = -1
        while (at := data.find(magic, at + 1)) >= 0:
            if data[at + name_at : at + name_at + len(entry)] == entry.encode():
                data[at + size_at : at + size_at + 4] = struct.pack("<L", size)
    return bytes(data)


def flagged() -> bytes:
    """Return a DOCX whose entries say that they are encrypted."""
    data = bytearray(docx())
    for magic, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(magic, at + 1)) >= 0:
            data[at + flags_at] |= 1
    return bytes(data)


def damaged() -> bytes:
    data = bytearray(docx(body="<w:p><w:r><w:t>紀錄</w:t></w:r></w:p>" * 50))
    at = data.find(b"word/document.xml")
    data[at + 40] ^= 0xFF
    return bytes(data)


def symlink() -> bytes:
    entry = zipfile.ZipInfo("word/link")
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    buffer = io.BytesIO(docx())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def slashed() -> bytes:
    return docx(extra={"word/aaXXaaXXevil.xml": "<x/>"}).replace(b"word/aaXXaaXXevil.xml", b"word\\..\\..\\..\\evl.xml")


def pdf(change: Callable[[pikepdf.Pdf], object] | None = None, **saving: Any) -> bytes:
    """Return a one-page PDF after a test has changed it."""
    document = pikepdf.new()
    document.add_blank_page()
    if change:
        change(document)
    buffer = io.BytesIO()
    document.save(buffer, **saving)
    return buffer.getvalue()


def picture(kind: str, size: tuple[int, int] = (40, 30), **saving: Any) -> bytes:
    """Return a picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "#17567e").save(buffer, kind, **saving)
    return buffer.getvalue()
