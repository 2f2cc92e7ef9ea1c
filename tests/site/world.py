"""One of everything that an address can name, belonging to 北平原區 and its host 大林鎮公所."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core import signing
from django.utils import timezone

from awards.actions.runs import make_run
from awards.choices import LineKind, UnitChoice
from awards.choices import Part as HostPart
from awards.models import HostPerson, Line
from districts.choices import SheetKind, VersionKind
from districts.forms.agencies import LAYOUT
from districts.models import Agency, Closure, Deadline, District, PlanVersion, Posting, Reading, StagedSheet
from kpi.actions.work_import import begin_draft
from kpi.choices import EntryState, Filing, Formula, Frequency, PaperKind, ReportState, Round, Source
from kpi.choices import Part as ServicePart
from kpi.forms.actual_sheet import LAYOUT as ACTUALS
from kpi.models import (
    ActualFile,
    Correction,
    DeductionKind,
    Doing,
    FrozenReport,
    Indicator,
    Progress,
    ProgressFile,
    Score,
    ScoreList,
    Service,
    UsageTraining,
    UseFile,
    Violation,
)
from meetings.choices import AttendanceState, MeetingKind, MinutesState, Section
from meetings.documents import draft
from meetings.models import Meeting, MinutesFile, MinutesVersion
from personnel_portal.accounts.models import Deputyship
from personnel_portal.documents import odf
from personnel_portal.downloads.models import Download
from personnel_portal.duties import stream
from personnel_portal.duties.models import FeedToken, Relief
from personnel_portal.lists import PUT_OFF_SALT
from personnel_portal.outbox.actions import enqueue
from personnel_portal.uploads.kinds import Kind
from proposals.actions.cases import decide_marks, start_review
from proposals.choices import CaseState, MarkDecision, Outcome, ProposalState
from proposals.forms.lines import LAYOUTS
from proposals.models import (
    Attachment,
    Circular,
    CircularRecipient,
    Decision,
    FollowUp,
    Placement,
    Statute,
    Supersession,
)
from tests import build
from tests.kpi import targets, usages, working
from tests.training import attending, courses, learning, studies
from training.actions.crediting import finish_class
from training.choices import Origin, Place, StudyState
from training.forms.attendance_sheet import LAYOUT as ATTENDANCE
from training.models import (
    ClassFile,
    College,
    NationalReport,
    NationalRow,
    Need,
    StudyFile,
    StudyLeave,
    StudyRoster,
    Survey,
    TrainingClass,
    Upload,
    UploadLayout,
)


@dataclass(frozen=True, slots=True)
class World:
    """The fixed people, the meetings in each state of their minutes, and the objects of the addresses.

    `unfiled` has an open version with a file; `accepted` has a second version after a return. `drafts` are the member's
    cases and proposals whose forms still open; `particular` has the objects of views that open on nothing else.
    """

    cast: build.Cast
    unfiled: Meeting
    submitted: Meeting
    returned: Meeting
    accepted: Meeting
    objects: dict[str, object]
    drafts: dict[str, object]
    particular: dict[str, dict[str, object]]

    def meeting(self, state: MinutesState) -> Meeting:
        """Return the meeting whose minutes are in the state."""
        found: Meeting = getattr(self, state)
        return found

    def objects_of(self, meeting: Meeting) -> dict[str, object]:
        """Return the objects of the addresses with another meeting, and the newest file of its minutes."""
        file = MinutesFile.objects.filter(version__minutes__meeting=meeting).order_by("-pk")[0]
        return {**self.objects, "meetings/<int:pk>": meeting.pk, "files/<int:pk>": file.pk}


def make() -> World:
    """Make the world on `build.TODAY`."""
    cast = build.cast()
    district = cast.plan.districts.get(name="北平原區")
    host = build.listed("大林鎮公所")
    coached = Posting.objects.get(person__user=cast.coached_officer).agency
    build.coaching_table(district=district, rows={coached: cast.host_officer.person})
    meetings = {state: _meeting(cast, state) for state in MinutesState}
    unfiled = meetings[MinutesState.UNFILED]
    duties = stream.of_plan(cast.plan, today=build.TODAY)
    duty = next(duty for duty in duties if duty.agency_id == host.pk and duty.is_open())
    objects: dict[str, object] = {
        "accounts/deputies/<int:pk>": _deputyship(cast).pk,
        "downloads/<int:pk>": _download(cast).pk,
        "downloads/ask/<str:of>": signing.dumps(["/districts/agencies/?export=csv", "機關", 25_000], salt=PUT_OFF_SALT),
        "accounts/reset/<uidb64>": "MQ",
        "<token>": "set-password",
        "administration/accounts/<int:pk>": cast.host_officer.pk,
        "districts/<int:pk>": district.pk,
        "agencies/<int:pk>": host.pk,
        "people/<int:pk>": cast.host_officer.person.pk,
        "postings/<int:pk>": Posting.objects.get(person__user=cast.host_officer).pk,
        "sheets/<int:pk>": _sheet(cast).pk,
        "imports/<int:pk>": _filled_in(cast).pk,
        "plans/<int:pk>": cast.plan.pk,
        "versions/<int:version>": _letter(cast).pk,
        "deadlines/<int:deadline>": Deadline.objects.filter(plan=cast.plan)[0].pk,
        "readings/<int:reading>": Reading.objects.filter(plan=cast.plan)[0].pk,
        "closures/<int:pk>": Closure.objects.create(office=build.county(), day=date(2026, 12, 1), reason="颱風").pk,
        "duties/<int:plan>": cast.plan.pk,
        "<str:key>": duty.key,
        "reliefs/<int:pk>": _relief(cast, duty.agency_id).pk,
        "feed/<slug:token>": FeedToken.objects.create(user=cast.host_officer).token,
        "outbox/<int:pk>": _mail(cast),
        "meetings/<int:pk>": unfiled.pk,
        "check-in/<int:invitation>": unfiled.invitations.get(agency__short_name="民雄國中").pk,
        "agenda/<int:item>": unfiled.agenda.get().pk,
        "<str:section>": Section.DISCUSSION,
        "<str:form>": "odt",
        "sheet.<str:form>": "csv",
        "files/<int:pk>": MinutesFile.objects.get(version__minutes__meeting=unfiled).pk,
        **_call(unfiled, coached),
        **_compilation(cast, unfiled),
        **_case(cast),
        **_followed(cast, unfiled),
        **_usage(cast),
        **_reported(cast),
        **_work(cast),
        **_rewarded(cast, district),
        **_training(cast),
        **_learning(cast),
        **_studying(cast),
        "runs/make/<int:pk>": cast.plan.pk,
        "roster.<str:form>": "ods",
        **_run(cast),
        "board/<int:pk>": district.pk,
        "board/<int:pk>/<str:kind>": "meetings.hold.A",
    }
    drafts: dict[str, object] = {"cases/<int:pk>": build.case().pk, "proposals/<int:pk>": build.proposal().pk}
    by_state = {str(state): meeting for state, meeting in meetings.items()}
    return World(cast, objects=objects, drafts=drafts, particular=_decided(cast) | _returned(cast), **by_state)


def _call(meeting: Meeting, coached: Agency) -> dict[str, object]:
    """A call for items that the member, the host and the coached school were sent."""
    agencies = [build.listed("民雄國中"), build.listed("大林鎮公所"), coached]
    asked = build.items_call(meeting=meeting, agencies=agencies).recipients.get(agency=agencies[0])
    return {"calls/<int:pk>": meeting.pk, "calls/recipients/<int:pk>": asked.pk}


def _compilation(cast: build.Cast, meeting: Meeting) -> dict[str, object]:
    """A package of the district with a proposal on the meeting's agenda, on which the office decides."""
    package = build.package(by=cast.host_officer)
    proposal = build.proposal(state=ProposalState.AT_OFFICE, package=package)
    Placement.objects.create(proposal=proposal, agenda_item=meeting.agenda.get(), placed_by=cast.host_officer)
    return {
        "proposals/<int:pk>": proposal.pk,
        "attachments/<int:pk>": Attachment.objects.create(proposal=proposal, stored=build.stored_file()).pk,
        "compile/<int:pk>": package.district_id,
        "order/<str:kind>": "proposals",
        "compile/<int:pk>/<str:kind>": "proposals",
        "<str:kind>.<str:form>": "ods",
        "packages/<int:pk>": package.pk,
        "decisions/<int:pk>": cast.plan.pk,
    }


