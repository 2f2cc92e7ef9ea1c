"""Districts in the administration: every list opens, searches and exports, and agencies come in by sheet."""

import io
from typing import Any

import pytest
import tablib
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from districts.admin import DistrictsAdmin
from districts.models import Agency, Closure, CoachingTable, District
from districts.resources import AgencyResource, MembershipResource
from personnel_portal.documents import sheets
from personnel_portal.exchange import FORMATS, Ods, Xlsx, resource_for
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
    assert (read.headers, list(read)) == (["簡稱", "日期"], [("=民雄", "113/6/30"), ("空", "")])


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


def test_writes_leave_a_trace(root: Client, cast: build.Cast) -> None:
    url = reverse("admin:districts_closure_add")
    root.post(url, {"office": build.county().pk, "day": "2026-12-01", "reason": "颱風"})
    closure = Closure.objects.get()
    change = reverse("admin:districts_closure_change", args=[closure.pk])
    root.post(change, {"office": build.county().pk, "day": "2026-12-01", "reason": "豪雨"})
    root.post(reverse("admin:districts_closure_delete", args=[closure.pk]), {"post": "yes"})
    entries = Entry.objects.filter(act__startswith="admin.").order_by("pk")
    assert [entry.act for entry in entries] == ["admin.added", "admin.changed", "admin.deleted"]
    assert {(entry.actor_id, entry.office_id) for entry in entries} == {(cast.office_admin.pk, build.county().pk)}
    assert "事由" in entries[1].detail["change"]
    assert "豪雨" in entries[2].target_label
    assert [entry.act_label for entry in entries] == ["由後台新增資料", "由後台變更資料", "由後台刪除資料"]


def test_confirmed_import_leaves_one_entry(root: Client) -> None:
    heads = ["人事處", "簡稱", "全銜", "類別"]
    rows = [[str(build.county().pk), f"後台{n}國小", f"嘉義縣後台{n}國民小學", "elementary"] for n in "一二"]
    file = SimpleUploadedFile("機關.xlsx", _xlsx([heads, *rows]))
    url = reverse("admin:districts_agency_import")
    page = root.post(url, {"format": "0", "import_file": file, "resource": ""})
    assert not Entry.objects.filter(act="admin.imported").exists(), "nothing is imported before it is confirmed"
    confirmed = page.context["confirm_form"].initial
    root.post(reverse("admin:districts_agency_process_import"), confirmed)
    entry = Entry.objects.get(act="admin.imported")
    assert entry.detail == {"model": "districts.Agency", "rows": 2, "new": 2, "changed": 0, "deleted": 0}
    assert Agency.objects.filter(short_name__startswith="後台").count() == 2


def membership_form(district: District, agency: Agency) -> dict[str, str]:
    data = {"district": str(district.pk), "agency": str(agency.pk), "order": "1"}
    return data | {"since": "2026-10-01", "until": "2027-09-30"}


def test_membership_is_added_by_form(root: Client, cast: build.Cast) -> None:
    url = reverse("admin:districts_membership_add")
    agency = build.agency()
    response = root.post(url, membership_form(build.district("北平原區"), agency))
    assert response.status_code == 302
    assert agency.memberships.get().plan == cast.plan


def test_membership_twice_or_without_a_day_gets_a_sentence(root: Client, cast: build.Cast) -> None:
    url = reverse("admin:districts_membership_add")
    member = build.listed("民雄國中")
    page = root.post(url, membership_form(build.district("山區"), member)).content.decode()
    assert "同一機關在同一計畫中，同一期間只能屬於一個分區。" in page
    for field in ("since", "until", "agency", "district"):
        form = membership_form(build.district("山區"), build.agency()) | {field: ""}
        response = root.post(url, form)
        assert (response.status_code, list(response.context["errors"].data)) == (200, [["此欄位為必填。"]])


def test_memberships_come_in_by_sheet(cast: build.Cast) -> None:
    district, agency = build.district("北平原區"), build.agency()
    heads = ["分區", "機關", "計畫所列順序", "承辦單位", "起日", "迄日"]
    rows = tablib.Dataset([district.pk, agency.pk, "1", "0", "115/10/1", "116/9/30"], headers=heads)
    result = MembershipResource().import_data(rows, raise_errors=True)
    assert not result.has_validation_errors()
    assert agency.memberships.get().plan == cast.plan


def test_removed_alias_is_no_longer_found(root: Client, cast: build.Cast) -> None:
    agency = build.agency()
    names = [agency.names.create(name=name) for name in ("某別名", "某舊稱")]
    data = {"action": "delete_selected", "_selected_action": [str(name.pk) for name in names], "post": "yes"}
    assert Agency.objects.matching("某別名").exists()
    root.post(reverse("admin:districts_agencyname_changelist"), data)
    assert not agency.names.exists()
    assert not Agency.objects.matching("某別名").exists()
    agency.names.create(name="某別名").delete()
    assert not Agency.objects.matching("某別名").exists()


@pytest.mark.parametrize("is_superuser", [True, False])
def test_administration_is_for_superusers(cast: build.Cast, login: Login, is_superuser: bool) -> None:
    clerk = cast.office_reviewer
    clerk.is_staff, clerk.is_superuser = True, is_superuser
    clerk.save()
    clerk.user_permissions.set(Permission.objects.all())
    status = login(clerk).get(reverse("admin:districts_person_changelist")).status_code
    assert status == (200 if is_superuser else 302)


def test_moments_are_exported_as_offices_write_them(cast: build.Cast) -> None:
    build.coaching_table(district=build.district("北平原區"), rows={})
    assert resource_for(CoachingTable)().export().dict[0]["報送時間"] == "115/11/22 10:00"


@pytest.mark.parametrize("model", ["posting", "deadline", "coachingrow"])
def test_export_without_a_resource_of_its_own_opens(root: Client, model: str) -> None:
    page = root.get(reverse(f"admin:districts_{model}_export"))
    assert page.status_code == 200
    assert 'name="format"' in page.text
