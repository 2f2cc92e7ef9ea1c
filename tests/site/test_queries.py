"""No page asks the database more often because there is more to show: 1 of everything against 30."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from awards.models import HostPerson, Line, Run
from districts.choices import Access, PlanKind, VersionKind
from districts.models import Agency, Closure, CoachingRow, CoachingTable, Plan, PlanVersion, Posting
from meetings.choices import MeetingState, MinutesState
from meetings.models import Meeting, MinutesVersion
from personnel_portal.duties import memory
from personnel_portal.duties.models import Relief, Reminder
from personnel_portal.outbox.actions import enqueue
from personnel_portal.trail.actions import record
from proposals.choices import CaseState, ProposalState
from proposals.models import (
    Attachment,
    CallRecipient,
    Case,
    Circular,
    CircularRecipient,
    Decision,
    FollowUp,
    FollowUpReport,
    Mark,
    Publication,
    Supersession,
)
from tests import build
from tests.site.addresses import address
from tests.site.clients import logged_in
from tests.site.pages import queries
from tests.site.test_accessibility import FILES, _opener
from tests.site.test_permissions import PLACES, ROWS
from tests.site.world import World
from tests.training import courses, learning, studies
from training.choices import StudyState
from training.models import (
    Attendance,
    ClassFile,
    Course,
    NationalReport,
    Need,
    Programme,
    Registration,
    Semester,
    Session,
    Study,
    StudyFile,
    StudyLeave,
    StudyRoster,
    Survey,
    TrainingClass,
    Upload,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("how often a page asks does not depend on who answers"),
]

MORE = 29
# Pages that ask more than ten times: each of these shows many kinds of rows, and one query more for each kind reads better.
MORE_THAN_TEN = {
    "home:index": 12,  # what each app has for a person
    "home:search": 13,  # one for each of nine kinds of things
    "districts:withdraw_closure": 16,  # computes all duties with and without the closure, and remembers neither
    "awards:approve": 16,  # today's facts beside those of two runs, their lines, claims and people
    "awards:run": 15,
    "awards:mine": 14,
    "awards:proposers": 11,
    "kpi:actual_sheet": 11,
    "kpi:edit_usage_return": 12,
    "kpi:usage": 14,
    "kpi:usage_return": 14,
    "kpi:usage_scores": 11,
    "proposals:call": 11,
    "proposals:circular": 13,
    "proposals:edit": 14,  # similar titles of three kinds, and the choices of the form
    "proposals:edit_case": 13,
    "proposals:review_case": 11,
    "proposals:sheet": 16,  # all that a line of the sheet may name
    "training:study": 11,
    "training:training_class": 13,
}
ON_DRAFTS = {"proposals:edit", "proposals:send", "proposals:edit_case", "proposals:send_case"}
PAGES = {name: row for name, row in ROWS.items() if row.sort != "act" and name not in FILES | {"admin:index"}}


def addresses(world: World) -> dict[tuple[str, str], str]:
    """Return every page, by its view and by the person who opens it."""
    pages = {}
    for name, row in PAGES.items():
        meeting = world.accepted if name == "meetings:compare" else world.unfiled
        objects = world.objects_of(meeting) | (world.drafts if name in ON_DRAFTS else {})
        objects |= world.particular.get(name, {})
        pages[name, _opener(row.outcomes)] = address(PLACES[name], objects)
    for role in ("host_officer", "member_officer"):
        for name in (
            "home:index",
            "duties:board",
            "duties:calendar",
            "meetings:list",
            "meetings:detail",
            "districts:people",
        ):
            pages[name, role] = address(PLACES[name], world.objects)
    pages["home:search", "office_admin"] = f"{reverse('home:search')}?q=大"
    return pages


def test_pages_ask_no_more_for_thirty_than_for_one(world: World) -> None:
    pages = addresses(world)
    clients = {role: logged_in(getattr(world.cast, role, None)) for _, role in pages}
    ContentType.objects.get_for_models(*apps.get_models())  # else whichever page comes first asks for them
    before = _counts(pages, clients)
    multiply(world)
    after = _counts(pages, clients)
    grown = {page: (count, after[page]) for page, count in before.items() if after[page] > count}
    assert grown == {}


def test_no_page_asks_more_than_ten_times(world: World, settings: Any) -> None:
    """Once the duties are remembered, as they are until the office's trail tells of something new."""
    settings.DUTIES_REMEMBERED_SECONDS = 3600
    memory._kept.clear()
    pages = addresses(world)
    clients = {role: logged_in(getattr(world.cast, role, None)) for _, role in pages}
    asked = {(name, role): [queries(clients[role], url) for _ in range(2)][-1] for (name, role), url in pages.items()}
    assert {page: count for page, count in asked.items() if count > MORE_THAN_TEN.get(page[0], 10)} == {}


