"""Study leave as the plan counts it: the last day, the quota and who fills it, leave a week, the subsidy; each says why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from districts.calendar import office_calendar
from districts.choices import AgencyKind
from districts.models import Agency, Deadline, Plan
from personnel_portal import roc
from personnel_portal.rules.duty import Due
from personnel_portal.rules.quota import QuotaRule, quota
from personnel_portal.rules.weeks import Allowance, heaviest, school_year, taken, week
from personnel_portal.rules.worktime import Policy
from training.choices import COUNTED, StudyState, StudyTime
from training.models import Headcount, Semester, Study, StudyLeave, TrainingRule

APPLY, DECIDE, TIMETABLE, GRADES, ROSTER = (
    f"training.study.{duty}" for duty in ("apply", "decide", "timetable", "grades", "roster")
)
THREE_WEEKS = 21  # days; the day on which the semester starts is not counted (柒、四)
COUNCIL = "代表會"
HELD = (StudyState.APPROVED, StudyState.ENDED)


def rule_of(plan: Plan) -> TrainingRule:
    """Return the rules of a plan, those of 103 where it has none."""
    return getattr(plan, "training_rule", None) or TrainingRule(plan=plan)


# --- Due dates -------------------------------------------------------------------------------------------------------


def due_of(plan: Plan, duty: str) -> Due | None:
    """Return a deadline of the plan as it holds, or none where the plan states none."""
    deadline = Deadline.objects.filter(plan=plan, duty=duty).first()
    if deadline is None or deadline.nominal is None:
        return None
    calendar = office_calendar(plan.office_id, plan.starts.year, plan.ends.year)
    return Due.on(deadline.nominal, deadline.holiday_policy, calendar, deadline.hour)


def timetable_due(semester: Semester, plan: Plan) -> Due:
    """Return until when the timetable of a semester is to be filed, under the plan's deadline for it."""
    deadline = Deadline.objects.filter(plan=plan, duty=TIMETABLE).first()
    days, policy = after_start(deadline)
    nominal = semester.starts + timedelta(days=days)
    return Due.on(nominal, policy, office_calendar(plan.office_id, nominal.year))


def after_start(deadline: Deadline | None) -> tuple[int, Policy]:
    """Return within how many days after a semester starts its timetable is due, and what a rest day does to it."""
    if deadline is None:
        return THREE_WEEKS, Policy.NEXT
    return THREE_WEEKS if deadline.days_after is None else deadline.days_after, deadline.holiday_policy


def owes_timetable(study: Study) -> bool:
    """Tell whether timetables are asked for: of those who study in office hours (經核准公假進修人員)."""
    return study.time in COUNTED


def terms_of(study: Study) -> list[tuple[int, int, date]]:
    """Return the semesters that a study is to have: school year, term, and the day from which it may have begun."""
    terms = []
    for year in range(study.from_year, study.to_year + 1):
        first, _ = school_year(year)
        terms += [(year, 1, first), (year, 2, date(first.year + 1, 2, 1))]
    return [term for term in terms if term[2] <= study.last_day]


