"""Import and export in the administration: formats that offices can open, columns named as on the pages.

Every admin class of the portal takes its formats, resources and manners from here.
"""

import io
from datetime import date
from typing import Any, Literal

import tablib
from auditlog.mixins import AuditlogHistoryAdminMixin
from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export import fields, resources
from import_export.formats.base_formats import Format
from import_export.widgets import DateWidget

from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.trail import acts
from personnel_portal.trail.actions import record

acts.register({"admin.exported": "由後台匯出資料"})


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


class Resource(resources.ModelResource):
    """Columns by their Chinese names, dates in 民國, validated by the model."""

    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {"DateField": RocDateWidget}

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
    meta = type("Meta", (Resource.Meta,), {"model": model, "abstract": False})
    return type(f"{model.__name__}Resource", (Resource,), {"Meta": meta})


def _written(cell: sheets.Cell) -> str:
    return roc.short(cell) if isinstance(cell, date) else cell


class Traced(AuditlogHistoryAdminMixin):
    """What every admin class shares: the portal's formats, the history of each row, a trace of each export."""

    formats = FORMATS
    show_auditlog_history_link = True
    list_per_page = 50

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Any:
        data = super().get_export_data(file_format, request, queryset, **kwargs)
        by = request.user if isinstance(request.user, AbstractUser) else None
        rows, form = queryset.count(), file_format.get_title()
        record("admin.exported", None, by=by, model=self.opts.label, rows=rows, form=form)
        return data


class ReadOnly(Traced):
    """Rows that only the portal's own steps write: to look up and to export."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
