"""Districts in the administration: every list opens, searches and exports, and agencies come in by sheet."""

import io
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from districts.admin import DistrictsAdmin
from districts.models import Agency
from districts.resources import AgencyResource
from personnel_portal.documents import sheets
from personnel_portal.exchange import FORMATS, Big5, Csv, Ods, Xlsx
from personnel_portal.trail.models import Entry
from tests import build
from tests.districts.conftest import Login

MODELS = [model._meta.model_name for model in apps.get_app_config("districts").get_models()]


@pytest.fixture
def root(cast: build.Cast, login: Login) -> Client:
    cast.office_admin.is_staff = cast.office_admin.is_superuser = True
    cast.office_admin.save()
    return login(cast.office_admin)


@pytest.mark.parametrize("model", MODELS)
def test_list_and_search_open(root: Client, model: str) -> None:
    url = reverse(f"admin:districts_{model}_changelist")
    assert root.get(url).status_code == 200
    assert root.get(url, {"q": "民雄"}).status_code == 200


@pytest.mark.parametrize("model", ["agency", "district", "plan", "person"])
def test_record_opens_with_its_rows_and_history(root: Client, cast: build.Cast, model: str) -> None:
    keys = {"agency": build.listed("民雄國中").pk, "district": build.district("北平原區").pk, "plan": cast.plan.pk}
    key = keys.get(model) or cast.member_officer.person.pk
    assert root.get(reverse(f"admin:districts_{model}_change", args=[key])).status_code == 200
    assert root.get(reverse(f"admin:districts_{model}_auditlog", args=[key])).status_code == 200


def test_export_is_in_chinese_and_leaves_a_trace(root: Client) -> None:
    url = reverse("admin:districts_agency_export")
    fields = {f"agencyresource_{name}": "on" for name in AgencyResource().fields}
    response: Any = root.post(url, {"format": "2", "resource": "", **fields})
    content = response.content
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    head = content.decode("utf-8-sig").splitlines()[0]
    assert head.startswith("id,人事處,簡稱,全銜,機關代碼,類別")
    entry = Entry.objects.get(act="admin.exported")
    assert (entry.detail["rows"], entry.detail["model"]) == (Agency.objects.count(), "districts.Agency")


@pytest.mark.parametrize("form", FORMATS)
def test_format_reads_what_it_wrote(form: type[Any]) -> None:
    written = form().export_data(Xlsx().create_dataset(_xlsx([["簡稱", "日期"], ["=民雄", "113/6/30"], ["空", ""]])))
    read = form().create_dataset(written)
    name = "'=民雄" if form in (Csv, Big5) else "=民雄"
    assert (read.headers, list(read)) == (["簡稱", "日期"], [(name, "113/6/30"), ("空", "")])


def test_formats_are_those_that_offices_open() -> None:
    assert [form().get_title() for form in FORMATS] == ["xlsx", "ods", "csv（UTF-8）", "csv（Big5）"]
    assert Ods().get_content_type() == "application/vnd.oasis.opendocument.spreadsheet"
    assert DistrictsAdmin.formats == FORMATS


@pytest.mark.parametrize(("form", "number"), [("xlsx", "0"), ("ods", "1"), ("csv", "2"), ("big5", "3")])
def test_agencies_come_in_by_sheet(root: Client, form: str, number: str) -> None:
    office = build.county()
    rows = [[str(office.pk), "後台國小", "嘉義縣後台國民小學", "elementary"]]
    heads = ["人事處", "簡稱", "全銜", "類別"]
    target = io.BytesIO()
    if form in ("csv", "big5"):
        sheets.write_csv(target, heads, rows, encoding="cp950" if form == "big5" else "utf-8-sig")
    else:
        {"xlsx": sheets.write_xlsx, "ods": sheets.write_ods}[form](target, heads, rows)
    file = SimpleUploadedFile(f"機關.{form}", target.getvalue())
    page = root.post(reverse("admin:districts_agency_import"), {"format": number, "import_file": file, "resource": ""})
    result = page.context["result"]
    assert (result.has_errors(), result.has_validation_errors(), result.total_rows) == (False, False, 1)


def _xlsx(rows: list[list[str]]) -> bytes:
    target = io.BytesIO()
    sheets.write_xlsx(target, rows[0], rows[1:])
    return target.getvalue()
