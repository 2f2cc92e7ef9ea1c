"""The questionnaire of a class: its questions as the organiser words them, and the answers of one person."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms

from training.choices import QuestionKind
from training.models import Question

MOST = 20
POINTS = [("5", "非常滿意"), ("4", "滿意"), ("3", "普通"), ("2", "不滿意"), ("1", "非常不滿意")]


class QuestionsForm(forms.Form):
    """All questions of a class: a text and a kind each; a text left blank takes the question out."""

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = range(1, min(len(questions) + 3, MOST) + 1)
        for place in self.places:
            known = questions[place - 1] if place <= len(questions) else None
            self.fields[f"text_{place}"] = forms.CharField(
                label=f"第 {place} 題",
                max_length=200,
                required=False,
                initial=known.text if known else "",
                error_messages={"max_length": "題目最多 200 字。"},
            )
            self.fields[f"kind_{place}"] = forms.ChoiceField(
                label=f"第 {place} 題題型",
                choices=QuestionKind.choices,
                required=False,
                initial=known.kind if known else QuestionKind.SCALE,
                error_messages={"invalid_choice": "請選擇題型。"},
            )

    @property
    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """The fields of each question."""
        return ((self[f"text_{place}"], self[f"kind_{place}"]) for place in self.places)

    def questions(self) -> list[tuple[str, QuestionKind]]:
        """Return what was written, in order."""
        found = ((self.cleaned_data[f"text_{place}"], self.cleaned_data[f"kind_{place}"]) for place in self.places)
        return [(text, QuestionKind(kind or QuestionKind.SCALE)) for text, kind in found if text]


class AnswersForm(forms.Form):
    """The answers of one person; points are asked, texts may be left out."""

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            self.fields[f"q_{question.pk}"] = (
                forms.ChoiceField(
                    label=question.text,
                    choices=POINTS,
                    widget=forms.RadioSelect,
                    error_messages={"required": "請選擇滿意程度。", "invalid_choice": "請選擇滿意程度。"},
                )
                if question.kind == QuestionKind.SCALE
                else forms.CharField(
                    label=question.text,
                    required=False,
                    max_length=1000,
                    widget=forms.Textarea(attrs={"rows": 3}),
                    help_text="可不填。請勿寫出可辨識身分的資料。",
                    error_messages={"max_length": "最多 1,000 字。"},
                )
            )

    def answers(self) -> dict[int, int | str]:
        """Return points and texts by question."""
        found = {int(name.removeprefix("q_")): said for name, said in self.cleaned_data.items()}
        return {
            key: int(said) if re.fullmatch("[1-5]", said) and self._is_scale(key) else said
            for key, said in found.items()
        }

    def _is_scale(self, key: int) -> bool:
        return isinstance(self.fields[f"q_{key}"], forms.ChoiceField)
