"""The reminder sweep, asked for by beat every quarter of an hour."""

from django.utils import timezone

from districts.models import Closure, Office
from personnel_portal.celery import app
from personnel_portal.duties import actions


@app.task(name="duties.remind")
def remind() -> None:
    """Send what is due in every office that is at work now; a rerun finds nothing left to send."""
    for office in Office.objects.all():
        if actions.in_office_hours(timezone.now(), office):
            actions.send_reminders(office=office, today=timezone.localdate())


@app.task(name="duties.tell_closures")
def tell_closures() -> None:
    """Tell those whom a newly declared closure concerns; beat asks too, in case the wake-up was lost."""
    for closure in Closure.objects.filter(told_at=None):
        actions.tell_closure(closure=closure, today=timezone.localdate())
