"""How many came."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.schools.models import MAX_PUPILS


class AttendanceForm(forms.Form):
    """How many came: counts only, never names."""

    pupils = forms.IntegerField(
        label=_("How many pupils came?"),
        min_value=0,
        max_value=MAX_PUPILS,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={"invalid": _("Write the number of pupils in digits."), "min_value": _("Write 0 or more.")},
    )
    girls = forms.IntegerField(
        label=_("How many of them were girls?"),
        help_text=_("Only a count. Partners see it only in sums of five or more."),
        min_value=0,
        max_value=MAX_PUPILS,
        required=False,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={"invalid": _("Write the number of girls in digits."), "min_value": _("Write 0 or more.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        pupils, girls = data.get("pupils"), data.get("girls")
        if pupils is not None and girls is not None and girls > pupils:
            self.add_error("girls", _("There cannot be more girls than pupils."))
        return data
