"""`manage.py demo`: a year in progress with people to log in as, on the plan of the current year."""

import logging
import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from districts.actions.plans import clone_plan
from districts.choices import Access, AgencyKind, Function, PlanKind, Staffing, VersionKind
from districts.models import Agency, CoachingRow, CoachingTable, District, Office, Person, Plan, PlanVersion, Posting
from meetings.actions import agenda, attendance, meetings, minutes
from meetings.choices import AttendanceState, MeetingKind, Section
from meetings.documents import draft
from meetings.models import AgendaItem, Meeting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.documents import pdf
from personnel_portal.home.management.commands import (
    _demo_awards,
    _demo_targets,
    _demo_training_attendance,
    _demo_training_catalogue,
    _demo_training_hours,
    _demo_training_registration,
    _demo_training_study,
    _demo_usage,
    _demo_work,
)
from personnel_portal.home.management.commands._demo_items import Stage, play
from personnel_portal.uploads import kinds
from personnel_portal.uploads.actions import keep_bytes

COUNTY = "cyhg"
DOMAIN = "demo.example"
SINCE = date(2023, 10, 1)  # 112-10-01, when the printed plan begins, so that its reminders reach somebody too
# 帳號, 姓名, 機關, 職稱, 職務性質, 使用權限, 用途
PEOPLE = [
    ("admin", "林國棟", "人事處", "科長", Function.HEAD, Access.ADMIN, "人事處管理人員（可進後台管理）"),
    ("reviewer", "陳怡君", "人事處", "科員", Function.HANDLER, Access.REVIEW, "人事處審核人員"),
    ("reader", "李美玲", "人事處", "辦事員", Function.HANDLER, Access.READ, "人事處唯讀"),
    ("host.south", "許雅婷", "文化觀光局", "人事主任", Function.HEAD, Access.WORK, "南平原區承辦單位"),
    ("host.north", "王曉明", "大林鎮公所", "人事主任", Function.HEAD, Access.WORK, "北平原區承辦單位（紀錄待報送）"),
    ("host.north2", "周佳穎", "大林鎮公所", "助理員", Function.HANDLER, Access.WORK, "北平原區承辦單位第二人"),
    ("host.hill", "張志豪", "竹崎鄉公所", "人事主任", Function.HEAD, Access.WORK, "山區承辦單位"),
    ("host.sea", "蔡淑芬", "義竹鄉公所", "人事主任", Function.HEAD, Access.WORK, "海區承辦單位（紀錄審核中）"),
    ("member", "吳建宏", "民雄國中", "人事主任", Function.PERSONNEL, Access.WORK, "北平原區成員機關"),
    ("clerk", "何書婷", "民雄國中", "書記", Function.HANDLER, Access.OWN, "民雄國中職員（本人的報名與學習時數）"),
    ("coached", "劉心怡", "三興國小", "教師兼人事", Function.PERSONNEL, Access.WORK, "輔導區兼任機關"),
]
# 兼任(辦) schools that are no members, by the host whose officer coaches them.
COACHED = {
    "文化觀光局": ["安東國小", "成功國小"],
    "大林鎮公所": ["三興國小", "菁埔國小"],
    "竹崎鄉公所": ["內埔國小", "龍山國小"],
    "義竹鄉公所": ["過路國小", "和順國小"],
}
ITEMS = [
    (
        "建請簡化新進人員報到應備表件一案。",
        "民雄鄉公所",
        "現行報到須填七種表件，內容多有重複。",
        "整併為一份電子表單。",
    ),
    (
        "建請統一各機關加班費請領表格式一案。",
        "民雄國中",
        "各機關格式不一，調任人員屢須重新學習。",
        "由人事處訂定範例供參。",
    ),
    ("建請放寬兼任人事人員參加研習名額一案。", "大林國小", "兼任人員另有本職，常因額滿無法參訓。", "每梯次保留五名。"),
]


