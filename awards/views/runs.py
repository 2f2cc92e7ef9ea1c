"""Runs: their list, making one, its page with what changed and what it rests on, and its approval."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, Subquery
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from awards import changes, documents, inputs, outlook, precheck, proposing, readings
from awards.actions import runs as actions
from awards.changes import Cause
from awards.choices import HostPersonState, LineKind
from awards.compute import Rules, of_plan
from awards.facts import Gathered, Reference, gather_adopted, in_order, references
from awards.filters import RunFilter
from awards.forms.runs import ApproveForm, ChosenForm
from awards.models import HostPerson, Line, Run
from awards.models.runs import stamp
from awards.policies import can_approve, can_make_run, is_office, is_run_reviewer
from districts.models import Plan
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry

HISTORY = 100  # entries that a page shows
LONGEST_SHOWN = 1000  # characters of a refused reason that come back
MOST_NAMED = 5  # proposals without a proposer that are named one by one


# --- The list --------------------------------------------------------------------------------------------------------


def _state(run: Run) -> lists.Cell:
    return lists.Cell(run.get_state_display(), "done" if run.is_approved else "wait")


def _letter(run: Run) -> object:
    return lists.Cell(run.letter_number, note=roc.short(run.letter_date)) if run.letter_date else None


def _made(run: Run) -> lists.Cell:
    return lists.Cell(roc.moment(timezone.localtime(run.made_at)), note=run.made_by.get_full_name())


COLUMNS = [
    lists.Column("number", "試算", str, sort=("plan__year", "number"), link=Run.get_absolute_url, width=26),
    lists.Column("state", "狀態", _state, sort=("state",)),
    lists.Column("lines", "建議", "line_count", sort=("line_count",), numeric=True),
    lists.Column("dropped", "剔除", "dropped_count", sort=("dropped_count",), numeric=True),
    lists.Column("made_at", "試算時間", _made, sort=("made_at",), width=30),
    lists.Column("approved_by", "核定人", lambda run: run.approved_by and run.approved_by.get_full_name(), width=12),
    lists.Column("letter", "核定文號", _letter, sort=("letter_date",), width=40),
]


@guard(policy=is_office)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the runs of the office's plans, the newest first."""
    runs = Run.objects.visible_to(request.user)
    plan = Plan.objects.visible_to(request.user).liaison().current(timezone.localdate())
    may_make = plan is not None and bool(can_make_run(request.user, plan))
    return lists.show(
        request,
        queryset=runs.annotate(
            line_count=Count("lines", filter=Q(lines__is_dropped=False)),
            dropped_count=Count("lines", filter=Q(lines__is_dropped=True)),
        ).order_by("-plan__year", "-number"),
        columns=COLUMNS,
        filterset_class=RunFilter,
        title="獎勵試算",
        subtitle="試算、審閱調整、由另一位審核人員核定；核定後凍結，日後重算只顯示差異。",
        empty="尚無試算。計畫期間結束、承辦人員名單審查完成後，按「試算」開始。",
        actions=[
            *(
                [lists.Action(f"試算{plan.year}年度獎勵", reverse("awards:make_run", args=[plan.pk]))]
                if plan and may_make
                else []
            ),
            lists.Action("獎勵建議名冊", reverse("awards:roster"), primary=False),
        ],
        office_id=standing(request.user).office_id,
    )


@guard(Plan, can_make_run)
def make(request: SignedInRequest, plan: Plan) -> HttpResponse | HttpResponseBase:
    """Ask before a run is made, saying what is still open, and make it."""
    if request.method == "POST":
        run = actions.make_run(plan=plan, by=request.user)
        messages.success(request, f"已完成{run}，請審閱。")
        for sentence in _left_out(plan):
            messages.warning(request, sentence)
        return redirect(run)
    context = {
        "title": f"試算{plan.year}年度獎勵建議？",
        "consequences": [
            "以目前的事實、條文與解釋計算，並保存這些依據。",
            *_open_matters(plan),
            *_left_out(plan),
            "已核定的建議不會因此變動。",
        ],
        "action": "試算",
        "cancel_url": reverse("awards:runs"),
    }
    return render(request, "components/confirm.html", context)


def _left_out(plan: Plan) -> list[str]:
    """Return which accepted people a run cannot propose, as no roster could say where they serve."""
    people = HostPerson.objects.accepted().filter(district__plan=plan, person__postings=None).select_related("person")
    names = "、".join(named.person.name for named in people)
    return [f"查無任職資料，未列入建議：{names}。請補登任職資料後重新試算。"] if names else []


