"""`manage.py generate`: a whole country of made-up counties, the same for the same seed, to measure the portal with."""

import time
from argparse import ArgumentParser
from datetime import date
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from districts.choices import PlanKind
from districts.models import Office
from personnel_portal import roc
from personnel_portal.home.management.commands._country_ground import County, make_county
from personnel_portal.home.management.commands._country_registers import make_registers, make_trail
from personnel_portal.home.management.commands._country_reports import make_reports
from personnel_portal.home.management.commands._country_words import COUNTIES
from personnel_portal.home.management.commands._country_work import make_work


class Command(BaseCommand):
    help = "產生量測用的假想縣市資料（僅 PostgreSQL；同一種子、同一日期所得相同）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--counties", type=int, default=len(COUNTIES), help="縣市數")
        parser.add_argument("--seed", type=int, default=1, help="種子")
        parser.add_argument("--today", type=date.fromisoformat, default=None, help="資料所到之日，如 2026-11-22")

    def handle(self, *args: Any, counties: int, seed: int, today: date | None, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("正式環境不產生假想縣市資料。")
        if connection.vendor != "postgresql":
            raise CommandError("假想縣市資料以 PostgreSQL 的 COPY 寫入，請以 DATABASE_URL 指定 PostgreSQL。")
        if Office.objects.filter(code__startswith="county").exists():
            raise CommandError("已有假想縣市資料；請另建資料庫。")
        today = today or timezone.localdate()
        began = time.monotonic()
        made = []
        for number in range(counties):
            random = Random(f"{seed}-{number}")  # noqa: S311  # made-up data, the same again
            with transaction.atomic():
                made.append((_make(number, random, today), random))
            self.stdout.write(f"{number + 1}／{counties} 縣市，{time.monotonic() - began:.0f} 秒")
        with transaction.atomic():
            make_trail(made, today=today)
        self.stdout.write(f"稽核軌跡，{time.monotonic() - began:.0f} 秒")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _make(number: int, random: Random, today: date) -> County:
    year = roc.year(today)
    years = dict.fromkeys(PlanKind, year) | {PlanKind.LIAISON: year + (today.month >= 10), PlanKind.KPI: year - 1}
    county = make_county(number, random=random, years=years)
    make_work(county, random=random, today=today)
    make_registers(county, random=random, today=today)
    make_reports(county, random=random, today=today)
    return county
