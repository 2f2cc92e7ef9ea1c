"""What study leave asks: the window of applications, decisions, timetables and grades by semester, the yearly roster (柒).

Semesters are stated by the plan of the year in which they start, since a study outlasts the plan that it was approved under.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from districts.facts import PlanDay
from districts.models import Agency, Deadline
from personnel_portal import roc
from personnel_portal.rules.duty import Due, Duty, Evidence
from training.choices import RosterState, StudyState, Term
from training.models import Semester, Study, StudyRoster
from training.studying import APPLY, DECIDE, GRADES, HELD, ROSTER, TIMETABLE, after_start, owes_timetable, terms_of
from training.studying import hours as in_words

DECIDED_UNDER = "柒、五、(一)"


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield what each agency owes; six queries, however many studies there are."""
    agencies = list(Agency.objects.filter(office=on.plan.office_id, is_active=True))
    if deadline := on.deadlines.get(APPLY):
        yield from _windows(on, deadline, agencies)
    yield from _decisions(on)
    if deadline := on.deadlines.get(ROSTER):
        yield from _rosters(on, deadline, agencies)
    yield from _semesters(on)


def _windows(on: PlanDay, deadline: Deadline, agencies: list[Agency]) -> Iterator[Duty]:
    """Yield until when each agency takes applications; the day itself ends it, and nobody has to apply."""
    due = _due(on, deadline)
    if due is None:
        return
    filed: Mapping[int, dict[str, int]] = _filed(on)
    page = f"{reverse('training:studies')}?plan={on.plan.pk}"
    for agency in agencies:
        if agency.pk == on.office_agency_id and agency.pk not in filed:
            continue
        states = filed.get(agency.pk, {})
        drafts = states.get(StudyState.DRAFT, 0)
        taken = sum(states.values()) - drafts - states.get(StudyState.LATE, 0)
        told = f"受理 {taken} 件" if taken else "無人申請"
        yield Duty(
            key=f"{APPLY}.agency-{agency.pk}",
            kind=APPLY,
            heading="受理進修申請",
            title=f"受理 {on.plan.year} 年度進修申請",
            clause=deadline.clause,
            plan_id=on.plan.pk,
            agency_id=agency.pk,
            due=due,
            done=Evidence(f"申請截止，{told}", due.effective, page) if on.today > due.effective else None,
            url=page,
            action="檢視申請",
            note="，".join([told, *([f"草稿 {drafts} 件未提出"] if drafts else [])]),
        )


