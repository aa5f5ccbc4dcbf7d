"""Money for the journey: what a school asks for, its receipt, the answer, and a partner's pledge."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.forms.pictures import PICTURE_TYPES, FileForm
from stemportal.lib.identity_numbers import without_personal_numbers
from stemportal.lib.money import KronerField, kroner_words
from stemportal.lib.school_year import label
from stemportal.places.models import County
from stemportal.schools.models import TransportGrant, TransportRate
from stemportal.schools.services.grants import MOST_KM, MOST_ORE, MOST_PEOPLE, Application
from stemportal.schools.services.pots import MOST_ORE as MOST_OF_A_POT
from stemportal.schools.services.pots import pledge_years
from stemportal.schools.services.rates import Quote

# Steps of those who decide; what needs a line to the school stands in the second set.
WITH_AMOUNT = {"approve", "settle", "adjust"}
WITH_REASON = {"decline", "return"}


class PlainTextField(forms.CharField):
    """A few lines; personal identity numbers are thrown away."""

    widget = forms.Textarea

    def clean(self, value: Any) -> str:
        return without_personal_numbers(super().clean(value)).strip()


class GrantForm(forms.Form):
    """How a class travels, and what it asks for. An empty amount is what the rates say."""

    km = forms.IntegerField(label=gettext_lazy("Kilometres, one way"), min_value=1, max_value=MOST_KM)
    people = forms.IntegerField(
        label=gettext_lazy("People who travel"),
        help_text=gettext_lazy("Pupils and adults together."),
        min_value=1,
        max_value=MOST_PEOPLE,
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("How you travel"), choices=TransportRate.Mode.choices, widget=forms.RadioSelect
    )
    ore = KronerField(
        label=gettext_lazy("Amount in kroner"),
        help_text=gettext_lazy("Leave it empty for what the rates say."),
        required=False,
        most=MOST_ORE,
    )
    why = PlainTextField(
        label=gettext_lazy("Why it costs more"),
        help_text=gettext_lazy("Only when you need more than the cheapest reasonable way costs. No names."),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, quotes: list[Quote], **kwargs: Any) -> None:
        """``quotes``: what each way of travelling costs, shown beside it."""
        super().__init__(*args, **kwargs)
        self.quotes = quotes
        prices = {quote.mode: kroner_words(quote.ore) for quote in quotes}
        self.fields["mode"].choices = [  # type: ignore[attr-defined]
            (value, f"{words} ({prices[value]})" if value in prices else words)
            for value, words in TransportRate.Mode.choices
        ]

    def application(self) -> Application:
        """Return what is asked for; ask a valid form."""
        return Application(**self.cleaned_data)


class ReceiptForm(FileForm):
    """The receipt and what it says; ``content`` and ``extension`` are what is kept of the file."""

    purpose = None  # type: ignore[assignment]
    title = None  # type: ignore[assignment]
    file = forms.FileField(
        label=gettext_lazy("Choose the receipt"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "PDF, PNG, JPEG or WebP, at most 10 MB. Cover names and personal numbers. Only your school and "
            "whoever pays can open it."
        ),
        error_messages={"required": gettext_lazy("Choose a file first.")},
        widget=forms.FileInput(attrs={"accept": f"application/pdf,{PICTURE_TYPES}"}),
    )
    ore = KronerField(label=gettext_lazy("What the journey cost, in kroner"), most=MOST_ORE)


class DecisionForm(forms.Form):
    """The answer to an application or a receipt: an amount, and a line to the school. ``do`` says which step it is."""

    ore = KronerField(label=gettext_lazy("Amount in kroner"), required=False, most=MOST_ORE)
    reply = PlainTextField(
        label=gettext_lazy("A line to the teacher"),
        help_text=gettext_lazy("Needed with a no, so that the teacher knows why."),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, do: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ore"].required = do in WITH_AMOUNT
        self.fields["ore"].error_messages["required"] = _("Write an amount in kroner.")
        self.fields["reply"].required = do in WITH_REASON
        self.fields["reply"].error_messages["required"] = _("Write a line, so that the teacher knows why.")


def steps_of(grant: TransportGrant) -> list[str]:
    """Return what whoever decides can do with a grant now, the usual step first."""
    return {
        TransportGrant.Status.APPLIED: ["approve", "decline"],
        TransportGrant.Status.APPROVED: ["adjust"],
        TransportGrant.Status.CLAIMED: ["settle", "return"],
    }.get(TransportGrant.Status(grant.status), [])


def first_amount(grant: TransportGrant) -> int:
    """Return the amount that an answer begins with, in øre."""
    if grant.status == TransportGrant.Status.CLAIMED:
        return min(grant.approved_ore or 0, grant.claimed_ore or 0)
    return grant.applied_ore


class PledgeForm(forms.Form):
    """A partner's pot: for which year, for whom, how much."""

    name = forms.CharField(
        label=gettext_lazy("Name of the pot"),
        help_text=gettext_lazy("What schools see, for example “The bus to the harbour”."),
        max_length=120,
    )
    school_year = forms.TypedChoiceField(label=gettext_lazy("School year"), coerce=int)
    county = forms.ModelChoiceField(
        County.objects.order_by("name"),
        label=gettext_lazy("For schools in"),
        empty_label=gettext_lazy("The whole country"),
        required=False,
    )
    ore = KronerField(label=gettext_lazy("Amount in kroner"), least=100_000, most=MOST_OF_A_POT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_year"].choices = [(year, label(year)) for year in pledge_years()]  # type: ignore[attr-defined]
