"""The made-up country: the same again for the same seed, as much as it says, sealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import Max

from districts.models import Agency, District, Membership, Office, Person, Plan, Posting
from kpi.models import Actual, Progress, System, UsageReport, Use, WorkPlan
from meetings.models import Invitation, Meeting, Minutes
from personnel_portal.trail.chain import verify
from personnel_portal.trail.models import Entry
from proposals.models import Case, Decision, Proposal, Publication
from training.models import LearningRecord

pytestmark = [pytest.mark.django_db, pytest.mark.one_database("rows are written by PostgreSQL's COPY")]

TODAY = date(2026, 11, 22)
# What a twenty-second part of a country is.
COUNTS: dict[type[models.Model], int] = {
    Plan: 5,  # one of each kind
    Agency: 364,
    Person: 2_728,
    Posting: 2_728,
    District: 4,
    Membership: 363,  # all but the office itself
    Meeting: 91,
    Minutes: 91,
    Proposal: 3_182,
    Case: 1_364,
    Actual: 9_091,
    LearningRecord: 45_455,
    System: 37,
    UsageReport: 545,  # all in the first round, every other agency in the second
    WorkPlan: 1,
    Progress: 540,  # 180 items in three quarters
    Entry: 18_182,
}
# What is said in them, keys left out: the sequences go on.
SAID: dict[type[models.Model], tuple[str, ...]] = {
    Agency: ("official_name", "folded"),
    Person: ("name", "mail"),
    Meeting: ("number", "starts_at", "state"),
    Invitation: ("order", "attendance"),
    Proposal: ("subject", "contact_name", "problem", "state", "sent_at"),
    Decision: ("outcome", "published_at"),
    Case: ("subject", "summary", "state"),
    Publication: ("subject", "handling"),
    Actual: ("year", "period", "numerator", "denominator", "value"),
    LearningRecord: ("course", "starts", "hours", "mode"),
    UsageReport: ("round", "state", "contact_name"),
    Use: ("purpose", "grant"),
    Progress: ("quarter", "planned", "actual", "text"),
    Entry: ("at", "actor_name", "target_label"),
}


@contextmanager
def generated(seed: int = 1) -> Iterator[dict[type[models.Model], int]]:
    """Make a county; yield the greatest key of each table before. Nothing of it stays."""
    before = {model: model._default_manager.aggregate(last=Max("pk"))["last"] or 0 for model in {*COUNTS, *SAID}}
    with transaction.atomic():
        call_command("generate", counties=1, seed=seed, today=TODAY, stdout=StringIO())
        yield before
        transaction.set_rollback(True)


def digests(before: dict[type[models.Model], int]) -> dict[str, str]:
    """Return what the new rows of each table say, in the order of their keys."""
    found = {}
    with connection.cursor() as cursor:
        for model, columns in SAID.items():
            row = " || '|' || ".join(f"COALESCE(\"{column}\"::text, '')" for column in columns)
            cursor.execute(
                f"SELECT md5(string_agg(md5({row}), '' ORDER BY id)) FROM {model._meta.db_table} WHERE id > %s",
                [before[model]],
            )
            found[model._meta.label] = cursor.fetchone()[0]
    return found


def test_a_county_is_as_large_as_it_says_sealed_and_the_same_for_the_same_seed() -> None:
    with generated() as before:
        new = {model: model._default_manager.filter(pk__gt=before[model]).count() for model in COUNTS}
        assert new == COUNTS
        assert not Proposal.objects.filter(pk__gt=before[Proposal], contact_name="").exists()
        assert verify() == []
        with pytest.raises(CommandError, match="已有假想縣市資料"):
            call_command("generate", counties=1)
        first = digests(before)
    assert not Office.objects.filter(code__startswith="county").exists()
    with generated() as before:
        assert digests(before) == first
