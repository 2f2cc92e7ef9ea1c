from django.apps import AppConfig

# What people do with usage returns, as the trail names it.
USAGE_ACTS = {
    "usage.started": "開始填報使用情形",
    "usage.saved": "儲存使用情形草稿",
    "usage.evidence_added": "加入使用佐證",
    "usage.sent": "送出使用情形回報",
    "usage.returned": "退請補正",
    "usage.review_saved": "儲存審查",
    "usage.reviewed": "完成審查",
    "usage.judged_in_bulk": "整批審查",
    "usage.chased": "催請函報使用情形",
    "usage.published": "公布使用情形分數",
    "usage_rule.saved": "變更計分規則",
    "usage_training.added": "登錄系統教育訓練",
    "usage_training.removed": "移除系統教育訓練",
    "system.proposed": "建議新增資訊工具",
    "system.listed": "新增資訊工具",
    "system.decided": "審查資訊工具建議",
    "system.changed": "變更資訊工具",
    "subsystem.saved": "維護 WebHR 子系統",
}

# What people do with work plans.
WORK_ACTS = {
    "work_plan.begun": "建立工作計畫",
    "work_plan.copied": "複製工作計畫",
    "work_plan.imported": "匯入工作計畫",
    "work_item.added": "新增工作項目",
    "work_item.changed": "變更工作項目",
    "work_item.moved": "移動工作項目",
    "work_item.removed": "移除工作項目",
    "work.progress": "填報工作進度",
    "work.evidence": "加入進度佐證",
    "work.evidence_removed": "移除進度佐證",
    "work.done": "登錄辦理",
    "work.event": "登錄事件",
    "work.done_taken_back": "撤回辦理紀錄",
}


class KpiConfig(AppConfig):
    name = "kpi"
    verbose_name = "目標與回報"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        for model in self.get_models():
            auditlog.register(model)
        acts.register(USAGE_ACTS)
        acts.register(WORK_ACTS)
        acts.register(
            {
                "report.frozen": "產製年度報告",
                "actual.saved": "填報績效實績",
                "actual.submitted": "送出績效實績",
                "actual.approved": "核定績效實績",
                "actual.returned": "退請補正績效實績",
                "actual.locked": "鎖定績效填報月份",
                "actual.explained": "說明績效實績",
                "actual.file_removed": "移除績效佐證",
                "actual.imported": "匯入績效實績",
                "violation.entered": "登錄違失紀錄",
                "violation.removed": "移除違失紀錄",
                "correction.filed": "填報改善措施",
                "correction.done": "完成改善措施",
            }
        )
