"""`manage.py commendations 113`: what a plan's facts earn now, with the reasons; nothing is saved."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awards import words
from awards.compute import Result, of_plan
from awards.facts import Gathered
from districts.models import District, Plan


class Command(BaseCommand):
    help = "列出某年度計畫目前的獎勵試算及其理由；不會儲存任何資料。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, help="民國年度，如 113")
        parser.add_argument("--office", default="cyhg", help="人事處代碼")
        parser.add_argument("--format", choices=["table", "json"], default="table", help="輸出格式")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan.objects.liaison().filter(office__code=options["office"], year=options["year"]).first()
        if plan is None:
            raise CommandError(f"沒有{options['year']}年度的分區聯繫會報計畫。")
        _, gathered, result = of_plan(plan)
        rows = [*_districts(plan, gathered, result), *_people(gathered, result)]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        for row in rows if options["format"] == "table" else []:
            self.stdout.write(f"{row['who']}\t{row['granted'] or '—'}\t{'；'.join(row['because'])}")


def _districts(plan: Plan, gathered: Gathered, result: Result) -> Iterator[dict[str, Any]]:
    for district in District.objects.filter(plan=plan):
        hosting, record = result.hosting[district.pk], gathered.records[district.pk]
        granted = [words.explained(commendation, record) for commendation in hosting.commendations]
        missed = [words.refused(trial, record) for trial in hosting.trials if not trial.is_met]
        yield {
            "who": district.name,
            "granted": "、".join(words.granted(c.unit, c.times) for c in hosting.commendations),
            "because": granted + missed,
        }


def _people(gathered: Gathered, result: Result) -> Iterator[dict[str, Any]]:
    for commendation in result.proposals:
        posting = gathered.people[commendation.proposer]
        yield {
            "who": f"{posting.agency.short_name} {posting.person.name}",
            "granted": words.granted(commendation.unit, commendation.times) if commendation.times else "",
            "because": [words.proposals_explained(commendation)],
        }
