"""Dates that repeat: the rule, then the list of dates with a tick box each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.forms.sessions import most_minutes, near, suit_place_fields
from stemportal.activities.models import WEEKDAYS, Activity, Session
from stemportal.activities.services.series import (
    MOST_DATES,
    MOST_WEEKS_BETWEEN,
    Occurrence,
    Plan,
    SeriesError,
    too_many,
)
from stemportal.activities.session_rules import SessionErrors
from stemportal.lib.widgets import DateInput, TimeInput


class SeriesForm(forms.Form):
    """A rule: weekdays, how often, from when until when; and what each session is like."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these weekdays"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    every = forms.IntegerField(label=gettext_lazy("Every how many weeks"), initial=1)
    first_day = forms.DateField(label=gettext_lazy("From"), widget=DateInput)
    last_day = forms.DateField(label=gettext_lazy("Until"), widget=DateInput, required=False)
    times = forms.IntegerField(label=gettext_lazy("Or so many times"), required=False)
    begins = forms.TimeField(label=gettext_lazy("Starts at"), widget=TimeInput)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"))
    capacity = forms.IntegerField(label=gettext_lazy("Places"))
    pupil_capacity = forms.IntegerField(label=gettext_lazy("Pupils at most"), required=False)
    where = forms.ChoiceField(
        label=gettext_lazy("Where it takes place"),
        choices=[("", gettext_lazy("As the offer says")), *Session.Where.choices],
        required=False,
    )
    place = forms.CharField(label=gettext_lazy("Meeting place"), max_length=200, required=False)
    link = forms.URLField(label=gettext_lazy("Video link"), max_length=300, required=False, assume_scheme="https")
    school_weeks_only = forms.BooleanField(label=gettext_lazy("Only in school weeks"), initial=True, required=False)
    not_on_holidays = forms.BooleanField(label=gettext_lazy("Not on public holidays"), initial=True, required=False)

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        kwargs |= {"prefix": "r", "initial": {"minutes": most_minutes(activity), "capacity": 1}}
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        suit_place_fields(self, activity)
        for name, most in (("every", MOST_WEEKS_BETWEEN), ("times", MOST_DATES), ("minutes", None), ("capacity", None)):
            self.fields[name].widget.attrs |= {"min": 1, "inputmode": "numeric"} | ({"max": most} if most else {})
        for name in ("last_day", "times"):
            self.fields[name].either_or = True  # type: ignore[attr-defined]  # one of them says when it ends

    def clean_first_day(self) -> dt.date:
        return near(self.cleaned_data["first_day"])

    def clean_last_day(self) -> dt.date | None:
        day = self.cleaned_data["last_day"]
        return near(day) if day else None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("times") and values.get("last_day"):
            self.add_error("times", _("Choose either a last day or a number of times, not both."))
        if (values.get("times") or 0) > MOST_DATES:
            self.add_error("times", too_many())
        return values

    def plan(self) -> Plan:
        """The rule as the service takes it; call it on a valid form."""
        values = self.cleaned_data
        return Plan(
            weekdays=tuple(values["weekdays"]),
            every=values["every"],
            first_day=values["first_day"],
            last_day=values["last_day"],
            times=values["times"],
            begins=values["begins"],
            minutes=values["minutes"],
            capacity=values["capacity"],
            pupil_capacity=values.get("pupil_capacity"),
            where=values.get("where", ""),
            place=values.get("place", ""),
            link=values.get("link", ""),
            school_weeks_only=values["school_weeks_only"],
            not_on_holidays=values["not_on_holidays"],
        )

    def add_refusal(self, error: SeriesError | SessionErrors) -> None:
        """Put what the service refused where it was typed."""
        if isinstance(error, SeriesError):
            self.add_error(error.field if error.field in self.fields else None, error.words)
            return
        for by_field in error.by_session.values():
            for name, text in by_field.items():
                field = "begins" if name == "starts_at" else name
                self.add_error(field if field in self.fields else None, text)
        if error.general:
            self.add_error(None, error.general)

    def hidden(self) -> list[str]:
        """Everything that was filled in, as hidden fields, for the page with the dates."""
        return [field.as_hidden() for field in self]


class DatesForm(forms.Form):
    """The dates of a rule, each with a tick box; those that cannot be stand beside it as text."""

    days = forms.MultipleChoiceField(required=False)
    overlap_ok = forms.BooleanField(label=gettext_lazy("I know, and we manage both"), required=False)

    def __init__(self, *args: Any, found: Sequence[Occurrence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (item.day.isoformat(), item.day.isoformat()) for item in found if item.may_be_held
        ]
        self.fields["days"].error_messages["invalid_choice"] = _("Look at the dates once more: something has changed.")

    def clean_days(self) -> list[dt.date]:
        if not self.cleaned_data["days"]:
            raise forms.ValidationError(_("Choose at least one date."))
        return [dt.date.fromisoformat(day) for day in self.cleaned_data["days"]]

    @property
    def rows(self) -> list[tuple[Occurrence, bool]]:
        """Each date with whether it is ticked: those of the rule at first, then what the person ticked."""
        ticked = set(self.data.getlist("days")) if self.is_bound else None  # type: ignore[attr-defined]
        return [
            (item, not item.reason if ticked is None else item.may_be_held and item.day.isoformat() in ticked)
            for item in self.found
        ]


class ExtendForm(forms.Form):
    """Until when a series is to go on."""

    until = forms.DateField(label=gettext_lazy("New last day"), widget=DateInput)

    def clean_until(self) -> dt.date:
        return near(self.cleaned_data["until"])
