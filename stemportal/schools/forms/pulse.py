"""One pupil's answers."""

from __future__ import annotations

from django import forms

from stemportal.schools.models import PULSE_ANSWERS, PULSE_QUESTIONS, Moment
from stemportal.schools.queries.pulse import answer_words, question_words


class PulseForm(forms.Form):
    """Three questions with five answers each. ``moment`` is the part that was on the page."""

    moment = forms.ChoiceField(choices=Moment.choices)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for number in PULSE_QUESTIONS:
            self.fields[f"q{number}"] = forms.TypedChoiceField(
                coerce=int, choices=[(answer, str(answer)) for answer in PULSE_ANSWERS]
            )

    @property
    def answers(self) -> list[int]:
        """The three answers in their order; call it on a valid form."""
        return [self.cleaned_data[f"q{number}"] for number in PULSE_QUESTIONS]

    @property
    def questions(self) -> list[dict[str, object]]:
        """The questions for the page: number, words, options of (value, words, icon, chosen), and whether it lacks."""
        words, answers = question_words(), answer_words()
        return [
            {
                "number": number,
                "words": words[number],
                "options": [
                    (value, text, icon, self.data.get(f"q{number}") == str(value))
                    for value, text, icon in answers[number]
                ],
                "lacks": self.is_bound and f"q{number}" in self.errors,
            }
            for number in PULSE_QUESTIONS
        ]
