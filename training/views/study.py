"""Study leave: the list, an application from draft to decision, its files, leave by day, withdrawal and the end."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Agency, Posting
from districts.policies import is_somebody
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry
from personnel_portal.uploads import kinds
from personnel_portal.uploads.actions import Batch, keep_each
from personnel_portal.uploads.sending import send as send_file
from training.actions import study as actions
from training.choices import StudyState
from training.filters import StudyFilter
from training.forms.study import EndForm, LeaveForm, ReasonForm, StudyForm, SubmitForm, running_plans
from training.models import Study, StudyFile, StudyLeave
from training.policies import (
    can_apply_for_study,
    can_decide_study,
    can_handle_study,
    can_keep_study,
    can_remove_study_file,
    can_remove_study_leave,
)
from training.studying import (
    APPLY,
    HELD,
    due_of,
    load,
    owes_timetable,
    room,
    rule_of,
    subsidy,
    takes_leave,
    weeks_of,
)

TONES = {
    StudyState.DRAFT: "none",
    StudyState.SUBMITTED: "wait",
    StudyState.LATE: "late",
    StudyState.APPROVED: "done",
    StudyState.REFUSED: "late",
    StudyState.WITHDRAWN: "none",
    StudyState.ENDED: "none",
}


def _state(study: Study) -> lists.Cell:
    return lists.Cell(study.get_state_display(), TONES[StudyState(study.state)])


def _what(study: Study) -> lists.Cell:
    return lists.Cell(f"{study.school}{study.programme}", note=study.years_label)


COLUMNS = [
    lists.Column("person", "姓名", "person.name", sort=("person__name",), link=Study.get_absolute_url, width=10),
    lists.Column("agency", "服務機關", "agency.short_name", sort=("agency__short_name",)),
    lists.Column("what", "學校系所", _what, sort=("school", "programme"), width=34),
    lists.Column("time", "進修時間", "get_time_display", sort=("time",)),
    lists.Column("selection", "方式", "get_selection_display", sort=("selection",)),
    lists.Column("year", "計畫年度", "plan.year", sort=("plan__year",), numeric=True, width=8),
    lists.Column("applied_on", "提出日", "applied_on", sort=("applied_on",), width=12),
    lists.Column("state", "狀態", _state, sort=("state",), width=12),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the applications that the person may see: one's own, those of one's agency's people, to the office all."""
    mine = standing(request.user)
    buttons = [lists.Action("申請進修", reverse("training:add_study"))]
    if mine.reads_for:
        buttons.append(lists.Action("進修名額", reverse("training:headcounts"), primary=False))
        buttons.append(lists.Action("進修名冊", reverse("training:study_rosters"), primary=False))
    found = Study.objects.visible_to(request.user).select_related("person", "agency", "plan")
    return lists.show(
        request,
        queryset=found.order_by("-plan__year", "agency", "-pk"),
        columns=COLUMNS,
        filterset_class=StudyFilter,
        title="進修",
        subtitle="每年 6 月 30 日前向服務機關提出申請，逾期不予受理（柒、五、(一)）。",
        empty="還沒有進修申請。由「申請進修」開始，填寫學校、系所及起訖學年度。",
        actions=buttons,
        office_id=mine.office_id,
    )


# --- One application -------------------------------------------------------------------------------------------------


@guard(Study)
def detail(request: SignedInRequest, study: Study) -> HttpResponse:
    """Show an application: where it stands, quota and leave with their arithmetic, semesters, files, history."""
    return _detail_page(request, study)