def _counts(pages: dict[tuple[str, str], str], clients: dict[str, Client]) -> dict[tuple[str, str], int]:
    return {(name, role): queries(clients[role], url) for (name, role), url in pages.items()}


def multiply(world: World) -> None:
    """Make 29 more of everything that a page shows in rows."""
    cast, unfiled = world.cast, world.unfiled
    plan, office, district = cast.plan, build.county(), unfiled.district
    host = build.listed("大林鎮公所")
    schools = [build.agency(short_name=f"大同{number}國小") for number in range(MORE)]
    for number, school in enumerate(schools):
        officer = build.officer(school, access=Access.WORK)
        build.posting(person=officer.person, agency=host)
        build.membership(district=district, agency=school)
        build.invitation(meeting=unfiled, agency=school)
        CallRecipient.objects.create(call=unfiled.items_call, agency=school)
        build.agenda_item(meeting=unfiled, order=number + 2)
        day = build.TODAY + timedelta(days=number % 5 - 2)
        meeting = build.meeting(day=day, state=MeetingState.HELD if number % 2 else MeetingState.CALLED)
        build.invitation(meeting=meeting, agency=build.listed("民雄國中"))
        if number % 2:
            build.minutes(meeting=meeting, state=MinutesState(MinutesState.values[number % 4]), by=cast.host_officer)
        for target in (meeting, unfiled, unfiled.minutes, cast.host_officer):
            record("meeting.changed", target, by=cast.host_officer, office_id=office.pk)
        enqueue(to=officer.email, name=officer.name, subject="提醒", text="x", sender=f"office:{office.pk}")
        _relieve(world, host.pk, number)
        Closure.objects.create(office=office, day=build.TODAY + timedelta(days=60 + number), reason="颱風")
        PlanVersion.objects.create(
            plan=plan, kind=VersionKind.AMENDED, number=f"府人任字第{number}號", issued_on=plan.starts
        )
        Plan.objects.create(
            office=office,
            kind=PlanKind.TRAINING,
            year=120 + number,
            title="x",
            issuing_body="x",
            starts=date(1911 + 120 + number, 1, 1),
            ends=date(1911 + 120 + number, 12, 31),
        )
        table = CoachingTable.objects.create(district=district, month=plan.starts, version=number + 2)
        CoachingRow.objects.create(table=table, agency=school, officer=officer.person)
    _more_versions(world.accepted)
    _more_cases(world)
    _more_followed(world, schools)
    _more_awards(world)
    _more_courses(world, schools)
    _more_attendance(world)
    _more_hours(world)
    _more_runs(world)
    _more_studies(world, schools)
    newest = CoachingTable.objects.filter(district=district).latest("month")
    CoachingRow.objects.bulk_create(
        CoachingRow(table=newest, agency=school, officer=cast.host_officer.person) for school in schools
    )


def _more_attendance(world: World) -> None:
    """More people in the class, at its session, and in the class that is over."""
    by = world.cast.host_officer
    for key in ("classes/<int:pk>", "questionnaires/<int:pk>"):
        if key.startswith("classes"):
            training_class = TrainingClass.objects.get(pk=str(world.objects[key]))
        else:
            training_class = Registration.objects.get(pk=str(world.objects[key])).training_class
        TrainingClass.objects.filter(pk=training_class.pk).update(quota=MORE + 10)
        training_class.refresh_from_db()
        sessions = list(training_class.sessions.all())
        for _ in range(MORE):
            person = courses.registration(training_class, by=by)
            Attendance.objects.bulk_create(
                Attendance(session=session, registration=person, presence="absent", missed=9, entered_by=by)
                for session in sessions
            )


