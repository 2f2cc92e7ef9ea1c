"""`manage.py load_plans`: the real plans and calendars that the portal comes with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from districts.actions.loading import load_plans


class Command(BaseCommand):
    help = "載入隨附的計畫、機關與辦公日曆；已載入的檔案略過，不覆寫人事處的修改。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--missing", action="store_true", help="補上已載入檔案中目前沒有的資料列。")

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_plans(settings.BASE_DIR / "fixtures", missing=options["missing"])
        if options["verbosity"]:
            self.stdout.write("\n".join(loaded) if loaded else "資料均已載入，沒有變更。")
