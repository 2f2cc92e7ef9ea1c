"""From a messy table to the tree of a work plan, corrected by a person beside its source."""

import io
from collections.abc import Iterator

import pytest
import time_machine
import xlsxwriter
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kpi.actions import work_import as actions
from kpi.models import Amount, DraftTree, WorkItem, WorkPlan
from kpi.worktree import every, last_items, totals, tree
from personnel_portal.documents import sheets
from tests import build
from tests.kpi import working
from tests.rules.test_outline import HEAD
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

TABLE = [
    ["大林鎮公所民政課 115 年度重要工作計畫"],
    HEAD,
    ["一、衛生 (一)環境", "1. 清潔。 2. 消毒。", "(1)掃除。", "40"],
    ["二、教育", "3. 滅鼠。", "分發毒餌。", "8,359"],
]


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def cast() -> build.Cast:
    return build.cast()


@pytest.fixture
def plan(cast: build.Cast) -> WorkPlan:
    return working.own_plan(cast.host_officer)


@pytest.fixture
def client(cast: build.Cast) -> Client:
    return logged_in(cast.host_officer)


def upload(client: Client, plan: WorkPlan, **data: object) -> DraftTree:
    response = client.post(reverse("kpi:import_work", args=[plan.pk]), data)
    assert response.status_code == 302, response.content.decode()
    return DraftTree.objects.latest("pk")


