"""Registering for a class, the waiting list, offers and cancellations, and who is registered."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Agency
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.rules.folding import pattern
from training.actions import registration as actions
from training.choices import ACTIVE, Form, Place
from training.eligibility import check, closed, posts_on, starts_at
from training.facts import agencies_of, places_of, registrable
from training.filters import OwnRegistrationFilter, RegistrationFilter
from training.forms.registration import CancelForm, DeclineForm, RegisterForm
from training.models import Registration, TrainingClass
from training.policies import (
    can_answer_offer,
    can_cancel_registration,
    can_register,
    can_run_class,
    can_see_own_registrations,
    can_see_registrations,
)

SHOWN = 200  # people of an agency on a page; a larger one is searched
TONES = {
    Place.NOMINATED: "wait",
    Place.REGISTERED: "done",
    Place.WAITING: "wait",
    Place.OFFERED: "soon",
    Place.CANCELLED: "none",
    Place.DECLINED: "none",
    Place.EXPIRED: "late",
    Place.REFUSED: "late",
}

# --- Registering -----------------------------------------------------------------------------------------------------


@guard(TrainingClass, can_register)
def register(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """Register oneself, or people of an agency that one works for; each is told what became of it, or why not."""
    agencies = list(agencies_of(request.user).order_by("pk"))
    agency = _agency(request, agencies)
    if request.method != "POST":
        return _register_page(request, training_class, agency, agencies)
    form = RegisterForm(request.POST, people=registrable(request.user))
    if not form.is_valid():
        return _register_page(request, training_class, agency, agencies, form)
    mine, people = standing(request.user), form.cleaned_data["people"]
    is_own = [person.pk for person in people] == [mine.person_id]
    answers = actions.register(
        training_class=training_class,
        people=people,
        agencies=None if is_own or mine.is_reviewer else mine.works_for,
        by=request.user,
    )
    for answer in answers:
        _tell(request, answer)
    if agency is None or "own" in request.POST:
        return redirect(training_class)
    return redirect(f"{reverse('training:register', args=[training_class.pk])}?agency={agency.pk}")


def _tell(request: SignedInRequest, answer: actions.Answer) -> None:
    """Say what became of one person's registration."""
    name = answer.person.name
    if answer.registration is None:
        messages.error(request, f"{name}：未報名。{answer.refusal}")
    elif answer.turn:
        messages.warning(request, f"{name}：名額已滿，列為候補第 {answer.turn} 位。{''.join(answer.warnings)}")
    else:
        messages.success(request, f"{name}：錄取。{''.join(answer.warnings)}")


def _agency(request: SignedInRequest, agencies: Iterable[Agency]) -> Agency | None:
    """Return the agency whose people are registered: the asked one, else the first that the person works for."""
    by_key = {agency.pk: agency for agency in agencies}
    asked = request.GET.get("agency") or request.POST.get("agency", "")
    own = (agency for key, agency in by_key.items() if key in standing(request.user).works_for)
    return next((agency for key, agency in by_key.items() if str(key) == asked), None) or next(own, None)


def _register_page(
    request: SignedInRequest,
    training_class: TrainingClass,
    agency: Agency | None,
    agencies: Sequence[Agency],
    form: RegisterForm | None = None,
) -> HttpResponse:
    now, asked = timezone.now(), request.GET.get("q", "").strip().replace("\x00", "")[:50]
    posts = posts_on(timezone.localdate(now))
    posts = posts.filter(agency=agency) if agency else posts.filter(person=standing(request.user).person_id)
    if agency and asked:
        posts = posts.filter(person__name__iregex=pattern(asked))
    # Of several posts at one agency the first is the person's; a page that cannot hold them all says so.
    held = list(posts.order_by("person__name", "person", "since", "pk")[: SHOWN + 1])
    people = list(dict.fromkeys(post.person for post in held))
    checks = check(training_class, people[:SHOWN], now, posts=held)
    context = {
        "training_class": training_class,
        "shut": closed(
            training_class, now, starts_at(training_class), nominating=training_class.form == Form.NOMINATED
        ),
        "agency": agency,
        "agencies": agencies if agency else (),
        "checks": checks,
        "more": len(held) > SHOWN,
        "q": asked,
        "form": form,
        "ticked": form.ticked if form else set(),
        "places": places_of(training_class),
    }
    return render(request, "training/register.html", context, status=422 if form else 200)


# --- One registration ------------------------------------------------------------------------------------------------


@guard(Registration)
def registration(request: SignedInRequest, registration: Registration) -> HttpResponse:
    """Show a registration with its history and what can be done about it."""
    return _page(request, registration)


@require_POST
@guard(Registration, can_answer_offer)
def accept_offer(request: SignedInRequest, registration: Registration) -> HttpResponseBase:
    """Take an offered place."""
    try:
        actions.accept_offer(registration=registration, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"{registration.person.name}已錄取。")
    return redirect(registration)


@guard(Registration, can_answer_offer)
def decline_offer(request: SignedInRequest, registration: Registration) -> HttpResponseBase:
    """Let an offered place go, once asked whether it is meant."""
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.decline_offer(registration=registration, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, f"{registration.person.name}已放棄遞補。")
        return redirect(registration)
    consequences = ["名額通知下一位候補人員。", "仍想參加時須重新報名，排在現有候補人員之後。"]
    return _confirm(request, registration, form, "放棄遞補？", consequences, "放棄遞補")


