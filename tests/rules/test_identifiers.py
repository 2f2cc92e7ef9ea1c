"""Fifty invented identifiers in case texts as officers write them, and twenty texts that give nobody away."""

import re
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.identifiers import Kind, find, half_width, hide, occurrences
from proposals.choices import MarkKind

PEOPLE = ["王小明", "林主恩", "歐陽美玲", "李明", "陳台生", "Sawtoy Pawan", "高・瓦旦", "吳承辦"]
# ⟦kind:…⟧ holds what must be found; everything is invented.
PLANTED = """
本機關職員⟦name:王小明⟧（身分證統一編號⟦id_number:A123456789⟧）申請侍親留職停薪，期滿未復職。
當事人⟦name:王　小　明⟧，身分證字號：⟦id_number:Ｂ２２３４５６７８９⟧，主張其年資應予併計。
約僱人員為外籍配偶，居留證號⟦id_number:AB12345678⟧，改發新證後為⟦id_number:A812345678⟧，投保資料不一致。
眷屬統號 ⟦id_number:h198765432⟧ 與 ⟦id_number:F2-34567-890⟧ 重複登錄，致補助溢發。
⟦name:林主恩⟧來電（⟦phone:0912-345-678⟧）詢問退休再任停發月退休金事宜。
請洽承辦人手機⟦phone:0933123456⟧或⟦phone:(05)362-0123轉2105⟧。
聯絡電話：⟦phone:０５－３６２０１２３＃２１５⟧，傳真：⟦phone:05-3620999⟧。
留職停薪人員在國外，電話⟦phone:+886-912-345-678⟧，信箱⟦mail:ming.wang@example.com.tw⟧。
請將證明寄至⟦mail:lin_zhuen＠example．gov．tw⟧或電洽⟦phone:(０５)２３４５６７８⟧。
學校分機⟦phone:分機 123⟧，總機⟦phone:2261234轉9⟧，人事助理⟦name:歐陽美玲⟧接聽。
住所為⟦address:嘉義縣民雄鄉西安村10鄰建國路二段12巷3號5樓之1⟧，通勤逾三十公里。
戶籍：⟦address:嘉義縣太保市祥和二路東段1號⟧；通訊處：⟦address:嘉義市西區友愛路288號7樓⟧。
補助申請書所載地址⟦address:台北市中正區徐州路5號⟧與戶籍⟦address:竹崎鄉和平村田寮12號⟧不符。
該員現住⟦address:大林鎮中林里12號⟧，宿舍在⟦address:朴子市山通路2號3樓⟧。
寄存送達於⟦address:民生南路１５６巷８弄２號⟧，由其父⟦name:李　明⟧代收。
⟦name:陳臺生⟧之配偶電郵 ⟦mail:tai.sheng-chen+hr@mail.example.org⟧ 已退件。
具名檢舉人⟦name:Sawtoy Pawan⟧留有電話⟦phone:037-321456⟧。
考試錄取人員⟦name:高·瓦旦⟧，市話⟦phone:089-322-112⟧，未依限報到。
⟦name:吳承辦⟧說明：本案於分發前已電洽⟦phone:049 2231234⟧確認。
當事人陳報新址⟦address:阿里山鄉達邦村3鄰46號⟧，舊址⟦address:番路鄉內甕村內甕14之3號⟧。
請求權人⟦name:王小明⟧君電話⟦phone:（02）2397-9298 分機 655⟧。
離職證明書寄⟦address:郵政第12號信箱⟧未獲領取，另以⟦mail:a1234567@ms.example.edu.tw⟧通知。
其母之身分證為⟦id_number:Q 123456789⟧，出生地為⟦address:鹿草鄉西井村長壽路１００號⟧。
子女教育補助申請人之子⟦id_number:D２34567891⟧，由學校⟦phone:05 272 1234#12⟧轉知。
其餘附件請寄⟦mail:notice.hr[at]example.edu.tw⟧。
家屬表示可打⟦phone:零九一二三四五六七八⟧或 LINE 留言。
"""
CLEAN = """
公務人員任用法第28條之1規定留職停薪原因消失後應於20日內復職。
依銓敘部112年9月7日部銓四字第1125609876號函釋辦理。
嘉義縣政府112-12-28府人任字第1120316236號函修正實施計畫。
考試院93年3月5日考臺組貳一字第09300012341號令修正發布。
行政院人事行政局局考字第0930061234號函停止適用。
職務代理期間加班費每小時上限為新臺幣350元，全月不得逾7,000元。
本案涉及98年至112年之考績年資，共計14年2月又15日。
機關代碼376500000A之組織編制表應於113年6月30日前報核。
薦任第6職等本俸1級385俸點，晉敘至專業加給表（一）第8職等。
會議於14時30分在3樓第2會議室召開，出席人員45人。
國道1號及台61線施工致遲到者，得依天然災害停止上班規定從寬處理。
網路差勤系統第12號作業手冊之流程圖與現況不符。
留職停薪2年，期間健保費每月1,286元，補繳28,292元。
本縣18鄉鎮市公所及85個人事機構，均應填報附件1。
行政程序法第48條第4項、民法第122條，期間末日為星期日。
人事管理員兼辦4校業務，其加給依行政院核定支給標準辦理。
身心障礙人員定額進用比率為3%，員額數34人應進用1人。
請於上班日上午8時至12時、下午1時30分至5時30分辦理。
案號112-0523-001，歸檔於人事類第0203041號卷。
本府人事處第一科建議修正獎懲標準表第5點第2款。
"""
PLANT = re.compile(r"⟦(\w+):(.+?)⟧")


