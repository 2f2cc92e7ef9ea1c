"""Figures by sheet: a line for a unit, an indicator and a period; the columns are those of the export."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from districts.choices import PlanKind
from districts.forms.names import AgencyNames, found_or_problem
from districts.forms.sheets import Layout, Row, SheetForm, read
from districts.models import Agency, Plan, StagedSheet
from districts.standing import standing
from kpi.actions.actual_sheets import Reported
from kpi.actions.actuals import Amounts, Entry, refusal
from kpi.choices import period_label
from kpi.compute import ENTERED, of_year
from kpi.facts import YearFacts, years_of
from kpi.forms import cells
from kpi.models import Actual, Indicator
from personnel_portal.accounts.models import User
from personnel_portal.uploads import names

NOTE_LONGEST = 300
MOST = 10_000
HEADING = 20  # lines above the first figure


def plans_of(user: User) -> Any:
    """Return the plans of targets that the person may report to."""
    return Plan.objects.visible_to(user).filter(kind=PlanKind.KPI).order_by("-year", "pk")


class ActualSheetForm(SheetForm):
    """A sheet of figures of a plan, to look through before it is imported."""

    file = forms.FileField(
        label="試算表",
        help_text=f"可上傳 xlsx、ods 或 csv（UTF-8、Big5），一次最多 {MOST:,} 筆。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
        error_messages={"required": "請選擇檔案。", "empty": "檔案是空的，請確認內容後再上傳。"},
    )
    plan = forms.ModelChoiceField(Plan.objects.none(), label="計畫", error_messages={"required": "請選擇計畫。"})
    field_order = ("plan", "file")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        plans = plans_of(by)
        field: Any = self.fields["plan"]
        field.queryset, field.initial = plans, plans.current(timezone.localdate())
        field.label_from_instance = lambda plan: plan.title

    def clean_file(self) -> Any:
        """Read the lines; a year of all units is far more than a list of people.

        Raises:
            ValidationError: the file may not be read; one sentence.
        """
        file = self.cleaned_data["file"]
        rows = read(file, self.layout.columns, self.layout.optional, limit=MOST + HEADING)
        if len(rows) > MOST:
            raise ValidationError(f"一次最多匯入 {MOST:,} 筆，這份有 {len(rows):,} 筆，請分次上傳。")
        self.name, self.rows = names.safe_name(file.name), rows
        return file

    def options(self) -> dict[str, Any]:
        return {"plan": self.cleaned_data["plan"].pk}


class _Judge:
    """Judges the lines of one sheet for one person; what it looks up it asks once."""

    def __init__(self, sheet: StagedSheet, by: User) -> None:
        self._mine = standing(by)
        self._today = timezone.localdate()
        self._plan = plans_of(by).filter(pk=sheet.options.get("plan")).first()
        self._names = AgencyNames(sheet.office_id)
        self._facts: dict[int, YearFacts] = {}
        self._indicators: dict[str, Indicator] = {}
        self._seen: dict[tuple[int, int, int, int], int] = {}

    def judge(self, row: Row) -> Row:
        """Return the line with its problems, or with what is to be saved as its value."""
        problems: list[str] = []
        facts = self._year(row.cells["year"], problems)
        agency = found_or_problem(self._names, row.cells, "agency", problems)
        if facts is None or agency is None:
            return replace(row, problems=tuple(problems))
        try:
            entry = self._entry(row.cells)
            known = facts.actuals.get((entry.indicator.pk, agency.pk), {}).get(entry.period)
            self._refuse(row, facts, agency, entry, known)
        except ValidationError as wrong:
            return replace(row, problems=(*problems, *wrong.messages))
        is_own = agency.pk in self._mine.works_for
        word = "草稿" if is_own else "已送出的實績"
        note = f"取代原有的{word}" if known else f"成為{agency.short_name}{word}"
        return replace(
            row, value=Reported(agency, facts.year, entry, row.cells.get("note", ""), is_sent=not is_own), note=note
        )

    def _year(self, text: str, problems: list[str]) -> YearFacts | None:
        if self._plan is None:
            problems.append("上傳時所選的計畫已不存在，請重新上傳。")
            return None
        years = years_of(self._plan)
        year = int(text) if text.isdecimal() and len(text) < 4 else 0
        if year not in years:
            problems.append(f"年度「{text[:10]}」不在計畫的 {years[0]} 至 {years[-1]} 年度內。")
            return None
        if year not in self._facts:
            found = of_year(self._plan, year, today=self._today, states=ENTERED).facts
            self._facts[year] = found
            self._indicators = {indicator.code: indicator for indicator in found.indicators}
        return self._facts[year]

    def _entry(self, texts: Mapping[str, str]) -> Entry:
        indicator = self._indicators.get(texts["code"])
        if indicator is None:
            raise ValidationError(f"計畫中沒有編號「{texts['code'][:10]}」的指標。")
        period = cells.period(indicator, texts["period"])
        parts = {"v": texts["value"], "n": texts["numerator"], "d": texts["denominator"]}
        surplus = next((part for part in parts if parts[part] and part not in cells.parts_of(indicator)), "")
        if surplus:
            wanted = "、".join(cells.PARTS[part] for part in cells.parts_of(indicator))
            raise ValidationError(f"{indicator.code} 填{wanted}，不填{cells.PARTS[surplus]}。")
        amounts = cells.amounts(indicator, parts)
        if not amounts:
            raise ValidationError("沒有數字；沒有資料請不要列入，0 請填 0。")
        if len(texts.get("note", "")) > NOTE_LONGEST:
            raise ValidationError(f"說明最多 {NOTE_LONGEST} 字。")
        return Entry(indicator, period, amounts)

    def _refuse(self, row: Row, facts: YearFacts, agency: Agency, entry: Entry, known: Actual | None) -> None:
        if agency.pk not in self._mine.works_for and not self._mine.is_reviewer:
            raise ValidationError(f"您未負責{agency.short_name}的業務。")
        if reason := refusal(facts, agency, entry, known, self._today):
            raise ValidationError(reason)
        key = (facts.year, agency.pk, *entry.place)
        first = self._seen.setdefault(key, row.number)
        if first != row.number:
            raise ValidationError(f"與第 {first} 列的機關、指標及期別相同。")


def check(sheet: StagedSheet, rows: Sequence[Row], by: User) -> list[Row]:
    """Judge all lines of a sheet for the person."""
    judge = _Judge(sheet, by)
    return [judge.judge(row) for row in rows]


def line(actual: Actual) -> list[Any]:
    """Return a figure as a line of the sheet."""
    indicator = actual.indicator
    return [
        actual.agency.short_name,
        actual.year,
        indicator.code,
        indicator.name,
        period_label(indicator.frequency, actual.period),
        *(getattr(Amounts.of(actual), column) for column in ("value", "numerator", "denominator")),
        actual.note,
        actual.get_state_display(),
    ]


LAYOUT = Layout(
    columns={
        "agency": ("機關", "填報機關", "機關名稱"),
        "year": ("年度",),
        "code": ("指標編號", "編號"),
        "name": ("指標", "績效指標"),
        "period": ("期別", "期間"),
        "value": ("數值", "實績"),
        "numerator": ("分子",),
        "denominator": ("分母",),
        "note": ("說明", "備註"),
        "state": ("狀態",),
    },
    optional=("name", "value", "numerator", "denominator", "note", "state"),
    example=["大林鎮公所", "115", "6-1", "健康檢查受檢情形", "第 1 季", "", "12", "40", "", ""],
    check=check,
)
