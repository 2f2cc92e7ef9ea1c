"""What pages are compared with: a bare table in the portal's frame, and the list of Django's own admin."""

from itertools import cycle, islice
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

PER_PAGE = 50
_PLAIN = (models.CharField, models.IntegerField, models.DateField, models.DecimalField, models.BooleanField)


def fields(model: type[models.Model], count: int) -> list[str]:
    """Return the names of so many plain columns of a table, from the first again where it has fewer."""
    plain = [field.name for field in model._meta.concrete_fields if isinstance(field, _PLAIN)]
    return list(islice(cycle(plain), count))


@login_required
def table(request: HttpRequest, label: str, rows: int, columns: int) -> HttpResponse:
    """Show so many rows and columns of a table, by one query."""
    names = fields(apps.get_model(label), columns)
    found = apps.get_model(label)._default_manager.order_by("-pk").values_list("pk", *dict.fromkeys(names))[:rows]
    cells = [list(islice(cycle(row[1:]), columns)) for row in found]
    return render(request, "bench/floor.html", {"title": label, "heads": names, "rows": cells})


class _List(admin.ModelAdmin[models.Model]):
    """A list as the admin shows it when it is told nothing but which columns; how many stands in the request."""

    list_per_page = PER_PAGE

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = int(request.headers["X-Columns"])
        return list(dict.fromkeys(fields(self.model, columns)))


def site() -> admin.AdminSite:
    """Return an admin of every table."""
    made = admin.AdminSite(name="bench")
    for model in apps.get_models():
        if isinstance(model._meta.pk, models.AutoField):
            made.register(model, _List)
    return made