def _decided(cast: build.Cast) -> dict[str, dict[str, object]]:
    """A proposal whose result was published, and another that was merged into one."""
    published = build.proposal(state=ProposalState.PUBLISHED)
    at = build.at(build.TODAY, 9)
    Decision.objects.create(
        proposal=published, outcome=Outcome.ADOPTED, decided_by=cast.office_reviewer, published_at=at
    )
    lead = build.proposal(state=ProposalState.COMPILED)
    merged = build.proposal(state=ProposalState.MERGED, merged_into=lead)
    return {
        "proposals:correct_decision": {"proposals/<int:pk>": published.pk},
        "proposals:split": {"proposals/<int:pk>": merged.pk},
        "awards:proposers": {"proposals/<int:pk>": published.pk},
    }


def _case(cast: build.Cast) -> dict[str, object]:
    """A case of the member in review, whose marks are all decided, and a published one that an adopted proposal may have
    changed."""
    case = build.case(state=CaseState.AT_OFFICE, package=build.package(by=cast.host_officer), outcome="請洽吳成員。")
    start_review(case=case, by=cast.office_reviewer)
    case.refresh_from_db()
    decisions = {mark.pk: MarkDecision.HIDDEN for mark in case.marks.all()}
    decide_marks(case=case, decisions=decisions, by=cast.office_reviewer)
    statute = Statute.objects.create(office=build.county(), name="公務人員加給給與辦法")
    publication = build.publication()
    for citing in (publication, build.publication(subject="代理人之差勤")):
        citing.statutes.add(statute)
    suggested = Supersession.objects.create(
        publication=publication, proposal=build.proposal(state=ProposalState.PUBLISHED), statute=statute
    )
    return {
        "cases/<int:pk>": case.pk,
        "library/<int:pk>": publication.pk,
        "superseded/<int:pk>": suggested.pk,
    }


