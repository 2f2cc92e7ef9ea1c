import io
from typing import Any

import django_filters
import pytest
import python_calamine
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django_htmx.middleware import HtmxMiddleware

from districts.models import Agency
from personnel_portal import lists
from personnel_portal.lists import Action, Cell, Column
from personnel_portal.trail.models import Entry
from tests import build

pytestmark = pytest.mark.django_db

COLUMNS = [
    Column(
        "name",
        "機關",
        "official_name",
        sort=("official_name",),
        link=lambda agency: f"/agencies/{agency.pk}/",
        width=30,
    ),
    Column("township", "鄉鎮市", "township.name", sort=("township__order", "-pk")),
    Column("kind", "類別", "get_kind_display"),
    Column("length", "字數", lambda agency: len(agency.short_name), numeric=True),
    Column("state", "狀態", lambda agency: Cell("已設", "done", f"代碼 {agency.code or '無'}")),
]


class AgencyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter("official_name", "icontains", label="搜尋")
    kind = django_filters.ChoiceFilter(choices=Agency._meta.get_field("kind").choices, label="類別")

    class Meta:
        model = Agency
        fields = ["q", "kind"]


def agencies() -> "QuerySet[Agency]":
    """The 85 real agencies, in the order of their keys."""
    return Agency.objects.filter(pk__in=Agency.objects.order_by("pk")[:85]).select_related("township").order_by()


def show(query: str = "", *, queryset: Any = None, headers: dict[str, str] | None = None, **options: Any) -> Any:
    request = RequestFactory().get(f"/agencies/?{query}", headers=headers or {})
    request.user = AnonymousUser()

    def answer(request: HttpRequest) -> Any:
        return lists.show(
            request,
            queryset=agencies() if queryset is None else queryset,
            columns=COLUMNS,
            title="機關",
            empty="請由「匯入機關」開始。",
            filterset_class=AgencyFilter,
            **options,
        )

    return HtmxMiddleware(answer)(request)


def page(query: str = "", **options: Any) -> str:
    content: str = show(query, **options).content.decode()
    return content


def download(query: str, **options: Any) -> bytes:
    response = show(query, **options)
    content = b"".join(response)
    # Closing the response itself would close the test's database connection, as the end of a request does.
    response.file_to_stream.close()
    return content


def exported(query: str, **options: Any) -> list[list[Any]]:
    workbook = python_calamine.load_workbook(io.BytesIO(download(query, **options)))
    return workbook.get_sheet_by_index(0).to_python()


def shown(html: str) -> list[str]:
    """Return the linked names in the table, in order."""
    return [part.split("</a>")[0].split(">")[1] for part in html.split('<a href="/agencies/')[1:]]


def test_page_counts_and_shows_the_first_fifty() -> None:
    html = page()
    assert "共 85 筆，第 1／2 頁" in html
    assert shown(html) == list(agencies().order_by("pk").values_list("official_name", flat=True)[:50])


def test_page_is_semantic() -> None:
    html = " ".join(page("sort=-name", actions=[Action("匯入機關", "/import/")]).split())
    assert '<caption class="visually-hidden">機關</caption>' in html
    assert html.count('<th scope="col"') == len(COLUMNS)
    assert html.count("aria-sort=") == 1
    assert 'aria-sort="descending"' in html
    assert 'role="region" aria-label="機關" tabindex="0"' in html
    assert 'href="/import/"' in html
    assert "style=" not in html


def test_cells_show_chips_notes_and_numbers() -> None:
    html = page("q=大林鎮公所")
    assert '<span class="chip chip-done">已設</span>' in html
    assert "代碼 " in html
    assert '<td class="text-end text-nowrap">' in html


@pytest.mark.parametrize(
    ("cell", "html"),
    [
        (lists.Cell("<b>甲</b>"), '<td class="text-nowrap"><a href="/?a=1&amp;b=2">&lt;b&gt;甲&lt;/b&gt;</a></td>'),
        (lists.Cell("<b>", "late"), '<td class="text-nowrap"><a class="chip chip-late" href="/?a=1&amp;b=2">&lt;b&gt;</a></td>'),
        (
            lists.Cell("甲" * 15, note="<i>"),
            f'<td class="words"><a href="/?a=1&amp;b=2">{"甲" * 15}</a>'
            ' <small class="d-block text-body-secondary">&lt;i&gt;</small></td>',
        ),
    ],
)  # fmt: skip
def test_a_cell_leads_somewhere_and_its_words_are_words(cell: lists.Cell, html: str) -> None:
    column = lists.Column("key", "標題", lambda row: cell, link=lambda row: "/?a=1&b=2")
    assert str(column.shown(None)) == html


