"""How the log is written: whatever an entry holds, it stands in one line, and a refusal needs no more than that."""

import logging
import re

# Whatever ends a line, turns the direction of text or speaks to a terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class OneLine(logging.Formatter):
    """Time, level, logger and message, in which nobody can forge a second entry; below it the traceback of a failure.

    A request that was answered with 4xx did not fail: the portal refused it, and the address says where.
    """

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the name that logging asks for
        """Return the line without the traceback."""
        return _UNPRINTABLE.sub(_escaped, super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Return what is written."""
        if 400 <= getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return super().format(record)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
