"""Papers as PDF, for filing and printing. The only module that imports WeasyPrint.

A long roster takes seconds (some 15 s for 30 pages of table): call it in a task when it may be long.
"""

from django.template.loader import render_to_string
from pylopdf_fonts_zh_tw import serif_path
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from personnel_portal.documents.characters import printable
from personnel_portal.documents.paper import Paper

FALLBACK_FONT = serif_path().as_uri()


class FontFetcher(URLFetcher):
    """Fetches the stand-in font and nothing else, so that no text can make the server read a file or call a host."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the font.

        Raises:
            ValueError: any other address.
        """
        if url != FALLBACK_FONT:
            raise ValueError(f"documents fetch nothing: {url}")
        return super().fetch(url, headers)


def render(paper: Paper) -> bytes:
    """Return the paper as a tagged PDF: A4, TW-Kai (or its stand-in), numbered pages, its title as property."""
    fetcher = FontFetcher()
    fonts = FontConfiguration()
    style = render_to_string(
        "documents/paper.css",
        {
            "landscape": paper.landscape,
            "fallback": FALLBACK_FONT,
            "halfwidths": range(41),
            "percents": range(101),
            "millimetres": range(1, 41),
        },
    )
    markup = printable(render_to_string("documents/paper.html", {"paper": paper}))
    sheet = CSS(string=style, font_config=fonts, url_fetcher=fetcher)
    document = HTML(string=markup, url_fetcher=fetcher)
    content: bytes = document.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_tags=True)
    return content
