"""What stands in the repository: no secret, and settings that Django's own check finds nothing in."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
# What keys and passwords look like, wherever they stand.
SECRETS = {
    "private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "key of a cloud": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b",
    "token of a code host": rb"\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{60,}|glpat-[\w-]{20})\b",
    "token of a chat": rb"\bxox[abprs]-[0-9A-Za-z-]{10,}|\bsk-[0-9A-Za-z]{32,}",
    "web token": rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "password in an address": rb"\b[a-z]{3,12}://[\w.-]+:(?!secret\b|password\b|\$|<|\{)[^\s@/'\"]{3,}@[\w.-]+",
    "key of Django": rb"(?i)\bsecret_key['\"]?\s*[:=]\s*['\"][^'\"\s]{30,}['\"]",
    "password as a word": rb"(?i)\b(?:db|database|smtp|mail|admin|root)_?password['\"]?\s*[:=]\s*['\"][^'\"\s{$<]{6,}['\"]",
}
# What stands for one where the README explains a setting.
HARMLESS = {b":PASSWORD@"}


def tracked() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, check=True).stdout
    yield from (BASE_DIR / name.decode() for name in listed.split(b"\0") if name)


@pytest.fixture(scope="module")
def contents() -> dict[Path, bytes]:
    if not (BASE_DIR / ".git").exists():
        pytest.skip("this is an unpacked copy: only git knows which files belong to the repository")
    return {path.relative_to(BASE_DIR): path.read_bytes() for path in tracked() if path.is_file()}


@pytest.mark.parametrize("kind", SECRETS)
def test_the_repository_holds_no_secret(contents: dict[Path, bytes], kind: str) -> None:
    found = [
        (str(path), match[0])
        for path, content in contents.items()
        for match in re.finditer(SECRETS[kind], content)
        if not any(word in match[0] for word in HARMLESS)
    ]
    assert found == []


def test_the_repository_holds_no_runtime_file(contents: dict[Path, bytes]) -> None:
    """Neither data, nor keys, nor mails of a portal that ran here."""
    endings = {".sqlite3", ".db", ".pem", ".key", ".p12", ".pfx", ".eml", ".log", ".env", ".dump"}
    assert [path for path in contents if path.suffix in endings or path.name in ("secret_key", ".env", "id_rsa")] == []
    assert len(contents) > 500


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("key of a cloud", "AK" + "IA" + "ABCDEFGHIJKLMNOP"),
        ("token of a code host", "gh" + "p_" + "a" * 36),
        ("web token", ".".join(["ey" + "J" + "a" * 12, "ey" + "J" + "b" * 12, "c" * 12])),
        ("password in an address", "postgres://portal:" + "hunter22" + "@db.internal/portal"),
        ("key of Django", "SECRET_" + "KEY = '" + "k9X-pQ7!z" * 5 + "'"),
        ("password as a word", "DB_" + 'PASSWORD="' + "hunter22" + '"'),
        ("token of a chat", "xo" + "xb-123456789012-abc"),
    ],
)
def test_a_secret_would_be_found(kind: str, text: str) -> None:
    assert re.search(SECRETS[kind], text.encode())


def test_every_package_of_the_lock_file_is_held_by_its_hash() -> None:
    """A package that was changed on its way, or in the registry afterwards, is not installed."""
    import tomllib

    lock = tomllib.loads((BASE_DIR / "uv.lock").read_text())
    packages = [package for package in lock["package"] if "virtual" not in package["source"]]
    loose = [
        package["name"]
        for package in packages
        for file in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        if not file.get("hash", "").startswith("sha256:")
    ]
    assert len(packages) > 50
    assert loose == []


def test_the_checks_of_every_run_include_that_of_a_deployment() -> None:
    """`make test` begins with it, and it fails at the least warning."""
    rules = (BASE_DIR / "Makefile").read_text()
    assert "manage.py check --deploy --fail-level WARNING" in rules.partition("\nmanners:")[2].partition("\n\n")[0]
