from django.apps import AppConfig


class KpiConfig(AppConfig):
    name = "kpi"
    verbose_name = "目標與回報"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        for model in self.get_models():
            auditlog.register(model)
        acts.register(
            {
                "report.frozen": "產製年度報告",
            }
        )
