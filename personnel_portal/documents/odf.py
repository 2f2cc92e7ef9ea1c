"""Papers as ODT, for editing. Common styles stand in templates/documents/paper_styles.xml."""

from io import BytesIO
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from odfdo import Document, Element, Frame, Header, HeaderRows, Paragraph

from personnel_portal.documents import paper as blocks
from personnel_portal.documents.characters import printable
from personnel_portal.documents.paper import Paper

# The left edges of the blocks that stand in the right part of the page, as in paper.css.
_CORNER_MM, _FILING_MM = 88, 109
_BREAK = ' fo:break-before="page"'


def render(paper: Paper) -> bytes:
    """Return the paper as an ODT that LibreOffice and Word open."""
    document = Document.new("text")
    document.set_part(
        "styles.xml", printable(render_to_string("documents/paper_styles.xml", {"paper": paper})).encode()
    )
    document.del_part("Thumbnails/thumbnail.png")
    document.manifest.del_full_path("Thumbnails/thumbnail.png")
    document.meta.title = printable(paper.name)
    document.meta.creator = printable(paper.author)
    document.meta.creation_date = timezone.localtime().replace(tzinfo=None)
    document.meta.generator = "personnel-portal"
    document.body.clear()
    _Writer(document, paper).write()
    target = BytesIO()
    document.save(target)
    return target.getvalue()


