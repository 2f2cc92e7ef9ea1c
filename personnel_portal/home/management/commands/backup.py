"""`manage.py backup DIR`: the database and the files, as they are at one moment, while the portal goes on."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from personnel_portal.uploads import storage


class Command(BaseCommand):
    help = "備份資料庫與檔案至新目錄；備份時入口網可繼續使用。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="新目錄，不可已存在")

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        try:
            directory.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            raise CommandError(f"{directory} 已存在；請指定新的目錄，以免覆寫先前的備份。")
        except OSError as error:
            raise CommandError(f"無法建立 {directory}：{error.strerror}。")
        # The database first: a file is settled before its row is written, so every row's file is there to be copied
        # afterwards, as long as no sweep takes one away in between.
        with storage.unswept():
            copy_database(directory)
            count = copy_files(directory / "files")
        self.stdout.write(f"已備份資料庫與 {count} 個檔案至 {directory}。SECRET_KEY 等環境變數請另行保存。")


def copy_database(directory: Path) -> None:
    """Write one consistent state of the database; nobody has to wait for it."""
    if connection.vendor == "sqlite":
        # By a reader of its own: SQLite waits for ever to copy from a connection that is in a transaction.
        reader = sqlite3.connect(connection.settings_dict["NAME"])
        with closing(reader), closing(sqlite3.connect(directory / "database.sqlite3")) as copy:
            reader.backup(copy)
        return
    run_client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={directory / 'database.dump'}")


def copy_files(directory: Path) -> int:
    """Copy every settled file; return how many."""
    count = 0
    for sha256 in storage.settled():
        place = directory / sha256[:2] / sha256[2:]
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(storage.path_of(sha256), place)
        count += 1
    return count


def run_client(program: str, *options: str) -> None:
    """Run one of PostgreSQL's own programs (found on PATH) on the portal's database.

    Raises:
        CommandError: it is not installed, or it failed; with its own words.
    """
    (_, *where), extra = connection.client.settings_to_cmd_args_env(connection.settings_dict, ["--dbname"])
    try:
        answer = subprocess.run(  # noqa: S603 - the portal's own settings, no shell
            [program, *where, *options], env=os.environ | (extra or {}), capture_output=True, text=True
        )
    except FileNotFoundError:
        raise CommandError(f"找不到 {program}；請安裝 postgresql-client（版本不得低於資料庫伺服器）。")
    if answer.returncode:
        raise CommandError(f"{program} 失敗：{answer.stderr.strip()}")
