import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.template.loader import render_to_string

from personnel_portal.documents import pdf
from personnel_portal.documents.paper import Paper, Paragraph
from tests.documents.papers import MINUTES, NOTICE, ROSTER, SIGN_IN


def read(paper: Paper) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(pdf.render(paper)))


def text(page: pypdf.PageObject) -> str:
    return "\n".join(line.strip() for line in page.extract_text().splitlines() if line.strip())


def test_minutes_have_the_official_form() -> None:
    reader = read(MINUTES)
    assert [line for page in reader.pages for line in text(page).splitlines() if "頁，共" not in line] == [
        "嘉義縣政府人事處116年度北平原區",
        "第1次專、兼任(辦)人事人員聯繫會報紀錄",
        "時間：中華民國116年5月14日（星期五）下午2時",
        "地點：大林鎮公所三樓會議室",
        "主席：處長○○○",
        "出席人員：民雄鄉公所等21機關，計31人（詳如簽到表）",
        "列席人員：無",
        "紀錄：王曉明",
        "壹、主席致詞",
        "感謝各位人事夥伴撥冗參加。",
        "貳、報告事項",
        "一、計畫重點說明：",
        "(一)六月底前辦理。",
        "1、報送紀錄。",
        "(1)免備文。",
        "(二)八月底前。",
        "二、系統改版。",
        "決定：洽悉。",
        "參、討論事項",
        "案由一：建請修正職務代理人資格規定一案，提請討論。",
        "說明：",
        "一、現行規定過嚴。",
        "二、<b>5 < 6 & 堃𠮷</b>",
        "決議：照案通過。",
        "肆、臨時動議",
        "無。",
        "伍、散會：下午4時30分",
    ]
    assert reader.metadata is not None
    assert reader.metadata.title == "嘉義縣政府人事處116年度北平原區 第1次專、兼任(辦)人事人員聯繫會報紀錄"
    assert reader.metadata.author == "嘉義縣大林鎮公所"


def test_notice_has_filing_lines_above_its_title() -> None:
    lines = text(read(NOTICE).pages[0]).splitlines()
    assert lines.index("檔號：") < lines.index("嘉義縣大林鎮公所　開會通知單") < lines.index("受文者：如出席者")
    assert "草稿" in lines


def test_sheet_repeats_its_head_and_numbers_its_pages() -> None:
    pages = [text(page) for page in read(SIGN_IN).pages]
    assert len(pages) == 2
    for number, page in enumerate(pages, start=1):
        assert "序號 機關 姓名 簽到" in page
        assert f"第 {number} 頁，共 2 頁" in page
        assert "嘉義縣大林鎮公所" in page


def test_roster_lies_across_and_breaks_its_page() -> None:
    pages = read(ROSTER).pages
    assert [(round(page.mediabox.width), round(page.mediabox.height)) for page in pages] == [(842, 595)] * 2
    assert text(pages[1]).startswith("以下空白")


def fonts(reader: pypdf.PdfReader) -> set[str]:
    """Return the font names of the first page, without the tag of the subset."""
    page: Any = reader.pages[0]
    resources = page["/Resources"]["/Font"]
    return {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in resources.values()}


def test_text_is_set_in_tw_kai_or_its_stand_in() -> None:
    assert fonts(read(MINUTES)) <= {"TW-Kai", "TW-Kai-Ext-B", "TW-Kai-Plus", "Stand-in"}


@pytest.mark.parametrize(
    "hostile",
    [
        '<img src="file:///etc/passwd">',
        '<link rel="attachment" href="file:///etc/passwd">',
        "<style>@import url(http://127.0.0.1:1/x)</style>",
        "</p><iframe src=http://127.0.0.1:1></iframe>",
        "{{ paper.author }}{% now 'Y' %}",
    ],
)
def test_text_is_never_markup(hostile: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        reader = read(Paper(hostile, (Paragraph(hostile),), header=hostile, footer=hostile, author=hostile))
    assert reader.pages[0].extract_text().replace("\n", "").count(hostile) >= 2
    assert not reader.attachments
    assert "documents fetch nothing" not in caplog.text


def test_markup_that_got_through_fetches_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The second wall: were a text not escaped, no host would be called and no file of the server put in."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    called: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server asks for
            called.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever).start()
        host = f"http://127.0.0.1:{server.server_port}"
        planted = f"""<img src="{host}/img"><object data="{secret.as_uri()}"></object><svg><image href="{host}/svg"/></svg>
            <link rel="attachment" href="{secret.as_uri()}"><link rel="stylesheet" href="{host}/css">
            <p style="background: url({host}/background)">人事</p>"""

        def unescaped(template: str, context: dict[str, object]) -> str:
            return render_to_string(template, context).replace("人事", planted)

        monkeypatch.setattr(pdf, "render_to_string", unescaped)
        reader = read(Paper("公文", (Paragraph("人事"),)))
        server.shutdown()
    assert "人事" in text(reader.pages[0])
    assert not reader.attachments
    assert called == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1/", "data:text/plain,x", f"{pdf.FALLBACK_FONT}?"]
)
def test_fetcher_refuses_everything_but_the_font(url: str) -> None:
    with pytest.raises(ValueError, match="fetch nothing"):
        pdf.FontFetcher().fetch(url)


def test_fetcher_gives_the_font() -> None:
    with_font = pdf.FontFetcher().fetch(pdf.FALLBACK_FONT)
    assert with_font.read(4) == b"OTTO"
    with_font.close()


def test_stand_in_sets_the_text_where_tw_kai_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_kai(template: str, context: dict[str, object]) -> str:
        return render_to_string(template, context).replace("TW-Kai", "No-Such-Font")

    monkeypatch.setattr(pdf, "render_to_string", without_kai)
    assert fonts(read(Paper("人事", ()))) == {"Stand-in"}


def test_characters_that_xml_forbids_are_dropped() -> None:
    assert text(read(Paper("甲\x00乙\x0b丙", ())).pages[0]).startswith("甲乙\n丙")
