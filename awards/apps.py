from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "awards"
    verbose_name = "獎勵建議"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        for model in self.get_models():
            auditlog.register(model)
        acts.register(
            {
                "award.person_named": "提報會報承辦人員",
                "award.person_checked": "審查會報承辦人員",
                "award.person_removed": "移除會報承辦人員",
                "award.proposer_named": "指定提案獎勵人員",
                "award.run_made": "試算獎勵",
                "award.line_adjusted": "調整獎勵建議",
                "award.line_dropped": "剔除獎勵建議",
                "award.line_restored": "回復獎勵建議",
                "award.line_remarked": "登錄備註及審議結果",
                "award.run_approved": "核定獎勵建議",
                "award.roster_printed": "產製獎勵建議名冊",
            }
        )
