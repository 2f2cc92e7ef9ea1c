"""The form of a 輔導分配表: rows of names, typed or read from a sheet, each with its own errors."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from districts.actions.coaching import Pair, counted_day, field_of, problems
from districts.forms.names import AgencyNames
from districts.forms.sheets import Row, read
from districts.models import Agency, CoachingTable, District, Person, Posting
from personnel_portal import roc
from personnel_portal.rules.folding import fold

MOST_ROWS = 500
SPARE_ROWS = 5
COLUMNS = {
    "month": ("月份", "年月"),
    "officer": ("輔導人員", "輔導人員姓名", "專責輔導人員"),
    "agency": ("受輔導機關", "受輔導機關學校", "兼任兼辦機關", "機關"),
}


class Choices:
    """Who and what may be written in a district's table of a month, as offered beside the fields."""

    def __init__(self, district: District, month: date, today: date) -> None:
        field = field_of(district, month, today)
        self.district, self.month, self.today = district, month, today
        self._own = field.officers
        self.officers = sorted({written(post.person, post.agency.short_name) for post in field.posts})
        self.agencies = [name for key, name in field.agencies.items() if key not in field.elsewhere]

    @cached_property
    def names(self) -> AgencyNames:
        """All names of the office's agencies; asked for where rows are judged."""
        return AgencyNames(self.district.plan.office_id)

    @cached_property
    def _people(self) -> dict[str, dict[int, Person]]:
        """Everybody at work in the office that day by name, with and without the agency."""
        people: dict[str, dict[int, Person]] = defaultdict(dict)
        day = counted_day(self.month, self.district, self.today)
        posts = Posting.objects.on(day).filter(agency__office=self.district.plan.office_id)
        for post in posts.select_related("person", "agency"):
            people[fold(post.person.name)][post.person_id] = post.person
            people[fold(written(post.person, post.agency.short_name))][post.person_id] = post.person
        return people

    def officer(self, name: str) -> Person:
        """Return the person of this name, of the district's agencies first.

        Raises:
            ValidationError: nobody works under this name, or more than one person.
        """
        found = self._people.get(fold(name), {})
        people = [person for pk, person in found.items() if pk in self._own] or list(found.values())
        if not people:
            raise ValidationError(f"找不到輔導人員「{name}」，請從清單選擇。")
        if len(people) > 1:
            raise ValidationError(f"有 {len(people)} 位「{name}」，請寫成「{name}（機關）」。")
        return people[0]


def written(person: Person, agency: str) -> str:
    """Return how a person is written in the table: 王小明（大林鎮公所）."""
    return f"{person.name}（{agency}）"


class CoachingRowForm(forms.Form):
    """One officer and one coached agency, by name; an empty row does not count."""

    officer = forms.CharField(
        label="輔導人員",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"list": "officers", "autocomplete": "off"}),
    )
    agency = forms.CharField(
        label="受輔導機關",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "agencies", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.pair: Pair | None = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        officer, agency = cleaned.get("officer", ""), cleaned.get("agency", "")
        if not officer and not agency:
            return cleaned
        found = self._found("officer", officer, self.choices.officer), self._found("agency", agency, self._agency)
        if found[0] and found[1]:
            self.pair = found
        return cleaned

    def _agency(self, name: str) -> Agency:
        return self.choices.names.find(name)

    def _found(self, field: str, name: str, find: Any) -> Any:
        if not name:
            if field not in self.errors:
                self.add_error(field, f"請填{self.fields[field].label}。")
            return None
        try:
            return find(name)
        except ValidationError as refusal:
            self.add_error(field, refusal)
            return None


class BaseCoachingFormSet(forms.BaseFormSet[CoachingRowForm]):
    """The rows of a table, judged together: an agency twice, a member, coached elsewhere."""

    def clean(self) -> None:
        filled = [form for form in self.forms if form.is_bound and form.is_valid() and form.pair]
        if not filled:
            return
        choices = filled[0].choices
        found = problems(choices.district, choices.month, [f.pair for f in filled if f.pair], choices.today)
        for form, problem in zip(filled, found, strict=True):
            if problem:
                form.add_error("officer" if "輔導人員" in problem else "agency", problem)

    def pairs(self) -> list[Pair]:
        return [form.pair for form in self.forms if form.pair]


CoachingFormSet: Any = forms.formset_factory(
    CoachingRowForm, formset=BaseCoachingFormSet, extra=SPARE_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS
)


class CoachingNoteForm(forms.Form):
    """What goes with a table: a note, and that nobody is coached this month."""

    none = forms.BooleanField(label="本月無輔導區兼任(辦)機關", required=False)
    note = forms.CharField(label="備註", max_length=200, required=False)


class CoachingSheetForm(forms.Form):
    """A table as a sheet; its rows are shown for correction before anything is filed."""

    file = forms.FileField(
        label="由檔案帶入",
        help_text="xlsx、ods 或 csv，欄名為 月份、輔導人員、受輔導機關；帶入後可修改，確認再報送。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
        error_messages={"required": "請選擇檔案。", "empty": "檔案是空的，請確認內容後再上傳。"},
    )

    def __init__(self, *args: Any, month: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.month = month

    def clean_file(self) -> list[tuple[str, str]]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        rows = read(file, COLUMNS, ["month"])
        if len(rows) > MOST_ROWS:
            raise ValidationError(f"分配表最多 {MOST_ROWS} 列。")
        for row in rows:
            self._check_month(row)
        return [(row.cells["officer"], row.cells["agency"]) for row in rows]

    def _check_month(self, row: Row) -> None:
        text = row.cells["month"]
        if text and read_month(text, self.month) != self.month:
            raise ValidationError(
                f"第 {row.number} 列的月份「{text}」不是{roc.month(self.month)}，請選擇該月份再帶入，或修正檔案。"
            )


def read_month(text: str, near: date) -> date | None:
    """Return the first day of a month as people write it, or None: 116/11, 11611, 116年11月, 116/11/1, 2027-11.

    A bare 11 names no year and is read as that of `near`.
    """
    numbers = "".join(character if character.isdecimal() else " " for character in fold(text)).split()
    match numbers:
        case [month] if len(month) <= 2:
            numbers = [str(roc.year(near)), month]
        case [digits] if len(digits) == 5:
            numbers = [digits[:3], digits[3:]]
        case [digits] if len(digits) >= 7:
            numbers = [digits[:-4], digits[-4:-2]]
    try:
        return roc.parse("/".join([*numbers[:2], "1"]))
    except ValueError:
        return None


def row_data(rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return rows as a browser posts them, so that they are judged where they stand."""
    data = {"rows-TOTAL_FORMS": str(len(rows)), "rows-INITIAL_FORMS": "0"}
    for number, (officer, agency) in enumerate(rows):
        data[f"rows-{number}-officer"], data[f"rows-{number}-agency"] = officer, agency
    return data


def row_initial(table: CoachingTable | None, choices: Choices) -> list[dict[str, str]]:
    """Return the rows of a table to begin with, people written as the list offers them."""
    if table is None:
        return []
    offered = {name.partition("（")[0]: name for name in choices.officers}
    return [
        {"officer": offered.get(row.officer.name, row.officer.name), "agency": row.agency.short_name}
        for row in table.rows.select_related("officer", "agency")
    ]