def pasted(rows: list[list[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


def texts(draft: DraftTree) -> list[tuple[int, str]]:
    draft.refresh_from_db()
    return [(node["depth"], node["text"]) for node in draft.nodes]


def step(client: Client, draft: DraftTree, word: str, text: str) -> str:
    draft.refresh_from_db()
    at = next(place for place, node in enumerate(draft.nodes) if node["text"] == text)
    data = {"stamp": actions.stamp_of(draft), "step": f"{word}:{at}"}
    return client.post(reverse("kpi:correct_work_draft", args=[draft.pk]), data, follow=True).content.decode()


def test_a_pasted_table_is_shown_beside_its_source_with_doubts(client: Client, plan: WorkPlan) -> None:
    draft = upload(client, plan, text=pasted(TABLE))
    page = client.get(draft.get_absolute_url()).content.decode()
    for text in ("原表第 3 列", "一、衛生 (一)環境", "無法對應", "早印一列", "請確認屬於何項", "縮排", "未列入的 1 列"):
        assert text in page, text
    assert not WorkItem.objects.of_plan(plan.plan).exists(), "nothing is saved before a person says so"
    alone = client.get(draft.get_absolute_url(), {"doubtful": "1"}).content.decode()
    assert alone.count('class="moves"') == sum(bool(node["doubts"]) for node in draft.nodes)


@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_a_sheet_is_read_alike(client: Client, plan: WorkPlan, form: str) -> None:
    write = {"xlsx": sheets.write_xlsx, "ods": sheets.write_ods, "csv": sheets.write_csv}[form]
    target = io.BytesIO()
    write(target, HEAD, [[*row, *[""] * (4 - len(row))] for row in TABLE[2:]])
    file = SimpleUploadedFile(f"計畫.{form}", target.getvalue())
    draft = upload(client, plan, file=file, section="民政課")
    assert texts(draft) == texts(upload(client, plan, text=pasted(TABLE)))


def test_a_person_moves_merges_and_corrects_then_saves(client: Client, plan: WorkPlan) -> None:
    draft = upload(client, plan, text=pasted(TABLE))
    assert texts(draft)[:6] == [(0, "民政課"), (1, "衛生"), (2, "環境"), (3, "清潔。"), (3, "消毒。"), (4, "掃除。")]
    step(client, draft, "up", "掃除。")
    assert texts(draft)[3:6] == [(3, "清潔。"), (4, "掃除。"), (3, "消毒。")]
    step(client, draft, "in", "消毒。")
    step(client, draft, "out", "消毒。")
    step(client, draft, "merge", "滅鼠。")
    assert (3, "消毒。3.滅鼠。") in texts(draft)
    at = next(place for place, node in enumerate(draft.nodes) if node["text"] == "清潔。")
    data = {
        "stamp": actions.stamp_of(draft), "step": f"change:{at}", "level": "key", "mark": "1.", "text": "環境清潔。",
        "sums": "40；市府統籌款", "settled": "on",
    }  # fmt: skip
    client.post(reverse("kpi:correct_work_draft", args=[draft.pk]), data)
    draft.refresh_from_db()
    response = client.post(
        reverse("kpi:save_work_draft", args=[draft.pk]), {"stamp": actions.stamp_of(draft)}, follow=True
    )
    assert "已匯入" in response.content.decode()
    saved = [(node.depth, node.item.text) for node in every(tree(plan.plan))]
    assert saved == texts(draft)
    assert [str(amount) for amount in Amount.objects.filter(item__text="環境清潔。")] == ["40 千元", "市府統籌款"]


def test_a_row_that_gave_an_amount_or_a_merged_text_is_not_called_left_out(client: Client, plan: WorkPlan) -> None:
    rows = [["一、衛生", "1. 甲。", "甲 <事>：a<5 且 b>3", ""], ["", "", "", "40"], ["", "乙的後半。", "", ""]]
    draft = upload(client, plan, text=pasted(rows), section="民政課")
    step(client, draft, "merge", "乙的後半。")
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "未列入" not in page
    assert page.count("a&lt;5 且 b&gt;3") == 3, "in the source, in the proposal and in the name of its link"


def test_a_corrected_amount_is_a_plain_number_or_a_note(cast: build.Cast, plan: WorkPlan) -> None:
    draft = actions.begin_draft(plan=plan.plan, name="x", tables=[("", TABLE)], section="", by=cast.host_officer)
    values = {"level": "key", "mark": "1.", "text": "清潔。", "settled": False}
    for sums in ("40元", "-5", "8,35"):
        with pytest.raises(ValidationError, match="不是千元的整數"):
            actions.change_node(
                draft=draft, stamp=actions.stamp_of(draft), at=3, values=values | {"sums": sums}, by=cast.host_officer
            )


def test_doubts_that_stay_go_along_as_notes(client: Client, plan: WorkPlan) -> None:
    draft = upload(client, plan, text=pasted(TABLE))
    client.post(reverse("kpi:save_work_draft", args=[draft.pk]), {"stamp": actions.stamp_of(draft)})
    assert "早印一列" in WorkItem.objects.of_plan(plan.plan).get(text="教育").note
    doubtful = totals(tree(plan.plan)).doubtful
    assert ["請確認屬於何項" in amount.note for amount in doubtful] == [True]


def test_a_draft_that_changed_in_another_window_is_refused(client: Client, plan: WorkPlan) -> None:
    draft = upload(client, plan, text=pasted(TABLE))
    old = actions.stamp_of(draft)
    step(client, draft, "remove", "分發毒餌。")
    data = {"stamp": old, "step": "remove:1"}
    page = client.post(reverse("kpi:correct_work_draft", args=[draft.pk]), data, follow=True).content.decode()
    assert "草稿已在其他分頁變更" in page
    assert (1, "衛生") in texts(draft)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "擇一辦理"),
        ({"text": "\n\n"}, "擇一辦理"),
        ({"text": "隨便一行"}, ""),
        ({"text": "x\n" * 2001}, "一次最多 2,000 列"),
        ({"text": "字" * 500_001}, "最多 500,000 字"),
    ],
)
def test_what_cannot_be_read_is_said_and_what_was_pasted_is_kept(
    client: Client, plan: WorkPlan, data: dict[str, str], sentence: str
) -> None:
    response = client.post(reverse("kpi:import_work", args=[plan.pk]), data)
    if not sentence:
        assert response.status_code == 302  # one line is a doubtful node, not a refusal
        return
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_file_that_is_no_sheet_is_refused_in_a_sentence(client: Client, plan: WorkPlan) -> None:
    file = SimpleUploadedFile("計畫.xlsx", b"%PDF-1.7 no sheet")
    response = client.post(reverse("kpi:import_work", args=[plan.pk]), {"file": file})
    assert response.status_code == 422


@pytest.mark.parametrize("name", ["計畫.xlsx", "計畫.ods"])
def test_text_that_calls_itself_a_sheet_is_refused(client: Client, plan: WorkPlan, name: str) -> None:
    file = SimpleUploadedFile(name, b"notzip")
    response = client.post(reverse("kpi:import_work", args=[plan.pk]), {"file": file})
    assert response.status_code == 422
    assert not DraftTree.objects.exists()


def test_every_sheet_is_read_and_one_without_a_title_is_named_for_confirmation(client: Client, plan: WorkPlan) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        first, _, second = (book.add_worksheet(name) for name in ("甲", "空白", "社會課"))
        first.write_row(0, 0, ["大林鎮公所民政課 115 年度重要工作計畫"])
        for at, row in enumerate([HEAD, ["一、衛生", "1. 甲。", "甲事。", "40"]], start=1):
            first.write_row(at, 0, row)
        for at, row in enumerate([HEAD, ["一、救助", "1. 乙。", "乙事。", ""]]):
            second.write_row(at, 0, row)
    draft = upload(client, plan, file=SimpleUploadedFile("計畫.xlsx", target.getvalue()))
    found = [(node["depth"], node["text"], node["row"]) for node in draft.nodes]
    assert found == [
        (0, "民政課", 1), (1, "衛生", 3), (2, "甲。", 3), (3, "甲事。", 3),
        (0, "社會課", 5), (1, "救助", 5), (2, "乙。", 5), (3, "乙事。", 5),
    ]  # fmt: skip
    assert "請確認課室名稱" in draft.nodes[4]["doubts"][0]
    assert "2 張工作表" in client.get(draft.get_absolute_url()).content.decode()