def _reported(cast: build.Cast) -> dict[str, object]:
    """A plan of targets, a returned figure of the host with a file, and figures that the host uploaded."""
    plan = targets.plan()
    indicator = targets.indicator(plan, frequency=Frequency.MONTH, source=Source.SESSIONS, target="1")
    host = build.listed("大林鎮公所")
    returned = targets.actual(indicator, host, 1, "1", state=EntryState.RETURNED, by=cast.host_officer)
    file = ActualFile.objects.create(actual=returned, stored=build.stored_file())
    cells = dict.fromkeys(ACTUALS.columns, "") | {"agency": "大林鎮公所", "year": str(plan.year), "code": "1-1"}
    good = cells | {"period": "2", "value": "1"}
    sheet = StagedSheet.objects.create(
        office=build.county(),
        kind=SheetKind.ACTUALS,
        name="實績.ods",
        rows=[[2, good, []], [3, good | {"value": "一"}, []]],
        options={"plan": plan.pk},
        made_by=cast.host_officer,
    )
    return {
        **_missed(cast, indicator, host),
        "targets/<int:pk>": plan.pk,
        "indicators/<int:pk>": indicator.pk,
        "actuals/<int:pk>": returned.pk,
        "actual-files/<int:pk>": file.pk,
        "targets/imports/<int:pk>": sheet.pk,
    }


