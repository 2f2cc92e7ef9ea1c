"""Scores of usage returns: as they stand, published, one with its arithmetic; statistics of systems; the rules."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from districts.models import Plan
from districts.standing import standing
from kpi import scoring
from kpi.actions import usage_scores as actions
from kpi.choices import BandFor, Catalogued, Filing, Grant, ReportState, Round
from kpi.filters import ScoreFilter, SystemFilter
from kpi.forms.usage_office import PublishForm, ScoringForm
from kpi.models import Score, ScoreList, SubItem, Subsystem, System, UsageRule, Use
from kpi.policies import can_manage_plan, can_review_usage, can_see_score_list, can_see_scores
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard

FILING = {Filing.MISSING: "late", Filing.OPEN: "wait", Filing.REVIEWED: "done"}


@guard(Plan, can_see_scores)
def scores(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Show what every agency comes to today, and where that differs from what was published last."""
    computed = scoring.of_plan(plan)
    lists_ = list(ScoreList.objects.filter(plan=plan).select_related("published_by"))
    published = next(iter(lists_), None)
    known = {score.agency_id: score for score in published.scores.all()} if published else {}
    context = {
        "plan": plan,
        "rules": computed.rules,
        "rows": [(line, FILING[line.filing], _difference(line, known)) for line in computed.lines],
        "published": published,
        "lists": lists_,
        "warnings": _warnings(plan, computed),
        "may_publish": bool(can_review_usage(request.user, plan)),
    }
    return render(request, "kpi/usage_scores.html", context)


def _difference(line: scoring.Line, known: dict[int, Score]) -> str:
    """Return what a published score was, where it is another today."""
    score = known.get(line.agency.pk)
    if score is None or (score.score, score.filing) == (line.score, line.filing):
        return ""
    return f"公布時 {score.score}" if score.score is not None else f"公布時{score.get_filing_display()}"


def _warnings(plan: Plan, computed: scoring.Standing) -> list[str]:
    """Return what somebody should know before publishing."""
    waiting = [line.agency.short_name for line in computed.lines if line.waits]
    returned = [
        line.agency.short_name
        for line in computed.lines
        if any(one.state == ReportState.RETURNED for one in line.returns.values())
    ]
    found = [computed.rules.problem] if computed.rules.problem else []
    if waiting:
        found.append(f"尚有 {len(waiting)} 個機關的回報待審查：{_some(waiting)}。")
    if returned:
        found.append(f"尚有 {len(returned)} 個機關補正中：{_some(returned)}。")
    if not Subsystem.objects.filter(office=plan.office_id).exists():
        found.append("尚未建立 WebHR 子系統清單，各機關子系統數一律為 0。")
    return found


def _some(names: list[str]) -> str:
    return "、".join(names[:5]) + ("等" if len(names) > 5 else "")


