"""Reading the cells of an uploaded sheet."""

from datetime import date
from typing import IO

from personnel_portal.documents import confined

Cell = str | date


def read(file: IO[bytes], *, limit: int = 5000) -> list[list[Cell]]:
    """Return the rows of a csv, or of the first sheet of an xlsx or ods, as trimmed text; dates of sheets as dates.

    The first row is line 1 of the file; trailing empty cells and rows are left out. Text is read as UTF-8 (with or
    without a mark), UTF-16 with a mark, or Big5. The kind is told from the content. At most `limit` rows are read.

    Raises:
        UnreadableFileError: with a sentence for the person.
    """
    rows: list[list[str | list[str]]] = confined.run("reading.rows", file, limit=limit)
    return _cells(rows)


def read_all(file: IO[bytes], *, limit: int = 5000) -> list[tuple[str, list[list[Cell]]]]:
    """Return the name and the rows of every sheet that is not empty, as `read`; a csv is one without a name.

    Args:
        limit: the greatest number of rows of all sheets together.

    Raises:
        UnreadableFileError: as `read`, or a formula bears no value.
    """
    return [(name, _cells(rows)) for name, rows in confined.run("reading.sheets", file, limit=limit)]


def _cells(rows: list[list[str | list[str]]]) -> list[list[Cell]]:
    return [[cell if isinstance(cell, str) else date.fromisoformat(cell[0]) for cell in row] for row in rows]
