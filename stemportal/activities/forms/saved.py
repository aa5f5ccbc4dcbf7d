"""Saving a search: its name, and how often it mails."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from stemportal.activities.models import SavedSearch


class SavedSearchForm(forms.Form):
    """A name that says something in a list and in the subject of a mail, and the frequency."""

    name = forms.CharField(
        max_length=120,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Stands in your list and in the subject of the mails."),
    )
    frequency = forms.ChoiceField(
        choices=SavedSearch.Frequency.choices,
        initial=SavedSearch.Frequency.WEEKLY,
        label=gettext_lazy("Mail me"),
        help_text=gettext_lazy("Only when something new fits. Each mail has a link that ends them."),
        widget=forms.RadioSelect,
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].replace("\x00", "").split())
