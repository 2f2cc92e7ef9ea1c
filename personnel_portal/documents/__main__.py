"""The confined child of `confined.run`: a file on standard input, an answer in JSON on standard output."""

import importlib
import json
import resource
import sys

from personnel_portal.documents.confined import MEGABYTES, SECONDS, UnreadableFileError


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(function: str, options: str) -> None:
    module, name = function.split(".")
    call = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    _confine()
    try:
        answer = {"result": call(sys.stdin.buffer, **json.loads(options))}
    except UnreadableFileError as refusal:
        answer = {"refusal": str(refusal)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main(*sys.argv[1:])
