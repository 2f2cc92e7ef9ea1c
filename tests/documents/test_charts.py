"""Charts: shapes, zones and gaps, read from the markup."""

import re
import zipfile
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.documents import odf, pdf
from personnel_portal.documents.charts import HEIGHT, Mark, Opinion, Zone, opinions, trend
from tests.documents.papers import CHART

D = Decimal
SVG = "{http://www.w3.org/2000/svg}"


def parts(svg: str, tag: str, **wanted: str) -> list[ElementTree.Element]:
    """Return the elements of a picture that bear these attributes."""
    found = ElementTree.fromstring(svg).iter(f"{SVG}{tag}")
    return [e for e in found if all(e.get(name.replace("_", "-")) == value for name, value in wanted.items())]


def mark(value: str | None, is_met: bool | None = None, zone: Zone | None = None, label: str = "1 月") -> Mark:
    return Mark(label, None if value is None else D(value), value or "", is_met, zone)


def test_a_picture_needs_no_style_and_no_script() -> None:
    svg = trend("健檢率", [mark("80", True, Zone(D(80), None)), mark("79", False), mark("78")], unit="%")
    assert not re.search(r"style|script|href=|url\(", svg)
    assert ElementTree.fromstring(svg).attrib["role"] == "img"
    assert parts(svg, "title")[0].text == "健檢率"


def test_shapes_differ_as_colours_do_and_the_legend_names_those_that_occur() -> None:
    svg = trend("x", [mark("80", True), mark("79", False), mark("78")])
    assert len(parts(svg, "circle", fill="#1f6b45")) == 2, "the dot and its legend"
    assert len(parts(svg, "path", fill="#a3241b")) == 2
    assert len(parts(svg, "circle", fill="#ffffff")) == 2
    assert {"達標", "未達標", "未判定"} <= {text.text for text in parts(svg, "text")}
    assert "未達標" not in trend("x", [mark("80", True)])


def test_a_missing_figure_breaks_the_line_and_is_no_0() -> None:
    svg = trend("x", [mark("5"), mark(None), mark("5"), mark("6")])
    assert len(parts(svg, "path", stroke="#17567e")) == 1
    assert len(parts(svg, "circle", fill="#ffffff")) == 4, "three figures and the legend"


@pytest.mark.parametrize(
    ("zone", "holds"),
    [
        (Zone(D(80), None), "above"),
        (Zone(None, D(20)), "below"),
        (Zone(D(40), D(60)), "between"),
    ],
)
def test_the_zone_lies_on_the_side_that_meets(zone: Zone, holds: str) -> None:
    svg = trend("x", [mark("50", True, zone)])
    area = next(rect for rect in parts(svg, "rect", fill="#dcefe4") if rect.get("stroke") is None)
    top, bottom = float(area.get("y", 0)), float(area.get("y", 0)) + float(area.get("height", 0))
    point = float(next(iter(parts(svg, "circle", fill="#1f6b45"))).get("cy", 0))
    assert {"above": bottom < point, "below": top > point, "between": top < point < bottom}[holds]


@given(st.lists(st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=4)), max_size=14))
def test_every_figure_stands_within_the_picture(values: list[D | None]) -> None:
    svg = trend("x", [Mark("1", v, "x", True, Zone(v, None) if v is not None else None) for v in values])
    heights = [float(circle.get("cy", 0)) for circle in parts(svg, "circle")]
    assert all(0 < height < HEIGHT for height in heights)
    assert "nan" not in svg


def test_texts_are_escaped_and_cleaned() -> None:
    svg = trend("<b>\x00&", [mark("1", label="<i>\x01")])
    assert parts(svg, "title")[0].text == "<b>&"
    assert "<i>" in [text.text and text.text.strip() for text in parts(svg, "text")]


def test_the_pdf_and_the_odt_hold_the_same_picture() -> None:
    page = pypdf.PdfReader(BytesIO(pdf.render(CHART))).pages[0].extract_text()
    assert "第 1 季" in page
    assert "圖 1" in page
    with zipfile.ZipFile(BytesIO(odf.render(CHART))) as file:
        pictures = [name for name in file.namelist() if name.startswith("Pictures/")]
        assert "第 1 季" in file.read(pictures[0]).decode()
        content = file.read("content.xml").decode()
    assert pictures[0] in content
    assert "圖 1　健檢率 &lt;5-1&gt;" in content


def test_opinions_stand_in_bars_with_their_numbers() -> None:
    rows = [
        Opinion("講座", (0, 0, 1, 1, 2), "平均 4.25"),
        Opinion("場地<b>", (1, 0, 0, 0, 0), "平均 1.00"),
    ]
    svg = opinions("滿意度", rows, ("差", "次", "中", "好", "優"))
    assert svg.startswith("<svg")
    assert "<title>滿意度</title>" in svg
    assert svg.count("<rect") == 5 + 3 + 1  # the words, then a part for each mark that somebody gave
    assert "平均 4.25" in svg
    assert "style=" not in svg
    assert "<b>" not in svg