def _missed(cast: build.Cast, indicator: Indicator, host: Agency) -> dict[str, object]:
    """A violation of the host, its corrective action of a missed target, and an issued report."""
    plan, by = indicator.goal.plan, cast.office_reviewer
    score = targets.indicator(plan, formula=Formula.DEDUCTIONS, frequency=Frequency.MONTH, target="80")
    kind = DeductionKind.objects.create(indicator=score, name="未出勤", points=Decimal("0.5"))
    violation = Violation.objects.create(kind=kind, agency=host, day=build.TODAY, entered_by=by)
    said = {"cause": "名冊未更新", "measure": "每月核對", "due_on": build.TODAY, "entered_by": cast.host_officer}
    correction = Correction.objects.create(indicator=indicator, agency=host, year=plan.year, **said)
    odt = build.stored_file(name="年度報告.odt", content=b"PK", kind=Kind.ODT)
    report = FrozenReport.objects.create(
        plan=plan, kind=PaperKind.STRATEGY, year=plan.year, version=1, content={"figures": {}}, odt=odt, made_by=by
    )
    return {
        "units/<int:agency>": host.pk,
        "corrections/<int:pk>": correction.pk,
        "violations/<int:pk>": violation.pk,
        "targets/reports/<int:pk>": report.pk,
    }


def _usage(cast: build.Cast) -> dict[str, object]:
    """The host's usage return with evidence and a service, which the office is to review, and its published score."""
    host, reviewer = build.listed("大林鎮公所"), cast.office_reviewer
    report = usages.report(host, cast.host_officer, tools=2, subs=1)
    service = Service.objects.create(report=report, name="C.C.S", part=ServicePart.JOINT, stored=build.stored_file())
    evidence = UseFile.objects.create(use=report.uses.all()[0], stored=build.stored_file())
    published = ScoreList.objects.create(plan=report.plan, number=1, published_by=reviewer)
    score = Score.objects.create(score_list=published, agency=host, filing=Filing.MISSING, score=0)
    training = UsageTraining.objects.create(plan=report.plan, day=build.TODAY, title="WebHR 操作班")
    system = usages.systems(1)[0].pk
    return {
        "usage/returns/<int:pk>": report.pk,
        "usage/evidence/<int:pk>": evidence.pk,
        "usage/services/<int:pk>": service.pk,
        "usage/plans/<int:pk>": report.plan_id,
        "systems/<int:system>": system,
        "usage/catalogue/<int:pk>": system,
        "usage/subsystems/<int:pk>": usages.subsystems(1)[0].pk,
        "usage/trainings/<int:pk>": training.pk,
        "usage/score-lists/<int:pk>": published.pk,
        "usage/scores/<int:pk>": score.pk,
    }


def _work(cast: build.Cast) -> dict[str, object]:
    """The host's work plan: an item with evidence and an event, an issued report, and a table that was read."""
    plan, _, items = working.small_plan(cast.host_officer)
    by = cast.host_officer
    progress = Progress.objects.create(item=items[0], quarter=1, planned=25, actual=20, text="辦理中", entered_by=by)
    evidence = ProgressFile.objects.create(progress=progress, stored=build.stored_file())
    event = Doing.objects.create(
        item=items[0], due_on=build.TODAY, event_at=build.at(build.TODAY, 8), note="通報", entered_by=by
    )
    report = FrozenReport.objects.create(
        plan=plan.plan, kind=PaperKind.WORK, year=115, version=1, content={"figures": {"quarter": 4}}, made_by=by
    )
    report.pdf = report.odt = build.stored_file(name="報告.odt", content=b"PK", kind=Kind.ODT)
    report.save()
    rows = [["一、衛生 (一)季節性環境衛生", "1. 防止登革熱之傳染。 2. 環境清潔。", "(1)配合調查。", "35"]]
    draft = begin_draft(plan=plan.plan, name="貼上的文字", tables=[("", rows)], section="民政課", by=by)
    return {
        "work/<int:pk>": plan.pk,
        "work/items/<int:pk>": items[0].pk,
        "work/doings/<int:pk>": event.pk,
        "work/evidence/<int:pk>": evidence.pk,
        "work/reports/<int:pk>": report.pk,
        "work/drafts/<int:pk>": draft.pk,
    }


def _returned(cast: build.Cast) -> dict[str, dict[str, object]]:
    """The host's second usage return, which went back for correction."""
    host = build.listed("大林鎮公所")
    report = usages.report(host, cast.host_officer, round_=Round.SECOND, state=ReportState.RETURNED)
    return {"kpi:edit_usage_return": {"usage/returns/<int:pk>": report.pk}}


