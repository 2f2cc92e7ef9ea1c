"""The reminder sweep, asked for by beat every quarter of an hour."""

from django.utils import timezone

from districts.models import Office
from personnel_portal.celery import app
from personnel_portal.duties import actions


@app.task(name="duties.remind")
def remind() -> None:
    """Send what is due in every office that is at work now; a rerun finds nothing left to send."""
    for office in Office.objects.all():
        if actions.in_office_hours(timezone.now(), office):
            actions.send_reminders(office=office, today=timezone.localdate())
