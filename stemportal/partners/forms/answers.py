"""The questions that belong to a kind of organisation (partners.questions) as fields of a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.partners import questions
from stemportal.partners.questions import NUMBER_MOST, TEXT_LENGTH, Question, Type

PREFIX = "answer_"
YES, NO = "yes", "no"


def field_for(question: Question) -> forms.Field:
    """Return the form field in which a question is answered."""
    facts: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help,
        "required": question.is_required,
    }
    if question.type == Type.NUMBER:
        widget = forms.NumberInput(attrs={"inputmode": "numeric"})
        return forms.IntegerField(min_value=0, max_value=NUMBER_MOST, widget=widget, **facts)
    if question.type == Type.YES_NO:
        return forms.ChoiceField(choices=[(YES, _("Yes")), (NO, _("No"))], widget=forms.RadioSelect, **facts)
    return forms.CharField(max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 2}), **facts)


class AnswersForm(forms.Form):
    """A form that asks the questions of the organisation's kind. Mixed into forms with a field ``kind``."""

    # The questions stand after this field.
    questions_after = "kind"

    def ask_about_kind(self) -> None:
        """Add the questions of the kind that was typed, or that the form begins with."""
        asked = {PREFIX + question.code: field_for(question) for question in questions.questions_for(self.chosen_kind)}
        place = list(self.fields).index(self.questions_after) + 1
        before = list(self.fields)[:place]
        self.fields.update(asked)
        self.order_fields([*before, *asked])

    @property
    def typed(self) -> Mapping[str, Any]:
        """What was typed, or what the form begins with."""
        return self.data if self.is_bound else self.initial

    @property
    def chosen_kind(self) -> str:
        return str(self.typed.get("kind") or "")

    def question_fields(self) -> Iterator[forms.BoundField]:
        """The fields of the questions, for the page."""
        return (self[name] for name in self.fields if name.startswith(PREFIX))

    def other_answers(self) -> list[tuple[str, str]]:
        """Answers to another kind's questions, as (field, text): the page carries them along, should it come back."""
        names = [PREFIX + code for code in questions.BY_CODE]
        return [(name, self.typed[name]) for name in names if name not in self.fields and self.typed.get(name)]

    def answers(self) -> dict[str, questions.Answer]:
        """Return what the valid form answers, by the question's code; what was left empty is left out."""
        given = {}
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if name.startswith(PREFIX) and value not in ("", None):
                given[name.removeprefix(PREFIX)] = value == YES if isinstance(field, forms.ChoiceField) else value
        return given
