"""File names survive whatever a browser, a Big5 system or an attacker makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.uploads.names import MAX_LENGTH, extension, safe_name

TABLE = [
    ("會議紀錄.pdf", "會議紀錄.pdf"),
    ("113年度第1次聯繫會報（海區）.ODT", "113年度第1次聯繫會報（海區）.ODT"),
    ("/etc/passwd", "passwd"),
    (r"C:\Users\王\桌面\紀錄.docx", "紀錄.docx"),
    ("../../../紀錄.pdf", "紀錄.pdf"),
    ("紀錄\u202efdp.exe.pdf", "紀錄fdp.exe.pdf"),
    ("紀\u200b錄\ufeff.pdf", "紀錄.pdf"),
    ("紀錄\x00.exe\x00.pdf", "紀錄.exe.pdf"),
    ("紀錄\r\nSet-Cookie: a=b.pdf", "紀錄 Set-Cookie_ a=b.pdf"),
    ("<script>.pdf", "_script_.pdf"),
    ('a"b?c*d|e.pdf', "a_b_c_d_e.pdf"),
    ("CON.pdf", "_CON.pdf"),
    ("lpt1", "_lpt1"),
    ("console.pdf", "console.pdf"),
    (".htaccess", "未命名.htaccess"),
    (".pdf", "未命名.pdf"),
    ("...", "未命名"),
    ("", "未命名"),
    (None, "未命名"),
    ("   . ", "未命名"),
    ("紀錄.pdf. . ", "紀錄.pdf"),
    ("cafe\u0301.pdf", "café.pdf"),
    ("café.pdf", "café.pdf"),
    ("許功蓋.pdf".encode("cp950").decode("latin-1"), "許功蓋.pdf"),
    ("紀錄.pdf".encode().decode("latin-1"), "紀錄.pdf"),
    ("紀錄.pdf".encode("cp950").decode("utf-8", "surrogateescape"), "紀錄.pdf"),
    ("紀錄.pdf".encode("cp950").decode("utf-8", "replace"), "未命名.pdf"),
    ("紀\udcff錄.pdf", "紀錄.pdf"),
    ("\ue000造字.pdf", "\ue000造字.pdf"),
    ("字" * 300 + ".docx", "字" * 115 + ".docx"),
    ("a" * 119 + "\u0301" * 50, "a" * 118),
]


@pytest.mark.parametrize(("raw", "safe"), TABLE)
def test_safe_name_table(raw: str | None, safe: str) -> None:
    assert safe_name(raw) == safe


@given(st.text(max_size=300))
def test_safe_name_is_always_harmless_and_stays_as_it_is(raw: str) -> None:
    name = safe_name(raw)
    assert 1 <= len(name) <= MAX_LENGTH
    assert not set(name) & set('/\\<>:"|?*\x00\r\n')
    assert name == name.strip()
    assert not name.startswith(".")
    assert name.encode()


@pytest.mark.parametrize(("name", "found"), [("a.PDF", "pdf"), ("a", ""), ("紀錄113.6.30", ""), ("a.tar.gz", "gz")])
def test_extension(name: str, found: str) -> None:
    assert extension(name) == found