# --- Quota -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Room:
    """An agency's quota of a year and those who fill it.

    Attributes:
        staff: the budgeted staff on 1 January, or none where nobody entered it.
        filling: the newly approved leaves of the year, full-time and part-office-hours; earlier years' are not added.
    """

    agency: Agency
    year: int
    staff: int | None
    rule: TrainingRule
    filling: tuple[Study, ...]

    @property
    def quota(self) -> int | None:
        """How many people may begin, or none where the staff is not known."""
        if self.staff is None:
            return None
        share = Fraction(self.rule.quota_part, self.rule.quota_whole)
        return quota(self.staff, QuotaRule(share, self.rule.quota_minimum))

    @property
    def people(self) -> frozenset[int]:
        """Who fills it; somebody with two leaves of the year is one person (進修總人數)."""
        return frozenset(study.person_id for study in self.filling)

    @property
    def left(self) -> int:
        """How many more may begin; 0 where the staff is not known."""
        return max(0, (self.quota or 0) - len(self.people))

    @property
    def words(self) -> str:
        """How the quota comes about (柒、三)."""
        if self.staff is None:
            return f"尚未登錄{self.year}年1月1日編制內預算員額，無法計算名額。"
        if self.staff == 0:
            return "編制內預算員額 0 人，名額 0 人。"
        part, whole, least = self.rule.quota_part, self.rule.quota_whole, self.rule.quota_minimum
        plain = self.staff * part // whole
        told = f"編制內預算員額 {self.staff} 人 × {part}/{whole}，小數捨去為 {plain} 人"
        return f"{told}，不足 {least} 人以 {least} 人計，名額 {self.quota} 人。" if plain < least else f"{told}。"

    def refusal(self, study: Study) -> str:
        """Return why a study cannot be approved, with the list that fills the quota; empty where it can."""
        if study.time not in COUNTED or study.person_id in self.people:
            return ""
        if self.staff is None:
            return (
                f"{self.agency.short_name}尚未登錄{self.year}年1月1日編制內預算員額，"
                "無法計算進修名額，請先至「進修名額」登錄員額（柒、三）。"
            )
        if self.left:
            return ""
        names = "、".join(f"{one.person.name}（{one.school}{one.programme}）" for one in self.filling)
        told = f"本年度新核准者：{names}。" if names else ""
        return f"{self.agency.short_name}{self.year}年度進修名額 {self.quota} 人已滿（柒、三）。{told}"


def room(agency: Agency, plan: Plan) -> Room:
    """Return the room that an agency has under a plan."""
    return rooms([agency], plan)[0]


def rooms(agencies: Iterable[Agency], plan: Plan) -> list[Room]:
    """Return the room that each agency has under a plan; three queries."""
    asked = list(agencies)
    staff = dict(Headcount.objects.filter(agency__in=asked, year=plan.year).values_list("agency", "staff"))
    filling: dict[int, list[Study]] = defaultdict(list)
    found = (
        Study.objects.filling(plan.year).filter(agency__in=asked).select_related("person").order_by("decided_at", "pk")
    )
    for study in found:
        filling[study.agency_id].append(study)
    rule = rule_of(plan)
    return [Room(one, plan.year, staff.get(one.pk), rule, tuple(filling[one.pk])) for one in asked]


# --- Official leave --------------------------------------------------------------------------------------------------


def allowance(study: Study) -> Allowance:
    """Return the leave a week that a study has or asks for."""
    return Allowance(study.first_day, study.last_day, study.weekly_hours)


@dataclass(frozen=True, slots=True)
class Load:
    """What a person's approved leave a week comes to together with one more study, where most of it runs together."""

    study: Study
    others: tuple[Study, ...]
    limit: Decimal

    @property
    def hours(self) -> Decimal:
        """Hours a week."""
        return heaviest([allowance(one) for one in (self.study, *self.others)])

    @property
    def words(self) -> str:
        """How the hours add up (柒、四)."""
        if not self.study.weekly_hours:
            return "本件不核公假。"
        told = f"本件每週 {hours(self.study.weekly_hours)} 小時"
        for one in self.others:
            told += f"＋{one.school}{one.programme}（{one.years_label}）每週 {hours(one.weekly_hours)} 小時"
        return f"{told}，合計每週最高 {hours(self.hours)}／{hours(self.limit)} 小時。"

    def refusal(self) -> str:
        """Return why the study cannot be approved; empty where it can."""
        if not self.study.weekly_hours or self.hours <= self.limit:
            return ""
        return f"每人每週公假進修以 {hours(self.limit)} 小時為限（柒、四）。{self.words}"


def load(study: Study) -> Load:
    """Return the leave a week of a person with this study and those approved ones that run at the same time."""
    running = Study.objects.filter(person=study.person_id, state__in=HELD, weekly_hours__gt=0).exclude(pk=study.pk)
    others = [one for one in running if one.first_day <= study.last_day and study.first_day <= one.last_day]
    return Load(study, tuple(others), rule_of(study.plan).weekly_hours)


