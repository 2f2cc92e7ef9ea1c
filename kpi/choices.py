"""The closed vocabularies of targets, usage returns and work plans."""

from django.db.models import IntegerChoices, TextChoices


class Comparator(TextChoices):
    """Which values meet a target; the values are those of `rules.indicators.Comparator`."""

    AT_LEAST = "at_least", "≧"
    AT_MOST = "at_most", "≦"
    EQUAL = "equal", "="
    RANGE = "range", "區間"
    YES = "yes", "是否"


class Formula(TextChoices):
    """What a unit enters, and what is made of it; the values are those of `rules.indicators.Formula`."""

    RATIO = "ratio", "分子÷分母"
    NUMBER = "number", "數值"
    MONTHS_KEPT = "months_kept", "符合月數÷應計月數"
    DEDUCTIONS = "deductions", "100 減扣分"


class Aggregation(TextChoices):
    """How the periods of a year become one figure; of a ratio the numerators and denominators are summed."""

    SUM = "sum", "累計"
    LATEST = "latest", "最近一期"


class Frequency(TextChoices):
    """How often an indicator is reported."""

    MONTH = "month", "每月"
    QUARTER = "quarter", "每季"
    HALF_YEAR = "half_year", "每半年"
    YEAR = "year", "每年"


# Periods a year.
PERIODS = {Frequency.MONTH: 12, Frequency.QUARTER: 4, Frequency.HALF_YEAR: 2, Frequency.YEAR: 1}
MONTHS = 12


def period_label(frequency: str, period: int) -> str:
    """Return a period of a year in words: 3 月, 第 3 季, 上半年, 全年."""
    match frequency:
        case Frequency.MONTH:
            return f"{period} 月"
        case Frequency.QUARTER:
            return f"第 {period} 季"
        case Frequency.HALF_YEAR:
            return "上半年" if period == 1 else "下半年"
        case _:
            return "全年"


def last_month(frequency: str, period: int) -> int:
    """Return the month with which a period of a year ends."""
    return period * MONTHS // PERIODS[Frequency(frequency)]


class ReportedBy(TextChoices):
    OFFICE = "office", "人事處"
    UNITS = "units", "各機關"


class Source(TextChoices):
    """Where the portal itself knows the figure."""

    NONE = "none", "人工填報"
    LEARNING_HOURS = "learning_hours", "終身學習時數"
    COURSE_HOURS = "course_hours", "課程時數"
    SESSIONS = "sessions", "辦理場次"


class EntryState(TextChoices):
    """Where a figure or a progress entry stands."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已送出"
    RETURNED = "returned", "退請補正"
    APPROVED = "approved", "已核定"


class Round(IntegerChoices):
    """The two returns of a year (003 六)."""

    FIRST = 1, "第 1 次（6/15）"
    SECOND = 2, "第 2 次（9/15）"


class ReportState(TextChoices):
    """Where a usage return stands."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已送出"
    RETURNED = "returned", "退請補正"
    REVIEWED = "reviewed", "已審查"


class Grant(TextChoices):
    """What the review makes of one item of a usage return."""

    PENDING = "pending", "待審"
    GRANTED = "granted", "採認"
    REFUSED = "refused", "不採認"


class Filing(TextChoices):
    """What a published list says of an agency's returns."""

    MISSING = "missing", "未報送"
    OPEN = "open", "審查未完成"
    REVIEWED = "reviewed", "已審查"


class BandFor(TextChoices):
    """What a table of bands counts."""

    TOOLS = "tools", "資訊工具數"
    SUBSYSTEMS = "subsystems", "WebHR 子系統數"


class Catalogued(TextChoices):
    """Whether a system is on the catalogue."""

    PROPOSED = "proposed", "建議新增"
    LISTED = "listed", "已列入"
    REFUSED = "refused", "不列入"


class Part(TextChoices):
    """How an agency took part in an integrated service."""

    OWN = "own", "自行建置"
    JOINT = "joint", "共同參與"


class Level(TextChoices):
    """What a node of a work plan is."""

    SECTION = "section", "課室"
    FOCUS = "focus", "年度工作重點"
    WORK = "work", "機關工作項目"
    KEY = "key", "重要工作計畫項目"
    DETAIL = "detail", "實施內容"


class Period(TextChoices):
    """How often something of a work plan is to be done; the values are those of `rules.periods.Period`."""

    NONE = "", "未定"
    DAILY = "daily", "每日"
    WEEKLY = "weekly", "每週"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季"
    FOUR_MONTHS = "four_months", "每四個月"
    HALF_YEARLY = "half_yearly", "每半年"
    YEARLY = "yearly", "每年"
    FESTIVALS = "festivals", "三節"
    REGULAR = "regular", "定期"
    IRREGULAR = "irregular", "不定期"
    ON_REQUEST = "on_request", "隨到隨辦"
    AS_SET = "as_set", "依限"
    AFTER_EVENT = "after_event", "事件後"
    LUNAR = "lunar", "農曆"


class Within(TextChoices):
    """The unit of a limit after an event."""

    HOURS = "hours", "小時"
    DAYS = "days", "日"
    MONTHS = "months", "個月"


class Pace(TextChoices):
    """How an item of a work plan goes."""

    ON_TIME = "on_time", "如期"
    LATE = "late", "落後"
    DONE = "done", "已完成"


class PaperKind(TextChoices):
    """What a frozen yearly report tells of."""

    STRATEGY = "strategy", "績效目標年度報告"
    WORK = "work", "年度工作總報告"
