"""The satisfaction questionnaire of a class: its questions, the reminder, and the answers, which nobody can trace."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from training import mails
from training.choices import ClassState, QuestionKind
from training.models import Answer, Answered, Question, Registration, TrainingClass

ANSWER_DAYS = 30  # after the last session
DEFAULTS = (
    ("課程內容符合業務需要", QuestionKind.SCALE),
    ("講座專業知識與表達", QuestionKind.SCALE),
    ("教材及講義", QuestionKind.SCALE),
    ("課程時間安排", QuestionKind.SCALE),
    ("場地及行政服務", QuestionKind.SCALE),
    ("整體滿意度", QuestionKind.SCALE),
    ("本次課程收穫最多的部分", QuestionKind.TEXT),
    ("其他建議", QuestionKind.TEXT),
)


def questions_of(training_class: TrainingClass) -> list[Question]:
    """Return the questions of a class; where nobody worded any, those of every class, which are not saved."""
    return list(training_class.questions.all()) or [
        Question(training_class=training_class, order=order, text=text, kind=kind)
        for order, (text, kind) in enumerate(DEFAULTS, start=1)
    ]


def prepare_questions(*, training_class: TrainingClass) -> None:
    """Keep the questions with which a class is asked, in the caller's transaction."""
    Question.objects.bulk_create(question for question in questions_of(training_class) if question.pk is None)


@transaction.atomic
def edit_questions(
    *, training_class: TrainingClass, questions: Sequence[tuple[str, QuestionKind]], by: User
) -> list[Question]:
    """Replace the questions of a class, in order, while nobody has answered.

    Raises:
        ValidationError: somebody answered already, no question is left, or one stands there twice.
    """
    training_class = TrainingClass.objects.select_for_update(of=("self",)).get(pk=training_class.pk)
    if Answered.objects.filter(registration__training_class=training_class).exists():
        raise ValidationError("已有學員填答，題目不能再變更。")
    if not questions:
        raise ValidationError("請至少保留一題。")
    if len({text for text, _ in questions}) < len(questions):
        raise ValidationError("有題目重複，請確認。")
    training_class.questions.all().delete()
    rows = [
        Question(training_class=training_class, order=order, text=text, kind=kind)
        for order, (text, kind) in enumerate(questions, start=1)
    ]
    record(
        "questionnaire.edited",
        training_class,
        by=by,
        office_id=training_class.course.plan.office_id,
        questions=[text for text, _ in questions],
    )
    return Question.objects.bulk_create(rows)


def closes_on(training_class: TrainingClass) -> date | None:
    """Return the last day on which the questionnaire can be answered; none without a session."""
    last: datetime | None = training_class.sessions.aggregate(last=Max("ends"))["last"]
    return timezone.localdate(last) + timedelta(days=ANSWER_DAYS) if last else None


def refusal(registration: Registration, today: date) -> str:
    """Return why somebody cannot answer now, or nothing."""
    training_class = registration.training_class
    if training_class.state != ClassState.FINISHED:
        return "本班尚未結訓，結訓後開放填答。"
    if Answered.objects.filter(registration=registration).exists():
        return "您已填答，謝謝您的意見；為保持匿名，填答後無法再查閱或修改。"
    if not Registration.objects.attended().filter(pk=registration.pk).exists():
        return "問卷僅由實際上課的學員填答。"
    last = closes_on(training_class)
    if last and today > last:
        return f"問卷已於 {roc.long(last)}截止。"
    return ""


@transaction.atomic
def answer_questionnaire(*, registration: Registration, answers: Mapping[int, int | str], today: date) -> None:
    """Keep somebody's answers without saying whose they are; that they were given is kept by the day alone.

    No entry in the trail: its time beside the answers would tell who wrote them.

    Args:
        answers: points or text by question; empty texts are left out.

    Raises:
        ValidationError: not now, or answered already.
    """
    TrainingClass.objects.select_for_update(of=("self",)).get(pk=registration.training_class_id)
    if reason := refusal(registration, today):
        raise ValidationError(reason)
    questions = Question.objects.filter(training_class=registration.training_class_id).in_bulk(list(answers))
    try:
        with transaction.atomic():
            Answered.objects.bulk_create([Answered(registration=registration, day=today)])
    except IntegrityError:
        raise ValidationError("您已填答，謝謝您的意見。") from None
    Answer.objects.bulk_create(
        Answer(question=questions[key], points=said)
        if isinstance(said, int)
        else Answer(question=questions[key], text=said)
        for key, said in answers.items()
        if said and key in questions
    )


@transaction.atomic
def remind(*, training_class: TrainingClass, by: User) -> int:
    """Remind those who attended and have not answered, once a day at most; return how many.

    Raises:
        ValidationError: the class is not finished, the questionnaire is closed, or everybody answered.
    """
    if training_class.state != ClassState.FINISHED:
        raise ValidationError("本班尚未結訓，結訓後才開放填答。")
    last = closes_on(training_class)
    if last and timezone.localdate() > last:
        raise ValidationError(f"問卷已於 {roc.long(last)}截止。")
    attended = Registration.objects.attended().filter(training_class=training_class, answered__isnull=True)
    left = list(attended.select_related("person", "training_class__course__plan"))
    if not left:
        raise ValidationError("應填答的學員均已填答。")
    mails.questionnaire_asked(training_class, left)
    office = training_class.course.plan.office_id
    record("questionnaire.reminded", training_class, by=by, office_id=office, people=len(left))
    return len(left)
