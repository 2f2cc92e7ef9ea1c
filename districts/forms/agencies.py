"""Forms about agencies: one by hand, many by sheet, and the host of a district."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from districts.choices import AgencyKind, NameKind, Staffing
from districts.forms.names import AgencyNames
from districts.forms.sheets import Layout, Row, choice, field_problems, formula_problems
from districts.models import Agency, District, Membership, Office, StagedSheet, Township
from personnel_portal.accounts.models import User
from personnel_portal.roc.forms import RocDateField
from personnel_portal.rules.folding import fold

_SEPARATORS = re.compile(r"[、,，;；\n]+")


def split_names(text: str) -> list[str]:
    """Return the names of a cell, which people part by 、 or commas."""
    return list(dict.fromkeys(name for part in _SEPARATORS.split(text) if (name := part.strip())))


class AgencyForm(forms.ModelForm[Agency]):
    """An agency by hand; its other names stand in one field."""

    aliases = forms.CharField(
        label="別名", max_length=300, required=False, help_text="搜尋與匯入時也認得的名稱，以「、」分隔。"
    )

    class Meta:
        model = Agency
        fields = [
            "short_name",
            "official_name",
            "kind",
            "township",
            "staffing",
            "code",
            "mail",
            "phone",
            "is_active",
            "note",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["township"].queryset = Township.objects.filter(office=self.instance.office_id)  # type: ignore[attr-defined]  # fields are typed by their base class
        if self.instance.kind != AgencyKind.OFFICE:
            self.fields["kind"].choices = [("", "請選擇"), *_KINDS]  # type: ignore[attr-defined]  # as above
        if self.instance.pk:
            names = self.instance.names.filter(kind=NameKind.ALIAS)
            self.fields["aliases"].initial = "、".join(name.name for name in names)

    def clean_aliases(self) -> list[str]:
        return _checked_names(split_names(self.cleaned_data["aliases"]))

    def clean_short_name(self) -> str:
        name: str = self.cleaned_data["short_name"]
        twins = Agency.objects.filter(office=self.instance.office_id, short_name=name).exclude(pk=self.instance.pk)
        if twins.exists():
            raise ValidationError(f"「{name}」已登錄。")
        return name


class HostForm(forms.Form):
    """Which member hosts the district from a day on."""

    agency = forms.ModelChoiceField(
        label="新承辦單位", queryset=Agency.objects.none(), empty_label="請選擇分區成員", help_text="僅列出本分區成員。"
    )
    since = RocDateField(label="變更日", help_text="自這一天起由新承辦單位辦理。")

    def __init__(self, *args: Any, district: District, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.filter(district=district, until__gte=today)
        self.fields["agency"].queryset = Agency.objects.filter(memberships__in=members).distinct()  # type: ignore[attr-defined]  # fields are typed by their base class


_KINDS = [(value, label) for value, label in AgencyKind.choices if value != AgencyKind.OFFICE]


def _checked_names(names: list[str]) -> list[str]:
    for name in names:
        if len(name) > 60:
            raise ValidationError(f"別名「{name[:10]}…」超過 60 字。")
        if "|" in name:
            raise ValidationError("別名不得含有「|」。")
    return names


def check(sheet: StagedSheet, rows: Sequence[Row], by: User) -> list[Row]:
    """Judge the lines of a sheet of agencies; three queries. `value` is (Agency, its other names)."""
    office = sheet.office
    known = AgencyNames(office)
    townships = {fold(township.name): township for township in Township.objects.filter(office=office)}
    listed = Counter(fold(row.cells["short_name"]) for row in rows)
    return [_judged(office, row, known, townships, listed) for row in rows]


def _judged(office: Office, row: Row, known: AgencyNames, townships: dict[str, Township], listed: Counter[str]) -> Row:
    cells = row.cells
    problems = formula_problems(cells, LAYOUT, ["short_name", "official_name"])
    agency = Agency(
        office=office,
        short_name=cells["short_name"],
        official_name=cells["official_name"],
        kind=choice(cells, "kind", AgencyKind, LAYOUT, problems),
        staffing=choice(cells, "staffing", Staffing, LAYOUT, problems) if cells["staffing"] else Staffing.FULL_TIME,
        township=townships.get(fold(cells["township"])),
        code=cells["code"],
        mail=cells["mail"],
        phone=cells["phone"],
    )
    if agency.kind == AgencyKind.OFFICE:
        problems.append("人事處本身不以匯入登錄。")
    if cells["township"] and agency.township is None:
        problems.append(f"找不到鄉鎮市「{cells['township']}」。")
    if cells["short_name"] and cells["short_name"] in known:
        problems.append(f"「{cells['short_name']}」已登錄。")
    if cells["short_name"] and listed[fold(cells["short_name"])] > 1:
        problems.append(f"「{cells['short_name']}」在檔案中重複。")
    aliases = split_names(cells["aliases"])
    try:
        _checked_names([*aliases, cells["short_name"], cells["official_name"]])
    except ValidationError as refusal:
        problems += refusal.messages
    problems += field_problems(agency, leave=["office", "township", "kind", "staffing"])
    return Row(row.number, cells, tuple(problems), None if problems else (agency, aliases))


LAYOUT = Layout(
    columns={
        "short_name": ("簡稱", "機關簡稱", "機關"),
        "official_name": ("全銜", "機關全銜", "機關名稱"),
        "kind": ("類別", "機關類別"),
        "township": ("鄉鎮市", "所在鄉鎮市", "鄉鎮市別"),
        "staffing": ("人事人員", "專兼任", "人事人員配置"),
        "code": ("機關代碼", "代碼"),
        "mail": ("公務信箱", "電子郵件", "信箱", "email"),
        "phone": ("電話", "公務電話", "聯絡電話"),
        "aliases": ("別名", "其他名稱"),
    },
    optional=("township", "staffing", "code", "mail", "phone", "aliases"),
    example=[
        "三興國小",
        "嘉義縣民雄鄉三興國民小學",
        "國小",
        "民雄鄉",
        "兼任",
        "",
        "shes@example.edu.tw",
        "05-2200000",
        "",
    ],
    check=check,
)