def planted() -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Return each text without its signs, and where what kind of identifier stands in it."""
    texts = []
    for line in PLANTED.strip().splitlines():
        text, spans = "", []
        end = 0
        for match in PLANT.finditer(line):
            text += line[end : match.start()]
            spans.append((len(text), len(text) + len(match[2]), match[1]))
            text += match[2]
            end = match.end()
        texts.append((text + line[end:], spans))
    return texts


def test_fifty_planted_identifiers_are_found() -> None:
    sought = [(text, span) for text, spans in planted() for span in spans]
    missed = [
        text[start:end]
        for text, (start, end, kind) in sought
        if not any(p.start <= start and p.end >= end and p.kind == kind for p in find(text, PEOPLE))
    ]
    recall = 1 - len(missed) / len(sought)
    print(f"recall {recall:.2f} of {len(sought)}; missed: {missed}")
    assert len(sought) == 50
    assert missed == ["零九一二三四五六七八"], "a number in words stays for the reader"
    assert recall == 0.98


def test_clean_texts_are_marked_rarely() -> None:
    texts = CLEAN.strip().splitlines()
    marked = [passage.text for text in texts for passage in find(text, PEOPLE)]
    print(f"{len(marked)} false marks on {len(texts)} clean texts: {marked}")
    assert len(texts) == 20
    assert marked == []


def test_kinds_are_those_of_the_marks() -> None:
    assert {kind.value for kind in Kind} == set(MarkKind.values)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("字第0912345678號", []),
        ("電話0912345678號", ["0912345678"]),
        ("居留證A123456789B", []),
        ("ｗａｎｇ＠ｅｘａｍｐｌｅ．ｔｗ", ["ｗａｎｇ＠ｅｘａｍｐｌｅ．ｔｗ"]),
        ("\U0001d7ce\U0001d7d7\U0001d7cf\U0001d7d0-345-678😀", ["\U0001d7ce\U0001d7d7\U0001d7cf\U0001d7d0-345-678"]),
        ("王\u200b小明", ["王\u200b小明"]),
        ("林小明與王大明", []),
    ],
)
def test_passages_are_marked_as_they_were_written(text: str, marked: list[str]) -> None:
    assert [passage.text for passage in find(text, PEOPLE)] == marked


def test_single_letters_and_nothing_are_no_names() -> None:
    assert find("王先生與李小姐", ["王", "", "  "]) == []


def test_what_overlaps_is_one_passage() -> None:
    (passage,) = find("wang0912345678@example.tw", PEOPLE)
    assert (passage.text, passage.kind) == ("wang0912345678@example.tw", Kind.MAIL)


@given(st.text(alphabet="王小明09-12@a.縣鄉路號 \n😀第ＡB", max_size=80))
def test_passages_are_in_order_and_say_their_text(text: str) -> None:
    end = 0
    for passage in find(text, PEOPLE):
        assert end <= passage.start < passage.end
        assert passage.text == text[passage.start : passage.end]
        end = passage.end


@given(st.text())
def test_half_width_keeps_every_position(text: str) -> None:
    assert len(half_width(text)) == len(text)


def test_hidden_passages_are_replaced_and_touching_ones_become_one() -> None:
    assert hide("王小明0912345678，李明", [(13, 13 + 3), (0, 3), (3, 13)]) == "○○○"
    assert hide("請洽王小明或李明。", [(2, 5), (6, 8)]) == "請洽○○○或○○○。"
    assert hide("王小明。", [(0, 3), (0, 2)]) == "○○○。"
    assert hide("沒有。", []) == "沒有。"


def test_occurrences_are_of_any_width() -> None:
    assert list(occurrences("ＡＢ與AB、ab", "AB")) == [(0, 2), (3, 5)]
    assert list(occurrences("王王王", "王王")) == [(0, 2)]
    assert list(occurrences("王", "")) == []


@pytest.mark.parametrize("letters", ["路", "縣市鄉鎮區村里鄰路街巷弄號大民1一二", "0", "a@.", "05) "])
def test_hostile_texts_take_no_long_time(letters: str) -> None:
    text = "".join(Random(3).choices(letters, k=20_000))
    begun = time.perf_counter()
    find(text, [f"王{chr(0x4E00 + number)}" for number in range(2000)])
    assert time.perf_counter() - begun < 10, "linear; a pattern that runs away takes minutes"
