"""File names as people sent them, made safe to show, to log and to send back."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 120
NAMELESS = "未命名"

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,7})$")
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*\N{REPLACEMENT CHARACTER}', "_"))
# Cf are the invisible ones (text direction, zero width); private use stays, since Big5 names hold self-made characters.
_DROPPED = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


def safe_name(raw: str | None) -> str:
    """Return `raw` as a harmless file name of 1 to 120 characters that keeps its Chinese and its extension.

    A name that was read in the wrong encoding (UTF-8 or Big5 bytes taken for Latin-1) is repaired first: the second
    byte of 許, 功 and 蓋 in Big5 is a backslash, which must not count as a folder.
    """
    name = unicodedata.normalize("NFC", _repaired(raw or ""))
    name = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    name = "".join(" " if char in "\t\r\n" else char for char in name)
    name = "".join(char for char in name if unicodedata.category(char) not in _DROPPED)
    name = " ".join(name.translate(_FORBIDDEN).split()).rstrip(". ")
    tail = f".{name[-len(extension(name)) :]}" if extension(name) else ""
    stem = name.removesuffix(tail).strip(". ")
    name = f"{stem if stem.strip('_') else NAMELESS}{tail}"
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name)


def extension(name: str) -> str:
    """Return the extension in lower case without its dot; empty for 紀錄113.6.30, whose last part is no extension."""
    found = _EXTENSION.search(name)
    return found.group(1).lower() if found else ""


def _repaired(raw: str) -> str:
    """Return the name that was meant when its bytes were read as Latin-1 or escaped as surrogates."""
    if raw.isascii():
        return raw
    try:
        data = b"".join(
            char.encode("utf-8", "surrogateescape") if "\udc80" <= char <= "\udcff" else char.encode("latin-1")
            for char in raw
        )
    except UnicodeEncodeError:
        return raw
    for encoding in ("utf-8", "cp950"):
        # One accented letter alone is more likely a European name than half a Chinese character.
        if encoding == "cp950" and sum(byte > 0x7F for byte in data) < 2:
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw


def _shortened(name: str) -> str:
    """Return the name cut to the limit before its extension, never inside a combined character."""
    if len(name) <= MAX_LENGTH:
        return name
    tail = f".{name.rpartition('.')[2]}" if extension(name) else ""
    stem = name[: MAX_LENGTH - len(tail)]
    while stem and unicodedata.combining(name[len(stem)]):
        stem = stem[:-1]
    return f"{stem.rstrip('. ')}{tail}"