def _followed(cast: build.Cast, meeting: Meeting) -> dict[str, object]:
    """A resolution that the member's agency carries out, a draft of a circular, and a published one that reached it."""
    member, reviewer = build.listed("民雄國中"), cast.office_reviewer
    follow_up = FollowUp.objects.create(
        agenda_item=meeting.agenda.get(), task="整併差勤表單", agency=member, created_by=cast.host_officer
    )
    draft = Circular.objects.create(plan=cast.plan, purpose="檢送會議紀錄", created_by=reviewer)
    published = Circular.objects.create(
        plan=cast.plan,
        purpose="檢送會議紀錄",
        number="府人任字第1150000008號",
        issued_on=build.TODAY,
        published_at=build.at(build.TODAY, 8),
        created_by=reviewer,
    )
    for circular in (draft, published):
        circular.meetings.add(meeting)
    return {
        "follow-ups/<int:pk>": follow_up.pk,
        "circulars/<int:pk>": draft.pk,
        "circulars/recipients/<int:pk>": CircularRecipient.objects.create(circular=published, agency=member).pk,
    }


def _training(cast: build.Cast) -> dict[str, object]:
    """A course of those that units run, a class of it that the host runs and that takes registrations, with a hand-out,
    and an open survey in which the host proposes another course."""
    plan, host = courses.plan(), build.listed("大林鎮公所")
    college = College.objects.create(plan=plan, order=5, name="專業學院", run_by_units=True)
    course = courses.course("公文流程管理講習會", plan_=plan, college=college)
    training_class = courses.training_class(course_=course, organiser=host, by=cast.host_officer)
    courses.class_topic(training_class, "環境教育", training_class.hours)
    handout = ClassFile.objects.create(training_class=training_class, stored=build.stored_file(), is_handout=True)
    survey = Survey.objects.create(plan=plan, opens_on=build.TODAY, closes_on=build.TODAY + timedelta(days=14))
    need = Need.objects.create(survey=survey, agency=host, rank=1, proposed="資料治理", entered_by=cast.host_officer)
    offered = courses.registration(training_class, courses.employee(host), by=cast.host_officer, place=Place.OFFERED)
    return {
        "courses/<int:pk>": course.pk,
        "colleges/<int:pk>": college.pk,
        "needs/<int:pk>": need.pk,
        "class-files/<int:pk>": handout.pk,
        "classes/<int:pk>": training_class.pk,
        "sessions/<int:pk>": training_class.sessions.all()[0].pk,
        "registrations/<int:pk>": offered.pk,
        "training/plans/<int:pk>": course.plan_id,
        **_attending(cast, training_class),
    }


def _attending(cast: build.Cast, training_class: TrainingClass) -> dict[str, object]:
    """The host's officer has a place in the class, attended one that is over, and uploaded attendance of that."""
    over = attending.past_class(organiser=training_class.organiser, by=cast.host_officer)
    courses.registration(training_class, cast.host_officer.person, by=cast.host_officer)
    place = courses.registration(over, cast.host_officer.person, by=cast.host_officer)
    attending.enter(over, {place: attending.missed(60)}, by=cast.host_officer)
    finish_class(training_class=over, by=cast.host_officer)
    good = dict.fromkeys(ATTENDANCE.columns, "") | {"session": "1", "name": place.person.name, "presence": "出席"}
    sheet = StagedSheet.objects.create(
        office=build.county(),
        kind=SheetKind.ATTENDANCE,
        name="出席.ods",
        rows=[[2, good, []], [3, good | {"session": "9"}, []]],
        options={"class": over.pk},
        made_by=cast.host_officer,
    )
    return {"questionnaires/<int:pk>": place.pk, "attendance/imports/<int:pk>": sheet.pk, "hours.<str:form>": "ods"}


