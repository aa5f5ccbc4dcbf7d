"""When an offer on request can be asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.forms.sessions import near
from stemportal.activities.models import WEEKDAYS
from stemportal.activities.services.availability import Hours
from stemportal.lib.widgets import DateInput, TimeInput


class AvailabilityForm(forms.Form):
    """Hours on one or several weekdays, maybe only for a part of the year."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    begins = forms.TimeField(label=gettext_lazy("From"), widget=TimeInput)
    ends = forms.TimeField(label=gettext_lazy("To"), widget=TimeInput)
    first_day = forms.DateField(label=gettext_lazy("First day"), widget=DateInput, required=False)
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DateInput, required=False)

    def clean_first_day(self) -> dt.date | None:
        day = self.cleaned_data["first_day"]
        return near(day) if day else None

    def clean_last_day(self) -> dt.date | None:
        day = self.cleaned_data["last_day"]
        return near(day) if day else None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("begins") and values.get("ends") and values["ends"] <= values["begins"]:
            self.add_error("ends", _("The end must be later than the beginning."))
        return values

    def hours(self) -> list[Hours]:
        """The hours as the service takes them; call it on a valid form."""
        values = self.cleaned_data
        return [
            Hours(day, values["begins"], values["ends"], values["first_day"], values["last_day"])
            for day in values["weekdays"]
        ]

    def add_refusal(self, error: ValidationError) -> None:
        """Put what the service refused where it was typed."""
        field = str(getattr(error, "code", "") or "")
        self.add_error(field if field in self.fields else None, error.messages[0])
