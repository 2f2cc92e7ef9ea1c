"""The inspection process: the file on standard input, one line of JSON on standard output."""

from __future__ import annotations

import json
import resource
import sys
from typing import cast

from personnel_portal.uploads.inspection import content
from personnel_portal.uploads.inspection.refusals import Reason, Refused

MEMORY_BYTES = 1024**3
CPU_SECONDS = 20


def _limit() -> None:
    """Bound this process before the first byte is read: memory, time, and no file may be written."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _verdict() -> dict[str, str]:
    try:
        return {"kind": content.inspect(cast("content.Seekable", sys.stdin.buffer)).value}
    except Refused as refused:
        return {"refused": refused.reason.value, "detail": refused.detail}
    except MemoryError:
        return {"refused": Reason.BOMB.value, "detail": "out of memory"}
    except Exception as error:  # whatever a parser throws at hostile bytes, the file is broken
        return {"refused": Reason.BROKEN.value, "detail": f"{type(error).__name__}: {error}"[:500]}


if __name__ == "__main__":
    _limit()
    sys.stdout.write(json.dumps(_verdict()))
