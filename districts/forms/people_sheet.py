"""Judging a sheet of people: known agency, possible values, nobody twice, user names free."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from districts.choices import Access, AgencyKind, Function, Status
from districts.forms.names import AgencyNames, found_or_problem
from districts.forms.sheets import Layout, Row, choice, field_problems, formula_problems
from districts.models import Agency, Office, Person, Posting, StagedSheet
from personnel_portal import roc
from personnel_portal.accounts.models import User

# Each invitation is a letter of its own; more would keep the browser waiting too long.
MOST_INVITED = 500


def check(sheet: StagedSheet, rows: Sequence[Row], by: User) -> list[Row]:
    """Judge the lines of a sheet of people; three queries. `value` is (Posting with its Person, user name or '')."""
    office = sheet.office
    agencies = AgencyNames(office)
    judged = [_judged(office, row, agencies) for row in rows]
    judged = _without_namesakes(office, judged)
    return _with_logins(judged) if sheet.options.get("invite") else judged


def _judged(office: Office, row: Row, agencies: AgencyNames) -> Row:
    cells = row.cells
    problems = formula_problems(cells, LAYOUT, ["name", "agency", "title", "unit"])
    if not cells["agency"]:
        problems.append("機關：請填機關簡稱或全銜。")
    agency = found_or_problem(agencies, cells, "agency", problems) if cells["agency"] else None
    person = Person(
        office=office,
        name=cells["name"],
        status=_chosen(cells, "status", Status, Status.CIVIL_SERVANT, problems),
        mail=cells["mail"],
        phone=cells["phone"],
    )
    since = _day(cells["since"], problems)
    posting = Posting(
        person=person,
        agency=agency,
        unit=cells["unit"],
        title=cells["title"],
        rank=cells["rank"],
        function=_chosen(cells, "function", Function, Function.PERSONNEL, problems),
        access=_chosen(cells, "access", Access, Access.WORK, problems),
        since=since,
    )
    if agency and posting.access in (Access.ADMIN, Access.REVIEW) and agency.kind != AgencyKind.OFFICE:
        problems.append(f"「{posting.get_access_display()}」權限僅限本處人員，{agency.short_name}請填承辦或唯讀。")
    problems += field_problems(person, leave=["office", "user", "status"])
    problems += field_problems(posting, leave=["person", "agency", "function", "access", "since"])
    return Row(row.number, cells, tuple(problems), None if problems else (posting, ""))


def _chosen(cells: Mapping[str, str], field: str, choices: type, default: str, problems: list[str]) -> str:
    return choice(cells, field, choices, LAYOUT, problems) if cells[field] else default


def _day(text: str, problems: list[str]) -> date:
    try:
        return roc.parse(text)
    except ValueError as refusal:
        problems.append(f"到任日：{refusal}")
        return date.min


def _without_namesakes(office: Office, rows: list[Row]) -> list[Row]:
    """Refuse whom the agency has already, in the portal or in a line of the file."""
    postings = [row.value[0] for row in rows if row.value]
    today = timezone.localdate()
    known = set(
        Posting.objects.filter(Q(until=None) | Q(until__gte=today), agency__office=office).values_list(
            "agency_id", "person__name"
        )
    )
    listed = Counter(_who(posting) for posting in postings)
    return [_refused_twice(row, known, listed) for row in rows]


def _refused_twice(row: Row, known: set[tuple[int, str]], listed: Counter[tuple[int, str]]) -> Row:
    if not row.value:
        return row
    who = _who(row.value[0])
    agency: Agency = row.value[0].agency
    if who in known:
        return _with_problem(row, f"{agency.short_name}已登錄{who[1]}。")
    if listed[who] > 1:
        return _with_problem(row, f"{agency.short_name}的{who[1]}在檔案中重複。")
    return row


def _who(posting: Posting) -> tuple[int, str]:
    return posting.agency_id, posting.person.name


def _with_logins(rows: list[Row]) -> list[Row]:
    """Give every good line with a mail its user name, or the reason why it cannot have one."""
    names = {row.number: _username(row) for row in rows if row.value}
    taken = set(User.objects.filter(username__in=filter(None, names.values())).values_list("username", flat=True))
    listed = Counter(names.values())
    invited = 0
    judged = []
    for row in rows:
        name = names.get(row.number, "")
        problem = _login_problem(row, name, taken, listed) if row.value else ""
        if name and not problem:
            invited += 1
            problem = "" if invited <= MOST_INVITED else f"一次最多邀請 {MOST_INVITED} 人，請分次匯入。"
        if problem:
            row = _with_problem(row, problem)
        elif name:
            row = Row(row.number, row.cells, (), (row.value[0], name))
        judged.append(row)
    return judged


def _username(row: Row) -> str:
    written = row.cells["username"] or row.cells["mail"].partition("@")[0]
    return User.normalize_username(written)


def _login_problem(row: Row, name: str, taken: set[str], listed: Counter[str]) -> str:
    if not name:
        return ""
    if not row.cells["mail"]:
        return "填有帳號，請一併填公務信箱，邀請信將寄到該信箱。"
    if name in taken:
        return f"帳號「{name}」已有人使用，請於「帳號」欄另填。"
    if listed[name] > 1:
        return f"帳號「{name}」在檔案中重複，請於「帳號」欄另填。"
    try:
        User._meta.get_field("username").run_validators(name)
    except ValidationError as refusal:
        return f"帳號：{refusal.messages[0]}"
    return ""


def _with_problem(row: Row, problem: str) -> Row:
    return Row(row.number, row.cells, (*row.problems, problem))


LAYOUT = Layout(
    columns={
        "name": ("姓名",),
        "agency": ("機關", "服務機關", "機關名稱", "機關簡稱"),
        "unit": ("單位", "服務單位"),
        "title": ("職稱",),
        "rank": ("官職等", "職等"),
        "function": ("職務性質", "性質"),
        "status": ("身分別",),
        "mail": ("公務信箱", "電子郵件", "信箱", "email"),
        "phone": ("公務電話", "電話", "聯絡電話"),
        "access": ("使用權限", "權限"),
        "since": ("到任日", "到職日"),
        "username": ("帳號",),
    },
    optional=("unit", "rank", "function", "status", "mail", "phone", "access", "username"),
    example=[
        "王小明",
        "大林鎮公所",
        "人事室",
        "人事主任",
        "薦任第八職等",
        "人事",
        "公務人員",
        "name@example.gov.tw",
        "05-2650000",
        "承辦",
        "113/1/2",
        "",
    ],
    check=check,
)
