import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from odfdo import Document

from personnel_portal.documents import odf, text
from personnel_portal.documents.paper import Column as PaperColumn
from personnel_portal.documents.paper import Paper, Paragraph, Table
from tests.documents.papers import MINUTES, NOTICE, ROSTER, SIGN_IN


def lines(paper: Paper) -> list[str]:
    return text.plain(BytesIO(odf.render(paper)), kind="odt").splitlines()


def test_minutes_have_the_official_form() -> None:
    assert lines(MINUTES) == [
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


def test_headings_are_headings_and_lines_hang() -> None:
    document: Any = Document(BytesIO(odf.render(MINUTES)))
    assert [str(header).strip() for header in document.body.headers][:2] == ["壹、主席致詞", "貳、報告事項"]
    style = document.get_style("paragraph", "Standard-6-4-0-start")
    properties = style.get_properties(area="paragraph")
    assert (properties["fo:margin-left"], properties["fo:text-indent"]) == ("70.0pt", "-28pt")


def test_table_keeps_its_head_and_widths() -> None:
    document: Any = Document(BytesIO(odf.render(SIGN_IN)))
    (table,) = document.body.tables
    assert table.get_elements("table:table-header-rows")
    assert len(table.get_elements("descendant::table:table-row")) == 32
    widths = [
        document.get_style("table-column", f"Table1.{number}").get_properties(area="table-column")["style:column-width"]
        for number in (1, 2, 3, 4)
    ]
    assert widths == ["16.0mm", "60.8mm", "30.4mm", "52.8mm"]


def test_a_small_table_has_small_letters_in_every_cell() -> None:
    paper = Paper(
        "名冊", (Table((PaperColumn("姓名", align="center"), PaperColumn("事蹟")), [["黃", "承辦"]], size="small"),)
    )
    document: Any = Document(BytesIO(odf.render(paper)))
    cells = [p.style for cell in document.body.get_elements("descendant::table:table-cell") for p in cell.paragraphs]
    assert cells == ["Small_20_Cell-0-0-0-center"] * 3 + ["Small_20_Cell"]
    assert document.get_style("paragraph", "Small_20_Cell").get_properties("text")["fo:font-size"] == "10pt"


def test_package_begins_with_its_kind_and_lists_only_what_it_holds() -> None:
    with zipfile.ZipFile(BytesIO(odf.render(NOTICE))) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        manifest = archive.read("META-INF/manifest.xml").decode()
        assert "Thumbnails" not in manifest
        styles = archive.read("styles.xml").decode()
    assert "草稿" in styles


def test_properties_name_title_and_author() -> None:
    meta = Document(BytesIO(odf.render(MINUTES))).meta
    assert (meta.title, meta.creator) == (MINUTES.name, "嘉義縣大林鎮公所")


def test_characters_that_xml_forbids_are_dropped_everywhere() -> None:
    hostile = "甲\x00\x0b乙\ud800<&>\ufffe"
    paper = Paper(
        hostile,
        (Paragraph(hostile), Table((PaperColumn(hostile),), [[hostile]])),
        header=hostile,
        footer=hostile,
        author=hostile,
    )
    assert lines(paper) == ["甲", "乙<&>"] * 2 + ["甲 乙<&>"] * 0 + ["甲", "乙<&>"] * 2


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize(("paper", "pages"), [(MINUTES, 1), (NOTICE, 1), (SIGN_IN, 2), (ROSTER, 2)])
def test_libreoffice_sets_the_same_pages(paper: Paper, pages: int, tmp_path: Path) -> None:
    (tmp_path / "paper.odt").write_bytes(odf.render(paper))
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "paper.odt",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert len(pypdf.PdfReader(tmp_path / "paper.pdf").pages) == pages
