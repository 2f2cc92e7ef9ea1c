"""The papers of a class: 簽到表 to sign, 結訓證明書 or 研習證明書, and the list of hours."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from districts.models import Posting
from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.documents.paper import Block, Column, Fields, Heading, PageBreak, Paper, Paragraph, Table
from personnel_portal.rules.credit import split
from training.choices import Place
from training.crediting import CLAUSE, Earned, Mark, Roll, plain
from training.models import ClassTopic, Registration, Session, TrainingClass

SIGN_IN_ROW = 10  # mm, room for a signature
SEAL = 40  # mm, the largest row
# Courses so called are attended; all others are completed.
STUDIED = ("研習", "講習", "研討", "講座", "演講", "參訪")


def attendance_sheet(training_class: TrainingClass) -> Paper:
    """Return the 簽到表: each session on a page of its own, everybody who has a place with room to sign in and out."""
    people = list(
        Registration.objects.filter(training_class=training_class, place=Place.REGISTERED)
        .select_related("person", "agency")
        .order_by("agency__pk", "queue")
    )
    titles = _titles([row.person_id for row in people])
    sessions = list(training_class.sessions.order_by("starts", "pk"))
    columns = (
        Column("序號", 3, "center"),
        Column("服務機關", 7),
        Column("職稱", 4),
        Column("姓名", 4, "center"),
        Column("簽到", 5),
        Column("簽退", 5),
    )
    blocks: list[Block] = []
    for number, session in enumerate(sessions, start=1):
        rows = [
            (str(place), row.agency.short_name, titles.get(row.person_id, ""), row.person.name, "", "")
            for place, row in enumerate(people, start=1)
        ]
        if number > 1:
            blocks.append(PageBreak())
        blocks += [
            Heading(f"第 {number} 場次　{session.title or training_class.course.name}", 2),
            Fields(tuple(_about(training_class, session)), place="small"),
            Table(columns, rows, row_height=SIGN_IN_ROW) if rows else Paragraph("尚無錄取學員。"),
        ]
    host = training_class.organiser.official_name
    return Paper(
        title=f"{training_class.course.plan.year}年度{training_class}\n簽到表",
        author=host,
        footer=f"{host}　{training_class}",
        blocks=tuple(blocks) or (Paragraph("尚未排定場次。"),),
    )


def _about(training_class: TrainingClass, session: Session) -> Iterator[tuple[str, str]]:
    yield "時間", f"{_span(session)}（{session.minutes} 分鐘）"
    yield "地點", session.place or training_class.place
    yield "講座", training_class.trainers


def _span(session: Session) -> str:
    starts, ends = timezone.localtime(session.starts), timezone.localtime(session.ends)
    return f"{roc.long(starts.date())}{starts:%H:%M} 至 {ends:%H:%M}"


def _titles(people: Sequence[int]) -> dict[int, str]:
    """Return the title of each person's first post of today."""
    posts = Posting.objects.on(timezone.localdate()).filter(person__in=people).order_by("-since", "-pk")
    return dict(posts.values_list("person", "title"))


# --- Certificates ----------------------------------------------------------------------------------------------------


def certificate_title(training_class: TrainingClass) -> str:
    """Return what the certificate is called."""
    is_studied = any(word in training_class.course.name for word in STUDIED)
    return "研習證明書" if is_studied else "結訓證明書"


def certificate_number(registration: Registration, training_class: TrainingClass) -> str:
    """Return the number of a certificate: year, course, class and turn, which never change: 115-012-01-003."""
    course = training_class.course
    return f"{course.plan.year}-{course.order:03}-{training_class.number:02}-{registration.queue:03}"


def certificates(training_class: TrainingClass, people: Sequence[Earned]) -> Paper:
    """Return the certificates of these people, a page each, with room for the seal."""
    titles = _titles([earned.registration.person_id for earned in people])
    office = training_class.course.plan.issuing_body
    blocks: list[Block] = []
    for place, earned in enumerate(people):
        if place:
            blocks += [
                PageBreak(),
                Paragraph(f"{office}\n{certificate_title(training_class)}", align="center", size="title"),
            ]
        blocks += _certificate(training_class, earned, titles)
    return Paper(
        title=f"{office}\n{certificate_title(training_class)}",
        author=office,
        footer=f"{training_class}　{training_class.organiser.official_name}",
        blocks=tuple(blocks),
    )


