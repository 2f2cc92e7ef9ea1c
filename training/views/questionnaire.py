"""The satisfaction questionnaire: answered by those who attended, its questions and results with the organiser."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from training import crediting
from training.actions import questionnaire as actions
from training.choices import ClassState
from training.documents.questionnaire import LEAST_SHOWN, WORDS, results
from training.forms.questionnaire import AnswersForm, QuestionsForm
from training.models import Answered, Registration, TrainingClass
from training.policies import can_answer, can_read_hours, can_run_class


@guard(Registration, can_answer)
def questionnaire(request: SignedInRequest, registration: Registration) -> HttpResponse:
    """Answer the questionnaire of a class, once and without a name."""
    today = timezone.localdate()
    training_class = registration.training_class
    closed = actions.refusal(registration, today)
    questions = [] if closed else list(training_class.questions.all())
    form = AnswersForm(request.POST if request.method == "POST" else None, questions=questions)
    if request.method == "POST" and not closed and form.is_valid():
        try:
            actions.answer_questionnaire(registration=registration, answers=form.answers(), today=today)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已收到您的意見，謝謝。")
            return redirect("training:registration_hours", registration.pk)
    context = {
        "registration": registration,
        "training_class": training_class,
        "form": form,
        "closed": closed,
        "last": actions.closes_on(training_class),
        "least": LEAST_SHOWN,
    }
    return render(request, "training/questionnaire.html", context, status=422 if form.errors else 200)


@guard(TrainingClass, can_read_hours)
def questionnaire_results(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Show what people thought of a class, once enough answered."""
    training_class = crediting.whole(training_class)
    found = results(training_class)
    can_run = bool(can_run_class(request.user, training_class))
    context = {
        "training_class": training_class,
        "results": found,
        "words": list(reversed(WORDS)),
        "least": LEAST_SHOWN,
        "last": actions.closes_on(training_class),
        "is_finished": training_class.state == ClassState.FINISHED,
        "can_edit": can_run and not found.answered,
        "can_remind": can_run and training_class.state == ClassState.FINISHED and found.answered < found.asked,
        "standing": standing(request.user),
    }
    return render(request, "training/questionnaire_results.html", context)


@guard(TrainingClass, can_run_class)
def edit_questions(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Word the questions of a class, while nobody has answered."""
    if Answered.objects.filter(registration__training_class=training_class).exists():
        messages.error(request, "已有學員填答，題目不能再變更。")
        return redirect("training:questionnaire_results", training_class.pk)
    questions = actions.questions_of(training_class)
    form = QuestionsForm(request.POST if request.method == "POST" else None, questions=questions)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_questions(training_class=training_class, questions=form.questions(), by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已儲存問卷題目。")
            return redirect("training:questionnaire_results", training_class.pk)
    context = {"training_class": training_class, "form": form, "standing": standing(request.user)}
    return render(request, "training/questionnaire_edit.html", context, status=422 if form.errors else 200)


@require_POST
@guard(TrainingClass, can_run_class)
def remind_questionnaire(request: SignedInRequest, training_class: TrainingClass) -> HttpResponse:
    """Remind those who have not answered."""
    try:
        people = actions.remind(training_class=training_class, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已提醒 {people} 人填答；同一人一天最多寄一封。")
    return redirect("training:questionnaire_results", training_class.pk)
