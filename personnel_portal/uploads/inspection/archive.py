"""Reading a zip without believing it: every size is counted while unpacking, never taken from a header."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from personnel_portal.uploads.inspection.content import Seekable
from personnel_portal.uploads.inspection.refusals import Reason, Refused

MAX_ENTRIES = 3_000
MAX_TOTAL = 200 * 1024**2
MAX_RATIO = 100
# Small files may compress as well as they like: an empty sheet of a few thousand equal rows is no bomb.
RATIO_FROM = 20 * 1024**2
CHUNK = 64 * 1024

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_ENCRYPTED_FLAG = 0x1


class Archive:
    """The entries of one office file; unpacking all of them is bounded together."""

    def __init__(self, file: Seekable) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        self._unpacked = 0
        self._refuse_surroundings()
        self.entries = tuple(self._directory())
        self.names = frozenset(entry.filename for entry in self.entries)

    def chunks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield the entry's content in pieces of at most 64 KB.

        Raises:
            Refused: the content is damaged, or longer than its header or our limits say.
        """
        length = checksum = 0
        for chunk in self._inflated(entry):
            length += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
            self._count(len(chunk), entry)
            yield chunk
        if (length, checksum) != (entry.file_size, entry.CRC):
            raise Refused(Reason.BROKEN, f"size or checksum of {entry.filename!r} is not what its header says")

    def content(self, entry: zipfile.ZipInfo, limit: int) -> bytes:
        """Return an entry that must be small."""
        data = bytearray()
        for chunk in self.chunks(entry):
            data += chunk
            if len(data) > limit:
                raise Refused(Reason.BOMB, f"{entry.filename!r} is longer than {limit} bytes")
        return bytes(data)

    def _refuse_surroundings(self) -> None:
        """Refuse what stands behind the archive's end record: office programs write nothing there."""
        self._file.seek(max(0, self._size - 65_557))
        tail = self._file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0:
            raise Refused(Reason.BROKEN, "no end record")
        if len(tail) - at != 22:
            raise Refused(Reason.POLYGLOT, "data behind the end record")

    def _directory(self) -> Iterator[zipfile.ZipInfo]:
        try:
            entries = zipfile.ZipFile(self._file).infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise Refused(Reason.BROKEN, str(error)) from error
        if len(entries) > MAX_ENTRIES:
            raise Refused(Reason.BOMB, f"{len(entries)} entries")
        # Overlapping entries are how a bomb hides from a sum over sizes.
        if sum(entry.compress_size for entry in entries) > self._size:
            raise Refused(Reason.BOMB, "entries overlap")
        if not entries or min(entry.header_offset for entry in entries) != 0:
            raise Refused(Reason.POLYGLOT, "the first entry is not at the start")
        seen: set[str] = set()
        for entry in entries:
            _refuse_entry(entry, seen)
            if not entry.is_dir():
                yield entry

    def _inflated(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        if entry.compress_type == zipfile.ZIP_STORED:
            yield from self._packed(entry)
            return
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        for packed in self._packed(entry):
            if inflater.eof:
                raise Refused(Reason.BROKEN, f"{entry.filename!r} does not end where it should")
            rest = packed
            while rest and not inflater.eof:
                try:
                    chunk = inflater.decompress(rest, CHUNK)
                except zlib.error as error:
                    raise Refused(Reason.BROKEN, f"{entry.filename!r}: {error}") from error
                rest = inflater.unconsumed_tail
                if chunk:
                    yield chunk
        while not inflater.eof and (chunk := inflater.decompress(b"", CHUNK)):
            yield chunk
        if not inflater.eof or inflater.unused_data:
            raise Refused(Reason.BROKEN, f"{entry.filename!r} does not end where it should")

    def _packed(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield the entry's bytes as they stand in the file, after its own header has agreed with the directory."""
        self._file.seek(entry.header_offset)
        header = self._file.read(_LOCAL_HEADER.size)
        if len(header) != _LOCAL_HEADER.size:
            raise Refused(Reason.BROKEN, "truncated entry header")
        magic, _, flags, method, *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        name = self._file.read(name_length).decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if flags & _ENCRYPTED_FLAG:
            raise Refused(Reason.ENCRYPTED, f"encrypted entry {entry.filename!r}")
        if magic != b"PK\x03\x04" or method != entry.compress_type or name != entry.orig_filename:
            raise Refused(Reason.BROKEN, f"header of {entry.filename!r} contradicts the directory")
        position = self._file.seek(extra_length, os.SEEK_CUR)
        remaining = entry.compress_size
        while remaining:
            self._file.seek(position)
            packed = self._file.read(min(CHUNK, remaining))
            if not packed:
                raise Refused(Reason.BROKEN, f"{entry.filename!r} is cut off")
            position += len(packed)
            remaining -= len(packed)
            yield packed

    def _count(self, length: int, entry: zipfile.ZipInfo) -> None:
        self._unpacked += length
        if self._unpacked > MAX_TOTAL:
            raise Refused(Reason.BOMB, f"more than {MAX_TOTAL} bytes, at {entry.filename!r}")
        if self._unpacked > RATIO_FROM and self._unpacked > MAX_RATIO * self._size:
            raise Refused(Reason.BOMB, f"unpacks to more than {MAX_RATIO} times its size, at {entry.filename!r}")


def _refuse_entry(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    """Refuse an entry whose name or header no office program writes."""
    name = entry.orig_filename
    parts = name.rstrip("/").split("/")
    if "\\" in name or ":" in name or any(part in ("", ".", "..") for part in parts) or not name.isprintable():
        raise Refused(Reason.ENTRIES, f"entry name {name!r}")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise Refused(Reason.ENTRIES, f"link or device {name!r}")
    # OOXML compares part names without regard to case.
    if name.lower() in seen:
        raise Refused(Reason.ENTRIES, f"entry twice {name!r}")
    seen.add(name.lower())
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise Refused(Reason.ENCRYPTED, f"encrypted entry {name!r}")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(Reason.BROKEN, f"compression {entry.compress_type} of {name!r}")