def _open_matters(plan: Plan) -> list[str]:
    """Return what a run would be made without, a sentence each."""
    gathered, rows = gather_adopted(plan), plan.readings.all()
    states = Counter(state for district in gathered.districts[plan.pk] for (state,) in district.named)  # type: ignore[attr-defined]  # annotated
    waiting, unread = states[HostPersonState.NAMED], sum(row.confirmed_on is None for row in rows)
    told = []
    if timezone.localdate() <= plan.ends:
        told.append(f"計畫期間至 {roc.long(plan.ends)} 始結束；此前核定者，日後達較高獎勵時以新建議取代。")
    if (last := plan.award_runs.order_by("number").last()) and not last.is_approved:
        told.append(f"{last}的調整、剔除、備註及審議結果，凡事項與試算結果相同者一併帶入。")
    if waiting:
        told.append(f"會報承辦人員尚有 {waiting} 人待審查，未審查者不列入。")
    if unread:
        told.append(f"尚有 {unread} 項條文解釋未經確認，以目前採用者計算。")
    if nameless := outlook.unknown(plan, gathered, readings.chosen(rows).joint):
        labels = "、".join(fact.label for fact in nameless[:MOST_NAMED]) + ("等" if len(nameless) > MOST_NAMED else "")
        told.append(f"參採提案有 {len(nameless)} 案查無提案人，指定獎勵人員前不列入：{labels}。")
    return told


