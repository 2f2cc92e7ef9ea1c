"""Parsing of strangers' files in a child process with a limit of time and memory.

A sheet of 6 kB can name one cell in its last row and column, for which calamine asks 550 GB and aborts the process; a
PDF can keep pypdf busy for minutes. Such a file must end its own child, not a worker of the portal.

The child is `__main__` of this package: it limits itself, calls one function of the package with the file and prints
the result as JSON. It gets none of the portal's environment and imports no Django.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

SECONDS = 20  # of processor time
MEGABYTES = 1024
_ROOT = Path(__file__).resolve().parents[2]


class UnreadableFileError(ValueError):
    """A file cannot be read; its text is the sentence for the person."""


def run(function: str, file: IO[bytes], **options: Any) -> Any:
    """Call a function of this package, named as `reading.rows`, on a file in a confined child.

    Args:
        function: module and function; it takes a binary file and the options, and returns what JSON can carry.
        file: read from its start.
        **options: what JSON can carry.

    Raises:
        UnreadableFileError: the function refused the file, or the child overstepped its limits.
    """
    file.seek(0)
    try:
        child = subprocess.run(  # noqa: S603  # our own interpreter and module, no shell
            [sys.executable, "-m", __package__, function, json.dumps(options)],
            input=file.read(),
            capture_output=True,
            timeout=SECONDS * 2,
            cwd=_ROOT,
            env={"PATH": os.defpath, "PYTHONUTF8": "1", "RUST_BACKTRACE": "0"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFileError("讀取檔案的時間過久，請分成較小的檔案再試。")
    if child.returncode:
        raise UnreadableFileError("檔案已損毀或內容過大，無法讀取。請以原軟體開啟、另存新檔後再試。")
    answer = json.loads(child.stdout)
    if "refusal" in answer:
        raise UnreadableFileError(answer["refusal"])
    return answer["result"]