def _filed(on: PlanDay) -> Mapping[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Study.objects.filter(plan=on.plan).order_by().values("agency", "state").annotate(count=Count("pk"))
    for row in rows:
        found[row["agency"]][row["state"]] = row["count"]
    return found


def _decisions(on: PlanDay) -> Iterator[Duty]:
    """Yield the applications that wait: for the agency, of its head for the office; no day is stated."""
    waiting = Study.objects.filter(plan=on.plan, state=StudyState.SUBMITTED).select_related("person", "agency")
    for study in waiting:
        yield Duty(
            key=f"{DECIDE}.study-{study.pk}",
            kind=DECIDE,
            heading="核定進修申請",
            title=f"核定{study.agency.short_name}{study.person.name}進修申請",
            clause=DECIDED_UNDER,
            plan_id=on.plan.pk,
            agency_id=on.office_agency_id if study.is_head else study.agency_id,
            since=study.applied_on,
            after="申請",
            url=reverse("training:decide_study", args=[study.pk]),
            action="核定",
            note=f"{study.get_time_display()}　{study.school}{study.programme}",
        )


def _rosters(on: PlanDay, deadline: Deadline, agencies: list[Agency]) -> Iterator[Duty]:
    rosters = {roster.agency_id: roster for roster in StudyRoster.objects.filter(plan=on.plan)}
    overview = f"{reverse('training:study_rosters')}?plan={on.plan.pk}"
    due = _due(on, deadline)
    for agency in agencies:
        if agency.pk == on.office_agency_id:
            continue  # the office takes note of the rosters
        roster = rosters.get(agency.pk)
        returned = roster is not None and roster.state == RosterState.RETURNED
        yield Duty(
            key=f"{ROSTER}.agency-{agency.pk}",
            kind=ROSTER,
            heading="進修名冊",
            title=deadline.title,
            clause=deadline.clause,
            plan_id=on.plan.pk,
            agency_id=agency.pk,
            due=due,
            done=_sent(roster),
            url=roster.get_absolute_url() if roster else overview,
            action="補正" if returned else "報送",
            note="退請補正" if returned else "",
        )


def _sent(roster: StudyRoster | None) -> Evidence | None:
    """Return the sending of a roster that lies with the office; one that went back is owed again."""
    if roster is None or roster.submitted_at is None or roster.state == RosterState.RETURNED:
        return None
    day = timezone.localdate(roster.submitted_at)
    return Evidence(roster.get_state_display(), day, roster.get_absolute_url())


# --- Semesters -------------------------------------------------------------------------------------------------------


def _semesters(on: PlanDay) -> Iterator[Duty]:
    plan = on.plan
    studies = Study.objects.filter(
        plan__office=plan.office_id, plan__kind=plan.kind, plan__issuing_body=plan.issuing_body, state__in=HELD
    ).select_related("person")
    held = {study.pk: study for study in studies}
    known: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for semester in Semester.objects.filter(study__in=held.keys()):
        semester.study = held[semester.study_id]
        known[semester.study_id].add((semester.year, semester.term))
        if plan.starts <= semester.starts <= plan.ends:
            yield from _of_semester(on, semester)
    for study in held.values():
        if study.state == StudyState.APPROVED:
            yield from _unknown(on, study, known[study.pk])


def _of_semester(on: PlanDay, semester: Semester) -> Iterator[Duty]:
    study, page = semester.study, semester.get_absolute_url()
    if owes_timetable(study):
        deadline = on.deadlines.get(TIMETABLE)
        days, policy = after_start(deadline)
        on_day = semester.timetable_on
        yield _duty(
            on,
            study,
            key=f"{TIMETABLE}.semester-{semester.pk}",
            kind=TIMETABLE,
            heading="提送學期課表",
            title=f"提送{study.person.name} {semester.label}課表",
            clause=deadline.clause if deadline else "柒、四",
            due=Due.on(semester.starts + timedelta(days=days), policy, on.calendar),
            done=Evidence("已提送課表", on_day, page) if on_day else None,
            url=page,
            action="提送課表",
            note=f"{roc.short(semester.starts)} 開學",
        )
    if semester.ends < on.today:
        deadline = on.deadlines.get(GRADES)
        day = semester.grades_on
        done = (
            Evidence(f"已登錄 {in_words(semester.hours)} 小時", day, page)
            if day and semester.hours is not None
            else None
        )
        yield _duty(
            on,
            study,
            key=f"{GRADES}.semester-{semester.pk}",
            kind=GRADES,
            heading="進修成績與學習時數",
            title=f"檢具{study.person.name} {semester.label}成績登錄學習時數",
            clause=deadline.clause if deadline else "柒、五、(三)",
            since=semester.ends,
            after="學期結束後",
            done=done,
            url=page,
            action="登錄時數" if day else "送交成績",
            note="成績已送，待登錄時數" if day and done is None else "",
        )


def _unknown(on: PlanDay, study: Study, known: set[tuple[int, int]]) -> Iterator[Duty]:
    """Yield the semesters that should have begun and that nobody entered: without their first day nothing is due."""
    asked = owes_timetable(study)
    for year, term, first in terms_of(study):
        if (year, term) in known or not on.plan.starts <= first <= min(on.today, on.plan.ends):
            continue
        yield _duty(
            on,
            study,
            key=f"{TIMETABLE}.study-{study.pk}.{year}-{term}",
            kind=TIMETABLE if asked else GRADES,
            heading="提送學期課表" if asked else "進修成績與學習時數",
            title=f"登錄{study.person.name} {year}學年度{Term(term).label}開學日",
            clause="柒、四" if asked else "柒、五、(三)",
            since=first,
            after="學期起",
            url=reverse("training:add_semester", args=[study.pk]),
            action="登錄學期",
            note="登錄後計算課表期限" if asked else "",
        )


def _duty(on: PlanDay, study: Study, **values: object) -> Duty:
    return Duty(
        plan_id=on.plan.pk,
        agency_id=study.agency_id,
        **values,  # type: ignore[arg-type]  # named as the fields of a duty by the callers above
    )


def _due(on: PlanDay, deadline: Deadline) -> Due | None:
    nominal: date | None = deadline.nominal
    return Due.on(nominal, deadline.holiday_policy, on.calendar, deadline.hour) if nominal else None
