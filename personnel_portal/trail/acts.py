"""The words for acts: each app registers what its codes mean, so that the trail itself knows no app above it."""

from collections.abc import Mapping

_labels: dict[str, str] = {}


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
