"""Fetch the program uv into the directory given, with nothing but Python's standard library.

For machines without pip: the wheel comes from the package index that this machine is configured for; where none is
configured, from uv's own release archive. Usage: python3 .ci/fetch_uv.py DIRECTORY
"""

import configparser
import hashlib
import io
import os
import platform
import re
import sys
import tarfile
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

MACHINE = platform.machine()
RELEASES = os.environ.get("UV_INSTALLER_GITHUB_BASE_URL", "https://github.com")
ARCHIVE = f"{RELEASES}/astral-sh/uv/releases/latest/download/uv-{MACHINE}-unknown-linux-musl.tar.gz"


def configured_index() -> str:
    """Return the address of the configured simple index, or an empty text."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if address := os.environ.get(name):
            return address
    pip = configparser.RawConfigParser()
    home = Path.home()
    pip.read(
        [os.environ.get("PIP_CONFIG_FILE", ""), "/etc/pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    )
    return pip.get("global", "index-url", fallback="")


def fetch(address: str) -> bytes:
    """Return what stands at the address."""
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - an index may well be a directory
        content: bytes = answer.read()
        return content


def version(name: str) -> tuple[int, ...]:
    """Return the version in a wheel's file name, to sort by; anything but a plain release sorts lowest."""
    number = name.split("-")[1]
    return tuple(int(part) for part in number.split(".")) if re.fullmatch(r"[\d.]+", number) else ()


def from_index(index: str) -> bytes:
    """Return the program from the newest wheel for this machine, its SHA-256 checked when the index tells it."""
    page = urllib.parse.urljoin(index.rstrip("/") + "/", "uv/")
    links = re.findall(r'href="([^"]+)"', fetch(page).decode())
    wheels = {urllib.parse.urlsplit(link).path.rpartition("/")[2]: link for link in links}
    fitting = [name for name in wheels if name.endswith(f"{MACHINE}.whl") and "manylinux" in name]
    address, _, digest = urllib.parse.urljoin(page, wheels[max(fitting, key=version)]).partition("#sha256=")
    content = fetch(address)
    if digest and hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{address} is not the file that the index names")
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        (program,) = (name for name in wheel.namelist() if name.endswith("/scripts/uv"))
        return wheel.read(program)


def from_release() -> bytes:
    """Return the program from uv's latest release, its SHA-256 checked."""
    content = fetch(ARCHIVE)
    if hashlib.sha256(content).hexdigest() != fetch(ARCHIVE + ".sha256").decode().split()[0]:
        raise ValueError(f"{ARCHIVE} does not match its SHA-256")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        (program,) = (member for member in archive if member.name.endswith("/uv") and member.isfile())
        file = archive.extractfile(program)
        return file.read() if file else b""


def main(directory: Path) -> None:
    index = configured_index()
    program = from_index(index) if index else from_release()
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "uv"
    path.write_bytes(program)
    path.chmod(0o755)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"uv: {error}")
