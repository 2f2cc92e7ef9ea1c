"""`manage.py trail --verify`: prove that the audit trail is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personnel_portal.trail.chain import verify
from personnel_portal.trail.models import Entry


class Command(BaseCommand):
    help = "檢查稽核軌跡是否完整。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verify", action="store_true", required=True, help="逐筆核對雜湊鏈。")

    def handle(self, *args: Any, **options: Any) -> None:
        for problem in (problems := verify()):
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"稽核軌跡不完整，共 {len(problems)} 處。", returncode=1)
        sealed, waiting = Entry.objects.sealed().count(), Entry.objects.unsealed().count()
        self.stdout.write(f"稽核軌跡完整：已封存 {sealed} 筆，待封存 {waiting} 筆。")
