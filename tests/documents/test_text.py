import io
import zipfile
from pathlib import Path

import pikepdf
import pypdf
import pytest
from PIL import Image

from personnel_portal.documents import confined, markup, odf, pdf, text
from personnel_portal.documents.sheets import UnreadableFileError
from tests.documents.papers import MINUTES, SIGN_IN

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def docx(body: str, prolog: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"{prolog}<w:document {W} {MC}><w:body>{body}</w:body></w:document>")
    return target.getvalue()


def extract(tmp_path: Path, content: bytes, kind: str) -> str:
    (tmp_path / "file").write_bytes(content)
    return text.extract(tmp_path / "file", kind)


def test_pdf_and_odt_of_one_paper_give_the_same_lines(tmp_path: Path) -> None:
    from_pdf = [line.strip() for line in extract(tmp_path, pdf.render(MINUTES), "pdf").splitlines()]
    from_odt = extract(tmp_path, odf.render(MINUTES), "odt").splitlines()
    assert "案由一：建請修正職務代理人資格規定一案，提請討論。" in from_odt
    assert [line for line in from_pdf if line and "頁，共" not in line] == from_odt


def test_odt_table_reads_row_by_row(tmp_path: Path) -> None:
    lines = extract(tmp_path, odf.render(SIGN_IN), "odt").splitlines()
    assert lines[1:3] == ["序號\t機關\t姓名\t簽到", "1\t嘉義縣公共汽車管理處\t○○○"]


def test_docx_reads_in_order_without_what_was_deleted_or_repeated(tmp_path: Path) -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>會議</w:t></w:r><w:r><w:t>紀錄</w:t></w:r></w:p>"
        "<w:p><w:del><w:r><w:delText>刪</w:delText></w:r></w:del><w:ins><w:r><w:t>增</w:t><w:tab/><w:t>列</w:t></w:r></w:ins></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>丙</w:t><w:br/><w:t>丁</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:t>一次</w:t></mc:Choice><mc:Fallback><w:t>一次</w:t></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert extract(tmp_path, docx(body), "docx") == "會議紀錄\n增\t列\n甲\t乙\n丙\n丁\n一次"


def test_scan_yields_nothing(tmp_path: Path) -> None:
    target = io.BytesIO()
    Image.new("1", (800, 1100), 1).save(target, "PDF")
    assert extract(tmp_path, target.getvalue(), "pdf") == ""


def test_long_text_is_cut(tmp_path: Path) -> None:
    paragraph = f"<w:p><w:r><w:t>{'長' * 30_000}</w:t></w:r></w:p>"
    read = extract(tmp_path, docx(paragraph * 20), "docx")
    assert len(read.replace("\n", "")) == text.MAX_CHARACTERS


def encrypted() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(target, encryption=pikepdf.Encryption(owner="o", user="u"))
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "pdf"),
        (b"%PDF-1.7\nbroken", "pdf"),
        (b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>", "pdf"),
        (encrypted(), "pdf"),
        (b"", "odt"),
        (b"PK\x03\x04", "docx"),
        (docx(""), "odt"),
        (docx("<w:p>"), "docx"),
        (docx("&a;", '<!DOCTYPE w [<!ENTITY a "aaaa">]>'), "docx"),
        (docx("", '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "docx"),
        (docx(" " * (markup.MAX_XML + 1)), "docx"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_file_is_answered_by_a_sentence(tmp_path: Path, content: bytes, kind: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"。$"):
        extract(tmp_path, content, kind)


def test_child_that_fails_is_answered_by_a_sentence() -> None:
    with pytest.raises(UnreadableFileError, match="檔案已損毀或內容過大"):
        confined.run("text.no_such_function", io.BytesIO(b""))


def test_pages_are_read_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_PAGES", 1)
    writer = pypdf.PdfWriter()
    for _ in range(2):
        writer.append(io.BytesIO(pdf.render(SIGN_IN)))
    target = io.BytesIO()
    writer.write(target)
    target.seek(0)
    assert text.plain(target, kind="pdf").count("第1次聯繫會報簽到表") == 1
