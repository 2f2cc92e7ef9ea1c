from django.apps import AppConfig

# What people do with plans, courses and needs, as the trail names it.
CATALOGUE_ACTS: dict[str, str] = {
    "training_rule.changed": "變更訓練進修規則",
    "college.added": "新增學院",
    "college.changed": "變更學院",
    "course.added": "新增課程",
    "course.changed": "變更課程",
    "courses.chosen": "選列年度課程",
    "survey.opened": "開辦訓練需求調查",
    "survey.changed": "變更訓練需求調查",
    "survey.answered": "填報訓練需求",
    "catalogue.printed": "下載年度課程一覽表",
}

# What people do with classes.
CLASS_ACTS: dict[str, str] = {
    "class.planned": "新增班別",
    "class.changed": "變更班別",
    "class.removed": "刪除班別草稿",
    "class.opened": "公告受理報名",
    "class.closed": "停止報名",
    "class.cancelled": "停辦班別",
    "class.file_added": "加入班別檔案",
    "class.file_removed": "移除班別檔案",
    "class.plan_printed": "下載班別實施計畫",
}

# What people do with registrations.
REGISTRATION_ACTS: dict[str, str] = {
    "registration.nominated": "薦送參訓",
    "registration.registered": "錄取",
    "registration.waiting": "列入候補",
    "registration.offered": "通知遞補",
    "registration.declined": "放棄遞補",
    "registration.expired": "遞補逾期未回復",
    "registration.cancelled": "取消報名",
    "registration.refused": "不予薦送",
}

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
HOURS_ACTS: dict[str, str] = {
    "hours.entered": "登錄學習時數",
    "hours.changed": "修改學習時數",
    "hours.removed": "移除學習時數",
    "national_report.received": "上傳入口網站報表",
    "national_report.read": "讀取入口網站報表",
    "national_report.taken": "匯入入口網站報表",
    "national_report.dropped": "刪除入口網站報表",
    "upload.written": "匯出入口網站上傳檔",
    "upload.refused": "檢查入口網站上傳檔",
    "upload.withdrawn": "取消上傳註記",
}

# What people do with study leave.
STUDY_ACTS: dict[str, str] = {
    "study.drafted": "登錄進修申請草稿",
    "study.changed": "修改進修申請",
    "study.file_removed": "移除進修申請附件",
    "study.submitted": "提出進修申請",
    "study.late": "逾期提出進修申請",
    "study.approved": "核准進修",
    "study.refused": "不同意進修",
    "study.withdrawn": "撤回進修申請",
    "study.ended": "結束進修",
    "study.leave_entered": "登錄進修公假",
    "study.leave_removed": "移除進修公假",
    "study.semester_added": "登錄進修學期",
    "study.semester_changed": "更正進修學期",
    "study.timetable_filed": "提送學期課表",
    "study.grades_filed": "送交學期成績",
    "study.hours_registered": "登錄進修學習時數",
    "study.headcount_entered": "登錄編制內預算員額",
    "study.roster_started": "編製進修名冊",
    "study.roster_submitted": "報送進修名冊",
    "study.roster_accepted": "進修名冊備查",
    "study.roster_returned": "進修名冊退請補正",
    "study.roster_printed": "下載進修名冊",
}


# What nobody keeps account of: who answered a questionnaire, and what.
ANONYMOUS = {"answer", "answered"}

# The lines of a report come and go with it by the ten thousand.
PASSING = ("nationalrow",)

# What a history must not keep: a file that waits to be read may hold ID numbers.
UNKEPT = {"nationalreport": ["content"]}


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "訓練進修"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        for model in self.get_models():
            if model._meta.model_name not in (*ANONYMOUS, *PASSING):
                auditlog.register(model, exclude_fields=UNKEPT.get(model._meta.model_name or "", []))
        for known in (CATALOGUE_ACTS, CLASS_ACTS, REGISTRATION_ACTS, ATTENDANCE_ACTS, HOURS_ACTS, STUDY_ACTS):
            acts.register(known)
