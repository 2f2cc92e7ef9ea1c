"""Earlier proposals and published cases whose title is about the same matter.

Titles of proposals share most of their words (建請修正…規定): how alike two of them look says little. So the words that
every matter has are taken out, other names of a thing are made one, and what remains is compared without its order, since
the same matter is told both ways round. `tests/proposals/similar_pairs.py` measures it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from rapidfuzz import fuzz, process

from personnel_portal.rules.folding import fold
from proposals.choices import ProposalState
from proposals.models import Proposal, Publication
from proposals.models.items import Item

ALIKE = 61  # of 100: from here on two titles are shown as similar
SHOWN = 5
COMPARED = 5000  # the newest of each kind
BEGUN = 4  # characters of a title that is still being typed, from which on whatever holds them is shown

# Other names of the same thing; each line is made its first.
_NAMES = """
健檢 健康檢查
特休 特別休假
國旅卡 國民旅遊卡
薪資 報酬 待遇 薪給
兼辦 兼任
打卡 簽到退 簽到 刷卡
節數 時數 鐘點
陞遷 陞任 升遷
獎懲 嘉獎
旅費 差旅費 出差旅費 國內旅費
津貼 加給
職代 職務代理
退撫 退休撫卹
員協 員工協助
報支 核銷
資訊系統 資料系統
"""
# What is asked for, of what sort it is, and who asks: every matter has such words.
_COMMON = """
建請 建議 擬請 懇請 敬請 請 惠予 一案 乙案 案 有關 關於 針對 相關 之 的 於 為 由 與 及 以 得 可 應 宜 均 並 等 免 納入
改 改以 改為 改採 採 修正 修訂 修法 修改 增訂 增列 增加 新增 訂定 明定 明確 明確規範 統一 一致 檢討 重新 研議 調整 改善
提高 放寬 鬆綁 擴大 延長 縮短 取消 刪除 廢止 簡化 精簡 減化 簡併 整併 釐清 開放 提供 介接 連線 連結 授權
規定 規則 規範 限制 標準 上限 下限 流程 程序 作業 方式 作法 做法 辦理 申請 請領 核發 發給 發放 支給 支付 支應 核定 核布
報送 送件 審核 審查 認定 採計 計算 處理 使用 功能 系統 表單 表件 表格 文件 證明文件 格式 項目 案件 期間 期限 時間 年度
過多 過嚴 過短 過長 過於 偏低 偏高 繁多 繁複 繁瑣 繁雜 不一 不足 困難 疑義 如何 何
機關 各機關 學校 各校 公務人員 公務員 人員 人事人員 職員 同仁 本人 自行 線上 網路 上網 電子化 紙本 手機 行動裝置 查詢
"""


def _pattern(words: list[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile("|".join(longest_first))


_FIRST_OF = {
    name: names[0]
    for names in (fold(line.replace(" ", "|")).split("|") for line in _NAMES.split("\n"))
    for name in names
}
_FIRST_OF.pop("", None)
_NAME = _pattern(list(_FIRST_OF))
_COMMON_WORD = _pattern([fold(word) for word in _COMMON.split()])
_SIGN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Similar:
    """A proposal or a published case with a similar title; `score` is between 0 and 100."""

    record: Proposal | Publication
    score: float

    @property
    def what(self) -> str:
        """Which it is: 案例庫, or 提案 with its state."""
        return f"提案・{self.record.get_state_display()}" if isinstance(self.record, Proposal) else "案例庫"

    @property
    def where(self) -> str:
        """Where it comes from; a published case does not say from which agency."""
        if isinstance(self.record, Proposal):
            return f"{self.record.reference} {self.record.agency}"
        return f"{self.record.plan.year}年度 {self.record.get_business_display()}"


@lru_cache(maxsize=20_000)
def matter(title: str) -> str:
    """Return the characters that tell what a title is about, sorted; all of them where it has common words alone."""
    folded = _NAME.sub(lambda found: _FIRST_OF[found[0]], fold(title))
    return "".join(sorted(_SIGN.sub("", _COMMON_WORD.sub("", folded)) or _SIGN.sub("", folded)))


def score(one: str, other: str) -> float:
    """Return how likely two titles are about the same matter, from 0 to 100."""
    return fuzz.ratio(matter(one), matter(other))


def similar(user: Any, title: str, *, apart_from: Item | None = None) -> list[Similar]:
    """Return what the person may see that is about the same matter, the most similar first.

    Drafts and what was withdrawn are nobody's precedent, cases count once they are published.
    """
    if not matter(title):
        return []
    proposals = Proposal.objects.visible_to(user).exclude(state__in=[ProposalState.DRAFT, ProposalState.WITHDRAWN])
    if isinstance(apart_from, Proposal):
        proposals = proposals.exclude(pk=apart_from.pk)
    publications = Publication.objects.visible_to(user).current().filter(taken_down_at__isnull=True)
    found: list[Similar] = []
    for rows in (proposals, publications):
        scores = _scores(title, rows)
        related = ("plan", "district", "agency") if rows is proposals else ("plan",)
        records = rows.select_related(*related).in_bulk(list(scores))
        found += [Similar(record, scores[pk]) for pk, record in records.items()]
    return sorted(found, key=lambda match: (-match.score, -match.record.pk))[:SHOWN]


def _scores(title: str, rows: Any) -> dict[int, float]:
    # By year first: by key alone PostgreSQL may look for an office's few among everybody's, from the newest on.
    titles = dict(rows.order_by("-plan__year", "-pk").values_list("pk", "subject")[:COMPARED])
    matters = {pk: matter(subject) for pk, subject in titles.items()}
    matches = process.extract(matter(title), matters, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=SHOWN)
    return _holding(fold(title), titles) | {pk: value for _, value, pk in matches}


def _holding(typed: str, titles: Mapping[int, str]) -> dict[int, float]:
    """Return the titles that hold what was typed so far, which may be no more than their beginning."""
    if len(typed) < BEGUN:
        return {}
    return dict.fromkeys(islice((pk for pk, subject in titles.items() if typed in fold(subject)), SHOWN), 100.0)
