"""`manage.py audit_registrations`: whether any class is overbooked, any turn broken, any history at odds with its state."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from training.auditing import faults
from training.models import TrainingClass


class Command(BaseCommand):
    help = "稽核各班別的報名：超額、重複、順序、開課後遞補、歷程不符；有問題者逐行列出，結束代碼為 1。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--class", dest="pk", type=int, help="僅稽核這個編號的班別")

    def handle(self, *args: Any, **options: Any) -> None:
        classes = TrainingClass.objects.filter(registrations__isnull=False).distinct().order_by("pk")
        if options["pk"] is not None:
            classes = classes.filter(pk=options["pk"])
        now, looked, found = timezone.now(), 0, 0
        for training_class in classes.select_related("course").prefetch_related("sessions"):
            looked += 1
            for fault in faults(training_class, now):
                found += 1
                self.stdout.write(str(fault))
        if found:
            self.stderr.write(f"{looked} 個班別，{found} 項不符。")
            sys.exit(1)
        self.stdout.write(f"{looked} 個班別，均相符。")
