"""What a file is, judged by its bytes alone."""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO

from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind

Seekable = BinaryIO

ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"MSCF")
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!", b"L\0\0\0\x01\x14\x02\0")
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE: Office before 2007, and every encrypted OOXML file
ZIP = b"PK\x03\x04"


def inspect(file: Seekable) -> Kind:
    """Return the kind of the file after looking through all of it.

    The heavy parsers are imported where they are needed, so that a small file of another kind does not wait for them.

    Raises:
        Refused: the file is of no kind we keep, or may not be kept.
    """
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    if head.startswith(b"%PDF-"):
        from personnel_portal.uploads.inspection import pdf

        return pdf.inspect(file)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        from personnel_portal.uploads.inspection import image

        return image.inspect(file)
    if head.startswith(ZIP):
        from personnel_portal.uploads.inspection import office

        return office.inspect(file)
    raise _unknown(head, file)


def _unknown(head: bytes, file: Seekable) -> Refused:
    """Return the most helpful refusal of a file that is of none of our kinds."""
    if not head:
        return Refused(Reason.EMPTY)
    if b"%PDF-" in head:
        return Refused(Reason.POLYGLOT, "PDF header not at the start")
    if head.startswith(COMPOUND):
        encrypted = "EncryptedPackage".encode("utf-16-le") in file.read()
        return Refused(Reason.ENCRYPTED if encrypted else Reason.LEGACY, "OLE compound file")
    if head.startswith(ARCHIVES) or head[257:262] == b"ustar":
        return Refused(Reason.ARCHIVE, "archive")
    if head.startswith(PROGRAMS):
        return Refused(Reason.PROGRAM, "program")
    return Refused(Reason.UNKNOWN, f"starts with {head[:8]!r}")


def holds_zip(file: Seekable) -> bool:
    """Whether a zip program would find an archive in this file, which is meant to be something else."""
    try:
        return bool(zipfile.ZipFile(file).infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return False
