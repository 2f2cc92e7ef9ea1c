"""The words for acts: each app registers what its codes mean, so that the trail itself knows no app above it."""

from collections.abc import Mapping

_labels: dict[str, str] = {}
_DETAILS = {
    "access": "權限",
    "agency": "機關",
    "before": "原狀態",
    "changed": "變更",
    "changes": "變更",
    "count": "筆數",
    "day": "日期",
    "duty": "事項",
    "figure": "績效實績",
    "file": "檔名",
    "files": "檔名",
    "form": "格式",
    "list": "清單",
    "loaded": "載入",
    "mail": "信箱",
    "mails": "信件數",
    "marked": "登錄",
    "model": "資料",
    "month": "月份",
    "number": "文號或次別",
    "paper": "文件",
    "people": "人數",
    "place": "地點",
    "query": "條件",
    "reason": "理由",
    "role": "性質",
    "rows": "筆數",
    "section": "類別",
    "sha256": "SHA-256",
    "since": "起日",
    "size": "位元組",
    "source": "來源",
    "starts_at": "時間",
    "subject": "案由",
    "to": "收件地址",
    "until": "迄日",
    "version": "版次",
    "year": "年度",
}


def register(labels: Mapping[str, str]) -> None:
    """Teach the trail the Chinese words of act codes, from an app's `AppConfig.ready`.

    Raises:
        ValueError: a code already means something else; two apps must not share one.
    """
    for code, words in labels.items():
        if _labels.setdefault(code, words) != words:
            raise ValueError(f"The act {code!r} already means {_labels[code]!r}.")


def label(code: str) -> str:
    """Return the words for an act; a code that no installed app knows stands for itself."""
    return _labels.get(code, code)


def detail_word(name: str) -> str:
    """Return the word for a part of an entry's detail, such as 檔名; a name that has none stands for itself."""
    return _DETAILS.get(name, name)


def known() -> Mapping[str, str]:
    """Return every registered code with its words, in the order of the codes."""
    return dict(sorted(_labels.items()))


register(
    {
        "login.succeeded": "登入",
        "login.failed": "登入失敗",
        "login.locked": "登入失敗次數過多，暫時鎖定",
        "logout": "登出",
        "trail.exported": "匯出稽核軌跡",
        "trail.expired": "清除逾保存期限的稽核軌跡",
    }
)
