"""Plain text of a file, for the pre-check of minutes and for comparing versions."""

import io
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

import pypdf

from personnel_portal.documents import confined, markup
from personnel_portal.documents.characters import printable
from personnel_portal.documents.confined import UnreadableFileError

MAX_CHARACTERS = 500_000
MAX_PAGES = 500
_PATIENCE = 12  # seconds for a PDF; the rest of the child's time is for loading


def extract(path: Path, kind: str) -> str:
    """Return the text of a file in reading order, a line a paragraph, the cells of a table row divided by tabs.

    The text is cut at `MAX_CHARACTERS`, a PDF also after `MAX_PAGES` pages or some seconds. A scan yields ''.

    Args:
        path: the file.
        kind: `pdf`, `odt` or `docx`.

    Raises:
        UnreadableFileError: with a sentence for the person: broken, encrypted or too large.
    """
    with path.open("rb") as file:
        return cast("str", confined.run("text.plain", file, kind=kind))


def plain(file: IO[bytes], *, kind: str) -> str:
    """Return the text of a file; runs in the confined child."""
    content = io.BytesIO(file.read())
    if kind == "pdf":
        return _bounded(_pdf(content))
    body = markup.body(content, kind)
    return _bounded(markup.lines(body, kind) if body is not None else ())


def _bounded(parts: Iterable[str]) -> str:
    lines: list[str] = []
    room = MAX_CHARACTERS
    for part in parts:
        line = printable(part).strip()[:room]
        if line:
            lines.append(line)
            room -= len(line)
        if not room:
            break
    return "\n".join(lines)


def _pdf(file: io.BytesIO) -> Iterator[str]:
    stop = time.monotonic() + _PATIENCE
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFileError("PDF 設有密碼，無法讀取文字。")
        for number, page in enumerate(reader.pages):
            if number == MAX_PAGES or time.monotonic() > stop:
                return
            yield page.extract_text()
    except (
        pypdf.errors.PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as error:
        # pypdf answers broken files with whatever its dictionary look-ups raise.
        if isinstance(error, UnreadableFileError):
            raise
        raise UnreadableFileError("PDF 已損毀，無法讀取文字。")
