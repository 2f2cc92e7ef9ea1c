"""The closed vocabularies of plans, agencies and people."""

from django.db.models import TextChoices


class PlanKind(TextChoices):
    LIAISON = "liaison", "分區聯繫會報"
    KPI = "kpi", "策略績效目標"
    WORK = "work", "年度工作計畫"
    IT_USE = "it_use", "資訊工具使用"
    TRAINING = "training", "訓練進修"


class VersionKind(TextChoices):
    APPROVED = "approved", "核定"
    AMENDED = "amended", "修正"


class AgencyKind(TextChoices):
    OFFICE = "office", "人事處"
    COUNTY = "county", "縣級機關"
    TOWNSHIP = "township", "鄉鎮市公所"
    LAND = "land", "地政事務所"
    SENIOR_HIGH = "senior_high", "高中"
    JUNIOR_HIGH = "junior_high", "國中"
    JOINT_SCHOOL = "joint_school", "國中小"
    ELEMENTARY = "elementary", "國小"
    OTHER = "other", "其他"


class Staffing(TextChoices):
    """How the agency's personnel post is held."""

    FULL_TIME = "full_time", "專任"
    PART_TIME = "part_time", "兼任"
    CONCURRENT = "concurrent", "兼辦"


class NameKind(TextChoices):
    OFFICIAL = "official", "全銜"
    ALIAS = "alias", "別名"


class Function(TextChoices):
    """What a person does at an agency, as the plan speaks of people."""

    HEAD = "head", "主管"
    HANDLER = "handler", "承辦"
    PERSONNEL = "personnel", "人事"


class Access(TextChoices):
    """What a posting lets a person do in the portal; the first two only at the personnel office itself.

    `OWN` is an employee who sees to nothing but the own training and learning hours.
    """

    ADMIN = "admin", "管理"
    REVIEW = "review", "審核"
    WORK = "work", "承辦"
    READ = "read", "唯讀"
    OWN = "own", "本人"


# Those who do nothing in the agency's name.
PASSIVE = (Access.READ, Access.OWN)


class Status(TextChoices):
    """身分別: under which law a person is rewarded and trained."""

    CIVIL_SERVANT = "civil_servant", "公務人員"
    TEACHER = "teacher", "教師"
    CONTRACT = "contract", "約聘僱人員"
    OTHER = "other", "其他"


class Holiday(TextChoices):
    """What a rest day does to a deadline; the values are those of `rules.worktime.Policy`."""

    NEXT = "next", "順延至次一上班日"
    PREVIOUS = "previous", "提前至前一上班日"
    NONE = "none", "不調整"


class SheetKind(TextChoices):
    """What a staged sheet holds."""

    AGENCIES = "agencies", "機關"
    PEOPLE = "people", "人員"
    CASES = "cases", "案例"
    PROPOSALS = "proposals", "提案"
    ACTUALS = "actuals", "績效實績"
    ATTENDANCE = "attendance", "出席情形"
