"""What people thought of a class: the marks as a picture with its table, and what they wrote."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from personnel_portal.documents import charts
from training.choices import QuestionKind
from training.models import Answer, Answered, Question, Registration, TrainingClass

LEAST_SHOWN = 5  # answers; with fewer, who said what could be guessed
WORDS = ("非常不滿意", "不滿意", "普通", "滿意", "非常滿意")


@dataclass(frozen=True, slots=True)
class Scale:
    """How a question was marked: how many gave 1 to 5, and the mean."""

    question: Question
    counts: tuple[int, ...]

    @property
    def best_first(self) -> list[int]:
        return list(reversed(self.counts))

    @property
    def mean(self) -> Decimal:
        points = sum(mark * count for mark, count in enumerate(self.counts, start=1))
        return (Decimal(points) / sum(self.counts)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Results:
    """The answers of a class; pictures and texts are there only where enough people answered."""

    answered: int
    asked: int
    scales: Sequence[Scale]
    texts: Sequence[tuple[Question, list[str]]]
    picture: str

    @property
    def is_shown(self) -> bool:
        return self.answered >= LEAST_SHOWN

    @property
    def share(self) -> str:
        return f"{100 * self.answered / self.asked:.0f}%" if self.asked else ""


def results(training_class: TrainingClass) -> Results:
    """Return what people thought of a class; four queries."""
    asked = Registration.objects.attended().filter(training_class=training_class).count()
    answered = Answered.objects.filter(registration__training_class=training_class).count()
    if answered < LEAST_SHOWN:
        return Results(answered, asked, [], [], "")
    questions = list(training_class.questions.all())
    marks: dict[int, Counter[int]] = {question.pk: Counter() for question in questions}
    written: dict[int, list[str]] = {question.pk: [] for question in questions}
    for answer in Answer.objects.filter(question__training_class=training_class).order_by("question", "text"):
        if answer.points:
            marks[answer.question_id][answer.points] += 1
        elif answer.text:
            written[answer.question_id].append(answer.text)
    scales = [
        Scale(question, tuple(marks[question.pk][mark] for mark in range(1, 6)))
        for question in questions
        if question.kind == QuestionKind.SCALE and marks[question.pk]
    ]
    texts = [(question, written[question.pk]) for question in questions if question.kind == QuestionKind.TEXT]
    return Results(answered, asked, scales, texts, _picture(training_class, scales))


def _picture(training_class: TrainingClass, scales: Sequence[Scale]) -> str:
    rows = [charts.Opinion(scale.question.text, scale.counts, f"平均 {scale.mean}") for scale in scales]
    return charts.opinions(f"{training_class}滿意度", rows, WORDS) if rows else ""
