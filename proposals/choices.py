"""The closed vocabularies of calls, cases, proposals and what becomes of them (domain notes, A0.2 and B5)."""

from django.db.models import TextChoices


class ProposalState(TextChoices):
    """Where a proposal (附件2) stands. The agenda is a relation to a meeting, and a decision stays the office's own
    until it is published: neither is a state."""

    DRAFT = "draft", "草稿"
    SENT = "sent", "已送承辦單位"
    COMPILED = "compiled", "已彙整"
    AT_OFFICE = "at_office", "已送本處"
    RESOLVED = "resolved", "已決議"
    PUBLISHED = "published", "已公布結果"
    RETURNED = "returned", "退請補正"
    MERGED = "merged", "已併案"
    WITHDRAWN = "withdrawn", "已撤回"


class CaseState(TextChoices):
    """Where a case (附件1) stands."""

    DRAFT = "draft", "草稿"
    SENT = "sent", "已送承辦單位"
    SHARED = "shared", "已於會報分享"
    COMPILED = "compiled", "已彙整"
    AT_OFFICE = "at_office", "已送本處"
    IN_REVIEW = "in_review", "去識別審查"
    PUBLISHED = "published", "已發布"
    RETURNED = "returned", "退請補正"
    WITHDRAWN = "withdrawn", "已撤回"


class Business(TextChoices):
    """業務類別 of a case."""

    APPOINTMENT = "appointment", "組織任免"
    APPRAISAL = "appraisal", "考核訓練"
    RETIREMENT = "retirement", "退休福利"
    OTHER = "other", "其他"


class CaseKind(TextChoices):
    """案例類型, as the plan asks for them (肆、二、(二)、1)."""

    DIFFICULT = "difficult", "困難案例"
    SPECIAL = "special", "特殊案例"
    MISTAKE = "mistake", "錯誤案例"


class ProposalKind(TextChoices):
    """What a proposal wants changed (肆、二、(二)、2)."""

    LAW = "law", "法規"
    MEASURE = "measure", "措施"
    PROCESS = "process", "流程"


class Effect(TextChoices):
    """預期效益; the first two may earn a commendation (伍、二)."""

    SIMPLER = "simpler", "簡化流程"
    AMENDS = "amends", "修正法規"
    OTHER = "other", "其他"


class Outcome(TextChoices):
    """研處: what the office decides on a proposal."""

    ADOPTED = "adopted", "參採"
    PARTLY = "partly", "部分參採"
    STUDIED = "studied", "錄案研議"
    REFERRED = "referred", "轉請上級機關"
    REJECTED = "rejected", "不參採"


class FollowUpState(TextChoices):
    """列管: the agency reports, the office releases."""

    OPEN = "open", "待處理"
    REPORTED = "reported", "待解列"
    RELEASED = "released", "已解列"


class MarkKind(TextChoices):
    """What a passage of a case may give away."""

    ID_NUMBER = "id_number", "身分證統一編號"
    PHONE = "phone", "電話"
    MAIL = "mail", "電子郵件"
    ADDRESS = "address", "地址"
    NAME = "name", "人名"


class MarkDecision(TextChoices):
    """What a reviewer decided on a passage that may give somebody away; a case with pending ones is not published."""

    PENDING = "pending", "待確認"
    HIDDEN = "hidden", "遮蔽"
    KEPT = "kept", "保留"