def _detail_page(
    request: SignedInRequest, study: Study, *, leave_form: LeaveForm | None = None, status: int = 200
) -> HttpResponse:
    handles = bool(can_handle_study(request.user, study))
    keeps, decides = bool(can_keep_study(request.user, study)), can_decide_study(request.user, study)
    rule = rule_of(study.plan)
    has_leaves = study.weekly_hours and study.state not in actions.OPEN
    leaves = list(study.leaves.all()) if has_leaves else []
    context: dict[str, Any] = {
        "study": study,
        "tone": TONES[StudyState(study.state)],
        "steps": steps(study),
        "subsidy": subsidy(study.agency, rule),
        "due": due_of(study.plan, APPLY),
        "room": room(study.agency, study.plan) if handles and study.state in actions.OPEN else None,
        "load": load(study) if study.weekly_hours and study.state in (*actions.OPEN, *HELD) else None,
        "limit": rule.weekly_hours,
        "weeks": weeks_of(leaves),
        "files": study.files.select_related("stored"),
        "semesters": study.semesters.all() if study.state in HELD else [],
        "owes_timetable": owes_timetable(study),
        "takes_leave": takes_leave(study) and handles,
        "leave_form": (leave_form or LeaveForm()) if takes_leave(study) and handles else None,
        "handles": handles,
        "may_edit": keeps and study.state == StudyState.DRAFT,
        "may_decide": bool(decides) and study.state == StudyState.SUBMITTED,
        "undecided": decides.reason if study.state == StudyState.SUBMITTED and handles else "",
        "may_withdraw": keeps and study.state in (*actions.OPEN, StudyState.APPROVED),
        "may_end": handles and study.state == StudyState.APPROVED,
        # Each day of leave stands in its table.
        "entries": Entry.objects.for_target(study).exclude(act="study.leave_entered")[:20],
    }
    return render(request, "training/study.html", context, status=status)


def steps(study: Study) -> list[tuple[str, str]]:
    """Return the stepper of an application."""
    words = ["草稿", "提出申請", "核定", "進修", "結束"]
    state = StudyState(study.state)
    stops = {StudyState.LATE: (1, "逾期不受理"), StudyState.REFUSED: (2, "不同意"), StudyState.WITHDRAWN: (2, "撤回")}
    if stopped := stops.get(state):
        place, word = stopped
        return [(one, "past") for one in words[:place]] + [(word, "stop")]
    if state == StudyState.ENDED:
        return [(one, "past") for one in words]
    now = {StudyState.DRAFT: 0, StudyState.SUBMITTED: 2, StudyState.APPROVED: 3}[state]
    return [(one, "past" if at < now else "now" if at == now else "next") for at, one in enumerate(words)]


