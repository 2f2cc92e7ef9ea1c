"""`manage.py restore DIR`: bring a backup back, into an empty database; the files go below `STORAGE_PATH`."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from personnel_portal.home.management.commands.backup import run_client
from personnel_portal.uploads import storage
from personnel_portal.uploads.models import StoredFile


class Command(BaseCommand):
    help = "將備份還原至空的資料庫與檔案目錄；資料庫已有資料時不會覆寫。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="backup 指令產生的目錄")

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        refuse_unless_whole(directory)
        if connection.introspection.table_names():
            raise CommandError("資料庫不是空的；請指定新建的資料庫（DATABASE_URL）。")
        count = restore_files(directory / "files")
        restore_database(database_of(directory))
        if missing := missing_files():
            raise CommandError(f"備份缺少 {len(missing)} 個檔案，例如 {missing[0]}。")
        self.stdout.write(f"已還原資料庫與 {count} 個檔案。接著請執行 manage.py migrate。")


def database_of(directory: Path) -> Path:
    """Return the database's file of a backup, in the form that this database reads."""
    return directory / ("database.sqlite3" if connection.vendor == "sqlite" else "database.dump")


def refuse_unless_whole(directory: Path) -> None:
    """Refuse what is no backup for this kind of database, and one whose files were damaged since.

    Raises:
        CommandError: with the reason.
    """
    if not database_of(directory).is_file():
        raise CommandError(f"{directory} 沒有 {database_of(directory).name}；請確認是同一種資料庫的備份。")
    for sha256, file in files_of(directory / "files"):
        with file.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
                raise CommandError(f"備份中的檔案 {file} 已損壞，未還原任何資料。")


def restore_files(directory: Path) -> int:
    """Put the files in their places, where the same file may be already; return how many."""
    count = 0
    for _, file in files_of(directory):
        with file.open("rb") as source, storage.staged() as copy:
            shutil.copyfileobj(source, copy)
            storage.settle(copy)
        count += 1
    return count


def restore_database(source: Path) -> None:
    """Bring the database back whole or not at all."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        # Immutable: a backup on a read-only medium can be read too.
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?immutable=1", uri=True)) as copy:
            copy.backup(connection.connection)
        return
    run_client("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(source))


def files_of(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield each file of a backup with the SHA-256 that its name tells."""
    for file in sorted(directory.glob("??/*")):
        yield file.parent.name + file.name, file


def missing_files() -> list[str]:
    """Return the SHA-256 of every row whose file is not there."""
    known = StoredFile.objects.order_by().values_list("sha256", flat=True).distinct()
    return [sha256 for sha256 in known if not storage.path_of(sha256).is_file()]
