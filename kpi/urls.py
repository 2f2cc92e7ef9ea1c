"""Addresses of the registers: targets, usage returns, work plans."""

from django.urls import URLPattern, path

from kpi.views import (
    entry,
    evidence,
    missed,
    target_reports,
    target_review,
    targets,
    usage,
    usage_catalogue,
    usage_review,
    usage_scores,
)

app_name = "kpi"

urlpatterns: list[URLPattern] = [
    # Targets: what units enter
    path("targets/entry/", entry.entries, name="entries"),
    path("targets/<int:pk>/entry/", entry.entry, name="entry"),
    path("indicators/<int:pk>/entry/", evidence.row, name="entry_row"),
    path("indicators/<int:pk>/carry-in/", evidence.carry_in, name="carry_in"),
    path("actuals/<int:pk>/", evidence.actual, name="actual"),
    path("actual-files/<int:pk>/", evidence.file, name="actual_file"),
    path("actual-files/<int:pk>/remove/", evidence.remove_file, name="remove_actual_file"),
    # Targets: what became of them, reviewed, explained, reported
    path("targets/", targets.overview, name="targets"),
    path("targets/<int:pk>/matrix/", targets.matrix, name="target_matrix"),
    path("targets/<int:pk>/review/", target_review.review, name="review_targets"),
    path("targets/<int:pk>/lock/", target_review.lock, name="lock_targets"),
    path("targets/<int:pk>/missed/", missed.missed, name="missed_targets"),
    path("targets/<int:pk>/violations/", missed.violations, name="violations"),
    path("targets/<int:pk>/reports/", target_reports.reports, name="target_reports"),
    path("targets/<int:pk>/reports/issue/", target_reports.issue, name="issue_target_report"),
    path("indicators/<int:pk>/", targets.indicator, name="indicator"),
    path("indicators/<int:pk>/units/<int:agency>/correction/", missed.correction, name="correction"),
    path("corrections/<int:pk>/finish/", missed.finish, name="finish_correction"),
    path("violations/<int:pk>/remove/", missed.remove_violation, name="remove_violation"),
    path("reports/<int:pk>/report.<str:form>", target_reports.download, name="report_file"),
    # Usage returns
    path("usage/", usage.overview, name="usage"),
    path("usage/returns/", usage_review.index, name="usage_returns"),
    path("usage/returns/<int:pk>/", usage.detail, name="usage_return"),
    path("usage/returns/<int:pk>/edit/", usage.edit, name="edit_usage_return"),
    path("usage/returns/<int:pk>/review/", usage_review.review, name="review_usage_return"),
    path("usage/returns/<int:pk>/return/", usage_review.give_back, name="return_usage_return"),
    path("usage/evidence/<int:pk>/", usage.evidence, name="usage_evidence"),
    path("usage/services/<int:pk>/", usage.service_evidence, name="usage_service_evidence"),
    path("usage/plans/<int:pk>/start/", usage.start, name="start_usage_return"),
    path("usage/plans/<int:pk>/missing/", usage_review.missing, name="usage_missing"),
    path("usage/plans/<int:pk>/chase/", usage_review.chase, name="chase_usage"),
    path("usage/plans/<int:pk>/systems/", usage_scores.systems, name="usage_systems"),
    path("usage/plans/<int:pk>/systems/<int:system>/", usage_review.by_system, name="usage_by_system"),
    path("usage/plans/<int:pk>/scores/", usage_scores.scores, name="usage_scores"),
    path("usage/plans/<int:pk>/publish/", usage_scores.publish, name="publish_usage_scores"),
    path("usage/plans/<int:pk>/rule/", usage_scores.rule, name="usage_rule"),
    path("usage/plans/<int:pk>/trainings/", usage_catalogue.add_training, name="add_usage_training"),
    path("usage/trainings/<int:pk>/remove/", usage_catalogue.remove_training, name="remove_usage_training"),
    path("usage/score-lists/<int:pk>/", usage_scores.score_list, name="usage_score_list"),
    path("usage/scores/<int:pk>/", usage_scores.score, name="usage_score"),
    path("usage/catalogue/", usage_catalogue.catalogue, name="usage_catalogue"),
    path("usage/catalogue/propose/", usage_catalogue.propose, name="propose_usage_system"),
    path("usage/catalogue/<int:pk>/", usage_catalogue.system, name="usage_system"),
    path("usage/subsystems/", usage_catalogue.subsystems, name="usage_subsystems"),
    path("usage/subsystems/<int:pk>/", usage_catalogue.subsystem, name="usage_subsystem"),
]
