"""How a visit was, in a minute."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.schools.models import Feedback

RATINGS = [
    (5, _("5: very good")),
    (4, _("4: good")),
    (3, _("3: all right")),
    (2, _("2: not so good")),
    (1, _("1: not good")),
]
LEARNED = [
    ("", _("I would rather not say")),
    (5, _("5: very well")),
    (4, _("4: well")),
    (3, _("3: in part")),
    (2, _("2: a little")),
    (1, _("1: not at all")),
]


class FeedbackForm(forms.Form):
    """One or two ratings, own words, and for a school whether they may be quoted."""

    rating = forms.TypedChoiceField(
        label=_("How was the visit?"),
        choices=RATINGS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five.")},
    )
    learned = forms.TypedChoiceField(
        label=_("How well did it fit what the class learns?"),
        choices=LEARNED,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("In your own words"),
        help_text=_("What was good, and what could be better? Write no names of pupils."),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    may_quote = forms.BooleanField(
        label=_("My words may stand with the offer, without my name and without the name of the school"),
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, side: Feedback.Side, earlier: Feedback | None = None) -> None:
        initial: dict[str, Any] = {"learned": ""}
        if earlier is not None:
            initial = {
                "rating": earlier.rating,
                "learned": earlier.learned or "",
                "text": earlier.text,
                "may_quote": earlier.may_quote,
            }
        # Identity numbers are thrown away before anything else sees them.
        typed = forget_personal_numbers(data)[0] if data is not None else None
        super().__init__(typed, initial=initial)
        if side == Feedback.Side.PARTNER:
            # Only a class's words stand with an offer, and only its teacher knows what it learns.
            del self.fields["may_quote"], self.fields["learned"]

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\x00", "").strip()

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes; call it on a valid form."""
        data = self.cleaned_data
        return {
            "rating": data["rating"],
            "learned": data.get("learned"),
            "text": data["text"],
            "may_quote": data.get("may_quote", False),
        }
