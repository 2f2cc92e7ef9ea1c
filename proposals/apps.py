from django.apps import AppConfig

# What people do here, as the trail names it.
ACTS = {
    "call.drafted": "擬函請提案",
    "call.changed": "編輯函稿",
    "call.numbered": "登錄文號",
    "call.sent": "寄發函請提案",
    "call.asked_more": "補發函請提案",
    "call.moved": "延後截止日",
    "call.extended": "同意展延",
    "call.missing_asked": "催請未回復機關",
    "call.none": "回復「無」",
    "call.none_taken_back": "撤回「無」的回復",
    "call.printed": "下載函稿",
    "item.created": "建立草稿",
    "item.changed": "編輯",
    "item.file_added": "加入附件",
    "item.file_removed": "移除附件",
    "item.sent": "送承辦單位",
    "item.entered": "承辦單位代為登錄",
    "sheet.items_imported": "匯入案例或提案",
    "item.withdrawn": "撤回",
    "item.shared": "登錄分享",
    "item.late_accepted": "同意收受逾期件",
    "item.compiled": "彙整",
    "item.returned": "退請補正",
    "item.sent_to_office": "送本處",
    "case.review_started": "開始去識別審查",
    "case.marked": "加註遮蔽",
    "case.marks_decided": "確認遮蔽",
    "case.published": "發布案例",
    "case.corrected": "更正案例",
    "case.taken_down": "停止公開案例",
    "case.superseded": "確認案例已不適用",
    "case.still_holds": "確認案例仍適用",
    "case.supersession_reopened": "重新檢視案例是否適用",
    "publication.helpful": "註記「對我有幫助」",
    "publication.unhelpful": "取消「對我有幫助」",
    "proposal.supersessions_suggested": "提示受影響的案例",
    "proposal.supersessions_dropped": "移除受影響案例的提示",
    "proposal.merged": "併案",
    "proposal.joined": "收受併案",
    "proposal.split": "解除併案",
    "proposal.placed": "列入議程",
    "proposal.resolved": "登錄決議",
    "proposal.published": "公布結果",
    "proposal.corrected": "更正研處",
    "decision.saved": "研處",
    "decision.dropped": "移除未公布的研處",
    "items.ordered": "調整彙整順序",
    "compilation.exported": "匯出彙整表",
    "follow_up.opened": "列管",
    "follow_up.reported": "填報辦理情形",
    "follow_up.returned": "繼續列管",
    "follow_up.released": "解除列管",
    "follow_up.printed": "列印列管表",
    "circular.drafted": "擬通函",
    "circular.changed": "編輯通函",
    "circular.redrafted": "重新擬稿",
    "circular.discarded": "刪除通函草稿",
    "circular.published": "公布通函",
    "circular.acknowledged": "簽收通函",
    "circular.reminded": "催請簽收",
    "circular.printed": "下載通函",
}


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
        acts.register(ACTS)
