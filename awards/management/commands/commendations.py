"""`manage.py commendations 113`: what a plan's facts earn now and what was approved, as the pages tell it; nothing is saved."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awards import outlook, reasons, words
from awards.models import Line
from awards.outlook import Outlook
from districts.models import Plan

Row = dict[str, Any]


class Command(BaseCommand):
    help = "列出某年度計畫目前的獎勵試算、未列入的原因及已核定者；不會儲存任何資料。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, help="民國年度，如 113")
        parser.add_argument("--office", default="cyhg", help="人事處代碼")
        parser.add_argument("--format", choices=["table", "json"], default="table", help="輸出格式")

    def handle(self, *args: Any, **options: Any) -> None:
        plans = Plan.objects.liaison().filter(office__code=options["office"], year=options["year"])
        plan = plans.prefetch_related("readings").first()
        if plan is None:
            raise CommandError(f"沒有{options['year']}年度的分區聯繫會報計畫。")
        look = outlook.look(plan)
        rows = [*_districts(look), *_proposers(look), *_unknown(look), *_reasons(look), *_approved(plan)]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        for row in rows if options["format"] == "table" else []:
            self.stdout.write(f"{row['who']}\t{row['granted'] or '—'}\t{'；'.join(row['because'])}")


def _row(sort: str, who: str, granted: str, because: list[str], **more: Any) -> Row:
    """Return what is told: `sort` is what it is about, `counts` and `references` what was counted, as the rules name it."""
    empty: Row = {"state": "", "clauses": [], "counts": {}, "references": [], "is_estimated": False}
    return {"sort": sort, "who": who, "granted": granted, "because": because, **empty, **more}


def _districts(look: Outlook) -> Iterator[Row]:
    for district in look.districts:
        hosting = look.result.hosting.get(district.pk)
        if hosting is None:
            continue
        line = outlook.hosting_line(district, hosting, look.gathered.records[district.pk])
        counted = [check.counted for trial in hosting.trials for check in trial.checks]
        yield _row(
            "district",
            district.name,
            line.granted,
            [*line.because, *line.missed] if look.rules.tiers else ["本年度計畫未訂承辦聯繫會報的獎勵。"],
            clauses=[commendation.clause for commendation in hosting.commendations],
            counts={one.measure: int(one.value) for one in counted},
            references=list(dict.fromkeys(reference for one in counted for reference in one.references)),
            is_estimated=line.is_estimated,
        )


def _proposers(look: Outlook) -> Iterator[Row]:
    if look.rules.reward is None:
        yield _row("proposer", "提案獲參採", "", ["本年度計畫未訂提案獎勵。"])
    for commendation in look.result.proposals:
        posting = look.gathered.people[commendation.proposer]
        yield _row(
            "proposer",
            f"{posting.agency.short_name} {posting.person.name}",
            words.granted(commendation.unit, commendation.times) if commendation.times else "",
            [words.proposals_explained(commendation)],
            clauses=[commendation.clause],
            counts={"counted": len(commendation.references), "over_cap": len(commendation.over_cap)},
            references=[*commendation.references, *commendation.over_cap],
        )


def _unknown(look: Outlook) -> Iterator[Row]:
    for fact in outlook.unknown(look.plan, look.gathered, look.rules.readings.joint):
        reference = f"proposals.proposal-{fact.pk}"
        yield _row("unknown", fact.label, "", ["查無提案人，指定獎勵人員前不列入。"], references=[reference])


def _reasons(look: Outlook) -> Iterator[Row]:
    for reason in reasons.of_everybody(look):
        who = f"{reason.subject}：{reason.who}" if reason.who else reason.subject
        yield _row("reason", who, reason.granted, list(reason.because), state=reason.state)


def _approved(plan: Plan) -> Iterator[Row]:
    for line in Line.objects.approved().filter(run__plan=plan).for_pages().select_related("run__plan"):
        letter = f"{line.run}核定，{line.run.letter_number}"
        cancelled = [f"由「{line.replaced_by}」取代，原建議註銷。"] if hasattr(line, "replaced_by") else []
        dropped = [f"審議後未列入：{line.reason}"] if line.is_dropped else []
        yield _row(
            "approved",
            f"{line.agency.short_name} {line.name}",
            line.granted if line.is_on_roster else "",
            [line.because["words"], *cancelled, *dropped, letter],
            state="已核定" if line.is_on_roster else "審議後未列入" if dropped else "原建議註銷",
            clauses=[line.clause],
            references=line.because["references"],
            is_estimated=line.is_estimated,
        )