@guard(policy=can_apply_for_study)
def add(request: SignedInRequest) -> HttpResponseBase:
    """Begin an application: one's own, or of one of the agency's people (`?agency=` for the office)."""
    plans = running_plans(request.user)
    if not plans:
        messages.error(request, "目前沒有實施中的訓練進修計畫，請洽人事處。")
        return redirect("training:studies")
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = StudyForm(data, files, postings=_postings(request), plans=plans)
    if request.method == "POST" and form.is_valid():
        batch = keep_each(form.cleaned_data["uploads"], by=request.user, allowed=kinds.ATTACHMENTS)
        try:
            made = actions.add_study(study=form.study(), files=batch.kept, by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return _saved(request, made, batch)
    mine = standing(request.user)
    context = {
        "form": form,
        "title": "申請進修",
        "back": reverse("training:studies"),
        "agencies": Agency.objects.visible_to(request.user).filter(is_active=True) if mine.is_reviewer else [],
        "chosen": request.GET.get("agency", ""),
    }
    return render(request, "training/study_form.html", context, status=422 if form.errors else 200)


def _postings(request: SignedInRequest) -> list[Posting]:
    """Return the posts of those whom the person may apply for."""
    mine, today = standing(request.user), timezone.localdate()
    posts = Posting.objects.on(today).filter(person__office=mine.office_id).select_related("person")
    asked = request.GET.get("agency", "")
    if mine.is_reviewer and asked.isascii() and asked.isdecimal() and len(asked) < 18:
        return list(posts.filter(agency=int(asked)))
    if mine.works_for:
        return list(posts.filter(agency__in=mine.works_for))
    return list(posts.filter(person=mine.person_id))


def _saved(request: SignedInRequest, study: Study, batch: Batch) -> HttpResponseBase:
    """Tell what was kept and go on: to the filing where that was asked for and every file was good."""
    for refused in batch.refused:
        messages.error(request, refused.messages[0])
    if "send" in request.POST and not batch.refused:
        return redirect("training:submit_study", pk=study.pk)
    messages.success(request, "已儲存草稿，尚未提出申請。")
    return redirect(study)


@guard(Study, can_keep_study)
def edit(request: SignedInRequest, study: Study) -> HttpResponseBase:
    """Change a draft."""
    if study.state != StudyState.DRAFT and request.method != "POST":
        messages.info(request, f"這件申請目前為「{study.get_state_display()}」，不能修改。")
        return redirect(study)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = StudyForm(data, files, instance=study)
    if request.method == "POST" and form.is_valid():
        batch = keep_each(form.cleaned_data["uploads"], by=request.user, allowed=kinds.ATTACHMENTS)
        try:
            saved = actions.change_study(
                study=study, changes=form.changes, files=batch.kept, shown=form.as_shown, by=request.user
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return _saved(request, saved, batch)
    context = {
        "form": form,
        "title": "編輯進修申請",
        "study": study,
        "back": reverse("training:study", args=[study.pk]),
        "files": study.files.select_related("stored"),
    }
    return render(request, "training/study_form.html", context, status=422 if form.errors else 200)


@guard(StudyFile)
def file(request: SignedInRequest, file: StudyFile) -> HttpResponseBase:
    """Send a file of an application."""
    return send_file(file.stored, by=request.user, target=file.study)


@require_POST
@guard(StudyFile, can_remove_study_file)
def remove_file(request: SignedInRequest, file: StudyFile) -> HttpResponseBase:
    """Take a file off a draft."""
    study = file.study
    try:
        actions.remove_file(file=file, by=request.user)
        messages.success(request, f"已移除「{file.stored.name}」。")
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect(study)


# --- Its steps -------------------------------------------------------------------------------------------------------


def _posted(request: SignedInRequest) -> Any:
    """Return what was sent, which may be nothing but the button."""
    return request.POST if request.method == "POST" else None


def _asked(request: SignedInRequest, study: Study, form: Any, **context: Any) -> HttpResponse:
    shown = {"form": form, "study": study, "cancel_url": study.get_absolute_url(), **context}
    return render(request, "components/confirm.html", shown, status=422 if form.errors else 200)


@guard(Study, can_keep_study)
def submit(request: SignedInRequest, study: Study) -> HttpResponseBase:
    """File an application, once it was told what follows; officers say on which day it came in."""
    handles = bool(can_handle_study(request.user, study))
    form: Any = SubmitForm(request.POST or None) if handles else ReasonForm()
    if not handles:
        del form.fields["reason"]
    if request.method == "POST" and (not handles or form.is_valid()):
        on = form.cleaned_data["on"] if handles else timezone.localdate()
        try:
            filed = actions.submit_study(study=study, on=on, by=request.user)
        except ValidationError as refusal:
            _refuse(request, form, refusal)
            if not handles:
                return redirect(study)
        else:
            if filed.state == StudyState.LATE:
                messages.warning(request, filed.reason)
            else:
                messages.success(request, "已提出申請，並通知核定機關。")
            return redirect(filed)
    due = due_of(study.plan, APPLY)
    until = f"期限 {roc.long(due.effective)}，當日仍受理；逾期者列為逾期不受理。" if due else "計畫未定期限。"
    whom = "上級機關（人事處）" if study.is_head else study.agency.short_name
    return _asked(
        request,
        study,
        form,
        title=f"提出「{study.school}{study.programme}」進修申請？",
        consequences=[f"送交{whom}核定，送出後不能修改，可撤回。", until],
        action="提出申請",
    )


def _refuse(request: SignedInRequest, form: Any, refusal: ValidationError) -> None:
    """Show a refusal at its field, or above the page where the form has none."""
    errors = refusal.message_dict if hasattr(refusal, "error_dict") else {None: refusal.messages}
    for name, told in errors.items():
        if form.is_bound:
            form.add_error(name if name in form.fields else None, told)
        else:
            messages.error(request, told[0])


@guard(Study, can_decide_study)
def decide(request: SignedInRequest, study: Study) -> HttpResponseBase:
    """Approve or refuse, with quota and leave before the eyes."""
    if study.state != StudyState.SUBMITTED and request.method != "POST":
        messages.info(request, f"這件申請目前為「{study.get_state_display()}」，無須核定。")
        return redirect(study)
    form = ReasonForm(_posted(request), label="不同意的理由")
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "refuse":
                actions.refuse_study(study=study, reason=form.cleaned_data["reason"], by=request.user)
                messages.success(request, "已登錄不同意，並通知申請人。")
            else:
                actions.approve_study(study=study, by=request.user)
                messages.success(request, f"已核准{study.person.name}進修，並通知申請人。")
            return redirect(study)
        except ValidationError as refusal:
            _refuse(request, form, refusal)
    counted, weekly = room(study.agency, study.plan), load(study)
    context = {
        "study": study,
        "form": form,
        "room": counted,
        "load": weekly,
        "refusal": counted.refusal(study) or weekly.refusal(),
        "subsidy": subsidy(study.agency, counted.rule),
        "due": due_of(study.plan, APPLY),
        "files": study.files.select_related("stored"),
    }
    return render(request, "training/study_decide.html", context, status=422 if form.errors else 200)


@guard(Study, can_keep_study)
def withdraw(request: SignedInRequest, study: Study) -> HttpResponseBase:
    """Take an application back."""
    form = ReasonForm(_posted(request), label="撤回理由")
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_study(study=study, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, "已撤回進修申請。")
            return redirect(study)
        except ValidationError as refusal:
            _refuse(request, form, refusal)
    told = "已核准者撤回後，空出當年度名額。" if study.state == StudyState.APPROVED else "撤回後不再核定。"
    return _asked(
        request,
        study,
        form,
        title=f"撤回「{study.school}{study.programme}」進修申請？",
        consequences=[told, "如需再申請，請重新填寫。"],
        action="撤回",
        danger=True,
    )


@guard(Study, can_handle_study)
def end(request: SignedInRequest, study: Study) -> HttpResponseBase:
    """Close a leave."""
    form = EndForm(_posted(request), label="說明（選填）")
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            actions.end_study(study=study, on=data["on"], reason=data["reason"], by=request.user)
            messages.success(request, "已登錄進修結束。")
            return redirect(study)
        except ValidationError as refusal:
            _refuse(request, form, refusal)
    return _asked(
        request,
        study,
        form,
        title=f"結束「{study.school}{study.programme}」進修？",
        consequences=["結束日後不再核給公假，也不再產生課表待辦；成績與學習時數仍可登錄。"],
        action="登錄結束",
    )


# --- Official leave --------------------------------------------------------------------------------------------------


@require_POST
@guard(Study, can_handle_study)
def add_leave(request: SignedInRequest, study: Study) -> HttpResponse:
    """Enter leave of a day."""
    form = LeaveForm(request.POST)
    if form.is_valid():
        try:
            made = actions.enter_leave(study=study, **form.cleaned_data, by=request.user)
            messages.success(request, f"已登錄 {roc.long(made.day)} 公假。")
            return redirect(f"{study.get_absolute_url()}#leaves")
        except ValidationError as refusal:
            if hasattr(refusal, "error_dict"):
                _refuse(request, form, refusal)
            else:
                form.add_error(None, refusal)
    if not takes_leave(study):
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(study)
    return _detail_page(request, study, leave_form=form, status=422)


@require_POST
@guard(StudyLeave, can_remove_study_leave)
def remove_leave(request: SignedInRequest, leave: StudyLeave) -> HttpResponseBase:
    """Take back leave that was entered."""
    study, day = leave.study, leave.day
    actions.remove_leave(leave=leave, by=request.user)
    messages.success(request, f"已移除 {roc.long(day)} 公假。")
    return redirect(f"{study.get_absolute_url()}#leaves")