def _certificate(training_class: TrainingClass, earned: Earned, titles: dict[int, str]) -> Iterator[Block]:
    row = earned.registration
    granted_at: datetime = training_class.hours_granted_at or timezone.now()
    is_studied = certificate_title(training_class) == "研習證明書"
    yield Paragraph("\n", size="small")
    yield Paragraph(f"證書字號：{certificate_number(row, training_class)}", align="end", size="small")
    yield Paragraph(
        f"\n　　茲證明{row.agency.official_name}{titles.get(row.person_id, '')}　{row.person.name}　"
        f"於{_days(training_class)}參加{training_class.organiser.official_name}辦理之"
        f"「{training_class.course.name}」第 {training_class.number} 期，"
        f"{'研習期滿' if is_studied else '訓練期滿，准予結訓'}，核給終身學習時數 {plain(earned.hours)} 小時。\n\n"
        "　　特此證明"
    )
    yield Paragraph("\n")
    yield Table((Column("核發機關印信", 1, "center"), Column("首長簽章", 1, "center")), [("", "")], row_height=SEAL)
    yield Paragraph(f"\n{_spread(roc.full(timezone.localdate(granted_at)))}", align="center")


def _days(training_class: TrainingClass) -> str:
    days = sorted({timezone.localdate(session.starts) for session in training_class.sessions.all()})
    return roc.full(days[0]) if len(days) == 1 else f"{roc.full(days[0])}至{_same_era(days[-1])}"


def _same_era(day: date) -> str:
    return roc.full(day).removeprefix("中華民國")


def _spread(text: str) -> str:
    """Write a date as certificates do, its characters apart."""
    return text.replace("中華民國", "中　華　民　國　").replace("年", " 年 ").replace("月", " 月 ").replace("日", " 日")


# --- The list of hours -----------------------------------------------------------------------------------------------


def hours_sheet(roll: Roll) -> tuple[list[sheets.Column], list[list[Any]]]:
    """Return the columns and rows of the list of hours: each person's sessions, minutes, hours by topic, and why."""
    topics = list(ClassTopic.objects.filter(training_class=roll.training_class).select_related("topic"))
    columns = [
        sheets.Column("編號", 6),
        sheets.Column("服務機關", 24),
        sheets.Column("職稱", 12),
        sheets.Column("姓名", 12),
        *(
            sheets.Column(f"第 {number} 場 {timezone.localtime(session.starts):%m/%d %H:%M}", 18)
            for number, session in enumerate(roll.sessions, start=1)
        ),
        sheets.Column("缺課分鐘", 10),
        sheets.Column("總分鐘", 10),
        sheets.Column("核給時數", 10),
        *(sheets.Column(topic.topic.name, 14) for topic in topics),
        sheets.Column(f"計算（計畫{CLAUSE}）", 60),
    ]
    titles = _titles([earned.registration.person_id for earned in roll.people])
    return columns, [
        _hours_row(number, earned, roll, topics, titles) for number, earned in enumerate(roll.people, start=1)
    ]


def _hours_row(
    number: int, earned: Earned, roll: Roll, topics: Sequence[ClassTopic], titles: dict[int, str]
) -> list[Any]:
    row = earned.registration
    marks = [str(Mark.of(earned.marks[session.pk])) if session.pk in earned.marks else "" for session in roll.sessions]
    parts = [topic.hours for topic in topics]
    shares = split(min(earned.hours, sum(parts, Decimal(0))), parts)
    return [
        number,
        row.agency.official_name,
        titles.get(row.person_id, ""),
        row.person.name,
        *marks,
        earned.absent,
        earned.terms.total,
        earned.hours.normalize(),
        *(share.normalize() for share in shares),
        earned.arithmetic,
    ]
