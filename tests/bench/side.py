"""A process of its own in which the portal works on one database, asked from outside for one thing after another.

Two of them stand side by side, so that what is compared is measured in turn, and never is one busy while the other is
measured. Nothing of Django is imported here: the environment comes first.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Side:
    """The process; `do` runs a function of a module in it and returns what it returned."""

    def __init__(self, executor: ProcessPoolExecutor) -> None:
        self._executor = executor

    def do(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function there and wait for it."""
        return self._executor.submit(function, *args, **kwargs).result()


@contextmanager
def side(environment: Mapping[str, str]) -> Iterator[Side]:
    """Start a process with the environment; it ends with the block."""
    executor = ProcessPoolExecutor(1, get_context("spawn"), _begin, (dict(environment),))
    try:
        yield Side(executor)
    except BaseException:
        for process in executor._processes.values():
            process.terminate()  # it may be in the midst of something long
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _begin(environment: dict[str, str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    os.environ.update(environment)
    import django

    django.setup()


def peak_megabytes() -> float:
    """Return the most memory that this process has had since it began or since `forget_peak`."""
    return _status("VmHWM")


def now_megabytes() -> float:
    """Return the memory that this process has."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Let the peak begin anew from what the process has now."""
    Path("/proc/self/clear_refs").write_text("5")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))