def _more_hours(world: World) -> None:
    """More records of the person, more lines of the report, more reports and uploads."""
    report = NationalReport.objects.get(pk=str(world.objects["training/reports/<int:pk>"]))
    upload = Upload.objects.get(pk=str(world.objects["training/uploads/<int:pk>"]))
    line, person = report.lines.get(), world.cast.host_officer.person
    for number in range(MORE):
        learning.record(person, 0.5)
        NationalReport.objects.create(office=report.office, name="x", year=report.year, made_by=report.made_by)
        Upload.objects.create(
            office=report.office, layout=upload.layout, scope="x", rows=1, files=1, made_by=upload.made_by
        )
        line.pk, line.line = None, number + 3
        line.save()


def _relieve(world: World, agency: int, number: int) -> None:
    plan, key = world.cast.plan, str(world.objects["<str:key>"])
    Relief.objects.create(
        plan=plan,
        agency_id=agency,
        duty_key=f"x{number}",
        duty_title="x",
        reason="x",
        given_by=world.cast.office_reviewer,
    )
    person = world.cast.host_officer.person
    Reminder.objects.create(plan=plan, duty_key=key, offset=number, person=person, agency_id=agency)


def _more_followed(world: World, schools: list[Agency]) -> None:
    """More follow-ups with their reports, more circulars, and their acknowledgements."""
    cast, first = world.cast, FollowUp.objects.get(pk=str(world.objects["follow-ups/<int:pk>"]))
    draft = Circular.objects.get(pk=str(world.objects["circulars/<int:pk>"]))
    for number, school in enumerate(schools):
        more = FollowUp.objects.create(
            agenda_item=first.agenda_item, task=f"事項 {number}", agency=school, created_by=cast.host_officer
        )
        for follow_up in (first, more):
            FollowUpReport.objects.create(follow_up=follow_up, state="reported", text="x", by=cast.host_officer)
        circular = Circular.objects.create(
            plan=cast.plan,
            purpose="x",
            number=f"{number}",
            issued_on=build.TODAY,
            published_at=build.at(build.TODAY),
            corrects=draft,
            created_by=cast.office_reviewer,
        )
        circular.meetings.add(world.unfiled)
        draft.meetings.add(*Meeting.objects.order_by("pk")[:number])
        CircularRecipient.objects.create(circular=circular, agency=build.listed("民雄國中"))
        CircularRecipient.objects.create(
            circular=draft, agency=school, acknowledged_at=build.at(build.TODAY), acknowledged_by=cast.host_officer
        )


def _more_studies(world: World, schools: list[Agency]) -> None:
    """More applications and leaves of the host's people with semesters, days and files, and more agencies' rosters."""
    asked = Study.objects.get(pk=str(world.objects["study/<int:pk>"]))
    semester = Semester.objects.get(pk=str(world.objects["study/semesters/<int:pk>"]))
    for number, school in enumerate(schools):
        for state in (StudyState.SUBMITTED, StudyState.APPROVED):
            made = studies.study(courses.employee(asked.agency), by=world.cast.host_officer, state=state)
        studies.semester(made)
        day = build.TODAY + timedelta(days=number + 1)
        StudyLeave.objects.create(study=semester.study, day=day, hours=1, entered_by=world.cast.host_officer)
        StudyFile.objects.create(study=asked, stored=build.stored_file())
        StudyRoster.objects.create(plan=asked.plan, agency=school)
        studies.staff(school, 25)
        record("study.changed", asked, by=world.cast.host_officer)


