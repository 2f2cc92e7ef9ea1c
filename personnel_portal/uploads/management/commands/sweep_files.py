"""Remove stored files that no record refers to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personnel_portal.uploads import actions


class Command(BaseCommand):
    help = "移除已無紀錄引用、且超過指定時數的檔案"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=int, default=24, help="檔案至少存在幾小時（預設 24）")
        parser.add_argument("--dry-run", action="store_true", help="只列出，不移除")

    def handle(self, *args: Any, **options: Any) -> None:
        age = timedelta(hours=options["hours"])
        if options["dry_run"]:
            for sha256 in actions.orphans(older_than=age):
                self.stdout.write(sha256)
            return
        self.stdout.write(f"已移除 {actions.sweep_orphans(older_than=age)} 個檔案。")
