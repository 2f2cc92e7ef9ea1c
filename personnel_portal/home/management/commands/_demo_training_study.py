"""The demo's study leave: applications in each state, a full quota, a semester with leave, rosters of the year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from districts.choices import Access, Function
from districts.models import Agency, Office, Person, Plan, Posting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.home.management.commands._demo_training import plan_of
from training.actions import study as actions
from training.actions import study_rosters as rosters
from training.actions import study_terms as terms
from training.choices import Selection, StudyTime, Term
from training.models import Semester, Study

STAFF = {"民雄國中": 25, "大林鎮公所": 62, "文化觀光局": 84, "竹崎鄉公所": 48, "大林國小": 9}
BEGINS, LASTS = (9, 14), timedelta(days=123)  # of the first semester
USERS = {"民雄國中": "member", "大林鎮公所": "host.north", "文化觀光局": "host.south"}


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who applies, and what becomes of it."""

    name: str
    agency: str
    title: str
    school: str
    programme: str
    time: StudyTime
    hours: int = 0
    day: tuple[int, int] | None = (6, 18)  # of the application; none leaves a draft
    decision: str = "approve"
    is_head: bool = False


APPLICANTS = [
    Applicant("高于婷", "民雄國中", "幹事", "國立中正大學", "政治學系碩士在職專班", StudyTime.PART_TIME, 6),
    Applicant("邱建華", "民雄國中", "組員", "國立嘉義大學", "公共政策研究所", StudyTime.FULL_TIME),
    Applicant("曾雅雯", "民雄國中", "書記", "國立成功大學", "法律學系學分班", StudyTime.PART_TIME, 4, decision=""),
    Applicant(
        "賴文雄",
        "民雄國中",
        "校長",
        "國立臺灣師範大學",
        "教育學系博士班",
        StudyTime.OFF_DUTY,
        decision="",
        is_head=True,
    ),
    Applicant("施佩君", "文化觀光局", "科員", "國立臺南藝術大學", "博物館學研究所", StudyTime.OFF_DUTY),
    Applicant("馬志誠", "大林鎮公所", "課員", "南華大學", "管理學院碩士班", StudyTime.PART_TIME, 4, day=(7, 3)),
    Applicant("沈立群", "大林鎮公所", "技士", "國立雲林科技大學", "營建工程系碩士班", StudyTime.PART_TIME, 8, day=None),
]


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Make the year's applications and rosters; everything comes about by the acts that people use."""
    plan = plan_of(office, roc.year(today))
    staff = {Agency.objects.get(office=office, short_name=name).pk: number for name, number in STAFF.items()}
    rosters.save_headcounts(plan=plan, staff=staff, by=users["reviewer"])
    for applicant in APPLICANTS:
        study = _apply(plan, applicant, today, users)
        if study.weekly_hours and applicant.name == APPLICANTS[0].name:
            _study(study, today, users["member"])
    if today.month >= BEGINS[0]:
        _file(plan, users)


def _apply(plan: Plan, applicant: Applicant, today: date, users: Mapping[str, User]) -> Study:
    agency = Agency.objects.get(office=plan.office, short_name=applicant.agency)
    by = users[USERS[applicant.agency]]
    person = Person.objects.create(office=plan.office, name=applicant.name)
    function = Function.HEAD if applicant.is_head else Function.HANDLER
    Posting.objects.create(
        person=person, agency=agency, title=applicant.title, function=function, access=Access.OWN, since=plan.starts
    )
    study = Study(
        plan=plan,
        person=person,
        agency=agency,
        selection=Selection.OWN,
        time=applicant.time,
        school=applicant.school,
        programme=applicant.programme,
        from_year=plan.year,
        to_year=plan.year + 1,
        weekly_hours=Decimal(applicant.hours),
        why="精進與現職業務相關之專業知能",
        is_head=applicant.is_head,
    )
    study = actions.add_study(study=study, by=by)
    if applicant.day is None or (day := date(today.year, *applicant.day)) > today:
        return study
    study = actions.submit_study(study=study, on=day, by=by)
    is_late = day > date(today.year, 6, 30)
    return study if is_late or not applicant.decision else actions.approve_study(study=study, by=by)


def _study(study: Study, today: date, by: User) -> None:
    """Enter the first semester and leave of its last weeks, up to what was approved."""
    starts = date(today.year, *BEGINS)
    if starts > today:
        return
    days = {"year": study.from_year, "term": Term.FIRST, "starts": starts, "ends": starts + LASTS}
    terms.save_semester(semester=Semester(study=study, **days), by=by)
    for week in range(3):
        monday = starts + timedelta(weeks=week)
        for after, hours in ((1, Decimal(4)), (3, Decimal(2))):
            actions.enter_leave(study=study, day=monday + timedelta(days=after), hours=hours, by=by)


def _file(plan: Plan, users: Mapping[str, User]) -> None:
    """File rosters: one that is noted, one that waits, and none at all (無) that went back."""
    for name, username in USERS.items():
        agency, by = Agency.objects.get(office=plan.office, short_name=name), users[username]
        roster = rosters.start_roster(plan=plan, agency=agency, by=by)
        roster = rosters.submit_roster(roster=roster, by=by)
        if name == "文化觀光局":
            rosters.accept_roster(roster=roster, by=users["reviewer"])
        elif name == "大林鎮公所":
            rosters.return_roster(roster=roster, reason="請確認是否漏列全時進修人員。", by=users["reviewer"])
