"""The closed vocabularies of commendations (113年度計畫 伍; domain notes A0.3 and B2)."""

from django.db.models import TextChoices


class UnitChoice(TextChoices):
    """獎勵種類; the values are those of `rules.commendations.Unit`."""

    CITATION = "citation", "嘉獎"
    MERIT = "merit", "記功"
    MAJOR_MERIT = "major_merit", "記大功"


class Measure(TextChoices):
    """What a tier may count of a district in the plan's period."""

    MEETINGS = "meetings", "聯繫會報場次"
    PROPOSALS = "proposals", "修正建議提案案數"
    ATTENDEES = "attendees", "出席人次"
    MEMBERS = "members", "分區成員機關數"
    RANK = "rank", "提案數名次"


class Part(TextChoices):
    """Which part somebody had in hosting (伍、一: 含主管及實際執行人員)."""

    HEAD = "head", "主管"
    HANDLER = "handler", "實際執行人員"


class HostPersonState(TextChoices):
    NAMED = "named", "待審查"
    ACCEPTED = "accepted", "同意列入"
    REFUSED = "refused", "不列入"


class LineKind(TextChoices):
    HOSTING = "hosting", "辦理聯繫會報（伍、一）"
    PROPOSAL = "proposal", "提案獲參採（伍、二）"


class RunState(TextChoices):
    DRAFT = "draft", "試算"
    APPROVED = "approved", "已核定"
