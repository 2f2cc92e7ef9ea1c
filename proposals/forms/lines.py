"""The lines of a sheet of cases or proposals, judged by the very forms of the pages, and asked for completeness as when an
item is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from districts.forms.names import AgencyNames, found_or_problem
from districts.forms.sheets import Layout, Row
from districts.models import Agency, District, StagedSheet
from districts.standing import standing
from meetings.choices import MeetingKind
from meetings.facts import invitees
from personnel_portal.accounts.models import User
from personnel_portal.rules.folding import fold
from proposals.choices import ProposalState
from proposals.facts import agencies_with_district, calls_of, missing
from proposals.forms.columns import CONTENTS, SOURCE, Contents
from proposals.forms.filled import ticked
from proposals.forms.proposals import Agencies
from proposals.models.items import Item


def reachable(user: User) -> dict[Agency, District]:
    """Return the agencies whose items the person may bring in: the own ones, and those of the districts that it hosts."""
    today = timezone.localdate()
    own = agencies_with_district(user, today)
    found = {agency: own[agency.pk] for agency in Agency.objects.filter(pk__in=own).order_by("pk")}
    for district in District.objects.filter(pk__in=standing(user).hosts).select_related("plan"):
        for invitee in invitees(district, MeetingKind.JOINT, district.plan.nearest(today)):
            found.setdefault(invitee.agency, district)
    return found


class _Judge:
    """Judges the lines of one sheet for one person; what it looks up it asks once."""

    def __init__(self, contents: Contents, sheet: StagedSheet, by: User) -> None:
        self._contents = contents
        self._by = by
        self._places = reachable(by)
        self._names = AgencyNames(sheet.office)
        wanted = calls_of({district.pk for district in self._places.values()})
        self._meeting = wanted.filter(pk=sheet.options.get("meeting")).first()
        self._form: Any = contents.form(user=by)
        for name in ("agency", "meeting", "uploads", "shown"):
            self._form.fields.pop(name, None)
        self._there = self._known()
        self._seen: dict[tuple[int, str], int] = {}

    def judge(self, row: Row) -> Row:
        """Return the line with its problems, or with (item, co-proposers) as its value."""
        problems: list[str] = []
        agency = self._agency(row, problems)
        values = {field: self._value(field, text, problems) for field, text in row.cells.items()}
        item = self._contents.model(meeting=self._meeting)
        if agency:
            item.agency, item.district = agency, self._places[agency]
        problems += self._form_problems(item, values, row.cells)
        if agency and item.subject:
            problems += self._twin(row, agency, item.subject)
        if problems or agency is None:
            return replace(row, problems=tuple(dict.fromkeys(problems)))
        own = agency.pk in standing(self._by).works_for
        note = f"成為{agency.short_name}的草稿" if own else f"登錄為{agency.short_name}所送"
        return replace(row, value=(item, self._form.cleaned_data.get("co_proposers", Agencies())), note=note)

    def _agency(self, row: Row, problems: list[str]) -> Agency | None:
        mine = standing(self._by)
        label = self._contents.label("agency")
        if not row.cells["agency"]:
            if len(self._places) == 1:
                return next(iter(self._places))
            problems.append(f"請填{label}。")
            return None
        agency = found_or_problem(self._names, row.cells, "agency", problems)
        if agency is None:
            return None
        if agency not in self._places:
            whose = "貴分區或貴機關" if mine.hosts else "貴機關"
            problems.append(f"{agency.short_name}不是{whose}，無法代為匯入。")
            return None
        district = self._places[agency]
        written = row.cells["district"]
        if written and fold(written) != fold(district.name):
            problems.append(f"{agency.short_name}屬{district.name}，與所填「{written}」不同。")
        if self._meeting and self._meeting.district_id != district.pk:
            problems.append(f"所選的會議不是{agency.short_name}所屬{district.name}的，請另傳並改選場次。")
        return agency

    def _value(self, field: str, text: str, problems: list[str]) -> str:
        """Return what the page's form would be given; a label of a vocabulary becomes its value."""
        column = self._contents.columns.get(field)
        if column is None or column.choices is None or not text:
            return text
        written = ticked(text)
        exact = [value for value, label in column.choices.choices if fold(written) in (fold(str(label)), value)]
        near = [
            value
            for value, label in column.choices.choices
            if len(fold(written)) > 1 and fold(written) in fold(str(label))
        ]
        found = exact or near
        if len(found) == 1:
            return str(found[0])
        options = "、".join(map(str, column.choices.labels))
        if not written:
            problems.append(f"{column.labels[0]}尚未勾選，請選 {options} 其中一項。")
        else:
            problems.append(f"{column.labels[0]}「{written[:30]}」不在選項內，請填 {options} 其中一項。")
        return ""

    def _form_problems(self, item: Item, values: Mapping[str, str], cells: Mapping[str, str]) -> list[str]:
        form = self._form
        # One form judges all lines: made anew for each, it would ask for agencies and calls each time.
        form.is_bound, form.data, form.files, form.instance = True, values, {}, item
        form.full_clean()
        problems = [
            f"請填{self._contents.label(field)}。"
            if error.code == "required"
            else f"{self._contents.label(field)}：{error.messages[0]}"
            for field, errors in form.errors.items()
            for error in errors.as_data()
        ]
        # What was written and not understood has its sentence already.
        lacking = [field for field in missing(item) if field not in form.errors and not cells.get(field)]
        return problems + [f"請填{self._contents.label(field)}。" for field in lacking]

    def _known(self) -> set[tuple[int, str]]:
        """Return the items that the person can see of these agencies, by agency and folded subject."""
        items: Any = self._contents.model._default_manager
        plans = {district.plan_id for district in self._places.values()}
        there = items.visible_to(self._by).filter(plan__in=plans, agency__in=self._places)
        there = there.exclude(state=ProposalState.WITHDRAWN)  # the state of cases is of the same name
        return {(agency, fold(subject)) for agency, subject in there.values_list("agency", "subject")}

    def _twin(self, row: Row, agency: Agency, subject: str) -> list[str]:
        key = (agency.pk, fold(subject))
        if key in self._there:
            return [f"{agency.short_name}已有相同案由的{self._contents.name}。"]
        first = self._seen.setdefault(key, row.number)
        return [f"與第 {first} 列的機關及案由相同。"] if first != row.number else []


def _check(contents: Contents) -> Callable[[StagedSheet, Sequence[Row], User], list[Row]]:
    def check(sheet: StagedSheet, rows: Sequence[Row], by: User) -> list[Row]:
        judge = _Judge(contents, sheet, by)
        return [judge.judge(row) for row in rows]

    return check


def _layout(contents: Contents) -> Layout:
    return Layout(
        columns={**{field: column.labels for field, column in contents.columns.items()}, SOURCE: ("來源",)},
        optional=tuple(field for field in (*contents.columns, SOURCE) if field not in contents.named_by),
        example=[*(column.example for column in contents.columns.values()), ""],
        check=_check(contents),
    )


LAYOUTS = {kind: _layout(contents) for kind, contents in CONTENTS.items()}
