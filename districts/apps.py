from django.apps import AppConfig

from personnel_portal.trail import acts


class DistrictsConfig(AppConfig):
    name = "districts"
    verbose_name = "分區與機關"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        acts.register(
            {
                "plans.loaded": "載入計畫資料",
                "plan.cloned": "複製計畫",
                "plan.changed": "修改計畫設定",
                "plan.version_added": "登錄計畫文號",
                "plan.version_removed": "刪除計畫文號",
                "deadline.changed": "修改期限",
                "reading.confirmed": "確認條文解釋",
                "host.changed": "變更承辦單位",
                "agency.added": "新增機關",
                "agency.changed": "修改機關",
                "agencies.imported": "匯入機關",
                "person.added": "新增人員",
                "person.changed": "修改人員",
                "people.imported": "匯入人員",
                "posting.begun": "到任",
                "posting.changed": "修改職務",
                "posting.ended": "卸任",
                "posting.handed_over": "交接",
                "sheet.refused_rows_downloaded": "下載未匯入的資料列",
                "coaching.filed": "報送輔導分配表",
                "calendar.imported": "匯入辦公日曆",
                "closure.declared": "登錄停止上班",
                "closure.withdrawn": "撤銷停止上班",
            }
        )
        for model in self.get_models():
            # A staged sheet lives for days and is never edited; what it becomes has entries of its own.
            if model.__name__ not in {"StagedSheet", "CalendarDay"}:
                auditlog.register(model)
