"""The form of a usage return: its head, a row for each system and sub-system, and the integrated services."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from kpi.actions.usage import Filled, ServiceEntry, Thing, UseEntry, uses_of
from kpi.choices import Part
from kpi.models import Service, Subsystem, System, UsageReport, Use
from meetings.forms.pasted import PastedField
from personnel_portal.roc.forms import RocDateField
from personnel_portal.uploads import kinds
from personnel_portal.uploads.fields import MultipleFileField, MultipleFileInput
from personnel_portal.uploads.models import StoredFile

BLANK_SERVICES = 2  # further empty rows for services; more come with every saving
FILES = kinds.accepted(kinds.ATTACHMENTS)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "form-control"})


def _line() -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control"})


class HeadForm(forms.Form):
    """The covering letter and whom to ask. A draft may lack them; sending asks for them."""

    use_required_attribute = False

    letter_number = PastedField(label="函報文號", max_length=60, required=False)
    letter_date = RocDateField(label="函報日期", required=False)
    contact_name = PastedField(label="聯絡人", max_length=30, required=False)
    contact_phone = PastedField(label="聯絡電話", max_length=30, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class UseForm(forms.Form):
    """One system or sub-system: used or not, what for, what shows it."""

    use_required_attribute = False

    used = forms.BooleanField(
        label="使用", required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )
    purpose = PastedField(label="用途或辦理案件", max_length=300, required=False, widget=_line())
    evidence = PastedField(label="佐證說明", max_length=1000, required=False, widget=_area(2))
    dropped = forms.MultipleChoiceField(label="移除檔案", required=False)
    uploads = MultipleFileField(
        label="佐證檔案",
        allowed=kinds.ATTACHMENTS,
        required=False,
        widget=MultipleFileInput(attrs={"class": "form-control", "accept": FILES}),
    )

    def __init__(self, *args: Any, row: System | Subsystem, use: Use | None, **kwargs: Any) -> None:
        self.row, self.use = row, use
        self.thing = Thing("system" if isinstance(row, System) else "subsystem", row.pk)
        self.kept = list(use.files.all()) if use else []
        kwargs["prefix"] = f"{self.thing.kind}-{row.pk}"
        super().__init__(*args, **kwargs)
        self.fields["dropped"].choices = [(str(file.pk), file.stored.name) for file in self.kept]  # type: ignore[attr-defined]  # a MultipleChoiceField
        if use:
            self.initial = {"used": True, "purpose": use.purpose, "evidence": use.evidence}

    def clean(self) -> dict[str, Any]:
        """Refuse text or files of what is not ticked, rather than dropping them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        said = any(cleaned.get(name) for name in ("purpose", "evidence", "uploads"))
        if said and not cleaned.get("used"):
            self.add_error("used", f"已填寫「{self.row}」的用途或佐證，請勾選「使用」，或清空所填內容。")
        return cleaned

    def entry(self) -> UseEntry:
        cleaned = self.cleaned_data
        return UseEntry(cleaned["purpose"], cleaned["evidence"], frozenset(map(int, cleaned["dropped"])))