def leave_refusal(study: Study, day: date, asked: Decimal) -> str:
    """Return why leave on a day would be too much of a week, over all of the person's studies; empty where it is not."""
    monday, sunday = week(day)
    known = StudyLeave.objects.filter(study__person=study.person_id, day__range=(monday, sunday))
    rows = list(known.values_list("study", "day", "hours"))
    whole = taken([(on, spent) for _, on, spent in rows], day)
    own = taken([(on, spent) for key, on, spent in rows if key == study.pk], day)
    limit = rule_of(study.plan).weekly_hours
    span = f"{roc.short(monday)} 至 {roc.short(sunday)}"
    if whole + asked > limit:
        return (
            f"每人每週（{span}）公假進修以 {hours(limit)} 小時為限（柒、四）："
            f"已登錄 {hours(whole)} 小時，再加 {hours(asked)} 小時即逾限。"
        )
    if own + asked > study.weekly_hours:
        return (
            f"本件核准每週公假 {hours(study.weekly_hours)} 小時，該週（{span}）已登錄 {hours(own)} 小時，"
            f"不得再加 {hours(asked)} 小時。"
        )
    return ""


def weeks_of(leaves: Iterable[StudyLeave]) -> list[tuple[date, date, Decimal, list[StudyLeave]]]:
    """Return leave by week: Monday, Sunday, hours, days; the newest week first."""
    found: dict[tuple[date, date], list[StudyLeave]] = defaultdict(list)
    for leave in leaves:
        found[week(leave.day)].append(leave)
    return [
        (*days, sum((one.hours for one in found[days]), Decimal(0)), sorted(found[days], key=lambda one: one.day))
        for days in sorted(found, reverse=True)
    ]


def hours(value: Decimal) -> str:
    """Return hours without useless zeros."""
    return f"{value.normalize():f}"


# --- Subsidy ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What the plan says of paying for a study, with its clause."""

    text: str
    clause: str


def subsidy(agency: Agency, rule: TrainingRule) -> Subsidy:
    """Return what holds for an agency: self-governing bodies decide for themselves (柒、六)."""
    council = agency.official_name.endswith(COUNCIL) or agency.short_name.endswith(COUNCIL)
    if agency.kind == AgencyKind.TOWNSHIP or council:
        return Subsidy("屬機關自治事項，由各機關視財政狀況自行決定。", "柒、六、(一)")
    return Subsidy(rule.subsidy, "柒、六、(二)")


# --- Roster ----------------------------------------------------------------------------------------------------------

LINE = ("name", "title", "school", "programme", "years", "kind", "time", "selection", "where", "approved")


def roster_lines(plan: Plan, agency: Agency) -> list[dict[str, str]]:
    """Return who of an agency studies in the plan's year: newly approved, and of earlier years who go on."""
    held = Study.objects.filter(agency=agency, plan__office=plan.office_id, state__in=HELD)
    found = held.filter(approved_year__lte=plan.year, to_year__gte=plan.year).select_related("person")
    on = [one for one in found.order_by("approved_year", "pk") if one.approved_year == plan.year or _goes_on(one, plan)]
    titles = _titles(agency, plan)
    return [_line(study, titles.get(study.person_id, "")) for study in on]


def _goes_on(study: Study, plan: Plan) -> bool:
    return study.last_day >= school_year(plan.year)[0]


def _titles(agency: Agency, plan: Plan) -> Mapping[int, str]:
    return dict(agency.postings.order_by("since", "pk").values_list("person", "title"))


def _line(study: Study, title: str) -> dict[str, str]:
    return {
        "name": study.person.name,
        "title": title,
        "school": study.school,
        "programme": study.programme,
        "years": study.years_label,
        "kind": study.get_kind_display(),
        "time": study.get_time_display(),
        "selection": study.get_selection_display(),
        "where": study.get_where_display(),
        "approved": f"{study.approved_year}年度",
    }


def takes_leave(study: Study) -> bool:
    """Tell whether days of leave may be entered for a study."""
    return study.state == StudyState.APPROVED and study.time == StudyTime.PART_TIME and study.weekly_hours > 0
