"""What the tests of study leave build: a plan with its deadlines, applications in each state, staff, semesters."""

from datetime import date
from decimal import Decimal
from typing import Any

from districts.models import Agency, Deadline, Person, Plan
from personnel_portal.accounts.models import User
from tests import build
from tests.training import courses
from training.choices import StudyState, StudyTime
from training.models import Headcount, Semester, Study

YEAR = courses.YEAR
APPLY, ROSTER = date(YEAR + 1911, 6, 30), date(YEAR + 1911, 9, 30)
FIXED = {"training.study.apply": ("柒、五、(一)", APPLY), "training.study.roster": ("柒、五、(二)", ROSTER)}


def plan(year: int = YEAR, **nominal: date) -> Plan:
    """Return the training plan of a year with the deadlines of study leave; `apply` and `roster` put them off."""
    made = courses.plan(year)
    for duty, (clause, day) in FIXED.items():
        on = nominal.get(duty.rpartition(".")[2], day.replace(year=year + 1911))
        defaults = {"title": "報送當年度進修人員名冊備查" if "roster" in duty else "向服務機關提出進修申請"}
        Deadline.objects.update_or_create(
            plan=made, duty=duty, defaults={**defaults, "clause": clause, "nominal": on, "policy": "next"}
        )
    Deadline.objects.get_or_create(
        plan=made,
        duty="training.study.timetable",
        defaults={"title": "提送學期課表", "clause": "柒、四", "days_after": 21, "policy": "next"},
    )
    Deadline.objects.get_or_create(
        plan=made, duty="training.study.grades", defaults={"title": "檢具成績登錄學習時數", "clause": "柒、五、(三)"}
    )
    return made


def staff(agency: Agency, number: int, *, year: int = YEAR) -> Headcount:
    """Enter an agency's budgeted staff on 1 January."""
    return Headcount.objects.update_or_create(agency=agency, year=year, defaults={"staff": number})[0]


def study(person: Person | None = None, *, by: User | None = None, **fields: Any) -> Study:
    """Make an application of somebody of 民雄國中, part of the office hours, in any state; not through the actions."""
    person = person or courses.employee()
    agency = person.postings.get().agency
    state = fields.pop("state", StudyState.SUBMITTED)
    owner = fields.pop("plan", None) or plan()
    approved = owner.year if state in (StudyState.APPROVED, StudyState.ENDED) else None
    values: dict[str, Any] = {
        "time": StudyTime.PART_TIME,
        "school": "國立中正大學",
        "programme": "政治學系碩士在職專班",
        "from_year": owner.year,
        "to_year": owner.year + 1,
        "weekly_hours": Decimal(4),
        "applied_on": None if state == StudyState.DRAFT else date(owner.year + 1911, 6, 1),
        "approved_year": approved,
        "reason": "與業務無關" if state == StudyState.REFUSED else "",
        "entered_by": by or build.officer(agency),
    }
    return Study.objects.create(plan=owner, person=person, agency=agency, state=state, **(values | fields))


def semester(of: Study, *, term: int = 1, **fields: Any) -> Semester:
    """Make a semester of the first year of a study: September to January, or February to June."""
    begun = of.from_year + 1911
    days = {1: (date(begun, 9, 14), date(begun + 1, 1, 15)), 2: (date(begun + 1, 2, 22), date(begun + 1, 6, 25))}
    starts, ends = days[term]
    values = {"year": of.from_year, "term": term, "starts": starts, "ends": ends}
    return Semester.objects.create(study=of, **(values | fields))
