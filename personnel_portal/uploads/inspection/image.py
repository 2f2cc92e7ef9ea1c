"""JPG and PNG: one still picture of a sane size, and nothing behind it."""

from __future__ import annotations

import struct
import warnings

from PIL import Image, ImageFile

from personnel_portal.uploads.inspection.content import Seekable, holds_zip
from personnel_portal.uploads.inspection.refusals import Reason, Refused
from personnel_portal.uploads.kinds import Kind

MAX_PIXELS = 64_000_000

_KINDS = {"JPEG": Kind.JPG, "PNG": Kind.PNG}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def inspect(file: Seekable) -> Kind:
    """Return JPG or PNG after decoding the whole picture.

    Raises:
        Refused: several pictures in one, too many pixels, damage, or other data behind the picture.
    """
    file.seek(0)
    data = file.read()
    end = _jpeg_end(data) if data.startswith(b"\xff\xd8") else _png_end(data)
    if data[end:].strip(b"\0\r\n "):
        # Cameras append a second picture (MPO) behind the first; anything else has no business there.
        frames = data[end:].lstrip(b"\0").startswith(b"\xff\xd8\xff")
        raise Refused(Reason.FRAMES if frames else Reason.POLYGLOT, f"{len(data) - end} bytes behind the picture")
    if holds_zip(file):
        raise Refused(Reason.POLYGLOT, "also a zip")
    file.seek(0)
    return _decoded(file)


def _decoded(file: Seekable) -> Kind:
    Image.MAX_IMAGE_PIXELS = None  # judged below, with our own limit and sentence
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(file, formats=tuple(_KINDS)) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise Refused(Reason.PIXELS, f"{width} x {height}")
            if picture.format not in _KINDS or getattr(picture, "n_frames", 1) != 1:
                raise Refused(Reason.FRAMES, f"{picture.format} with several pictures")
            picture.load()
            return _KINDS[picture.format]


def _jpeg_end(data: bytes) -> int:
    """Return the position behind the end mark, found segment by segment: a thumbnail inside has its own end mark."""
    at = 2
    while True:
        if data[at : at + 1] != b"\xff":
            raise Refused(Reason.BROKEN, f"no marker at {at}")
        while data[at + 1 : at + 2] == b"\xff":  # fill bytes
            at += 1
        marker = data[at + 1] if at + 1 < len(data) else -1
        at += 2
        if marker == 0xD9:
            return at
        if marker in _STANDALONE:
            continue
        if at + 2 > len(data):
            raise Refused(Reason.BROKEN, "cut off")
        at += int.from_bytes(data[at : at + 2], "big")
        if marker == 0xDA:
            at = _scan_end(data, at)


def _scan_end(data: bytes, at: int) -> int:
    """Return where the coded data of one scan ends: at the first marker that is neither stuffing nor a restart."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] and data[at + 1] not in _STANDALONE and data[at + 1] != 0xFF:
            return at
        at += 1
    raise Refused(Reason.BROKEN, "scan without an end")


def _png_end(data: bytes) -> int:
    """Return the position behind the IEND chunk."""
    at = 8
    while at + 12 <= len(data):
        length: int
        name: bytes
        length, name = struct.unpack_from(">L4s", data, at)
        at += 12 + length
        if name == b"IEND" and at <= len(data):
            return at
    raise Refused(Reason.BROKEN, "no IEND chunk")
