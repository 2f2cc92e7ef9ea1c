"""Thousands of Chinese cases, always the same, each with a word planted in it."""

from random import Random
from typing import Any

from personnel_portal.rules.folding import fold
from proposals.choices import Business, CaseKind, CaseState
from proposals.models import Case, Publication
from tests import build

SUBJECTS = [
    "加班費",
    "職務代理",
    "留職停薪",
    "年資併計",
    "考績列等",
    "休假補助",
    "退休給與",
    "獎懲建議",
    "公假核給",
    "撫卹金",
    "差勤管理",
    "陞遷評分",
]
PEOPLE = [
    "約僱人員",
    "約聘人員",
    "職務代理人",
    "兼辦人事",
    "教師兼行政",
    "技工工友",
    "新進人員",
    "借調人員",
    "育嬰留停人員",
    "退休人員",
]
ACTS = [
    "核發疑義",
    "計算錯誤",
    "溯及既往",
    "程序欠缺",
    "重複支領",
    "逾期申請",
    "認定爭議",
    "系統誤植",
    "漏未通知",
    "資格不符",
]
ENDS = [
    "函詢主管機關",
    "依函釋辦理",
    "追繳溢領款項",
    "更正核定函",
    "提報考績會",
    "修正內部規定",
    "加強宣導",
    "納入交接清冊",
]
PLACES = ["台北", "臺中", "嘉義縣", "阿里山鄉", "大林鎮", "東石鄉", "朴子市", "竹崎鄉", "義竹鄉", "民雄鄉"]
RARE = "龢犇淼焱鑫堃喆囍槑兲靐龘甪鱻麤毳掱叒芔卉珺瑀翀昶暐懿曦祺禕筠"
FIELDS = ("subject", "summary", "handling", "outcome", "statutes_text")


def planted_words(count: int, seed: int = 116) -> list[tuple[str, str]]:
    """Return what is planted and how a person types it: words of two letters and more, some in another spelling."""
    random = Random(seed)
    words: dict[str, str] = {}
    while len(words) < count:
        length = random.choice((2, 2, 2, 3, 4, 6))
        word = "".join(random.choices(RARE, k=length))
        kind = random.randrange(4)
        if kind == 1:
            word = f"台{word}"
        if kind == 2:
            word = f"{word}ＡＢ{random.randrange(100):02d}"
        words.setdefault(word, word.replace("台", "臺").replace("ＡＢ", "ab") if kind else word)
    return list(words.items())


def texts(random: Random, planted: str) -> dict[str, str]:
    """Return the texts of a case of some 500 letters, with the word planted in one of them."""

    def sentence() -> str:
        number, day = random.randrange(10, 9999), random.randrange(1, 29)
        return (
            f"{random.choice(PLACES)}{random.choice(PEOPLE)}於{random.randrange(98, 117)}年{random.randrange(1, 13)}月{day}日"
            f"申請{random.choice(SUBJECTS)}，{random.choice(ACTS)}，金額{number}元；{random.choice(ENDS)}。"
        )

    made = {
        "subject": f"{random.choice(PEOPLE)}{random.choice(SUBJECTS)}{random.choice(ACTS)}",
        "summary": "".join(sentence() for _ in range(6)),
        "handling": "".join(sentence() for _ in range(3)),
        "outcome": sentence(),
        "statutes_text": f"公務人員{random.choice(SUBJECTS)}辦法第{random.randrange(1, 60)}條",
    }
    field = random.choice(FIELDS)
    at = random.randrange(len(made[field]) + 1)
    made[field] = made[field][:at] + planted + made[field][at:]
    return made


def publish_many(count: int, *, planted: int, seed: int = 116) -> list[tuple[str, str]]:
    """Put as many cases into the library, in bulk, and a word into each of `planted`; return what stands there and how a
    person types it."""
    random, words = Random(seed), planted_words(planted, seed)
    district = build.district("北平原區")
    package, agency = build.package(), build.listed("民雄國中")
    cases, publications = [], []
    for number in range(1, count + 1):
        made = texts(random, words[number - 1][0] if number <= planted else "")
        chosen: dict[str, Any] = {
            "business": random.choice(Business.values),
            "kind": random.choice(CaseKind.values),
            "plan": district.plan,
            "district": district,
            **made,
        }
        case = Case(
            agency=agency,
            number=number,
            state=CaseState.PUBLISHED,
            sent_at=package.sent_at,
            package=package,
            created_by=package.sent_by,
            **chosen,
        )
        cases.append(case)
        publications.append((chosen, "|".join(fold(made[field]) for field in FIELDS)))
    Case.objects.bulk_create(cases)
    Publication.objects.bulk_create(
        Publication(
            case=case,
            office=district.plan.office,
            agency_kind=agency.kind,
            published_by=package.sent_by,
            folded=folded,
            **chosen,
        )
        for case, (chosen, folded) in zip(cases, publications, strict=True)
    )
    return words
