"""The closed vocabularies of training, learning hours and study leave."""

from django.db.models import IntegerChoices, TextChoices

from districts.choices import Status


def every_status() -> list[str]:
    """Return whom the plan is for: 公務人員及約聘僱人員 (伍)."""
    return [Status.CIVIL_SERVANT.value, Status.CONTRACT.value]


class Form(TextChoices):
    """Who runs a training (陸、二)."""

    OWN = "own", "自辦訓練"
    JOINT = "joint", "合辦訓練"
    NOMINATED = "nominated", "薦送參訓"


class Mode(TextChoices):
    """How it is learned (陸、三)."""

    ON_SITE = "on_site", "實體學習"
    ONLINE = "online", "數位學習"
    BLENDED = "blended", "混成學習"


class Granting(TextChoices):
    """What somebody gets who was not absent too long; the values are those of `rules.credit.Grant`."""

    FULL = "full", "全數核給"
    ATTENDED = "attended", "按實際出席核給"


class ClassState(TextChoices):
    """Where a class stands."""

    DRAFT = "draft", "草稿"
    OPEN = "open", "受理報名"
    CLOSED = "closed", "停止報名"
    FINISHED = "finished", "已結訓"
    CANCELLED = "cancelled", "停辦"


class HoursState(TextChoices):
    """Where the credited hours of a class stand: courses that units run are submitted by them, the office grants."""

    OPEN = "open", "未送"
    SUBMITTED = "submitted", "已報送"
    RETURNED = "returned", "退請補正"
    GRANTED = "granted", "已核給"


class Place(TextChoices):
    """Where a registration stands."""

    NOMINATED = "nominated", "薦送審核中"
    REGISTERED = "registered", "錄取"
    WAITING = "waiting", "候補"
    OFFERED = "offered", "遞補通知中"
    CANCELLED = "cancelled", "取消"
    DECLINED = "declined", "放棄遞補"
    EXPIRED = "expired", "逾期未回復"
    REFUSED = "refused", "不予薦送"


# Those who have a place, and all who stand for one.
SEATED = (Place.REGISTERED, Place.OFFERED)
ACTIVE = (Place.NOMINATED, Place.REGISTERED, Place.WAITING, Place.OFFERED)


class Presence(TextChoices):
    """How somebody was at a session."""

    PRESENT = "present", "出席"
    LATE = "late", "遲到"
    LEFT_EARLY = "left_early", "早退"
    LEAVE = "leave", "請假"
    ABSENT = "absent", "缺席"


class Leave(TextChoices):
    """Kinds of leave; which of them count as absence is a setting of the plan."""

    OFFICIAL = "official", "公假"
    PERSONAL = "personal", "事假"
    SICK = "sick", "病假"
    ANNUAL = "annual", "休假"
    OTHER = "other", "其他"


class QuestionKind(TextChoices):
    SCALE = "scale", "1 至 5 分"
    TEXT = "text", "文字"


class Origin(TextChoices):
    """Where a learning record comes from."""

    CLASS = "class", "本處班別"
    STUDY = "study", "進修"
    IMPORT = "import", "終身學習入口網站"
    ENTERED = "entered", "人工登錄"


class Outcome(TextChoices):
    """What a line of the national portal's report is beside the records here."""

    BOTH = "both", "兩邊都有"
    DIFFERING = "differing", "內容不同"
    ONLY_THERE = "only_there", "僅入口網站有"
    PROBLEM = "problem", "無法比對"


class Encoding(TextChoices):
    """How an upload is written. The values are Python's codecs: what Taiwanese systems call Big5 is Windows' cp950,
    which also holds 碁銹裏墻恒粧嫺; 堃 and 𡍼 are in neither."""

    BIG5 = "cp950", "Big5"
    UTF8 = "utf-8-sig", "UTF-8"


class UploadValue(TextChoices):
    """What a column of an upload may be filled with."""

    ID_NUMBER = "id_number", "身分證字號"
    NAME = "name", "姓名"
    AGENCY = "agency", "機關名稱"
    AGENCY_CODE = "agency_code", "機關代碼"
    COURSE = "course", "課程名稱"
    NUMBER = "number", "期別"
    STARTS_ON = "starts_on", "起始日期"
    STARTS_AT = "starts_at", "起始時間"
    ENDS_ON = "ends_on", "結束日期"
    ENDS_AT = "ends_at", "結束時間"
    TOPIC = "topic", "課程類別"
    TOPIC_CODE = "topic_code", "課程類別代碼"
    HOURS = "hours", "時數"
    MODE_CODE = "mode_code", "學習性質代碼"
    DIGITAL_HOURS = "digital_hours", "數位時數"
    ON_SITE_HOURS = "on_site_hours", "實體時數"


class StudyKind(TextChoices):
    """What is studied (柒、一)."""

    ENROLMENT = "enrolment", "入學進修"
    CREDITS = "credits", "選修學分"
    RESEARCH = "research", "專題研究"


class Where(TextChoices):
    HOME = "home", "國內"
    ABROAD = "abroad", "國外"


class Selection(TextChoices):
    """Who takes the first step (柒、一)."""

    SELECTED = "selected", "選送進修"
    OWN = "own", "自行申請進修"


class StudyTime(TextChoices):
    """When somebody studies (柒、二)."""

    FULL_TIME = "full_time", "全時進修"
    PART_TIME = "part_time", "部分辦公時間進修"
    OFF_DUTY = "off_duty", "公餘進修"


# Those that the yearly quota counts (柒、三).
COUNTED = (StudyTime.FULL_TIME, StudyTime.PART_TIME)


class StudyState(TextChoices):
    """Where an application for study leave stands."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "申請中"
    LATE = "late", "逾期不受理"
    APPROVED = "approved", "已核准"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "撤回"
    ENDED = "ended", "已結束"


class Term(IntegerChoices):
    FIRST = 1, "第 1 學期"
    SECOND = 2, "第 2 學期"


class RosterState(TextChoices):
    """Where an agency's yearly roster of study leaves stands."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已報送"
    RETURNED = "returned", "退請補正"
    ACCEPTED = "accepted", "已備查"