def _learning(cast: build.Cast) -> dict[str, object]:
    """Hours entered by hand, a report that was read and compared, and an upload that was written."""
    person = cast.host_officer.person
    entered = learning.record(person, 2, origin=Origin.ENTERED)
    courses.training_class(by=cast.office_reviewer)  # would fill what the person misses
    office, by = build.county(), cast.office_reviewer
    report = NationalReport.objects.create(
        office=office, name="時數.csv", year=learning.YEAR, rows=1, done=1, made_by=by, read_at=build.at(build.TODAY, 9)
    )
    NationalRow.objects.create(
        report=report,
        line=2,
        person=person,
        agency=build.listed("大林鎮公所"),
        name=person.name,
        course="濕地導覽",
        starts=build.TODAY,
        ends=build.TODAY,
        hours=2,
        outcome="only_there",
    )
    upload = Upload.objects.create(
        office=office, layout=UploadLayout.objects.get(office=office), scope="x", rows=1, files=1, made_by=by
    )
    return {
        "hours/records/<int:pk>": entered.pk,
        "training/reports/<int:pk>": report.pk,
        "training/uploads/<int:pk>": upload.pk,
    }


def _studying(cast: build.Cast) -> dict[str, object]:
    """An application of somebody of the host, with a file; an approved leave with a semester and a day; the roster."""
    host = build.listed("大林鎮公所")
    plan, stored = studies.plan(), build.stored_file()
    asked = studies.study(courses.employee(host), by=cast.host_officer)
    held = studies.study(courses.employee(host), by=cast.host_officer, state=StudyState.APPROVED)
    semester = studies.semester(held, timetable=stored, timetable_on=build.TODAY)
    leave = StudyLeave.objects.create(study=held, day=build.TODAY, hours=2, entered_by=cast.host_officer)
    studies.staff(host, 25)
    return {
        "study/<int:pk>": asked.pk,
        "study/files/<int:pk>": StudyFile.objects.create(study=asked, stored=stored).pk,
        "study/leaves/<int:pk>": leave.pk,
        "study/semesters/<int:pk>": semester.pk,
        "study/semesters/<int:pk>/files/<str:kind>": "timetable",
        "study/headcounts/<int:pk>": plan.pk,
        "study/rosters/start/<int:pk>": plan.pk,
        "study/rosters/<int:pk>": StudyRoster.objects.create(plan=plan, agency=host).pk,
        "study/rosters/<int:pk>/paper.<str:form>": "odt",
    }


def _rewarded(cast: build.Cast, district: District) -> dict[str, object]:
    """Somebody whom the host named for its award, and adopted proposals of a known and an unknown proposer."""
    named = HostPerson.objects.create(
        district=district,
        person=build.person(name="何課長"),
        part=HostPart.HEAD,
        work="主持",
        named_by=cast.host_officer,
    )
    for name in ("吳成員", "外人"):
        adopted = build.proposal(state=ProposalState.PUBLISHED, subject=f"{name}之提案", contact_name=name)
        decided = {"decided_by": cast.office_reviewer, "published_at": build.at(build.TODAY, 9)}
        Decision.objects.create(proposal=adopted, outcome=Outcome.ADOPTED, qualifies=True, **decided)
    return {"host-people/<int:pk>": named.pk}


def _run(cast: build.Cast) -> dict[str, object]:
    """A draft of a run with a line, and the run before it with one."""
    posting = Posting.objects.select_related("person", "agency").get(person__user=cast.host_officer)
    meeting = Meeting.objects.latest("pk")
    for _ in range(2):
        run = make_run(plan=cast.plan, by=cast.office_admin)
        line = Line.objects.create(
            run=run,
            kind=LineKind.PROPOSAL,
            person=posting.person,
            agency=posting.agency,
            name=posting.person.name,
            title=posting.title,
            status=posting.person.status,
            deed="提出人事修正建議獲本處參採",
            clause="伍、二",
            computed_unit=UnitChoice.CITATION,
            computed_times=1,
            unit=UnitChoice.CITATION,
            times=1,
            matters=["proposals.proposal-0"],
            because={
                "words": "獲參採且符合獎勵之提案 1 案 → 伍、二 嘉獎 1 次",
                "references": [f"meetings.meeting-{meeting.pk}"],
            },
        )
    return {"runs/<int:pk>": run.pk, "lines/<int:pk>": line.pk}


