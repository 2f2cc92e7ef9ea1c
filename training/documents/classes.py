"""The papers that announce training: 實施計畫 of a class (陸、六), and the list of the year's courses (附表)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from districts.choices import Status
from districts.models import Plan
from personnel_portal import roc
from personnel_portal.documents.paper import (
    Block,
    Column,
    Heading,
    Item,
    Items,
    Paper,
    Paragraph,
    Table,
    numeral,
)
from training.choices import ClassState, Form
from training.facts import days
from training.models import Course, Session, TrainingClass

LIST_FORMS = ("pdf", "odt", "ods", "xlsx", "csv")
TO_BE_SAID = "另行通知"


def class_plan(training_class: TrainingClass) -> Paper:
    """Return the 實施計畫 of a class: 目標、對象、課程配當、訓期、時間、人數、研習方式 (陸、六)."""
    plan = training_class.course.plan
    sessions = list(training_class.sessions.order_by("starts"))
    sections: list[tuple[str, tuple[Block, ...]]] = [
        ("依據", _text(f"依{plan.title}辦理。")),
        ("目標", _text(training_class.goals or training_class.course.goals)),
        ("對象", _points(_audience(training_class))),
        ("課程配當", _content(training_class, sessions)),
        ("訓期及時間", _text(_period(training_class, sessions))),
        ("地點", _text(training_class.place)),
        ("人數", _text(_numbers(training_class))),
        ("研習方式", _text(_ways(training_class))),
        ("報名", _text(_registration(training_class))),
        ("學習時數", _points(_hours(training_class))),
        ("課前研讀", tuple(_readings(training_class))),
        ("經費", _text(plan.budget_label)),
    ]
    blocks: list[Block] = []
    told = [(title, content) for title, content in sections if content]
    for mark, (title, content) in zip("壹貳參肆伍陸柒捌玖拾", told, strict=False):
        blocks += [Heading(f"{mark}、{title}"), *content]
    for number, (title, content) in enumerate(told[10:], start=1):
        blocks += [Heading(f"拾{'一二三四五'[number - 1]}、{title}"), *content]
    return Paper(
        title=f"{training_class.organiser.official_name}\n{training_class}實施計畫",
        author=training_class.organiser.official_name,
        header="草稿" if training_class.state == ClassState.DRAFT else "",
        blocks=tuple(blocks),
    )


def _text(text: str) -> tuple[Block, ...]:
    return (Paragraph(text, indent=4),) if text else ()


def _points(items: Iterable[Item]) -> tuple[Block, ...]:
    """Return items as numbered points, a single one as plain text."""
    found = tuple(items)
    return _text(found[0].text) if len(found) == 1 else (Items(found, indent=4),)


def _audience(training_class: TrainingClass) -> Iterable[Item]:
    if audience := training_class.audience or training_class.course.audience:
        yield Item(f"{audience.rstrip('。')}。")
    statuses = "、".join(Status(one).label for one in training_class.statuses if one in Status.values)
    agencies = [agency.official_name for agency in training_class.agencies.all()]
    where = "、".join(agencies) or "本府暨所屬機關學校"
    yield Item(f"限{where}{statuses}參加。")
    if after := "、".join(f"「{course.name}」" for course in training_class.course.after.all()):
        yield Item(f"須先完成{after}。")


def _content(training_class: TrainingClass, sessions: list[Session]) -> tuple[Block, ...]:
    blocks: list[Block] = list(_text(training_class.content))
    if sessions:
        columns = (
            Column("日期", 5),
            Column("時間", 4, "center"),
            Column("課目", 8),
            Column("分鐘", 2, "end"),
            Column("地點", 5),
        )
        rows = [
            (
                _day(session.starts),
                _span(session),
                session.title or training_class.course.name,
                str(session.minutes),
                session.place or training_class.place or TO_BE_SAID,
            )
            for session in sessions
        ]
        blocks.append(Table(columns, rows, size="small"))
    if training_class.trainers:
        blocks.append(Paragraph(f"講座：{training_class.trainers}", indent=4))
    return tuple(blocks)


def _period(training_class: TrainingClass, sessions: list[Session]) -> str:
    if not sessions:
        return TO_BE_SAID
    minutes = sum(session.minutes for session in sessions)
    first, last = _day(sessions[0].starts), _day(max(session.ends for session in sessions))
    days = first if first == last else f"{first}至{last}"
    return f"{days}，計 {len(sessions)} 場次、{minutes} 分鐘，各場次時間如課程配當。"


def _numbers(training_class: TrainingClass) -> str:
    least = f"；未達 {training_class.minimum} 人時，得停辦" if training_class.minimum else ""
    each = f"；每機關薦送至多 {training_class.nominees} 人" if training_class.nominees else ""
    return f"{training_class.quota} 人{least}{each}。"


def _ways(training_class: TrainingClass) -> str:
    by = training_class.organiser.official_name + training_class.responsible
    return f"{training_class.get_form_display()}，{training_class.get_mode_display()}；由{by}主辦。"


def _registration(training_class: TrainingClass) -> str:
    opens, closes = training_class.opens_at, training_class.closes_at
    how = "由服務機關薦送，經審核後錄取" if training_class.form == Form.NOMINATED else "依報名順序錄取，額滿候補"
    if opens is None or closes is None:
        return f"{how}；報名時間{TO_BE_SAID}。"
    return f"自{_moment(opens)}至{_moment(closes)}止，{how}。"


def _hours(training_class: TrainingClass) -> Iterable[Item]:
    topics = list(training_class.topics.select_related("topic"))
    shared = "、".join(f"{row.topic.name} {_plain(row.hours)} 小時" for row in topics)
    yield Item(f"全程參加者核給終身學習時數 {_plain(training_class.hours)} 小時{f'（{shared}）' if shared else ''}。")
    rule = getattr(training_class.course.plan, "training_rule", None)
    if rule is not None:
        yield Item(f"缺課達{_share(rule.absence_part, rule.absence_whole)}以上者，不核給終身學習時數（陸、七）。")


def _readings(training_class: TrainingClass) -> Iterable[Block]:
    readings = list(training_class.course.readings.all())
    if readings:
        yield Paragraph("請於參加實體課程前，先行上網學習：", indent=4)
        yield Items(tuple(Item(f"{reading.title}（{reading.url}）") for reading in readings), indent=4)


# --- The list of the year's courses ----------------------------------------------------------------------------------


def course_table(courses: Iterable[Course], classes: Iterable[Any]) -> Table:
    """Return the rows of 附表: each course with its classes, one without a class with a blank.

    Args:
        classes: with their days (`ClassQuerySet.with_days`).
    """
    by_course: dict[int, list[Any]] = {}
    for one in classes:
        by_course.setdefault(one.course_id, []).append(one)
    columns = (
        Column("序號", 2, "center"),
        Column("學院", 5),
        Column("學程", 6),
        Column("課程名稱", 11),
        Column("辦理方式", 4),
        Column("期別", 2, "center"),
        Column("訓期", 6),
        Column("人數", 2, "end"),
        Column("時數", 2, "end"),
        Column("對象", 7),
        Column("主辦單位", 6),
    )
    rows = [row for number, course in enumerate(courses, start=1) for row in _course_rows(number, course, by_course)]
    return Table(columns, rows, size="small")


def _course_rows(number: int, course: Course, classes: dict[int, list[Any]]) -> Iterable[tuple[str, ...]]:
    head = (
        str(number),
        course.college.name if course.college else "—",
        course.programme.name if course.programme else "",
        course.name,
    )
    held = [one for one in classes.get(course.pk, ()) if one.state != ClassState.CANCELLED]
    if not held:
        yield (*head, course.get_form_display(), "", "", "", "", course.audience, course.responsible)
    for one in held:
        yield (
            *head,
            one.get_form_display(),
            str(one.number),
            days(one.begins, one.ends),
            str(one.quota),
            _plain(one.hours),
            one.audience or course.audience,
            one.responsible or course.responsible,
        )


def course_list(plan: Plan, table: Table) -> Paper:
    """Return 附表: the courses that are to be held in the plan's year (陸、六)."""
    return Paper(
        title=f"{plan.title}\n{plan.year}年度預定辦理課程一覽表",
        author=plan.issuing_body,
        landscape=True,
        footer=f"製表日期：{roc.full(timezone.localdate())}",
        blocks=(table,),
    )


# --- Words -----------------------------------------------------------------------------------------------------------


def _day(moment: Any) -> str:
    return roc.long(timezone.localdate(moment))


def _moment(moment: Any) -> str:
    local = timezone.localtime(moment)
    return f"{roc.long(local.date())}{roc.clock(local.time())}"


def _span(session: Session) -> str:
    starts, ends = timezone.localtime(session.starts), timezone.localtime(session.ends)
    return f"{starts:%H:%M}–{ends:%H:%M}"


def _share(part: int, whole: int) -> str:
    return f"{numeral(whole)}分之{numeral(part)}"


def _plain(hours: Decimal) -> str:
    return f"{hours.normalize():f}"