class Command(BaseCommand):
    help = "建立示範年度（今日所在年度的計畫、會議與人員）。已建立過則不再變更。"

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("正式環境不建立示範帳號。")
        office = Office.objects.get(code=COUNTY)
        if User.objects.filter(username="reviewer").exists():
            self.stdout.write(
                "示範資料已存在，密碼僅於建立時顯示一次；可用「忘記密碼」或 manage.py changepassword 重設。"
            )
            return
        # `make run` prepares before its broker runs; the mails wait in the outbox for the first sweep.
        logging.getLogger("personnel_portal.outbox.wake").setLevel(logging.ERROR)
        password = f"{secrets.token_urlsafe(9)}-Aa1"
        with transaction.atomic():
            Demo(office, timezone.localdate(), password).make()
        self.stdout.write("示範帳號（密碼僅顯示這一次）：")
        for username, name, agency, *_, role in PEOPLE:
            self.stdout.write(f"  {username:<12} {password}   {name}（{agency}）{role}")


class Demo:
    """The rows of the demo. Meetings and minutes come about by the acts that people use; people, posts and coaching
    tables are written as they are."""

    def __init__(self, office: Office, today: date, password: str) -> None:
        self.office, self.today = office, today
        # Hashed once: ten slow hashes of one text would only make the first start slower.
        self.password = make_password(password)
        self.users: dict[str, User] = {}

    def make(self) -> None:
        self.plan = self._plan()
        self._people()
        self._coaching()
        _demo_awards.year_before(self.plan, self.users)  # first, so that what is new is of this year
        self._meetings()
        _demo_usage.play(self.office, self.today, self.users)
        _demo_work.play(self.office, self.today, self.users)
        _demo_training_catalogue.play(self.office, self.today, self.users)
        _demo_training_study.play(self.office, self.today, self.users)
        _demo_training_attendance.play(self.office, self.today, self.users)
        _demo_training_registration.play(self.office, self.today, self.users)
        _demo_training_hours.play(self.office, self.today, self.users)
        _demo_targets.play(self.office, self.today, self.users)  # last, since it reports what the others made

    def _plan(self) -> Plan:
        year = roc.year(self.today) + (self.today.month >= 10)
        plans = Plan.objects.filter(office=self.office, kind=PlanKind.LIAISON)
        plan = plans.filter(year=year).first() or clone_plan(plan=plans.order_by("year")[0], year=year, by=None)
        plan.deadlines.filter(duty="districts.coaching").update(month_day=20, note="示範：人事處訂為每月 20 日")
        PlanVersion.objects.get_or_create(
            plan=plan,
            number="府人任字第0000000000號函（示範）",
            defaults={"kind": VersionKind.APPROVED, "issued_on": plan.starts, "note": "示範資料，非真實文號"},
        )
        return plan

    def _people(self) -> None:
        for host, schools in COACHED.items():
            for school in schools:
                Agency.objects.get_or_create(
                    office=self.office,
                    short_name=school,
                    defaults={
                        "official_name": f"嘉義縣{school.removesuffix('國小')}國民小學",
                        "kind": AgencyKind.ELEMENTARY,
                        "staffing": Staffing.PART_TIME,
                        "note": f"示範：由{host}輔導",
                    },
                )
        for username, name, agency, title, function, access, _ in PEOPLE:
            self._person(username, name, agency, title, function, access)
        # Every other member gets one officer without a login, so that calls and reminders reach somebody.
        for unstaffed in Agency.objects.filter(office=self.office, postings__isnull=True):
            person = Person.objects.create(
                office=self.office, name=f"{unstaffed.short_name}人事", mail=f"agency{unstaffed.pk}@{DOMAIN}"
            )
            self._post(person, unstaffed, "人事管理員", Function.PERSONNEL, Access.WORK)

    def _person(self, username: str, name: str, agency: str, title: str, function: Function, access: Access) -> None:
        user = User(username=username, email=f"{username}@{DOMAIN}", name=name, must_change_password=False)
        user.password = self.password
        if access == Access.ADMIN:
            user.is_staff = user.is_superuser = True
        user.save()
        self.users[username] = user
        person = Person.objects.create(office=self.office, name=name, mail=user.email, user=user)
        self._post(person, Agency.objects.get(office=self.office, short_name=agency), title, function, access)

    def _post(self, person: Person, agency: Agency, title: str, function: Function, access: Access) -> None:
        Posting.objects.create(person=person, agency=agency, title=title, function=function, access=access, since=SINCE)

    def _coaching(self) -> None:
        """File this month's coaching tables of three districts; the hill district's is still owed."""
        for host, username in (("文化觀光局", "host.south"), ("大林鎮公所", "host.north"), ("義竹鄉公所", "host.sea")):
            user = self.users[username]
            district = District.objects.get(
                plan=self.plan, memberships__is_host=True, memberships__agency__short_name=host
            )
            for month in {self.plan.starts.replace(day=1), self.today.replace(day=1)}:
                table = CoachingTable.objects.create(district=district, month=month, filed_by=user)
                filed_at = timezone.make_aware(datetime.combine(month.replace(day=5), time(10)))
                CoachingTable.objects.filter(pk=table.pk).update(filed_at=min(filed_at, timezone.now()))
                schools = Agency.objects.filter(office=self.office, short_name__in=COACHED[host])
                CoachingRow.objects.bulk_create(
                    CoachingRow(table=table, officer=user.person, agency=school) for school in schools
                )

    def _meetings(self) -> None:
        # On the first day none can have been held yet.
        south, north = self._past_meetings() if self.today > self.plan.starts else (None, None)
        hill = self._planned(
            "山區", "host.hill", MeetingKind.JOINT, self.today + timedelta(days=16), "竹崎鄉公所三樓禮堂"
        )
        meetings.call_meeting(
            meeting=hill, number="竹鄉人字第0000000000號", call_date=self.today, by=self.users["host.hill"]
        )
        self._planned(
            "南平原區", "host.south", MeetingKind.FULL_TIME, self.today + timedelta(days=72), "文化觀光局會議室"
        )
        play(Stage(self.users, self._fresh(hill), north and self._fresh(north), south and self._fresh(south)))
        if south:
            _demo_awards.in_review(self.plan, self.users)

    def _past_meetings(self) -> tuple[Meeting, Meeting]:
        """Make minutes in three states: accepted, still owed, and in review; return the meetings of the first two."""
        south = self._held("南平原區", "host.south", days_ago=24, place="文化觀光局會議室")
        self._submit(south, "host.south")
        minutes.accept_minutes(minutes=self._fresh(south).minutes, by=self.users["reviewer"])
        north = self._held("北平原區", "host.north", days_ago=9, place="大林鎮公所三樓會議室")
        sea = self._held("海區", "host.sea", days_ago=13, place="義竹鄉公所二樓簡報室")
        self._submit(sea, "host.sea")
        return south, north

    def _planned(self, district: str, host: str, kind: MeetingKind, day: date, place: str) -> Meeting:
        user = self.users[host]
        return meetings.plan_meeting(
            district=District.objects.get(plan=self.plan, name=district),
            kind=kind,
            starts_at=timezone.make_aware(datetime.combine(self._working(day), time(14))),
            place=place,
            by=user,
            recorder=user.name,
            contact=f"{user.name} 05-0000000",
        )

    def _working(self, day: date) -> date:
        """Return the day, or the Friday before it."""
        return day - timedelta(days=max(0, day.weekday() - 4))

    def _held(self, district: str, host: str, *, days_ago: int, place: str) -> Meeting:
        user = self.users[host]
        day = max(self.today - timedelta(days=days_ago), self.plan.starts)
        meeting = self._planned(district, host, MeetingKind.JOINT, day, place)
        for subject, proposer, explanation, remedy in ITEMS:
            item = AgendaItem(
                meeting=meeting,
                section=Section.DISCUSSION,
                subject=subject,
                proposer=proposer,
                explanation=explanation,
                remedy=remedy,
                resolution="照案通過，錄案提報人事處研議。",
            )
            agenda.save_item(item=item, by=user)
        meeting = meetings.hold_meeting(meeting=meeting, ends_at=meeting.starts_at + timedelta(hours=2), by=user)
        marks = {
            invitation.pk: attendance.Mark(AttendanceState.EXCUSED if number % 9 == 8 else AttendanceState.PRESENT, "")
            for number, invitation in enumerate(meeting.invitations.all())
        }
        attendance.mark_attendance(meeting=meeting, marks=marks, by=user)
        return meeting

    def _submit(self, meeting: Meeting, host: str) -> None:
        user, meeting = self.users[host], self._fresh(meeting)
        content = pdf.render(draft(meeting))
        stored = keep_bytes(content, name="會議紀錄.pdf", by=user, allowed=kinds.MINUTES)
        minutes.add_files(minutes=meeting.minutes, stored=[stored], by=user)
        minutes.submit_minutes(minutes=meeting.minutes, note="", by=user)

    def _fresh(self, meeting: Meeting) -> Meeting:
        return Meeting.objects.select_related("minutes", "district", "plan").get(pk=meeting.pk)