class _Writer:
    """Appends blocks to a document, making each automatic style once."""

    def __init__(self, document: Any, paper: Paper) -> None:
        self._document = document
        self._paper = paper
        self._body = document.body
        self._styles: set[str] = set()
        self._tables = 0
        self._drawings = 0
        self._break = False

    def write(self) -> None:
        if self._paper.filing:
            self._lines(self._paper.filing, "Small", _FILING_MM)
        self._paragraph(self._paper.title, "Title")
        for block in self._paper.blocks:
            self._block(block)

    def _block(self, block: blocks.Block) -> None:
        match block:
            case blocks.Heading():
                self._add(Header(block.level, printable(block.text), style=self._style(f"Heading_20_{block.level}")))
            case blocks.Paragraph():
                parent = {"small": "Small", "title": "Title"}.get(block.size, "Standard")
                self._paragraph(block.text, parent, indent=block.indent, align=block.align)
            case blocks.Fields():
                self._lines(
                    block,
                    "Standard" if block.place == "body" else "Small",
                    _CORNER_MM if block.place == "corner" else 0,
                )
            case blocks.Items() | blocks.Clause():
                self._lines(block, "Standard")
            case blocks.Table():
                self._table(block)
            case blocks.Drawing():
                self._drawing(block)
            case blocks.PageBreak():
                self._break = True

    def _lines(self, block: blocks.Fields | blocks.Items | blocks.Clause, parent: str, edge: int = 0) -> None:
        for line in block.lines():
            self._paragraph(line.mark + line.text, parent, indent=line.indent, hang=line.hang, edge=edge)

    def _paragraph(self, text: str, parent: str, **layout: Any) -> None:
        self._add(Paragraph(printable(text), style=self._style(parent, **layout)))

    def _add(self, element: Element) -> None:
        self._body.append(element)

    def _style(
        self, parent: str, *, indent: int = 0, hang: int = 0, edge: int = 0, align: blocks.Align = "start"
    ) -> str:
        """Return the name of a paragraph style: the parent itself, or an automatic style on it."""
        page_break, self._break = self._break, False
        if not (indent or hang or edge or page_break) and align == "start":
            return parent
        name = f"{parent}-{indent}-{hang}-{edge}-{align}{'-break' if page_break else ''}"
        halfwidth = 6 if parent == "Small" else 7
        margin = (indent + hang) * halfwidth + edge * 72 / 25.4
        self._automatic(
            name,
            f'<style:style style:name="{name}" style:family="paragraph" style:parent-style-name="{parent}">'
            f'<style:paragraph-properties fo:margin-left="{margin:.1f}pt" fo:text-indent="{-hang * halfwidth}pt" '
            f'fo:text-align="{align}"{_BREAK if page_break else ""}/></style:style>',
        )
        return name

    def _automatic(self, name: str, definition: str) -> None:
        if name not in self._styles:
            self._styles.add(name)
            self._document.insert_style(Element.from_tag(definition), automatic=True)

    def _drawing(self, block: blocks.Drawing) -> None:
        """Put the picture into the file; word processors draw SVG themselves."""
        self._drawings += 1
        width = self._paper.text_width
        image = self._document.add_file(BytesIO(printable(block.svg).encode()))
        size = (f"{width}mm", f"{width * block.ratio / 100:.1f}mm")
        frame = Frame.image_frame(image, name=f"Drawing{self._drawings}", size=size, anchor_type="as-char")
        frame.svg_title = printable(block.caption)
        page_break, self._break = self._break, False
        style = "Drawing-break" if page_break else "Drawing"
        # Running text has lines of a fixed height, which would cut the picture off.
        self._automatic(
            style,
            f'<style:style style:name="{style}" style:family="paragraph" style:parent-style-name="Standard">'
            f'<style:paragraph-properties fo:line-height="100%" fo:keep-with-next="always"{_BREAK if page_break else ""}/>'
            "</style:style>",
        )
        holder = Paragraph("", style=style)
        holder.append(frame)
        self._add(holder)
        self._paragraph(block.caption, "Small", align="center")

    def _table(self, block: blocks.Table) -> None:
        self._tables += 1
        table = _element("table:table", name=f"Table{self._tables}", style=self._table_style())
        for number, percent in enumerate(block.percents(), start=1):
            name = f"Table{self._tables}.{number}"
            self._automatic(
                name,
                f'<style:style style:name="{name}" style:family="table-column">'
                f'<style:table-column-properties style:column-width="{percent * self._paper.text_width / 100:.1f}mm"/>'
                "</style:style>",
            )
            table.append(_element("table:table-column", style=name))
        head = HeaderRows()
        head.append(self._row([(column.label, "center") for column in block.columns], 0, block.size))
        table.append(head)
        for cells in block.cells():
            table.append(self._row(cells, block.row_height, block.size))
        self._add(table)

    def _table_style(self) -> str:
        page_break, self._break = self._break, False
        name = "Table-break" if page_break else "Table"
        self._automatic(
            name,
            f'<style:style style:name="{name}" style:family="table"><style:table-properties '
            f'style:width="{self._paper.text_width}mm" table:align="left" table:border-model="collapsing" fo:margin-top="6pt" fo:margin-bottom="6pt"'
            f"{_BREAK if page_break else ''}/></style:style>",
        )
        return name

    def _row(self, cells: list[tuple[str, blocks.Align]], height: int, size: blocks.Size) -> Element:
        row_style = f"Row-{height}"
        self._automatic(
            row_style,
            f'<style:style style:name="{row_style}" style:family="table-row"><style:table-row-properties '
            f'style:min-row-height="{height}mm" fo:keep-together="always"/></style:style>',
        )
        self._automatic(
            "Ruled",
            '<style:style style:name="Ruled" style:family="table-cell"><style:table-cell-properties '
            'fo:border="0.6pt solid #000000" fo:padding="1mm" style:vertical-align="middle"/></style:style>',
        )
        row = _element("table:table-row", style=row_style)
        parent = "Small_20_Cell" if size == "small" else "Cell"
        for text, align in cells:
            cell = _element("table:table-cell", style="Ruled")
            cell.append(Paragraph(printable(text), style=self._style(parent, align=align)))
            row.append(cell)
        return row


def _element(tag: str, *, style: str, name: str = "") -> Element:
    element = Element.from_tag(tag)
    element.set_attribute("table:style-name", style)
    if name:
        element.set_attribute("table:name", name)
    return element
