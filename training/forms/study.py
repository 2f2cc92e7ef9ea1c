"""Forms of study leave: the application, what is decided of it, leave, semesters, staff figures, the roster's review."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import IO, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from districts.choices import PlanKind
from districts.models import Agency, Plan, Posting
from meetings.forms.shown import AsShownForm
from personnel_portal.accounts.models import User
from personnel_portal.documents import sheets
from personnel_portal.roc.forms import RocDateField
from personnel_portal.rules.folding import fold
from personnel_portal.uploads import kinds
from personnel_portal.uploads.fields import MultipleFileField, help_for
from training.choices import StudyTime, Term
from training.models import Semester, Study
from training.studying import hours as hours_in_words
from training.studying import rule_of

FIRST_YEAR, LONGEST = 1, 9  # how many years ahead a study may begin, and how many it may take
MOST_STAFF = 32_767
HEADS = ("校長", "鄉長", "鎮長", "市長", "局長", "主席", "所長", "館長", "園長", "隊長")


class _PostingField(forms.ModelChoiceField[Posting]):
    def label_from_instance(self, obj: Posting) -> str:
        return f"{obj.agency.short_name}　{obj.person.name}（{obj.title}）"


class StudyForm(AsShownForm):
    """An application for study leave."""

    posting = _PostingField(label="申請人", queryset=Posting.objects.none(), empty_label="請選擇")
    from_year = forms.IntegerField(label="起學年度", min_value=1, max_value=999, help_text="每年 8 月至次年 7 月。")
    to_year = forms.IntegerField(label="訖學年度", min_value=1, max_value=999)
    weekly_hours = forms.DecimalField(
        label="每週公假時數",
        required=False,
        min_value=0,
        max_value=40,
        max_digits=4,
        decimal_places=1,
        help_text="僅部分辦公時間進修填寫；每人每週各案合計以 8 小時為限（柒、四）。",
    )
    uploads = MultipleFileField(label="附件（入學通知、課程說明等）", allowed=kinds.ATTACHMENTS, required=False)

    class Meta:
        model = Study
        fields = [
            "plan",
            "selection",
            "kind",
            "where",
            "time",
            "school",
            "programme",
            "from_year",
            "to_year",
            "weekly_hours",
            "why",
            "is_head",
        ]
        help_texts = {"is_head": "機關首長之申請由上級機關（人事處）核定（柒、五、(一)）。"}

    field_order = ["plan", "posting"]

    def __init__(self, *args: Any, postings: Iterable[Posting] = (), plans: Iterable[Plan] = (), **kwargs: Any) -> None:
        """Offer the posts of those whom the person may apply for, and the plans that are running."""
        super().__init__(*args, **kwargs)
        self.fields["why"].widget.attrs["rows"] = 3
        self.initial["weekly_hours"] = Decimal(hours_in_words(Decimal(self.instance.weekly_hours)))  # 8, not 8.0
        self.fields["time"].choices = [("", "請選擇"), *StudyTime.choices]  # type: ignore[attr-defined]  # a field of choices
        if self.instance.pk:
            del self.fields["posting"], self.fields["plan"]
        else:
            self._offer(list(postings), list(plans))

    def _offer(self, postings: list[Posting], plans: list[Plan]) -> None:
        keys = [one.pk for one in postings]
        found = (
            Posting.objects.filter(pk__in=keys).select_related("agency", "person").order_by("agency", "person__name")
        )
        self.fields["posting"].queryset = found  # type: ignore[attr-defined]  # a field of choices
        self.fields["plan"].queryset = Plan.objects.filter(pk__in=[one.pk for one in plans])  # type: ignore[attr-defined]  # a field of choices
        self.fields["plan"].empty_label = None  # type: ignore[attr-defined]  # a field of choices
        if len(postings) == 1:
            self.initial.setdefault("posting", keys[0])
            self.initial.setdefault("is_head", postings[0].title in HEADS)
        if plans:
            self.initial.setdefault("plan", plans[0].pk)
            self.initial.setdefault("from_year", plans[0].year)
            self.initial.setdefault("to_year", plans[0].year + 1)

    def _names(self) -> list[str]:
        # Files are no value of the record, and whose it is stays.
        return [name for name in super()._names() if name not in ("uploads", "posting")]

    def clean(self) -> dict[str, Any]:
        """Refuse school years and hours that cannot be."""
        if self.cleaned_data.get("weekly_hours") is None and "weekly_hours" not in self.errors:
            self.cleaned_data["weekly_hours"] = Decimal(0)
        cleaned = super().clean()
        plan = cleaned.get("plan") or (self.instance.plan if self.instance.pk else None)
        self._check_years(cleaned, plan)
        self._check_hours(cleaned, plan)
        return cleaned

    def _check_years(self, cleaned: Mapping[str, Any], plan: Plan | None) -> None:
        begun, until = cleaned.get("from_year"), cleaned.get("to_year")
        if begun is None or until is None:
            return
        if plan and not plan.year - LONGEST <= begun <= plan.year + FIRST_YEAR:
            self.add_error("from_year", f"起學年度須在 {plan.year - LONGEST} 至 {plan.year + FIRST_YEAR} 之間。")
        if until < begun:
            self.add_error("to_year", "訖學年度不得早於起學年度。")
        elif until - begun >= LONGEST:
            self.add_error("to_year", f"進修期間以 {LONGEST} 學年為限，請確認訖學年度。")

    def _check_hours(self, cleaned: Mapping[str, Any], plan: Plan | None) -> None:
        asked, time = cleaned.get("weekly_hours"), cleaned.get("time")
        if not asked or time is None:
            return
        if time != StudyTime.PART_TIME:
            self.add_error("weekly_hours", "僅部分辦公時間進修得核給公假，其他請填 0。")
        elif plan and asked > (limit := rule_of(plan).weekly_hours):
            self.add_error("weekly_hours", f"每人每週公假進修以 {hours_in_words(limit)} 小時為限（柒、四）。")

    def study(self) -> Study:
        """Return the new application, unsaved."""
        made: Study = self.instance
        made.person, made.agency = self.cleaned_data["posting"].person, self.cleaned_data["posting"].agency
        return made


def running_plans(user: User) -> list[Plan]:
    """Return the training plans that may be applied under, the newest first."""
    found = Plan.objects.visible_to(user).filter(kind=PlanKind.TRAINING)
    return list(found.running(timezone.localdate()).order_by("-year", "-pk"))


class SubmitForm(forms.Form):
    """The day on which the agency got the application; who applies for himself or herself does so today."""

    on = RocDateField(label="提出日期", help_text="機關收到申請的日期；以書面提出者填收件日。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": timezone.localdate()}
        super().__init__(*args, **kwargs)


class ReasonForm(forms.Form):
    """A reason, asked for only where something is refused."""

    reason = forms.CharField(label="理由", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, label: str = "理由", required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label, self.fields["reason"].required = label, required
        self.fields["reason"].error_messages["required"] = f"請說明{label}。"


class EndForm(ReasonForm):
    """The last day of study."""

    on = RocDateField(label="結束日", help_text="完成、休學、退學或停止進修的日期。")
    field_order = ["on", "reason"]


class LeaveForm(forms.Form):
    """Official leave of a day."""

    day = RocDateField(label="公假日期")
    hours = forms.DecimalField(label="時數", min_value=Decimal("0.5"), max_value=8, max_digits=3, decimal_places=1)


class SemesterForm(forms.Form):
    """A semester of a study: which one, and from when to when the school holds it."""

    year = forms.IntegerField(label="學年度", min_value=1, max_value=999)
    term = forms.TypedChoiceField(label="學期", choices=Term.choices, coerce=int)
    starts = RocDateField(label="開學日", help_text="課表於開學後 3 週內提送，開學日不計。")
    ends = RocDateField(label="學期結束日")

    def __init__(self, *args: Any, semester: Semester, **kwargs: Any) -> None:
        kwargs["initial"] = {
            name: getattr(semester, name) for name in ("year", "term", "starts", "ends") if getattr(semester, name)
        }
        super().__init__(*args, **kwargs)
        self.semester = semester

    def filled(self) -> Semester:
        """Return the semester with what was typed."""
        for name in ("year", "term", "starts", "ends"):
            setattr(self.semester, name, self.cleaned_data[name])
        return self.semester


class TimetableForm(forms.Form):
    """The timetable of a semester."""

    upload = forms.FileField(
        label="課表",
        help_text=help_for(kinds.ATTACHMENTS, many=False),
        widget=forms.ClearableFileInput(attrs={"accept": kinds.accepted(kinds.ATTACHMENTS)}),
        error_messages={"required": "請選擇檔案。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "timetable")
        super().__init__(*args, **kwargs)


class GradesForm(TimetableForm):
    """The grades of a semester, and the credits that were earned."""

    credits = forms.DecimalField(label="學分（選填）", required=False, min_value=0, max_digits=4, decimal_places=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="grades", **kwargs)
        self.fields["upload"].label = "成績單"


class HoursForm(forms.Form):
    """Learning hours, as the officer makes them of the grades."""

    hours = forms.DecimalField(
        label="學習時數",
        min_value=Decimal("0.5"),
        max_digits=5,
        decimal_places=1,
        help_text="計畫未定每學分折算時數，由人事單位依成績登錄（柒、五、(三)）。",
    )


# --- Staff figures ---------------------------------------------------------------------------------------------------

LAYOUT = {"agency": ("機關", "機關名稱", "機關學校"), "staff": ("編制內預算員額", "員額", "預算員額")}


class HeadcountsForm(forms.Form):
    """The budgeted staff of several agencies on 1 January; an empty figure stays as it is."""

    def __init__(self, *args: Any, agencies: Iterable[Agency], known: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for agency in agencies:
            field = forms.IntegerField(
                label=f"{agency.short_name}編制內預算員額", required=False, min_value=0, max_value=MOST_STAFF
            )
            field.widget.attrs.update({"class": "form-control form-control-sm figure", "inputmode": "numeric"})
            self.fields[f"staff-{agency.pk}"] = field
            self.initial.setdefault(f"staff-{agency.pk}", known.get(agency.pk))

    def staff(self) -> dict[int, int]:
        """Return what was typed: agency → staff."""
        typed = ((name.partition("-")[2], value) for name, value in self.cleaned_data.items())
        return {int(key): value for key, value in typed if value is not None}


class HeadcountSheetForm(forms.Form):
    """A sheet with 機關 and 編制內預算員額."""

    sheet = forms.FileField(
        label="員額清冊（xlsx、ods、csv）",
        help_text="第一列為標題，須有「機關」與「編制內預算員額」兩欄；讀入後先顯示在下表，確認後再儲存。",
        error_messages={"required": "請選擇檔案。", "empty": "這個檔案是空的。"},
    )


def read_headcounts(file: IO[bytes], agencies: Iterable[Agency]) -> tuple[dict[int, int], list[str]]:
    """Return the figures of a sheet by agency, and a sentence for each row that is not taken.

    Raises:
        ValidationError: the file cannot be read, or a column is missing.
    """
    try:
        lines = list(sheets.table(sheets.read(file), LAYOUT))
    except (sheets.UnreadableFileError, sheets.MissingColumnsError) as error:
        raise ValidationError(str(error)) from error
    known = {fold(name): one.pk for one in agencies for name in (one.short_name, one.official_name)}
    found: dict[int, int] = {}
    problems = []
    for line in lines:
        name, text = (str(line.cells.get(field) or "").strip() for field in LAYOUT)
        key, figure = known.get(fold(name)), _figure(text)
        if key is None:
            problems.append(f"第 {line.number} 列：沒有「{name[:30]}」這個機關，或不由您登錄。")
        elif figure is None:
            problems.append(f"第 {line.number} 列：{name[:30]}的員額「{text[:20]}」須為 0 至 {MOST_STAFF} 的整數。")
        elif key in found:
            problems.append(f"第 {line.number} 列：{name[:30]}重複，以前一列為準。")
        else:
            found[key] = figure
    return found, problems


def _figure(text: str) -> int | None:
    plain = text.removesuffix(".0").replace(",", "")
    if not plain.isascii() or not plain.isdecimal() or len(plain) > len(str(MOST_STAFF)):
        return None
    return int(plain) if int(plain) <= MOST_STAFF else None
