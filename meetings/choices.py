"""The closed vocabularies of meetings and minutes."""

from django.db.models import TextChoices


class MeetingKind(TextChoices):
    """The two meetings that the plan tells apart (肆、二、(三)); A comes before B."""

    JOINT = "A", "專、兼任(辦)人事人員聯繫會報"
    FULL_TIME = "B", "專任人事人員聯繫會報"


class MeetingState(TextChoices):
    PLANNED = "planned", "已排定"
    CALLED = "called", "已通知"
    HELD = "held", "已召開"
    CANCELLED = "cancelled", "已取消"


class MinutesState(TextChoices):
    UNFILED = "unfiled", "未報"
    SUBMITTED = "submitted", "已報"
    RETURNED = "returned", "退請補正"
    ACCEPTED = "accepted", "已備查"


class AttendanceState(TextChoices):
    UNKNOWN = "", "未登錄"
    PRESENT = "present", "出席"
    BY_DEPUTY = "deputy", "代理出席"
    EXCUSED = "excused", "請假"
    ABSENT = "absent", "未出席"


class Section(TextChoices):
    """Where an item stands in the minutes."""

    REPORT = "report", "報告事項"
    DISCUSSION = "discussion", "討論事項"
    EXTEMPORE = "extempore", "臨時動議"


class FileRole(TextChoices):
    MINUTES = "minutes", "會議紀錄"
    ATTACHMENT = "attachment", "相關資料"


# Why nothing of a meeting changes once its minutes are accepted; said wherever somebody tries.
LOCKED = "會議紀錄已備查，會議資料已鎖定。"
