"""Where the bytes are: once for each SHA-256 below `STORAGE_PATH`, in files that only the portal's own user may read.

`STORAGE_PATH/ab/cdef…` holds the file whose SHA-256 is abcdef…; no address of the portal leads to it. A file is
written beside its place, flushed to disk and renamed, so that a name never stands for half a file.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_STAGED = "staged-"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FOLDER = re.compile(r"[0-9a-f]{2}")
_REST = re.compile(r"[0-9a-f]{62}")


class FullError(OSError):
    """The storage has no room for the file."""


def path_of(sha256: str) -> Path:
    """Return where the file with this SHA-256 (64 hexadecimal digits) is kept."""
    return Path(settings.STORAGE_PATH) / sha256[:2] / sha256[2:]


@contextlib.contextmanager
def staged() -> Iterator[BinaryIO]:
    """Give a new file on the storage's own file system; it is gone afterwards unless `settle` has renamed it.

    Raises:
        FullError: there is no room, now or while it is written and settled.
    """
    root = Path(settings.STORAGE_PATH)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _telling_full():
        descriptor, name = tempfile.mkstemp(prefix=_STAGED, dir=root)
        try:
            os.close(descriptor)
            with open(name, "r+b") as file:
                yield file
        finally:
            Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def _telling_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise FullError(*error.args) from error
        raise


def settle(file: BinaryIO) -> str:
    """Put the staged file in its place and return its SHA-256.

    A file that is there already is replaced by the same bytes: its age starts anew, so the sweep cannot take it away
    between here and the row, and a copy that the disk has damaged is whole again.
    """
    file.flush()
    os.fsync(file.fileno())
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # BinaryIO lacks readinto in typeshed
    place = path_of(sha256)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    with _lock(fcntl.LOCK_SH):
        Path(file.name).replace(place)
        os.utime(place)
    for folder in (place.parent, place.parent.parent):
        _sync(folder)
    return sha256


def present(*, older_than: timedelta) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder (two hexadecimal digits) with the SHA-256 of those files in it that have reached this age."""
    root = Path(settings.STORAGE_PATH)
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")) if root.is_dir() else ():
        if _FOLDER.fullmatch(folder.name):
            yield (
                folder.name,
                sorted(
                    folder.name + file.name
                    for file in folder.iterdir()
                    if _REST.fullmatch(file.name) and _reached(file, older_than)
                ),
            )


def remove(sha256: str, *, older_than: timedelta) -> bool:
    """Remove one file unless it was settled again meanwhile; the caller holds the `sweeping` lock."""
    place = path_of(sha256)
    if not _reached(place, older_than):
        return False
    place.unlink(missing_ok=True)
    return True


def remove_staged(*, older_than: timedelta) -> int:
    """Remove what a killed process left half written; return how many files."""
    left = [file for file in Path(settings.STORAGE_PATH).glob(f"{_STAGED}*") if _reached(file, older_than)]
    for file in left:
        file.unlink(missing_ok=True)
    return len(left)


@contextlib.contextmanager
def sweeping() -> Iterator[None]:
    """Hold off every `settle` while files are removed."""
    with _lock(fcntl.LOCK_EX):
        yield


@contextlib.contextmanager
def unswept() -> Iterator[None]:
    """Hold off every removal while files are copied; new ones may still settle."""
    Path(settings.STORAGE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(fcntl.LOCK_SH):
        yield


def settled() -> Iterator[str]:
    """Yield the SHA-256 of every kept file."""
    for _, present_now in present(older_than=timedelta(0)):
        yield from present_now


@contextlib.contextmanager
def _lock(mode: int) -> Iterator[None]:
    descriptor = os.open(Path(settings.STORAGE_PATH) / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


def _reached(file: Path, age: timedelta) -> bool:
    """Whether the file exists and was last written at least `age` ago."""
    try:
        return time.time() - file.stat().st_mtime >= age.total_seconds()
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    """Flush a folder, so that a rename in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
