"""What a section of a page says."""

from html.parser import HTMLParser
from typing import Any

VOID = {"br", "hr", "img", "input", "link", "meta"}


class _Words(HTMLParser):
    def __init__(self, section: str) -> None:
        super().__init__()
        self.section, self.depth, self.words = section, 0, [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID and (self.depth or dict(attrs).get("id") == self.section):
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out what holds nothing."""

    def handle_endtag(self, tag: str) -> None:
        self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.words.append(data)


def words_of(answer: Any, section: str) -> str:
    """Return the text of the element of this id, with single spaces."""
    reader = _Words(section)
    reader.feed(answer.text)
    return " ".join("".join(reader.words).split())