def test_a_formula_without_a_value_is_refused_since_its_amount_would_be_lost(client: Client, plan: WorkPlan) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["一、衛生", "1. 甲。", "甲事。"])
        sheet.write_formula("D1", "=1+1", value="")
    file = SimpleUploadedFile("計畫.xlsx", target.getvalue())
    response = client.post(reverse("kpi:import_work", args=[plan.pk]), {"file": file, "section": "民政課"})
    assert response.status_code == 422
    assert "儲存格 D1 的公式沒有計算結果" in response.content.decode()


def test_a_section_without_a_name_is_asked_for_before_saving(cast: build.Cast, plan: WorkPlan) -> None:
    draft = actions.begin_draft(plan=plan.plan, name="x", tables=[("", TABLE[1:])], section="", by=cast.host_officer)
    with pytest.raises(ValidationError, match="填上課室名稱"):
        actions.save_draft(draft=draft, stamp=actions.stamp_of(draft), by=cast.host_officer)
    assert not WorkItem.objects.of_plan(plan.plan).exists()


@pytest.mark.parametrize("word", ["up:99", "up:-1", "fly:1", "", "up:"])
def test_steps_that_nobody_offers_are_refused(client: Client, plan: WorkPlan, word: str) -> None:
    draft = upload(client, plan, text=pasted(TABLE))
    before = texts(draft)
    data = {"stamp": actions.stamp_of(draft), "step": word}
    assert client.post(reverse("kpi:correct_work_draft", args=[draft.pk]), data).status_code == 302
    assert texts(draft) == before


def test_a_broken_tree_is_not_saved(cast: build.Cast, plan: WorkPlan) -> None:
    draft = actions.begin_draft(plan=plan.plan, name="x", tables=[("", TABLE)], section="", by=cast.host_officer)
    nodes = [dict(node) for node in draft.nodes]
    nodes[1]["depth"] = 3
    draft.nodes = nodes
    draft.save()
    with pytest.raises(ValidationError, match="深了不只一層"):
        actions.save_draft(draft=draft, stamp=actions.stamp_of(draft), by=cast.host_officer)
    assert not WorkItem.objects.of_plan(plan.plan).exists()


def test_a_draft_is_saved_once(cast: build.Cast, plan: WorkPlan) -> None:
    draft = actions.begin_draft(plan=plan.plan, name="x", tables=[("", TABLE)], section="", by=cast.host_officer)
    stamp = actions.stamp_of(draft)
    actions.save_draft(draft=draft, stamp=stamp, by=cast.host_officer)
    with pytest.raises(ValidationError, match="已經匯入"):
        actions.save_draft(draft=draft, stamp=stamp, by=cast.host_officer)


def test_the_printed_plan_survives_the_way_through_a_table(cast: build.Cast, plan: WorkPlan) -> None:
    """The loaded tree, written as the table it came from, is read into as many last items and the same totals."""
    source = working.printed()
    rows = [HEAD]
    for section in tree(source.plan):
        rows.append([f"{section.item.text} 112 年度重要工作計畫"])
        works: list[str] = []
        for node in section.walk():
            label = f"{node.item.mark}{node.item.text}"
            if node.item.level == "work":
                works.append(label)
            elif node.item.level == "key":
                details = [f"{one.item.mark}{one.item.text}" for one in node.walk() if one.item.level == "detail"]
                own = details if node.is_last else []
                rows.append([" ".join(works), label, "\n".join(own), ""])
                works = []
    draft = actions.begin_draft(plan=plan.plan, name="x", tables=[("", rows)], section="", by=cast.host_officer)
    actions.save_draft(draft=draft, stamp=actions.stamp_of(draft), by=cast.host_officer)
    found = [node.item.text for node in last_items(tree(plan.plan))]
    wanted = [node.item.text for node in last_items(tree(source.plan))]
    assert len(found) == len(wanted) == 180
    assert found == wanted


def test_source_is_no_place_for_markup(client: Client, plan: WorkPlan) -> None:
    draft = upload(client, plan, text="一、<script>alert(1)</script>衛生\t1. 甲。\t乙\t")
    assert "<script>alert" not in client.get(draft.get_absolute_url()).content.decode()
