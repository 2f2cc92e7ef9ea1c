"""Honest files of every kind are kept, whatever wrote them."""

from __future__ import annotations

import io
from collections.abc import Callable

import odfdo
import openpyxl
import pikepdf
import pytest
import weasyprint
import xlsxwriter
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from personnel_portal.uploads.checks import check
from personnel_portal.uploads.kinds import ATTACHMENTS, MINUTES, Kind
from tests.uploads import making


def _weasyprint() -> bytes:
    html = '<h1>會議紀錄</h1><p><a href="https://www.cyhg.gov.tw/">縣府</a></p>' + "<p>決議：照案通過。</p>" * 60
    return bytes(weasyprint.HTML(string=html).write_pdf())


def _odfdo(kind: str) -> bytes:
    document = odfdo.Document(kind)
    if kind == "text":
        document.body.append(odfdo.Paragraph("會議紀錄"))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("名冊")
    for row in range(3000):
        sheet.append([f"第{row}列", row, "同樣的內容"])
    sheet["A1"].hyperlink = "https://www.cyhg.gov.tw/"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _xlsxwriter() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("名冊")
        sheet.write_comment("A1", "註解以 VML 繪製")
        sheet.insert_image("B2", "a.png", {"image_data": io.BytesIO(making.picture("PNG"))})
    return buffer.getvalue()


def _docx() -> bytes:
    link = ("hyperlink", "https://www.cyhg.gov.tw/?a=1", making.EXTERNAL)
    mail = ("hyperlink", "mailto:someone@example.gov.tw", making.EXTERNAL)
    media: dict[str, bytes | str] = {"word/media/image1.png": making.picture("PNG"), "word/media/": b""}
    return making.docx(links=(link, mail, ("image", "media/image1.png", "")), extra=media)


def _odt_with_link() -> bytes:
    return making.odf(body='<text:a xlink:href="https://www.cyhg.gov.tw/">縣府</text:a>')


def _printing_forbidden() -> bytes:
    encryption = pikepdf.Encryption(owner="owner", user="", allow=pikepdf.Permissions(print_highres=False))
    return making.pdf(None, encryption=encryption)


def _grey() -> bytes:
    return making.picture("JPEG", (4000, 3000), progressive=True, quality=90)


GOOD: list[tuple[str, Callable[[], bytes], Kind]] = [
    ("會議紀錄.pdf", _weasyprint, Kind.PDF),
    ("限制列印.pdf", _printing_forbidden, Kind.PDF),
    ("物件流.PDF", lambda: making.pdf(None, object_stream_mode=pikepdf.ObjectStreamMode.generate), Kind.PDF),
    ("線性.pdf", lambda: making.pdf(None, linearize=True), Kind.PDF),
    ("紀錄.odt", lambda: _odfdo("text"), Kind.ODT),
    ("連結.odt", _odt_with_link, Kind.ODT),
    ("名冊.ods", lambda: _odfdo("spreadsheet"), Kind.ODS),
    ("紀錄.docx", _docx, Kind.DOCX),
    ("名冊.xlsx", _openpyxl, Kind.XLSX),
    ("名冊二.xlsx", _xlsxwriter, Kind.XLSX),
    ("照片.jpg", _grey, Kind.JPG),
    ("照片.JPEG", lambda: making.picture("JPEG"), Kind.JPG),
    ("圖.png", lambda: making.picture("PNG"), Kind.PNG),
    ("沒有副檔名", lambda: making.picture("PNG"), Kind.PNG),
    ("紀錄113.6.30", lambda: making.pdf(), Kind.PDF),
]


@pytest.mark.parametrize(("name", "build", "kind"), GOOD, ids=[name for name, _, _ in GOOD])
def test_good_file_is_known_by_its_content(name: str, build: Callable[[], bytes], kind: Kind) -> None:
    assert check(ContentFile(build(), name=name), ATTACHMENTS) is kind


def test_kind_that_this_place_does_not_take_is_named() -> None:
    with pytest.raises(ValidationError) as refused:
        check(ContentFile(making.picture("PNG"), name="圖.png"), MINUTES)
    assert refused.value.messages == ["「圖.png」是 PNG 檔，此處只收 PDF、ODT、DOCX 檔。"]


def test_refusal_does_not_repeat_a_hostile_name() -> None:
    with pytest.raises(ValidationError) as refused:
        check(ContentFile(b"", name="a\u202e<b>\n.pdf"), MINUTES)
    assert refused.value.messages == ["「a_b_.pdf」是空的檔案，請確認內容後再上傳。"]
