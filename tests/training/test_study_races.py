"""Several approvals and entries at the same moment, on a database that locks rows: neither quota nor week is exceeded."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection

from tests import build
from tests.proposals.test_compiling_races import refused
from tests.racing import race
from tests.training import courses, studies
from training.actions import study as actions
from training.choices import StudyState
from training.models import Study, StudyLeave

TIMES = 5  # a race that is lost now and then shows itself


@pytest.fixture(autouse=True)
def still() -> Any:
    with time_machine.travel(build.at(date(2026, 9, 16), 10), tick=False):
        yield


@pytest.fixture
def cast(transactional_db: None) -> build.Cast:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time; the order of steps is tested elsewhere")
    return build.cast()


def test_as_many_approvals_at_once_pass_as_there_are_places(cast: build.Cast) -> None:
    for number in range(TIMES):
        school = build.agency(short_name=f"第{number}競爭國中")
        studies.staff(school, 25)
        asked = [studies.study(courses.employee(school), by=cast.member_officer) for _ in range(6)]
        answers = race(*[partial(actions.approve_study, study=one, by=cast.office_reviewer) for one in asked])
        told = refused(answers)
        assert len(told) == 4
        assert all("進修名額 2 人已滿" in sentence for sentence in told)
        assert Study.objects.filter(agency=school, state=StudyState.APPROVED).count() == 2


def test_leave_for_two_studies_at_once_stays_within_the_week(cast: build.Cast) -> None:
    for number in range(TIMES):
        person = courses.employee()
        held = [
            studies.study(person, by=cast.member_officer, state=StudyState.APPROVED, weekly_hours=8) for _ in range(2)
        ]
        days = [date(2026, 9, 14), date(2026, 9, 20)]
        answers = race(
            *[
                partial(actions.enter_leave, study=study, day=day, hours=Decimal(5), by=cast.member_officer)
                for study, day in zip(held, days, strict=True)
            ]
        )
        (told,) = refused(answers)
        assert "已登錄 5 小時，再加 5 小時即逾限" in told
        assert StudyLeave.objects.filter(study__person=person).count() == 1, number


def test_two_approvals_for_one_person_stay_within_eight_hours_a_week(cast: build.Cast) -> None:
    for _ in range(TIMES):
        person = courses.employee()
        agency = person.postings.get().agency
        studies.staff(agency, 1000)
        asked = [studies.study(person, by=cast.member_officer, weekly_hours=5) for _ in range(2)]
        answers = race(*[partial(actions.approve_study, study=one, by=cast.office_reviewer) for one in asked])
        (told,) = refused(answers)
        assert "合計每週最高 10／8 小時" in told
