from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "personnel_portal.duties"
    label = "duties"
    verbose_name = "應辦事項"

    def ready(self) -> None:
        from personnel_portal.trail import acts

        acts.register(
            {
                "duty.reminded": "立即提醒",
                "duty.relieved": "核准免除或展延",
                "duty.relief_withdrawn": "撤銷免除或展延",
                "feed.opened": "產生行事曆訂閱網址",
                "feed.revoked": "撤銷行事曆訂閱網址",
            }
        )
