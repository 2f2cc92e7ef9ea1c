"""`manage.py remind`: send the reminders of a day, or only show them."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from districts.calendar import office_calendar
from districts.models import Agency, Office, Plan
from personnel_portal import roc
from personnel_portal.duties import actions, reminders
from personnel_portal.duties.board import chip


class Command(BaseCommand):
    help = "寄發當日應寄的提醒；--dry-run 只列出。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", default="", help="民國日期，如 113-06-14；未填為今日。")
        parser.add_argument("--dry-run", action="store_true", help="只列出將寄送的內容，不寄送。")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            today = roc.parse(options["date"]) if options["date"] else timezone.localdate()
        except ValueError as error:
            raise CommandError(str(error)) from error
        for office in Office.objects.all():
            if options["dry_run"]:
                self._show(office, today)
            else:
                self.stdout.write(f"{office}：{actions.send_reminders(office=office, today=today)} 封")

    def _show(self, office: Office, today: date) -> None:
        plans = Plan.objects.filter(office=office).running(today)
        digests = reminders.due_digests(plans, today)
        rest = "" if office_calendar(office, today.year).is_working(today) else "（放假日，實際於次一上班日寄送）"
        self.stdout.write(f"{office}　{roc.long(today)}：{len(digests)} 封{rest}")
        for digest in digests:
            self.stdout.write(f"  {digest.person.name} <{'、'.join(digest.addresses)}>")
            for item in digest.items:
                offsets = "、".join(f"{offset:+d}" for offset in item.offsets) or "無期限，附列"
                self.stdout.write(f"    [{chip(item.duty, today).text}] {item.duty.title}（提醒點 {offsets}）")
        unreachable = reminders.unreachable(plans, today)
        for agency in Agency.objects.filter(pk__in=unreachable):
            self.stdout.write(f"  無人可通知：{agency}（{unreachable[agency.pk]} 項），請登錄人員及公務信箱。")
