"""Award clauses in the administration, where another county's tiers are entered; people, runs and lines to look up."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from import_export.admin import ExportMixin, ImportExportModelAdmin

from awards.actions.rules import gaps, refuse_contradictions
from awards.forms.tiers import ConditionForm, ConditionFormSet
from awards.models import HostPerson, Line, ProposalPerson, ProposalRule, Rewarded, Run, Tier, TierCondition
from awards.resources import TierConditionResource, TierResource
from districts.models import Plan
from personnel_portal.exchange import ReadOnly, Traced


class TierConditionInline(admin.TabularInline[TierCondition, Tier]):
    model = TierCondition
    formset = ConditionFormSet
    extra = 1


class _ClauseAdmin(Traced, ImportExportModelAdmin):
    """Award clauses: only plans that have any are offered."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "plan":
            kwargs["queryset"] = Plan.objects.liaison()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Tier)
class TierAdmin(_ClauseAdmin):
    resource_classes = [TierResource]
    inlines = [TierConditionInline]
    list_display = ["plan", "clause", "unit", "times", "asks"]
    list_filter = ["plan", "unit"]
    list_select_related = ["plan"]
    search_fields = ["clause", "plan__title"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("conditions")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the conditions too, and say where the plan's tiers leave a number out; it may be meant so."""
        super().save_related(request, form, formsets, change)
        for sentence in gaps(form.instance.plan):
            messages.warning(request, sentence)

    @admin.display(description="條件")
    def asks(self, tier: Tier) -> str:
        return "，且".join(map(str, tier.conditions.all()))


@admin.register(TierCondition)
class TierConditionAdmin(Traced, ImportExportModelAdmin):
    form = ConditionForm
    resource_classes = [TierConditionResource]
    list_display = ["tier", "measure", "words"]
    list_filter = ["measure", "tier__plan"]
    list_select_related = ["tier__plan"]
    search_fields = ["tier__clause"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Refuse to delete a condition without which its tier would contradict another."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        keys = [condition.pk for condition in objs]
        for tier in Tier.objects.filter(conditions__in=keys).distinct():
            try:
                refuse_contradictions(tier, [left.value() for left in tier.conditions.exclude(pk__in=keys)])
            except ValidationError as refused:
                protected += refused.messages
        return deleted, counts, lacking, protected


@admin.register(ProposalRule)
class ProposalRuleAdmin(_ClauseAdmin):
    list_display = ["plan", "clause", "unit", "times", "cap"]
    list_select_related = ["plan"]
    search_fields = ["clause", "plan__title"]


class _Shown(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """Rows to look up and to export."""


@admin.register(HostPerson)
class HostPersonAdmin(_Shown):
    list_display = ["person", "district", "part", "state", "named_by", "checked_by"]
    list_filter = ["state", "part", "district"]
    list_select_related = ["person", "district", "named_by", "checked_by"]
    search_fields = ["person__name", "work"]


@admin.register(ProposalPerson)
class ProposalPersonAdmin(_Shown):
    list_display = ["proposal", "person", "named_by", "named_at"]
    list_select_related = ["proposal", "person", "named_by"]
    search_fields = ["proposal__subject", "person__name"]


@admin.register(Run)
class RunAdmin(_Shown):
    list_display = ["plan", "number", "state", "made_by", "made_at", "approved_by", "letter_number"]
    list_filter = ["state", "plan"]
    list_select_related = ["plan", "made_by", "approved_by"]
    search_fields = ["letter_number"]


@admin.register(Line)
class LineAdmin(_Shown):
    list_display = ["name", "agency", "kind", "unit", "times", "is_dropped", "run"]
    list_filter = ["kind", "unit", "is_dropped", "run__plan"]
    list_select_related = ["agency", "run__plan"]
    search_fields = ["name", "agency__short_name", "deed"]


@admin.register(Rewarded)
class RewardedAdmin(_Shown):
    list_display = ["matter", "plan", "line"]
    list_filter = ["plan"]
    list_select_related = ["plan", "line"]
    search_fields = ["matter", "line__name"]