@guard(Registration, can_cancel_registration)
def cancel(request: SignedInRequest, registration: Registration) -> HttpResponseBase:
    """Cancel a registration for a reason, once told what follows."""
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.cancel_registration(registration=registration, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已取消{registration.person.name}的報名。")
            return redirect(registration)
    consequences = [
        "寄信通知本人。",
        "名額依候補順序通知遞補，不得回復；仍想參加時須重新報名，排在現有候補人員之後。",
    ]
    return _confirm(request, registration, form, "取消報名？", consequences, "取消報名")


def _confirm(
    request: SignedInRequest, registration: Registration, form: Any, title: str, consequences: list[str], action: str
) -> HttpResponse:
    context = {
        "title": title,
        "text": f"{registration.training_class}　{registration.person.name}（{registration.get_place_display()}）",
        "consequences": consequences,
        "action": action,
        "danger": True,
        "form": form,
        "cancel_url": registration.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _page(request: SignedInRequest, registration: Registration) -> HttpResponse:
    found: Any = Registration.objects.with_turn().select_related(
        "person", "agency", "training_class__course__plan", "training_class__organiser", "registered_by"
    )
    shown = found.prefetch_related("training_class__sessions").get(pk=registration.pk)
    place, now = Place(shown.place), timezone.now()
    starts = starts_at(shown.training_class)
    is_started = starts is not None and now >= starts
    is_offered = place == Place.OFFERED and shown.offered_until > now
    may_answer = bool(can_answer_offer(request.user, shown))
    context = {
        "registration": shown,
        "training_class": shown.training_class,
        "tone": TONES[place],
        "events": shown.events.select_related("by").order_by("-pk"),
        "is_started": is_started,
        "is_offered": is_offered,
        "may_answer": may_answer,
        # Whoever may answer an offer lets it go instead.
        "may_cancel": place in ACTIVE
        and not (is_offered and may_answer)
        and not (is_started and place == Place.REGISTERED)
        and bool(can_cancel_registration(request.user, shown)),
    }
    return render(request, "training/registration.html", context)


# --- Lists -----------------------------------------------------------------------------------------------------------


def _place(row: Registration) -> lists.Cell:
    place = Place(row.place)
    note = ""
    if place == Place.WAITING:
        note = f"候補第 {row.turn} 位"  # type: ignore[attr-defined]  # annotated by with_turn
    elif place == Place.OFFERED and row.offered_until:
        note = f"{roc.moment(timezone.localtime(row.offered_until))} 前回復"
    return lists.Cell(place.label, TONES[place], note)


def _registered_at(row: Registration) -> str:
    return roc.stamp(timezone.localtime(row.registered_at))


PLACE = lists.Column("place", "狀態", _place, sort=("place", "queue"), width=30)
NAME = lists.Column("person", "姓名", "person.name", sort=("person__name",), link=Registration.get_absolute_url)
AGENCY = lists.Column("agency", "服務機關", "agency.short_name", sort=("agency__short_name",))
CLASS_COLUMNS = [
    lists.Column("queue", "序號", sort=("queue",), numeric=True, width=6),
    NAME,
    AGENCY,
    lists.Column("status", "身分別", "person.get_status_display", sort=("person__status",)),
    PLACE,
    lists.Column("registered_at", "報名時間", _registered_at, sort=("registered_at",), width=20),
    lists.Column("registered_by", "報名人", "registered_by.get_full_name", width=12),
]
NOMINATED_COLUMNS = [lists.Column("rank", "薦送順序", sort=("agency__short_name", "rank"), numeric=True, width=8)]
OWN_COLUMNS = [
    lists.Column(
        "training_class",
        "班別",
        lambda row: str(row.training_class),
        sort=("training_class__course__name",),
        link=Registration.get_absolute_url,
        width=44,
    ),
    NAME,
    AGENCY,
    PLACE,
    lists.Column("registered_at", "報名時間", _registered_at, sort=("registered_at",), width=20),
]


@guard(TrainingClass, can_see_registrations)
def class_registrations(request: SignedInRequest, training_class: TrainingClass) -> HttpResponseBase:
    """List a class's registrations in the order of their turns; an agency that only takes part sees its own people."""
    rows = Registration.objects.visible_to(request.user).filter(training_class=training_class).with_turn()
    is_nominated = training_class.form == Form.NOMINATED
    return lists.show(
        request,
        queryset=rows.select_related("person", "agency", "registered_by").order_by("queue"),
        columns=[*CLASS_COLUMNS[:5], *(NOMINATED_COLUMNS if is_nominated else []), *CLASS_COLUMNS[5:]],
        title=f"{training_class}報名名單",
        empty="還沒有人報名。",
        filterset_class=RegistrationFilter,
        template="training/class_registrations.html",
        office_id=training_class.course.plan.office_id,
        training_class=training_class,
        places=places_of(training_class),
        actions=_actions(training_class, is_nominated=is_nominated),
        only_own=not (standing(request.user).is_office or can_run_class(request.user, training_class)),
    )


def _actions(training_class: TrainingClass, *, is_nominated: bool) -> list[lists.Action]:
    name, label = ("nominations", "薦送") if is_nominated else ("register", "為機關人員報名")
    return [lists.Action(label, reverse(f"training:{name}", args=[training_class.pk]))]


@guard(policy=can_see_own_registrations)
def my_registrations(request: SignedInRequest) -> HttpResponseBase:
    """List one's own registrations, and those of the people of the agencies that one works for."""
    mine = standing(request.user)
    own = Q(person=mine.person_id) | Q(agency__in=mine.works_for)
    rows = Registration.objects.visible_to(request.user).filter(own).with_turn()
    return lists.show(
        request,
        queryset=rows.select_related("person", "agency", "training_class__course").order_by("-registered_at"),
        columns=OWN_COLUMNS,
        title="我的報名",
        empty="還沒有報名。請由「班別與報名」選擇班別報名。",
        filterset_class=OwnRegistrationFilter,
        office_id=mine.office_id,
    )
