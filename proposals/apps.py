from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "proposals"
    verbose_name = "提案與案例"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        # What search compares is no person's change.
        left_out = {"Case": ["folded"], "Proposal": ["folded"], "Publication": ["folded"], "Statute": ["folded"]}
        for model in self.get_models():
            auditlog.register(model, exclude_fields=left_out.get(model.__name__))
        acts.register(
            {
                "item.created": "建立草稿",
                "item.changed": "編輯",
                "item.file_added": "加入附件",
                "item.file_removed": "移除附件",
                "item.sent": "送承辦單位",
                "item.withdrawn": "撤回",
                "item.shared": "登錄分享",
                "item.late_accepted": "同意收受逾期件",
                "item.compiled": "彙整",
                "item.returned": "退請補正",
                "item.sent_to_office": "送本處",
                "proposal.merged": "併案",
                "proposal.split": "解除併案",
                "proposal.placed": "列入議程",
                "proposal.resolved": "登錄決議",
            }
        )
