"""The Celery application: what beat starts when, and how a worker treats a task.

The database rows are the truth and the broker only wakes workers: every entry of the schedule is a sweep that finds
by itself what is due, so a lost or doubled wake-up changes nothing.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personnel_portal.settings")

app = Celery("personnel_portal")
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600, "socket_timeout": 5, "socket_connect_timeout": 5},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_time_limit=600,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    timezone="Asia/Taipei",
    beat_scheduler="personnel_portal.beat:Scheduler",
    beat_schedule={
        "heartbeat": {"task": "home.heartbeat", "schedule": 30.0},
        "deliver": {"task": "outbox.deliver", "schedule": 60.0},
        "seal": {"task": "trail.seal", "schedule": 60.0},
        "downloads": {"task": "downloads.prepare", "schedule": 120.0},
        "precheck": {"task": "meetings.precheck_pending", "schedule": 120.0},
        "reports": {"task": "kpi.render_reports", "schedule": 120.0},
        "national_reports": {"task": "training.read_reports", "schedule": 120.0},
        "offers": {"task": "training.sweep_offers", "schedule": 60.0},
        # Every quarter of an hour in office hours; `remind` itself decides whether today is a working day.
        "remind": {"task": "duties.remind", "schedule": crontab(minute="5,20,35,50", hour="8-17")},
        "closures": {"task": "duties.tell_closures", "schedule": 300.0},
        "accounts": {"task": "accounts.disable_idle", "schedule": crontab(minute="10", hour="3")},
        "orphans": {"task": "uploads.sweep", "schedule": crontab(minute="25", hour="3")},
        "tidy": {"task": "home.tidy", "schedule": crontab(minute="55", hour="3")},
        "trail": {"task": "trail.expire", "schedule": crontab(minute="40", hour="3")},
    },
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