@guard(Plan, can_review_usage)
def publish(request: SignedInRequest, plan: Plan) -> HttpResponse | HttpResponseBase:
    """Publish every agency's result, after saying what follows."""
    last = ScoreList.objects.filter(plan=plan).first()
    seen = last.number if last else 0
    form = PublishForm(request.POST or None, again=bool(last), initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        try:
            published = actions.publish_scores(plan=plan, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error("reason" if hasattr(refusal, "error_dict") else None, refusal.messages)
            form.data = {**{key: form.data[key] for key in form.data}, "seen": seen}
        else:
            messages.success(request, f"已公布第 {published.number} 次分數，並分別通知各機關。")
            return redirect("kpi:usage_score_list", pk=published.pk)
    computed = scoring.of_plan(plan)
    context = {
        "plan": plan,
        "form": form,
        "last": last,
        "counts": _counts(computed),
        "warnings": _warnings(plan, computed),
    }
    return render(request, "kpi/usage_publish.html", context, status=422 if form.errors else 200)


def _counts(computed: scoring.Standing) -> dict[str, int]:
    lines = computed.lines
    return {
        "scored": sum(bool(line.result) for line in lines),
        "missing": sum(line.is_scored and line.filing == Filing.MISSING for line in lines),
        "open": sum(line.is_scored and line.filing == Filing.OPEN for line in lines),
        "part_time": sum(not line.is_scored for line in lines),
    }


# --- Published -------------------------------------------------------------------------------------------------------


def _input(name: str) -> Any:
    return lambda score: score.inputs.get(name)


def _shown_score(score: Score) -> object:
    if score.filing == Filing.MISSING or not score.is_scored:
        return lists.Cell(
            "0.00" if score.score is not None else "—", note="未報送" if score.filing == Filing.MISSING else ""
        )
    return score.score


# The columns of the page, and with what each rests on those for the year-end appraisal (七、(一)).
SHOWN = [
    lists.Column("rank", "名次", "rank", sort=("rank",), numeric=True, width=8),
    lists.Column(
        "agency",
        "機關",
        "agency.short_name",
        sort=("agency__short_name",),
        link=lambda score: reverse("kpi:usage_score", args=[score.pk]),
        width=24,
    ),
    lists.Column("is_scored", "考核方式", lambda score: "計分" if score.is_scored else "配合度", sort=("is_scored",)),
    lists.Column(
        "filing", "報送情形", lambda score: lists.Cell(score.get_filing_display(), FILING[Filing(score.filing)])
    ),
    lists.Column("tools", "資訊工具", _input("tools"), numeric=True, width=10),
    lists.Column("subsystems", "WebHR 子系統", _input("subsystems"), numeric=True, width=14),
    lists.Column("service_share", "整合服務 %", _input("service_share"), numeric=True, width=12),
    lists.Column("score", "分數", _shown_score, sort=("score",), numeric=True, width=10),
]
EXPORTED = [
    *SHOWN[:1],
    lists.Column("agency", "機關", "agency.official_name", sort=("agency__short_name",), width=36),
    SHOWN[2],
    lists.Column("filing", "報送情形", "get_filing_display"),
    *SHOWN[4:7],
    lists.Column("score", "分數", "score", sort=("score",), numeric=True, width=10),
    lists.Column("line", "算式", _input("line"), width=60),
    lists.Column("service_reason", "整合服務核給理由", _input("service_reason"), width=30),
    lists.Column("remark", "配合度", _input("remark"), width=30),
    lists.Column("letter_number", "函報文號", _input("letter_number"), width=26),
    lists.Column("round", "計分次別", _input("round"), width=10),
]


@guard(ScoreList, can_see_score_list)
def score_list(request: SignedInRequest, published: ScoreList) -> HttpResponseBase:
    """Show a published list as it was, and export it for the year-end appraisal."""
    return lists.show(
        request,
        queryset=published.scores.select_related("agency", "score_list").order_by(
            F("rank").asc(nulls_last=True), "-is_scored", "filing", "agency"
        ),
        columns=EXPORTED if "export" in request.GET else SHOWN,
        filterset_class=ScoreFilter,
        title=str(published),
        name=f"{published.plan.year}年度資訊化使用情形考核分數",
        template="kpi/usage_score_list.html",
        empty="這次公布沒有任何機關。",
        per_page=100,
        office_id=standing(request.user).office_id,
        published=published,
    )


@guard(Score)
def score(request: SignedInRequest, score: Score) -> HttpResponse:
    """Show one agency's published result with the arithmetic, item by item, as it was frozen."""
    found = Score.objects.select_related("score_list__plan", "score_list__published_by", "agency", "report")
    score = found.get(pk=score.pk)
    newer = Score.objects.filter(
        agency=score.agency_id,
        score_list__plan=score.score_list.plan_id,
        score_list__number__gt=score.score_list.number,
    )
    groups: dict[str, list[dict[str, str]]] = {}
    for item in score.inputs.get("items", []):
        groups.setdefault(item["under"], []).append(item)
    context = {
        "score": score,
        "groups": groups.items(),
        "newer": newer.select_related("score_list").order_by("-score_list__number").first(),
        "ranked": score.score_list.scores.filter(rank__isnull=False).count(),
        "sees_list": bool(can_see_score_list(request.user, score.score_list)),
        "tone": FILING[Filing(score.filing)],
    }
    return render(request, "kpi/usage_score.html", context)


# --- Statistics ------------------------------------------------------------------------------------------------------

SYSTEMS = [
    lists.Column("code", "代碼", sort=("code",), width=8),
    lists.Column("name", "系統名稱", sort=("name",), width=44),
    lists.Column("sub_item", "子項", "sub_item.name", sort=("sub_item__order", "order"), width=30),
    lists.Column("builder", "建置機關", sort=("builder",), width=20),
    lists.Column("used", "填報機關數", sort=("used",), numeric=True, width=12),
    lists.Column("granted", "採認機關數", sort=("granted",), numeric=True, width=12),
]


@guard(Plan, can_see_scores)
def systems(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Count the agencies that use each system, and by sub-item (六: 統計上開各人事資訊系統使用情形)."""
    round_ = Round.SECOND if request.GET.get("round") == "2" else Round.FIRST
    filed = Q(uses__report__plan=plan, uses__report__round=round_, uses__report__submitted_at__isnull=False)
    counted = System.objects.visible_to(request.user).filter(state=Catalogued.LISTED)
    counted = counted.annotate(
        used=Count("uses", filter=filed), granted=Count("uses", filter=filed & Q(uses__grant=Grant.GRANTED))
    )
    may_review = can_review_usage(request.user, plan)
    columns = [
        lists.Column(
            column.key,
            column.label,
            column.value,
            column.sort,
            (lambda one: reverse("kpi:usage_by_system", args=[plan.pk, one.pk]))
            if column.key == "name" and may_review
            else None,
            column.numeric,
            column.width,
        )
        for column in SYSTEMS
        if column.key != "builder" or "export" in request.GET  # the page has no room for it
    ]
    return lists.show(
        request,
        queryset=counted.select_related("sub_item").order_by("sub_item__order", "order", "pk"),
        columns=columns,
        filterset_class=SystemFilter,
        title=f"{plan.year}年度資訊工具使用統計",
        subtitle=f"{round_.label}，已函報機關",
        empty="清單中沒有資訊工具。",
        template="kpi/usage_systems.html",
        per_page=100,
        office_id=standing(request.user).office_id,
        plan=plan,
        sub_items=_by_sub_item(plan, round_),
    )


def _by_sub_item(plan: Plan, round_: Round) -> list[tuple[str, int, int, int]]:
    """Return for each sub-item, and for WebHR's sub-systems, the agencies that use any, the uses, and those granted."""
    uses = Use.objects.filter(report__plan=plan, report__round=round_, report__submitted_at__isnull=False).order_by()
    counts = {
        row["system__sub_item"]: row
        for row in uses.values("system__sub_item").annotate(
            agencies=Count("report", distinct=True),
            used=Count("pk"),
            granted=Count("pk", filter=Q(grant=Grant.GRANTED)),
        )
    }
    headings = [(one.pk, one.name) for one in SubItem.objects.filter(office=plan.office_id)]
    none = {"agencies": 0, "used": 0, "granted": 0}
    found = [(name, counts.get(pk, none)) for pk, name in [*headings, (None, "WebHR 子系統")]]
    return [(name, row["agencies"], row["used"], row["granted"]) for name, row in found]


# --- The rules -------------------------------------------------------------------------------------------------------


@guard(Plan, can_manage_plan)
def rule(request: SignedInRequest, plan: Plan) -> HttpResponse | HttpResponseBase:
    """Change base, weights and bands of a year; both tables are judged as a whole."""
    rules = scoring.rules_of(plan)
    data = request.POST if request.method == "POST" else None
    form = ScoringForm(rules.row or UsageRule(plan=plan), rules.bands, data)
    if data is not None and form.is_valid():
        try:
            actions.save_rule(
                rule=form.rule.save(commit=False),
                tools=form.values(BandFor.TOOLS),
                subsystems=form.values(BandFor.SUBSYSTEMS),
                by=request.user,
            )
        except ValidationError as refusal:
            form.refused = refusal.message_dict
        else:
            messages.success(request, "已儲存計分規則；已公布的分數不變。")
            return redirect(f"{reverse('kpi:usage')}?year={plan.year}#rules")
    context = {"plan": plan, "form": form, "published": ScoreList.objects.filter(plan=plan).exists()}
    return render(request, "kpi/usage_rule.html", context, status=422 if form.problems else 200)
