"""What was measured, as a file for machines and a table for people."""

import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HEAD = ("section", "what", "measured", "floor or peer", "ratio", "aim", "met")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; `ratio` is measured ÷ floor, `met` is None where nothing was aimed at."""

    section: str
    what: str
    measured: str
    floor: str = ""
    ratio: float | None = None
    aim: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return (self.section, self.what, self.measured, self.floor, ratio, self.aim, met)


@dataclass(slots=True)
class Report:
    """The lines of a run, and the numbers that they were made of."""

    machine: dict[str, str]
    lines: list[Line] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    say: Callable[[str], object] = lambda row: print(row, flush=True)

    def add(self, line: Line) -> None:
        """Take a line, and show it at once."""
        self.lines.append(line)
        self.say("| " + " | ".join(line.cells()) + " |")

    def aim(self, section: str, what: str, measured: str, floor: str, ratio: float, most: float) -> None:
        """Take a line whose ratio should be no more than `most`."""
        self.add(Line(section, what, measured, floor, ratio, f"≤ {most:g} ×", ratio <= most))

    def write(self, directory: Path) -> Path:
        """Write everything below the directory; return the file."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.machine['date'].replace(':', '').replace(' ', '-')}.json"
        content = {"machine": self.machine, "lines": [asdict(line) for line in self.lines], "details": self.details}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str))
        return path

    def table(self) -> str:
        """Return the Markdown for the README."""
        return "\n".join([_sentence(self.machine), "", *_rows([HEAD, *(line.cells() for line in self.lines)])])


def _rows(rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]


def _sentence(machine: dict[str, str]) -> str:
    return (
        "Measured on {date} UTC: {cores} cores of {cpu}, {memory}, {system}, Python {python}, {database}.".format_map(
            machine
        )
    )


def machine(database: str) -> dict[str, str]:
    """Return when and on what it was measured."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "cores": str(len(os.sched_getaffinity(0))),
        "cpu": _first("/proc/cpuinfo", "model name") or platform.machine(),
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GB",
        "system": _first("/etc/os-release", "PRETTY_NAME", "=").strip('"'),
        "python": platform.python_version(),
        "database": database,
    }


def _first(path: str, name: str, sign: str = ":") -> str:
    found = (line.partition(sign) for line in Path(path).read_text().splitlines())
    return next((value.strip() for key, _, value in found if key.strip() == name), "")
