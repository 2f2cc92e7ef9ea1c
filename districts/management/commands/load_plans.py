"""`manage.py load_plans`: the real plans and calendars that the portal comes with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from districts.actions.loading import load_plans


class Command(BaseCommand):
    help = "載入隨附的計畫、機關與辦公日曆；已載入的檔案略過，不會覆寫人事處的修改。"

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_plans(settings.BASE_DIR / "fixtures")
        if options["verbosity"]:
            self.stdout.write("\n".join(loaded) if loaded else "資料均已載入，沒有變更。")
