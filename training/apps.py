from django.apps import AppConfig

# What people do with plans, courses and needs, as the trail names it.
CATALOGUE_ACTS: dict[str, str] = {}

# What people do with classes.
CLASS_ACTS: dict[str, str] = {}

# What people do with registrations.
REGISTRATION_ACTS: dict[str, str] = {}

# What people do with attendance, credited hours and questionnaires.
ATTENDANCE_ACTS: dict[str, str] = {
    "attendance.entered": "登錄上課出席",
    "attendance.code_renewed": "更換簽到碼",
    "attendance.checked_in_to_session": "以簽到碼簽到",
    "attendance.code_refused": "簽到碼錯誤",
    "attendance.corrected": "更正出席情形",
    "class.finished": "結訓",
    "hours.submitted": "報送學習時數",
    "hours.returned": "學習時數退請補正",
    "hours.granted": "核給學習時數",
    "hours.listed": "下載核給時數清冊",
    "certificate.printed": "產製結訓證明書",
    "attendance.sheet_printed": "產製簽到表",
    "questionnaire.edited": "編輯滿意度問卷",
    "questionnaire.reminded": "提醒填答問卷",
}

# What people do with learning records, reports of the national portal and uploads to it.
HOURS_ACTS: dict[str, str] = {}

# What people do with study leave.
STUDY_ACTS: dict[str, str] = {}


# What nobody keeps account of: who answered a questionnaire, and what.
ANONYMOUS = ("answer", "answered")


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "訓練進修"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        for model in self.get_models():
            if model._meta.model_name not in ANONYMOUS:
                auditlog.register(model)
        for known in (CATALOGUE_ACTS, CLASS_ACTS, REGISTRATION_ACTS, ATTENDANCE_ACTS, HOURS_ACTS, STUDY_ACTS):
            acts.register(known)