def test_search_filter_sort_and_page_stay_in_the_links() -> None:
    html = page("q=國民&sort=name", per_page=5)
    assert "q=%E5%9C%8B%E6%B0%91&amp;sort=-name" in html
    assert "q=%E5%9C%8B%E6%B0%91&amp;sort=name&amp;page=2" in html
    assert "q=%E5%9C%8B%E6%B0%91&amp;sort=name&amp;export=ods" in html
    assert '<input type="hidden" name="sort" value="name" form="list-filters">' in html
    assert 'value="國民"' in html


@pytest.mark.parametrize(("sort", "order"), [("name", "official_name"), ("-name", "-official_name")])
def test_sort_orders_all_rows(sort: str, order: str) -> None:
    assert shown(page(f"sort={sort}", per_page=100)) == list(
        agencies().order_by(order, "pk").values_list("official_name", flat=True)
    )


def test_descending_sort_turns_every_field() -> None:
    names = list(agencies().order_by("-township__order", "pk").values_list("official_name", flat=True))
    assert shown(page("sort=-township", per_page=100)) == names


@pytest.mark.parametrize("sort", ["kind", "pk", "office__code", "-", "--name", "official_name", "'"])
def test_sort_by_anything_else_is_ignored(sort: str) -> None:
    assert shown(page(f"sort={sort}")) == shown(page())


def test_pages_never_repeat_a_row_that_is_equal_to_others() -> None:
    names = [name for number in range(1, 18) for name in shown(page(f"sort=township&page={number}", per_page=5))]
    assert len(names) == len(set(names)) == 85


@pytest.mark.parametrize(("number", "at"), [("99", 17), ("-1", 17), ("0", 17), ("x", 1), ("", 1), ("9" * 30, 17)])
def test_bad_page_shows_the_nearest(number: str, at: int) -> None:
    assert f"第 {at}／17 頁" in page(f"page={number}", per_page=5)


def test_empty_list_says_what_to_do() -> None:
    html = page(queryset=Agency.objects.none())
    assert "請由「匯入機關」開始。" in html
    assert "<table" not in html
    assert "export=" not in html


def test_fruitless_search_offers_to_clear_it() -> None:
    html = page("q=不存在的機關")
    assert "沒有符合條件的資料" in html
    assert 'href="/agencies/"' in html
    assert "請由「匯入機關」開始。" not in html


def test_invalid_filter_is_answered_by_a_sentence() -> None:
    html = page("kind=nonsense")
    assert "篩選條件有誤：" in html
    assert "共 0 筆" in html


def test_htmx_gets_the_table_alone() -> None:
    headers = {"HX-Request": "true", "HX-Target": "list"}
    html = page("q=大林", headers=headers)
    assert html.lstrip().startswith('<div id="list">')
    assert "<html" not in html
    assert "<html" in page(headers={**headers, "HX-History-Restore-Request": "true"})
    assert "HX-Request" in show(headers=headers)["Vary"]


@pytest.mark.parametrize("form", ["ods", "xlsx"])
def test_export_holds_exactly_what_is_shown_on_all_pages(form: str) -> None:
    rows = exported(f"q=國民&sort=-name&page=2&export={form}", per_page=5)
    assert rows[0] == [column.label for column in COLUMNS]
    assert [row[0] for row in rows[1:]] == shown(page("q=國民&sort=-name", per_page=100))
    assert rows[1][3:] == [
        len(agencies().order_by("-official_name").filter(official_name__contains="國民")[0].short_name),
        "已設（代碼 無）",
    ]


def test_csv_export_is_utf8_with_its_mark() -> None:
    content = download("q=大林鎮公所&export=csv")
    assert content.decode("utf-8-sig").splitlines() == [
        "機關,鄉鎮市,類別,字數,狀態",
        "嘉義縣大林鎮公所,大林鎮,鄉鎮市公所,5,已設（代碼 無）",
    ]


def test_export_is_recorded_with_its_query() -> None:
    download("q=大林鎮公所&export=csv", name="機關名冊", office_id=build.county().pk)
    entry = Entry.objects.get(act="list.exported")
    assert entry.office_id == build.county().pk
    assert entry.detail == {
        "list": "機關名冊",
        "rows": 1,
        "query": "q=%E5%A4%A7%E6%9E%97%E9%8E%AE%E5%85%AC%E6%89%80&export=csv",
    }


@pytest.mark.parametrize("query", ["export=pdf", "export=big5", "kind=nonsense&export=ods"])
def test_export_that_cannot_be_made_shows_the_page(query: str) -> None:
    assert "<html" in page(query)
    assert not Entry.objects.filter(act="list.exported").exists()


def test_queries_do_not_grow_with_the_rows() -> None:
    def queries(per_page: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(per_page=per_page)
        return len(captured)

    assert queries(1) == queries(80) == 2


def test_annotated_list_counts_groups_once() -> None:
    counted = Agency.objects.annotate(places=Count("memberships")).filter(places__gt=0)
    assert f"共 {len(counted)} 筆" in page(queryset=counted)