def _more_cases(world: World) -> None:
    reviewed = Case.objects.get(pk=str(world.objects["cases/<int:pk>"]))
    published = Publication.objects.get(pk=str(world.objects["library/<int:pk>"]))
    proposal = build.proposal(state=ProposalState.PUBLISHED)
    statute = published.statutes.get()
    decided = {"decision": "kept", "decided_by": world.cast.office_admin, "decided_at": build.at(build.TODAY)}
    for number in range(MORE):
        build.case(state=CaseState.SENT)
        more = build.publication(subject=f"{published.subject}{number}")
        more.statutes.add(statute)
        Supersession.objects.create(publication=more, proposal=proposal, statute=statute)
        Mark.objects.create(
            case=reviewed, field="summary", start=number, end=number + 1, text="x", kind="name", **decided
        )
        Attachment.objects.create(case=reviewed, stored=build.stored_file())
        record("case.marked", reviewed, by=world.cast.office_admin)


def _more_runs(world: World) -> None:
    """More lines in a run and in the one before it, and more runs."""
    line = Line.objects.get(pk=str(world.objects["lines/<int:pk>"]))
    runs = line.run.plan.award_runs.order_by("number")
    for number in range(MORE):
        for run in list(runs)[:2]:
            matters = [f"proposals.proposal-{10**6 + number}"]
            Line.objects.create(**{**_columns(line), "run": run, "matters": matters})
        record("award.line_adjusted", line, by=world.cast.office_admin)
        Run.objects.create(
            plan=line.run.plan,
            number=10 + number,
            facts=line.run.facts,
            rules=line.run.rules,
            made_by=world.cast.office_admin,
        )


def _more_courses(world: World, schools: list[Agency]) -> None:
    """More courses, classes with sessions, topics and files, and more needs of each agency."""
    course = Course.objects.select_related("plan", "college").get(pk=str(world.objects["courses/<int:pk>"]))
    held = TrainingClass.objects.get(pk=str(world.objects["classes/<int:pk>"]))
    survey = Survey.objects.get(plan=course.plan)
    by = world.cast.office_reviewer
    for number, school in enumerate(schools):
        more = courses.course(f"研習{number}", plan_=course.plan, college=course.college)
        courses.training_class(course_=course, number=number + 10, organiser=held.organiser, by=by)
        course.readings.create(title=f"入門{number}", url="https://elearn.example.gov.tw/")
        starts = build.at(build.TODAY + timedelta(days=20 + number % 5), 9)
        Session.objects.create(training_class=held, starts=starts, ends=starts + timedelta(hours=1), minutes=60)
        courses.class_topic(held, f"類別{number}", 1)
        ClassFile.objects.create(training_class=held, stored=build.stored_file(), is_handout=True)
        held.agencies.add(school)
        Programme.objects.create(college=course.college, order=number + 1, name=f"學程{number}")
        Need.objects.create(survey=survey, agency=school, rank=1, course=more, entered_by=by)
        Need.objects.create(survey=survey, agency=school, rank=2, proposed=f"建議{number}", entered_by=by)
        record("class.changed", held, by=by)


def _columns(line: Line) -> dict[str, object]:
    return {field.name: getattr(line, field.name) for field in Line._meta.fields if not field.primary_key}


def _more_awards(world: World) -> None:
    """More people whom the host named, and more adopted proposals: of somebody known, and of nobody."""
    cast, district = world.cast, world.unfiled.district
    for number, posting in enumerate(Posting.objects.filter(agency=build.listed("大林鎮公所"))[:MORE]):
        named = {"part": "handler", "work": "x", "named_by": cast.host_officer}
        HostPerson.objects.get_or_create(district=district, person=posting.person, defaults=named)
        for name in ("吳成員", "外人"):
            adopted = build.proposal(state=ProposalState.PUBLISHED, subject=f"第{number}案", contact_name=name)
            decided = {"decided_by": cast.office_reviewer, "published_at": build.at(build.TODAY)}
            Decision.objects.create(proposal=adopted, outcome="adopted", qualifies=True, **decided)


def _more_versions(meeting: Meeting) -> None:
    at = build.at(build.TODAY, 9)
    for number in range(3, 3 + MORE):
        version = MinutesVersion.objects.create(minutes=meeting.minutes, number=number, submitted_at=at)
        build.minutes_file(version=version)