def _meeting(cast: build.Cast, state: MinutesState) -> Meeting:
    meeting = build.held_meeting()
    coached = Posting.objects.get(person__user=cast.coached_officer).agency
    build.invitation(meeting=meeting, agency=build.listed("民雄國中"), attendance=AttendanceState.PRESENT)
    build.invitation(meeting=meeting, agency=coached, is_coached=True, attendance=AttendanceState.EXCUSED)
    item = build.agenda_item(meeting=meeting)
    item.resolution = f"照案通過（{meeting.number}）"
    item.save()
    minutes = build.minutes(meeting=meeting, state=state, by=cast.host_officer)
    if state == MinutesState.UNFILED:
        _version(meeting, 1, submitted=False)
    if state == MinutesState.ACCEPTED:
        minutes.versions.update(accepted_at=None, number=1)
        _version(meeting, 2, submitted=True)
    return Meeting.objects.select_related("minutes", "district", "plan").get(pk=meeting.pk)


def _version(meeting: Meeting, number: int, *, submitted: bool) -> MinutesVersion:
    """Add a version with a real file: submitted and accepted, or open."""
    at = build.at(build.TODAY, 9) if submitted else None
    version = MinutesVersion.objects.create(
        minutes=meeting.minutes, number=number, submitted_at=at, accepted_at=at if submitted else None
    )
    content = odf.render(draft(meeting))
    build.minutes_file(version=version, stored=build.stored_file(name="紀錄.odt", content=content, kind=Kind.ODT))
    return version


def _download(cast: build.Cast) -> Download:
    """Make a file that a worker wrote for the host."""
    stored = build.stored_file(name="機關.csv", content="機關".encode(), kind=Kind.CSV)
    return Download.objects.create(
        user=cast.host_officer,
        address="/districts/agencies/?export=csv",
        title="機關",
        ready_at=timezone.now(),
        file=stored,
    )


def _deputyship(cast: build.Cast) -> Deputyship:
    """The host's officer is away; the member's stands in."""
    return Deputyship.objects.create(
        principal=cast.host_officer, deputy=cast.member_officer, since=build.TODAY, until=build.TODAY, reason="公差"
    )


def _sheet(cast: build.Cast) -> StagedSheet:
    cells = dict.fromkeys(LAYOUT.columns, "") | {"short_name": "新港國中", "official_name": "嘉義縣立新港國民中學"}
    rows = [[2, cells, []], [3, cells, []]]
    return StagedSheet.objects.create(
        office=build.county(), kind=SheetKind.AGENCIES, name="機關.ods", rows=rows, made_by=cast.office_admin
    )


def _filled_in(cast: build.Cast) -> StagedSheet:
    """Cases that the host uploaded, one good and one not."""
    good = dict.fromkeys(LAYOUTS[SheetKind.CASES].columns, "") | {
        "agency": "民雄國中",
        "subject": "休假補助計算疑義",
        "business": "其他",
        "kind": "困難案例",
        "summary": "年資採計方式不一。",
        "contact_name": "吳成員",
    }
    rows = [[2, good, []], [3, good | {"kind": "小案"}, []]]
    return StagedSheet.objects.create(
        office=build.county(), kind=SheetKind.CASES, name="案例.ods", rows=rows, made_by=cast.host_officer
    )


def _letter(cast: build.Cast) -> PlanVersion:
    return PlanVersion.objects.create(
        plan=cast.plan, kind=VersionKind.AMENDED, number="府人任字第1150000001號函", issued_on=cast.plan.starts
    )


def _relief(cast: build.Cast, agency: int) -> Relief:
    return Relief.objects.create(
        plan=cast.plan,
        agency_id=agency,
        duty_key=f"meetings.hold.{MeetingKind.FULL_TIME}",
        duty_title="辦理專任會報",
        reason="颱風",
        given_by=cast.office_reviewer,
    )


def _mail(cast: build.Cast) -> int:
    message = enqueue(
        to=cast.host_officer.email,
        name="黃承辦",
        subject="提醒",
        text="提醒",
        html="<p>提醒</p>",
        sender=f"office:{build.county().pk}",
    )
    return message.pk
