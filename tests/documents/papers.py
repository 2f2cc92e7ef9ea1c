"""Papers as the portal makes them: minutes, a 開會通知單, a sign-in sheet, a roster and a chart."""

from decimal import Decimal

from personnel_portal.documents.charts import Mark, Zone, trend
from personnel_portal.documents.paper import (
    Clause,
    Column,
    Drawing,
    Fields,
    Heading,
    Item,
    Items,
    PageBreak,
    Paper,
    Paragraph,
    Table,
)

MINUTES = Paper(
    title="嘉義縣政府人事處116年度北平原區\n第1次專、兼任(辦)人事人員聯繫會報紀錄",
    author="嘉義縣大林鎮公所",
    blocks=(
        Fields(
            (
                ("時間", "中華民國116年5月14日（星期五）下午2時"),
                ("地點", "大林鎮公所三樓會議室"),
                ("主席", "處長○○○"),
                ("出席人員", "民雄鄉公所等21機關，計31人（詳如簽到表）"),
                ("列席人員", "無"),
                ("紀錄", "王曉明"),
            )
        ),
        Heading("壹、主席致詞"),
        Paragraph("感謝各位人事夥伴撥冗參加。", indent=4),
        Heading("貳、報告事項"),
        Items(
            (
                Item(
                    "計畫重點說明：",
                    (Item("六月底前辦理。", (Item("報送紀錄。", (Item("免備文。"),)),)), Item("八月底前。")),
                ),
                Item("系統改版。"),
            ),
            indent=4,
        ),
        Paragraph("決定：洽悉。", indent=4),
        Heading("參、討論事項"),
        Clause("案由一", "建請修正職務代理人資格規定一案，提請討論。", indent=4),
        Clause("說明", items=(Item("現行規定過嚴。"), Item("<b>5 < 6 & 堃𠮷</b>")), indent=4),
        Clause("決議", "照案通過。", indent=4),
        Heading("肆、臨時動議"),
        Paragraph("無。", indent=4),
        Heading("伍、散會：下午4時30分"),
    ),
)
NOTICE = Paper(
    title="嘉義縣大林鎮公所　開會通知單",
    author="嘉義縣大林鎮公所",
    filing=Fields((("檔號", ""), ("保存年限", ""))),
    header="草稿",
    blocks=(
        Fields((("承辦人", "王曉明"), ("電話", "05-2653211分機101")), place="corner"),
        Fields((("受文者", "如出席者"),)),
        Fields((("發文日期", "中華民國116年5月1日"), ("速別", "普通件")), place="small"),
        Fields((("開會事由", "召開第1次聯繫會報"), ("主持人", "處長○○○"))),
        Fields((("出席者", "嘉義縣民雄鄉公所、嘉義縣立民雄國民中學"), ("副本", "")), place="small"),
        Clause("備註", items=(Item("請提送案例。"),)),
    ),
)
SIGN_IN = Paper(
    title="第1次聯繫會報簽到表",
    footer="嘉義縣大林鎮公所",
    blocks=(
        Table(
            (Column("序號", 2, "center"), Column("機關", 8), Column("姓名", 4, "center"), Column("簽到", 7)),
            [[str(number), "嘉義縣公共汽車管理處", "○○○", ""] for number in range(1, 32)],
            row_height=12,
        ),
    ),
)
ROSTER = Paper(
    title="分區名冊",
    landscape=True,
    blocks=(
        Table((Column("分區", 2), Column("機關", 5), Column("人數", 2, "end")), [["北平原區", "A" * 300, "12"]]),
        PageBreak(),
        Paragraph("以下空白", "center", "small"),
    ),
)
CHART = Paper(
    title="年度報告",
    blocks=(
        Paragraph("各季累計如圖。"),
        Drawing(
            trend(
                "健檢率 <5-1>",
                [Mark(f"第 {n} 季", Decimal(60 + n), f"{60 + n}", False, Zone(Decimal(80), None)) for n in (1, 2)],
                unit="%",
            ),
            caption="圖 1　健檢率 <5-1>",
            ratio=42,
        ),
    ),
)
