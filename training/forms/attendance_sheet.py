"""Attendance by sheet: a line for a person and a session; the template comes with the names of the class."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from districts.forms.sheets import Layout, Row, SheetForm
from districts.models import StagedSheet
from districts.standing import standing
from personnel_portal import roc
from personnel_portal.accounts.models import User
from training.actions.attendance import Square, misfit, refuse_closed
from training.choices import ClassState, Leave, Presence
from training.crediting import Earned, Mark, of_class
from training.forms.attendance import CHOICES, parsed
from training.models import Session, TrainingClass

_WORDS = {label: value for value, label in CHOICES} | {"請假": "leave", "曠課": "absent", "未到": "absent"}
_LEAVES = {leave.label: leave.value for leave in Leave}


def classes_of(user: User) -> QuerySet[TrainingClass]:
    """Return the classes whose attendance the person may bring in."""
    mine = standing(user)
    classes = TrainingClass.objects.visible_to(user).exclude(state__in=(ClassState.DRAFT, ClassState.CANCELLED))
    if not mine.is_reviewer:
        classes = classes.filter(Q(organiser__in=mine.works_for))
    return classes.select_related("course__plan").order_by("-course__plan__year", "course__order", "number")


class AttendanceSheetForm(SheetForm):
    """A sheet of attendance of a class, to look through before it is imported."""

    training_class = forms.ModelChoiceField(
        TrainingClass.objects.none(), label="班別", error_messages={"required": "請選擇班別。"}
    )
    field_order = ("training_class", "file")

    def __init__(self, *args: Any, by: User, chosen: str = "", **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        field: Any = self.fields["training_class"]
        field.queryset = classes_of(by)
        field.initial = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 18 else None
        field.label_from_instance = lambda row: f"{row.course.plan.year}年度　{row}"

    def options(self) -> dict[str, Any]:
        return {"class": self.cleaned_data["training_class"].pk}


def lines(training_class: TrainingClass) -> Iterator[list[Any]]:
    """Yield a line for every person and session, with what is entered already."""
    roll = of_class(training_class)
    for earned in roll.people:
        for number, session in enumerate(roll.sessions, start=1):
            mark = Mark.of(earned.marks[session.pk]) if session.pk in earned.marks else None
            yield [
                number,
                f"{roc.short(timezone.localdate(session.starts))} {timezone.localtime(session.starts):%H:%M}",
                earned.registration.agency.short_name,
                earned.registration.person.name,
                _word(mark),
                mark.missed if mark and mark.missed else "",
            ]


def _word(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return dict(CHOICES)[f"leave.{mark.leave}" if mark.leave else mark.presence]


class _Judge:
    """Judges the lines of a sheet for its class."""

    def __init__(self, sheet: StagedSheet, by: User) -> None:
        self._class = classes_of(by).filter(pk=sheet.options.get("class")).first()
        self._sessions: list[Session] = []
        self._people: dict[str, list[Earned]] = {}
        self._seen: dict[Square, int] = {}
        if self._class:
            roll = of_class(self._class)
            self._sessions = list(roll.sessions)
            for earned in roll.people:
                self._people.setdefault(_folded(earned.registration.person.name), []).append(earned)

    def judge(self, row: Row) -> Row:
        """Return the line with its problem, or with its square and mark."""
        try:
            square, mark, before = self._read(row)
        except ValidationError as refusal:
            return replace(row, problems=tuple(refusal.messages))
        note = f"取代已登錄的「{before}」" if before and before != mark else ""
        return replace(row, value=(square, mark), note=note)

    def _read(self, row: Row) -> tuple[Square, Mark, Mark | None]:
        if self._class is None:
            raise ValidationError("上傳時所選的班別已無法登錄，請重新上傳。")
        refuse_closed(self._class)
        earned, session = self._person(row), self._session(row.cells["session"])
        mark = parsed(_choice(row.cells), row.cells.get("missed", ""), session)
        if mark is None:
            raise ValidationError("沒有填出席情形；尚未登錄者請刪除這一列。")
        self._refuse(mark, session)
        square = (earned.registration.pk, session.pk)
        first = self._seen.setdefault(square, row.number)
        if first != row.number:
            raise ValidationError(f"與第 {first} 列的學員及場次相同。")
        known = earned.marks.get(session.pk)
        return square, mark, Mark.of(known) if known else None

    def _refuse(self, mark: Mark, session: Session) -> None:
        if problem := misfit(mark, session, timezone.now()):
            raise ValidationError(problem)

    def _person(self, row: Row) -> Earned:
        name, agency = row.cells["name"], row.cells.get("agency", "")
        found = self._people.get(_folded(name), [])
        if len(found) > 1:
            found = [one for one in found if _folded(agency) in _names(one)]
        if len(found) != 1:
            many = "同名者不只一位，請填服務機關的簡稱。" if name and _folded(name) in self._people else ""
            raise ValidationError(many or f"「{name[:20]}」不在本班錄取名單內。")
        (one,) = found
        if agency and _folded(agency) not in _names(one):
            raise ValidationError(f"「{name[:20]}」的服務機關是{one.registration.agency.short_name}，請確認。")
        return one

    def _session(self, text: str) -> Session:
        number = _folded(text).removeprefix("第").removesuffix("場次").removesuffix("場")
        if not (number.isascii() and number.isdecimal() and len(number) < 4 and 0 < int(number) <= len(self._sessions)):
            raise ValidationError(f"場次「{text[:10]}」不在本班內，請填 1 至 {len(self._sessions)}。")
        return self._sessions[int(number) - 1]


def _choice(cells: Any) -> str:
    """Return the choice that the words of a line mean; the kind of leave may stand in a column of its own."""
    word, leave = _folded(cells["presence"]), _folded(cells.get("leave", ""))
    if word and word not in _WORDS:
        options = "、".join(label for _, label in CHOICES)
        raise ValidationError(f"出席情形「{cells['presence'][:10]}」不在選項內，請填 {options}。")
    found = _WORDS.get(word, "")
    if found != Presence.LEAVE:
        return found
    if leave not in _LEAVES:
        raise ValidationError(f"請假請填假別：{'、'.join(_LEAVES)}。")
    return f"leave.{_LEAVES[leave]}"


def _names(earned: Earned) -> set[str]:
    agency = earned.registration.agency
    return {_folded(agency.short_name), _folded(agency.official_name)}


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("台", "臺")


def check(sheet: StagedSheet, rows: Sequence[Row], by: User) -> list[Row]:
    """Judge all lines of a sheet for the person."""
    judge = _Judge(sheet, by)
    return [judge.judge(row) for row in rows]


LAYOUT = Layout(
    columns={
        "session": ("場次", "場次序號"),
        "time": ("時間", "上課時間"),
        "agency": ("服務機關", "機關"),
        "name": ("姓名", "學員"),
        "presence": ("出席情形", "出席"),
        "missed": ("缺課分鐘", "缺課分鐘數"),
        "leave": ("假別",),
    },
    optional=("time", "agency", "missed", "leave"),
    example=["1", "", "民雄國中", "王小明", "遲到", "15", ""],
    check=check,
)
