"""`python -m tests.site.measure`: queries and server time of every page, on the data of the demo.

It makes a database of its own (SQLite, as `make run` has it; `DATABASE=postgres` for the other), fills it by
`manage.py demo`, and prints a table. Nothing is asserted: `tests/site/test_queries.py` does that.
"""

import logging
import os
import sys
from collections.abc import Iterator
from io import StringIO

import django

ORDER = ("reviewer", "admin", "host.north", "host.sea", "member")


def main() -> None:
    """Print the table, the slowest page first."""
    os.environ.setdefault("DATABASE", "sqlite")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    settings.ALLOWED_HOSTS = ["testserver"]
    setup_test_environment()
    logging.disable(logging.WARNING)  # whom a page refuses is tried until somebody may
    call_command("migrate", verbosity=0)
    call_command("load_plans", verbosity=0)
    call_command("demo", stdout=StringIO())
    rows = sorted(_costs(), key=lambda row: -row[-1])
    print(f"{'page':32} {'person':12} {'queries':>7} {'ms':>7}")
    for name, person, queries, milliseconds in rows:
        print(f"{name:32} {person:12} {queries:7} {milliseconds:7.1f}")


def _costs() -> Iterator[tuple[str, str, int, float]]:
    from personnel_portal.accounts.models import User
    from tests.site.addresses import address, places
    from tests.site.clients import logged_in, status
    from tests.site.pages import cost

    clients = {username: logged_in(User.objects.get(username=username)) for username in ORDER}
    objects = _objects()
    for place in places().values():
        if place.posts_only or place.name == "admin:index":
            continue
        try:
            url = address(place, objects)
        except (AssertionError, KeyError) as nothing:
            print(f"left out: {str(nothing).splitlines()[0]}", file=sys.stderr)
            continue
        person = next((name for name, client in clients.items() if status(client.get(url)) == 200), None)
        if person is None:
            print(f"left out: nobody of {', '.join(ORDER)} opens {url}", file=sys.stderr)
            continue
        measured = cost(clients[person], url)
        yield place.name, person, measured.queries, measured.milliseconds


def _objects() -> dict[str, object]:
    """Return one thing of the demo for each parameter; what the demo has none of is left out."""
    from districts import models as districts
    from meetings.models import Meeting, MinutesFile
    from personnel_portal.accounts.models import User
    from personnel_portal.duties import stream
    from personnel_portal.outbox.models import Message

    meeting = Meeting.objects.get(minutes__state="unfiled", state="held")
    plan = meeting.plan
    duty = next(duty for duty in stream.of_plan(plan, today=meeting.plan.starts) if duty.is_open())
    return {
        "administration/accounts/<int:pk>": User.objects.get(username="member").pk,
        "districts/<int:pk>": meeting.district_id,
        "agencies/<int:pk>": districts.Agency.objects.get(short_name="大林鎮公所").pk,
        "people/<int:pk>": districts.Person.objects.get(user__username="host.north").pk,
        "postings/<int:pk>": districts.Posting.objects.get(person__user__username="host.north").pk,
        "plans/<int:pk>": plan.pk,
        "deadlines/<int:deadline>": plan.deadlines.all()[0].pk,
        "duties/<int:plan>": plan.pk,
        "<str:key>": duty.key,
        "outbox/<int:pk>": Message.objects.all()[0].pk,
        "meetings/<int:pk>": meeting.pk,
        "agenda/<int:item>": meeting.agenda.all()[0].pk,
        "<str:form>": "pdf",
        "sheet.<str:form>": "ods",
        "files/<int:pk>": MinutesFile.objects.all()[0].pk,
        "accounts/reset/<uidb64>": "MQ",
        "<token>": "x-y",
    }


if __name__ == "__main__":
    main()