class ServiceForm(forms.Form):
    """An integrated service; a row without a name is none."""

    use_required_attribute = False

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = PastedField(label="整合服務名稱", max_length=100, required=False, widget=_line())
    part = forms.ChoiceField(
        label="參與方式",
        choices=[("", "請選擇"), *Part.choices],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    description = PastedField(label="說明與佐證", max_length=1000, required=False, widget=_area(2))
    drops_file = forms.BooleanField(label="移除檔案", required=False)
    upload = MultipleFileField(
        label="佐證檔案",
        allowed=kinds.ATTACHMENTS,
        required=False,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": FILES}),
    )

    def __init__(self, *args: Any, number: int, service: Service | None, **kwargs: Any) -> None:
        self.service = service
        self.stored: StoredFile | None = None  # what was uploaded and kept
        kwargs["prefix"] = f"service-{number}"
        super().__init__(*args, **kwargs)
        if service:
            self.initial = {
                "pk": service.pk,
                "name": service.name,
                "part": service.part,
                "description": service.description,
            }

    def clean(self) -> dict[str, Any]:
        """Ask for what makes a service of a row in which something stands."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        said = any(cleaned.get(name) for name in ("part", "description", "upload"))
        if said and not cleaned.get("name") and not self.service:
            self.add_error("name", "請填整合服務名稱，或清空這一列。")
        if cleaned.get("name") and not cleaned.get("part"):
            self.add_error("part", "請選擇參與方式。")
        return cleaned

    def entry(self) -> ServiceEntry | None:
        cleaned = self.cleaned_data
        if not cleaned["name"]:
            return None
        return ServiceEntry(
            name=cleaned["name"],
            part=Part(cleaned["part"]),
            description=cleaned["description"],
            pk=cleaned["pk"],
            drops_file=cleaned["drops_file"],
            stored=self.stored,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading of the form."""

    name: str
    clause: str
    rows: list[UseForm]

    @property
    def used(self) -> int:
        """How many are in use as saved."""
        return sum(row.use is not None for row in self.rows)


class ReturnForm:
    """All forms of a return's page together; they are valid or not together."""

    def __init__(
        self, report: UsageReport, data: Mapping[str, Any] | None = None, files: MultiValueDict[str, Any] | None = None
    ) -> None:
        self.report = report
        there = uses_of(report)
        bound = {} if data is None else {"data": data, "files": files}
        names = ("letter_number", "letter_date", "contact_name", "contact_phone", "revision")
        self.head = HeadForm(data, initial={name: getattr(report, name) for name in names})
        self.groups = [
            Group(name, clause, [UseForm(row=row, use=there.get(Thing(kind, row.pk)), **bound) for row in rows])
            for name, clause, kind, rows in _offered(report, there)
        ]
        services: list[Service | None] = [*report.services.select_related("stored"), *[None] * BLANK_SERVICES]
        self.services = [
            ServiceForm(number=number, service=service, **bound) for number, service in enumerate(services)
        ]

    @property
    def rows(self) -> list[UseForm]:
        return [row for group in self.groups for row in group.rows]

    def is_valid(self) -> bool:
        """Tell whether every part is; all are looked at, so that all that is wrong is said at once."""
        valid = [form.is_valid() for form in (self.head, *self.rows, *self.services)]
        return all(valid)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return every error with the id of its field, in the order of the page."""
        found = [("", str(error)) for error in self.head.non_field_errors()]
        for form in (self.head, *self.rows, *self.services):
            found += [
                (form[name].id_for_label if name != "__all__" else "", str(error))
                for name, errors in form.errors.items()
                if name != "__all__"
                for error in errors
            ]
        return found

    def filled(self) -> Filled:
        """Return what was filled in."""
        head = {name: value for name, value in self.head.cleaned_data.items() if name != "revision"}
        return Filled(
            uses={row.thing: row.entry() for row in self.rows if row.cleaned_data["used"]},
            services=[entry for form in self.services if (entry := form.entry())],
            **head,
        )

    def add_errors(self, errors: Mapping[str, Iterable[str]]) -> None:
        """Say what the sending asks for, at its field: those of the head by name, those of a row by its prefix."""
        by_prefix = {row.prefix: row for row in self.rows}
        for name, sentences in errors.items():
            for sentence in sentences:
                if name in by_prefix:
                    by_prefix[name].add_error("evidence", sentence)
                else:
                    self.head.add_error(name if name in self.head.fields else None, sentence)

    def show_again(self, report: UsageReport) -> None:
        """Let what was typed be sent once more after somebody else saved."""
        self.head.data = {**{key: self.head.data[key] for key in self.head.data}, "revision": report.revision}


def _offered(
    report: UsageReport, there: Mapping[Thing, Use]
) -> list[tuple[str, str, str, list[System] | list[Subsystem]]]:
    """Return the day's catalogue and what the return already names, by sub-item; two queries."""
    today = timezone.localdate()
    office = report.plan.office_id
    named = {thing.pk for thing in there if thing.kind == "system"}
    systems = System.objects.filter(sub_item__office=office).select_related("sub_item")
    shown = systems.in_use(today) | systems.filter(pk__in=named)
    by_sub_item: dict[Any, list[System]] = {}
    for system in shown.distinct().order_by("sub_item__order", "order", "pk"):
        by_sub_item.setdefault(system.sub_item, []).append(system)
    offered: list[tuple[str, str, str, list[System] | list[Subsystem]]] = [
        (sub_item.name, sub_item.clause, "system", rows) for sub_item, rows in by_sub_item.items()
    ]
    listed = {thing.pk for thing in there if thing.kind == "subsystem"}
    subsystems = [
        one
        for one in Subsystem.objects.filter(office=office)
        if one.pk in listed or one.retired_on is None or one.retired_on > today
    ]
    return [*offered, ("WebHR 子系統", "七、(二)、1、(2)", "subsystem", subsystems)]
