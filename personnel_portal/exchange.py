"""Import and export in the administration: formats that offices can open, columns named as on the pages.

Every admin class of the portal takes its formats, resources and manners from here.
"""

import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal

import tablib
from auditlog.mixins import AuditlogHistoryAdminMixin
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from import_export import fields, resources
from import_export.formats.base_formats import Format
from import_export.forms import ExportForm
from import_export.widgets import DateWidget, Widget

from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.trail import acts
from personnel_portal.trail.actions import record

acts.register(
    {
        "admin.added": "由後台新增資料",
        "admin.changed": "由後台變更資料",
        "admin.deleted": "由後台刪除資料",
        "admin.exported": "由後台匯出資料",
        "admin.imported": "由後台匯入資料",
    }
)


class _Sheet(Format):
    """A format of the portal's own sheets: read in the confined process, written with text as text."""

    title, extension, content_type = "", "", ""

    def __init__(self, encoding: str | None = None) -> None:
        """The admin names an encoding when a confirmed import is read again; ours is told from the content."""

    def get_title(self) -> str:
        return self.title

    def get_extension(self) -> str:
        return self.extension

    def get_content_type(self) -> str:
        return self.content_type

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        rows = [[_written(cell) for cell in row] for row in sheets.read(io.BytesIO(in_stream))]
        width = len(rows[0])
        padded = [(row + [""] * width)[:width] for row in rows[1:]]
        return tablib.Dataset(*padded, headers=rows[0])

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        target = io.BytesIO()
        self.write(target, list(dataset.headers or []), [list(row) for row in dataset])
        return target.getvalue()

    def write(self, target: io.BytesIO, headers: list[str], rows: list[list[Any]]) -> None:
        raise NotImplementedError


class Xlsx(_Sheet):
    title, extension = "xlsx", "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def write(self, target: io.BytesIO, headers: list[str], rows: list[list[Any]]) -> None:
        sheets.write_xlsx(target, headers, rows)


class Ods(_Sheet):
    title, extension = "ods", "ods"
    content_type = "application/vnd.oasis.opendocument.spreadsheet"

    def write(self, target: io.BytesIO, headers: list[str], rows: list[list[Any]]) -> None:
        sheets.write_ods(target, headers, rows)


class Csv(_Sheet):
    """UTF-8 with the mark that Excel needs; reads Big5 too."""

    title, extension, content_type = "csv（UTF-8）", "csv", "text/csv; charset=utf-8"
    encoding: Literal["utf-8-sig", "cp950"] = "utf-8-sig"

    def write(self, target: io.BytesIO, headers: list[str], rows: list[list[Any]]) -> None:
        sheets.write_csv(target, headers, rows, encoding=self.encoding)


class Big5(Csv):
    """For receiving systems that ask for it; a character that Big5 lacks refuses the export."""

    title, content_type = "csv（Big5）", "text/csv; charset=big5"
    encoding = "cp950"


FORMATS = [Xlsx, Ods, Csv, Big5]


class RocDateWidget(DateWidget):
    """Dates as offices write them: 113/6/30."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        if not value:
            return None
        return value if isinstance(value, date) else roc.parse(str(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return roc.short(value) if value else ""


class MomentWidget(Widget):
    """A moment as offices write it: 115/12/22 14:00."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime | None:
        day, _, at = str(value or "").strip().partition(" ")
        if not day:
            return None
        return timezone.make_aware(datetime.combine(roc.parse(day), roc.parse_time(at)))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if not value:
            return ""
        local = timezone.localtime(value)
        return f"{roc.short(local.date())} {local:%H:%M}"


class Resource(resources.ModelResource):
    """Columns by their Chinese names, dates and moments in 民國, validated by the model."""

    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {"DateField": RocDateWidget, "DateTimeField": MomentWidget}

    class Meta:
        abstract = True
        clean_model_instances = True
        skip_unchanged = True

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> fields.Field:
        made = super().field_from_django_field(field_name, django_field, readonly)
        if field_name != "id":
            made.column_name = str(django_field.verbose_name)
        return made


def resource_for(model: Any) -> type[Resource]:
    """Return the resource of a model that needs none of its own."""
    # What search compares says nothing that the other columns do not.
    meta = type("Meta", (Resource.Meta,), {"model": model, "abstract": False, "exclude": ["folded"]})
    return type(f"{model.__name__}Resource", (Resource,), {"Meta": meta})


def _person(request: HttpRequest) -> AbstractUser | None:
    return request.user if isinstance(request.user, AbstractUser) else None


def _written(cell: sheets.Cell) -> str:
    return roc.short(cell) if isinstance(cell, date) else cell


class Traced(AuditlogHistoryAdminMixin):
    """What every admin class shares: the portal's formats, the history of each row, a trace of whatever is done."""

    formats = FORMATS
    export_form_class = ExportForm  # the default lets columns be chosen by a script that stands in the page
    show_auditlog_history_link = True
    list_per_page = 50

    def get_resource_classes(self, request: HttpRequest) -> list[type[resources.ModelResource]]:
        """Return the resources that the class names, else the plain one of its model."""
        return getattr(self, "resource_classes", None) or [resource_for(self.model)]

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Any:
        data = super().get_export_data(file_format, request, queryset, **kwargs)
        rows, form = queryset.count(), file_format.get_title()
        record("admin.exported", None, by=_person(request), model=self.opts.label, rows=rows, form=form)
        return data

    @transaction.atomic
    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Import what was confirmed, with one entry for all its rows."""
        result = super().process_dataset(dataset, form, request, **kwargs)
        if not (result.has_errors() or result.has_validation_errors()):
            counts = {
                "new": result.totals["new"],
                "changed": result.totals["update"],
                "deleted": result.totals["delete"],
            }
            rows = result.total_rows
            record("admin.imported", None, by=_person(request), model=self.opts.label, rows=rows, **counts)
        return result

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return self._trace(request, "admin.added", obj, super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return self._trace(request, "admin.changed", obj, super().log_change(request, obj, message))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        for obj in queryset:
            record("admin.deleted", obj, by=_person(request), office_id=getattr(obj, "office_id", None))
        return super().log_deletions(request, queryset)

    def _trace(self, request: HttpRequest, act: str, obj: Model, logged: Any) -> Any:
        """Write down an act with Django's own words for what changed, which name the fields and never their values."""
        office_id, change = getattr(obj, "office_id", None), logged.get_change_message()
        record(act, obj, by=_person(request), office_id=office_id, change=change)
        return logged


class ReadOnly(Traced):
    """Rows that only the portal's own steps write: to look up and to export."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
