"""The questionnaire: answered once by those who attended, without a name, and shown only where many answered."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in
from tests.training import attending, courses
from training.actions import questionnaire as actions
from training.choices import QuestionKind
from training.documents.questionnaire import results
from training.models import Answer, Answered, Question, Registration, TrainingClass

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def cast() -> build.Cast:
    return build.cast()


def answer(training_class: TrainingClass, *points: int, text: str = "") -> None:
    """Let people answer by turn, each with the same points for all questions."""
    questions = list(training_class.questions.all())
    left = Registration.objects.filter(training_class=training_class, answered__isnull=True).order_by("queue")
    for person, given in zip(left, points, strict=False):
        said = {q.pk: given if q.kind == QuestionKind.SCALE else f"{text}{given}" for q in questions}
        actions.answer_questionnaire(registration=person, answers=said, today=timezone.localdate())


def test_nobody_can_be_recognised_by_an_answer(cast: build.Cast) -> None:
    training_class = attending.finished(0, 0, by=cast.office_reviewer)
    trail, log = Entry.objects.count(), LogEntry.objects.count()
    answer(training_class, 5, 1)
    assert Answered.objects.count() == 2
    assert not {"registration", "person", "by", "at"} & {field.name for field in Answer._meta.get_fields()}
    assert all(isinstance(row.pk.version, int) and row.pk.version == 4 for row in Answer.objects.all())
    assert (Entry.objects.count(), LogEntry.objects.count()) == (trail, log)


def test_results_wait_for_the_fifth_answer(cast: build.Cast) -> None:
    training_class = attending.finished(*[0] * 6, by=cast.office_reviewer)
    office, url = logged_in(cast.office_reviewer), reverse("training:questionnaire_results", args=[training_class.pk])
    answer(training_class, 5, 5, 4, 3, text="心得")
    found = results(training_class)
    assert (found.is_shown, found.scales, found.texts, found.picture) == (False, [], [], "")
    assert "心得" not in office.get(url).content.decode()
    answer(training_class, 3, text="心得")
    found = results(training_class)
    assert (found.scales[0].counts, str(found.scales[0].mean)) == ((0, 0, 2, 1, 2), "4.00")
    page = office.get(url).content.decode()
    assert "<svg" in page
    assert "平均 4.00" in page
    assert page.count("心得") == 10
    assert "已填答 5／6 人" in page


def test_people_answer_once_and_only_if_they_attended(cast: build.Cast) -> None:
    training_class = attending.finished(0, 360, by=cast.office_reviewer)
    came, absent = Registration.objects.filter(training_class=training_class).order_by("queue")
    today = timezone.localdate()
    assert actions.refusal(absent, today) == "問卷僅由實際上課的學員填答。"
    answer(training_class, 4)
    assert "您已填答" in actions.refusal(came, today)
    with pytest.raises(ValidationError, match="您已填答"):
        actions.answer_questionnaire(registration=came, answers={}, today=today)
    assert Answer.objects.filter(points=4).count() == 6


def test_the_questionnaire_closes(cast: build.Cast) -> None:
    training_class = attending.finished(0, by=cast.office_reviewer)
    (person,) = Registration.objects.filter(training_class=training_class)
    last = actions.closes_on(training_class)
    assert last
    assert actions.refusal(person, last) == ""
    assert "截止" in actions.refusal(person, last + timedelta(days=1))


def test_a_person_answers_on_a_page_that_nobody_else_opens(cast: build.Cast) -> None:
    by = cast.office_reviewer
    training_class = attending.past_class(by=by)
    mine = courses.registration(training_class, courses.employee(username="pupil"), by=by)
    attending.enter(training_class, {mine: attending.missed(0)}, by=by)
    office = logged_in(by)
    office.post(reverse("training:finish_class", args=[training_class.pk]))
    url = reverse("training:questionnaire", args=[mine.pk])
    assert office.get(url).status_code == 403
    pupil = logged_in(mine.person.user)
    response = pupil.post(url, {})
    assert response.status_code == 422
    assert "請選擇滿意程度。" in response.content.decode()
    data = {f"q_{q.pk}": "5" if q.kind == QuestionKind.SCALE else "<b>5</b>" for q in training_class.questions.all()}
    assert pupil.post(url, data).status_code == 302
    assert sorted(Answer.objects.exclude(text="").values_list("text", flat=True)) == ["<b>5</b>"] * 2
    assert "您已填答" in pupil.get(url).content.decode()


def test_the_organiser_words_the_questions_before_answers_come(cast: build.Cast) -> None:
    training_class = attending.finished(0, by=cast.office_reviewer)
    office, url = logged_in(cast.office_reviewer), reverse("training:edit_questions", args=[training_class.pk])
    assert "整體滿意度" in office.get(url).content.decode()
    data = {"text_1": "講座生動", "kind_1": "scale", "text_3": "想再學什麼", "kind_3": "text", "text_2": " "}
    assert office.post(url, data).status_code == 302
    assert list(Question.objects.values_list("order", "text", "kind")) == [
        (1, "講座生動", "scale"),
        (2, "想再學什麼", "text"),
    ]
    assert "題目重複" in office.post(url, {**data, "text_2": "講座生動"}).content.decode()
    assert office.post(url, {"text_1": ""}).status_code == 422
    answer(training_class, 5)
    assert office.post(url, data).status_code == 302
    with pytest.raises(ValidationError, match="不能再變更"):
        actions.edit_questions(
            training_class=training_class, questions=[("x", QuestionKind.TEXT)], by=cast.office_reviewer
        )


def test_those_who_have_not_answered_are_reminded_once_a_day(cast: build.Cast) -> None:
    training_class = attending.finished(0, 0, by=cast.office_reviewer)
    answer(training_class, 5)
    Message.objects.all().delete()
    office, url = logged_in(cast.office_reviewer), reverse("training:remind_questionnaire", args=[training_class.pk])
    for _ in range(2):
        assert office.post(url).status_code == 302
    left = Registration.objects.get(training_class=training_class, answered__isnull=True)
    assert list(Message.objects.values_list("to", flat=True)) == [left.person.mail]
