"""The partner's own words in its report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.reports.models import PartnerReport

LONGEST = 3000


class WordsForm(forms.Form):
    """A foreword and an own text on sustainability, both optional. ``seen``: when the words it began with were written.

    Identity numbers are thrown away before anything else sees them.
    """

    foreword = forms.CharField(
        label=gettext_lazy("Foreword"),
        help_text=gettext_lazy(
            "A greeting from you on the first page: what the year was like, and who you want to thank. "
            "No names of pupils, please."
        ),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 8}),
    )
    esg_text = forms.CharField(
        label=gettext_lazy("Own text on sustainability"),
        help_text=gettext_lazy("Leave it empty, and the report has our suggestion."),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 8}),
    )
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, report: PartnerReport) -> None:
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, initial=_written(report))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in self.forgotten & {"foreword", "esg_text"} - set(self.errors):
            self.add_error(
                name,
                _(
                    "Something here looked like a personal identity number, so we have thrown it away and saved "
                    "nothing. Please look at the text once more."
                ),
            )
        return data

    def rebased(self, report: PartnerReport) -> WordsForm:
        """Return a form with what was typed here, which may be saved over what the report has now."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["seen"] = _written(report)["seen"]
        return WordsForm(data, report=report)

    @property
    def seen_at(self) -> datetime | None:
        """When the words were written that the person began with; None when there were none."""
        seen: datetime | None = self.cleaned_data["seen"]
        return seen


def _written(report: PartnerReport) -> dict[str, Any]:
    seen = report.words_at.isoformat() if report.words_at else ""
    return {"foreword": report.foreword, "esg_text": report.esg_text, "seen": seen}
