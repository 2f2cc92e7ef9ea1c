from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "聯繫會報"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        # The code of the room opens the check-in; a history that everybody of the office reads must not show it.
        # What a file says is long, and no person's change.
        left_out = {"Meeting": ["check_in_code"], "MinutesFile": ["words"]}
        for name in ("Meeting", "Invitation", "AgendaItem", "Minutes", "MinutesVersion", "MinutesFile"):
            auditlog.register(self.get_model(name), exclude_fields=left_out.get(name))
        acts.register(
            {
                "meeting.planned": "排定會議",
                "meeting.changed": "變更會議",
                "meeting.called": "寄發開會通知",
                "meeting.invited_more": "補寄開會通知",
                "meeting.cancelled": "取消會議",
                "meeting.held": "登錄召開",
                "attendance.marked": "登錄出席情形",
                "attendance.opened": "開放自行報到",
                "attendance.checked_in": "自行報到",
                "attendance.refused": "報到碼錯誤",
                "agenda.saved": "儲存議程項目",
                "agenda.removed": "移除議程項目",
                "agenda.ordered": "調整議程順序",
                "minutes.file_added": "上傳檔案",
                "minutes.file_removed": "移除檔案",
                "minutes.role_changed": "變更檔案性質",
                "minutes.submitted": "報送紀錄",
                "minutes.accepted": "同意備查",
                "minutes.returned": "退請補正",
                "minutes.reopened": "重啟紀錄",
                "minutes.circulated": "通函",
                "paper.printed": "產製文件",
            }
        )