# --- One run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page of a run shows it.

    Attributes:
        evidence: what was counted, with its pages.
        claim: the approved line that rewards the same, while the run is a draft.
        earlier: the line of the same person and matter in the run before.
    """

    line: Line
    evidence: list[Reference]
    claim: precheck.Claim | None
    earlier: Line | None


@guard(Run)
def detail(request: SignedInRequest, run: Run) -> HttpResponse:
    """Show a run: its lines with their reasons, and what is different from the run before."""
    return page(request, run)


def page(request: SignedInRequest, run: Run, refused: ChosenForm | None = None) -> HttpResponse:
    """Answer the page of a run; `refused` is what was wrong with what somebody wanted to do with ticked lines."""
    before, newer = _neighbours(run)
    earlier, lines = _lines(before, run)
    pairs = list(changes.pairs(earlier, lines))
    differences = changes.between(before, run, pairs) if before else []
    rules, gathered, _ = of_plan(run.plan) if not run.is_approved else (None, Gathered(), None)
    stale = _since(run, rules, gathered) if rules else []
    told = [change.causes for change in differences] + [causes for _, causes in stale]
    asked = {key for line in lines for key in line.because["references"]}.union(*map(_keys, told))
    named = references(asked, gathered.seen)
    typed = request.POST if refused else {}
    context = {
        "run": run,
        "groups": _groups(_shown(run, lines, pairs, named)),
        "before": before,
        "differences": [(change, _told(change.causes, named)) for change in differences],
        "newer": newer,
        "stale": [(heading, _told(causes, named)) for heading, causes in stale],
        "totals": documents.totals(lines),
        "can_change": bool(is_run_reviewer(request.user, run)) and not run.is_approved,
        "approval": can_approve(request.user, run),
        "history": _history(run, lines),
        "steps": _steps(run),
        "form": refused,
        "ticked": set(request.POST.getlist("lines")) if refused else set(),
        "typed": {name: typed.get(name, "")[:LONGEST_SHOWN] for name in ("reason", "result")},
    }
    return render(request, "awards/run.html", context, status=422 if refused else 200)


def _lines(*runs: Run | None) -> list[list[Line]]:
    """Return the lines of each of the runs, which may be none; one query."""
    by_run: dict[Run | None, list[Line]] = {run: [] for run in runs}
    known = {run.pk: run for run in runs if run}
    for line in Line.objects.for_pages().filter(run__in=known):
        line.run = known[line.run_id]
        by_run[line.run].append(line)
    return [by_run[run] for run in runs]


def _neighbours(run: Run) -> tuple[Run | None, Run | None]:
    """Return the run before a run, and the newest of those after it; one query."""
    runs = run.plan.award_runs.order_by("-number")
    before, newest = (
        Subquery(runs.filter(**side).values("pk")[:1])
        for side in ({"number__lt": run.number}, {"number__gt": run.number})
    )
    found = list(runs.filter(Q(pk=before) | Q(pk=newest)))
    return (
        next((one for one in found if one.number < run.number), None),
        next((one for one in found if one.number > run.number), None),
    )


def _keys(causes: Iterable[Cause]) -> set[str]:
    return {key for cause in causes for key in cause.references}


def _told(causes: Iterable[Cause], named: Mapping[str, Reference]) -> list[tuple[str, list[Reference]]]:
    return [(cause.text, [named[key] for key in cause.references if key in named]) for cause in causes]


def _shown(
    run: Run,
    lines: Iterable[Line],
    pairs: Iterable[tuple[Line | None, Line | None]],
    named: Mapping[str, Reference],
) -> list[Shown]:
    claims = {} if run.is_approved else _by_line(precheck.claims(run.plan, [x for x in lines if not x.is_dropped]))
    earlier = {now.pk: old for old, now in pairs if old and now}
    return [
        Shown(
            line,
            [named[key] for key in in_order(line.because["references"]) if key in named],
            claims.get(line.pk),
            earlier.get(line.pk),
        )
        for line in lines
    ]


def _by_line(claims: Iterable[precheck.Claim]) -> dict[int, precheck.Claim]:
    """Return a claim for each line; one that forbids approving goes before one that only replaces."""
    found: dict[int, precheck.Claim] = {}
    for claim in claims:
        if claim.line.pk not in found or not claim.replaces:
            found[claim.line.pk] = claim
    return found


def _groups(shown: Iterable[Shown]) -> list[tuple[str, str, list[Shown]]]:
    """Return the lines of each district under its name, then those for proposals, each with its clause in words."""
    groups: dict[tuple[str, str], list[Shown]] = {}
    for one in shown:
        line = one.line
        heading = line.district.name if line.kind == LineKind.HOSTING and line.district else "參採提案"
        groups.setdefault((heading, line.get_kind_display()), []).append(one)
    return [(heading, kind, found) for (heading, kind), found in groups.items()]


def _since(run: Run, rules: Rules, gathered: Gathered) -> list[tuple[str, list[Cause]]]:
    """Return what has changed since a draft was computed."""
    facts, kept = inputs.kept(run.plan, rules, gathered)
    names = {district.pk: district.name for district in gathered.districts[run.plan_id]}
    return changes.since(run, facts, kept, names)


def _history(run: Run, lines: Iterable[Line]) -> list[Entry]:
    kinds = ContentType.objects.get_for_models(Run, Line)
    of_lines = Q(target_type=kinds[Line], target_id__in=[str(line.pk) for line in lines])
    return list(Entry.objects.filter(Q(target_type=kinds[Run], target_id=str(run.pk)) | of_lines)[:HISTORY])


def _steps(run: Run) -> list[tuple[str, str]]:
    if run.is_approved:
        return [("試算", "past"), ("審閱調整", "past"), ("核定", "past")]
    return [("試算", "past"), ("審閱調整", "now"), ("核定", "next")]


@guard(Run)
def rests_on(request: SignedInRequest, run: Run) -> HttpResponse:
    """Show the frozen inputs of a run: its clauses and readings, and what was counted."""
    stored = changes.of(run)
    districts = dict(run.plan.districts.values_list("pk", "name"))
    named = references(stored.adopted())
    context = {
        "run": run,
        "settings": [(kind.label, [s for s in inputs.settings(run.rules) if s.kind == kind]) for kind in LineKind],
        "districts": [
            (name, inputs.counted(stored.record(pk)), list(stored.people(pk).values()))
            for pk, name in districts.items()
        ],
        "adopted": [named.get(key, Reference(key, "")) for key in stored.adopted()],
    }
    return render(request, "awards/run_inputs.html", context)


# --- Approving -------------------------------------------------------------------------------------------------------


@guard(Run, is_run_reviewer)
def approve(request: SignedInRequest, run: Run) -> HttpResponse | HttpResponseBase:
    """Show what stands against approving and what follows from it, and approve."""
    if run.is_approved and request.method != "POST":
        messages.info(request, f"{run}已核定。")
        return redirect(run)
    form = ApproveForm(request.POST if request.method == "POST" else None, run=run)
    if form.is_valid():
        try:
            actions.approve_run(run=run, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            form.show_now(stamp(run.lines.all()))
        else:
            messages.success(request, f"已核定{run}，並已通知名冊上的人員及其機關。")
            return redirect(run)
    open_lines = list(run.lines.for_pages().filter(is_dropped=False))
    claims = [] if run.is_approved else precheck.claims(run.plan, open_lines)
    rules, gathered, result = of_plan(run.plan)
    context = {
        "run": run,
        "form": form,
        "approval": can_approve(request.user, run),
        "lines": open_lines,
        "totals": documents.totals(open_lines),
        "estimates": precheck.estimates(open_lines),
        "outdated": changes.outdated(open_lines, proposing.lines(run, gathered, result)),
        "rewarded": [claim for claim in claims if not claim.replaces],
        "replaced": [claim for claim in claims if claim.replaces],
        "newer": _neighbours(run)[1],
        "is_stale": not run.is_approved and bool(_since(run, rules, gathered)),
    }
    return render(request, "awards/approve.html", context, status=422 if form.errors else 200)
