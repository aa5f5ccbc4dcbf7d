"""The rows in which new sessions are typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import WORKING_DAY_MINUTES, Activity, Kind, Session
from stemportal.activities.session_rules import (
    FARTHEST_YEARS,
    MOST_AT_ONCE,
    VARYING,
    NewSession,
    SessionErrors,
    local_start,
)
from stemportal.lib.widgets import DateInput, TimeInput


class SessionRow(forms.Form):
    """One new session. The length and the places are suggested; a row without a date counts for nothing."""

    date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput)
    time = forms.TimeField(label=gettext_lazy("Starts at"), widget=TimeInput)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"))
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DateInput, required=False)
    capacity = forms.IntegerField(label=gettext_lazy("Places"))
    pupil_capacity = forms.IntegerField(label=gettext_lazy("Pupils at most"), required=False)
    where = forms.ChoiceField(
        label=gettext_lazy("Where it takes place"),
        choices=[("", gettext_lazy("As the offer says")), *Session.Where.choices],
        required=False,
    )
    place = forms.CharField(label=gettext_lazy("Meeting place"), max_length=200, required=False)
    link = forms.URLField(label=gettext_lazy("Video link"), max_length=300, required=False, assume_scheme="https")

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        suit_place_fields(self, activity)
        if activity.duration_minutes > WORKING_DAY_MINUTES:
            self.fields["minutes"].label = _("Minutes a day")
        else:
            del self.fields["last_day"]
        for name in ("minutes", "capacity"):
            self.fields[name].widget.attrs |= {"min": 1, "inputmode": "numeric"}

    def has_changed(self) -> bool:
        """Whether the row counts: a date or a time was typed. Length and places are only suggestions."""
        return any(str(self[name].data or "").strip() for name in ("date", "time"))

    def clean_date(self) -> dt.date:
        return near(self.cleaned_data["date"])

    def clean_last_day(self) -> dt.date | None:
        day = self.cleaned_data["last_day"]
        return near(day) if day else None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("date"), values.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))
        if first and values.get("time") is not None and "time" not in self.errors:
            try:
                values["starts_at"] = local_start(first, values["time"])
            except ValidationError as error:
                self.add_error("time", error)
        return values

    def session(self) -> NewSession:
        """The session as the service takes it; call it on a valid row."""
        values = self.cleaned_data
        minutes = values["minutes"]
        if last := values.get("last_day"):
            minutes += int((last - values["date"]) / dt.timedelta(minutes=1))
        return NewSession(
            starts_at=values["starts_at"],
            minutes=minutes,
            capacity=values["capacity"],
            pupil_capacity=values.get("pupil_capacity"),
            where=values.get("where", ""),
            place=values.get("place", ""),
            link=values.get("link", ""),
        )


def suit_place_fields(form: forms.Form, activity: Activity) -> None:
    """Leave the fields about where and how many that suit the activity, and name what its places are."""
    by_groups = activity.kind.unit == Kind.Unit.GROUPS
    form.fields["capacity"].label = _("Places (groups)") if by_groups else _("Places (people)")
    if not by_groups:
        del form.fields["pupil_capacity"]
    varies = activity.format in VARYING
    if not varies:
        del form.fields["where"]
    if not varies and not activity.is_digital:
        del form.fields["link"]
    if not varies and activity.format != Activity.Format.ON_SITE:
        del form.fields["place"]


def most_minutes(activity: Activity) -> int:
    """Real minutes from the first start to the last end: a work week ends on its last day."""
    start = timezone.now()
    return int((activity.end_after(start) - start) / dt.timedelta(minutes=1))


def near(day: dt.date) -> dt.date:
    """Return the day. Raises ValidationError when it is years away, so that nothing has to count with the year 9999."""
    if abs(day.year - timezone.localdate().year) > FARTHEST_YEARS + 1:
        raise ValidationError(_("Choose a time within the next five years."))
    return day


class SessionRows(forms.BaseFormSet):
    """Several rows; what is wrong is said at the field of its row."""

    @property
    def filled(self) -> list[SessionRow]:
        """Rows in which something was typed."""
        return [form for form in self.forms if form.has_changed()]

    def add_errors(self, errors: SessionErrors) -> None:
        """Put what the service refused where it was typed."""
        if errors.general:
            self.say(errors.general)
        rows = self.filled
        for number, by_field in errors.by_session.items():
            for name, text in by_field.items():
                field = "date" if name == "starts_at" else name
                rows[number].add_error(field if field in rows[number].fields else None, text)

    def say(self, text: str) -> None:
        """Add a message that concerns all rows."""
        self.non_form_errors().append(text)


def session_rows(activity: Activity, data: Mapping[str, Any] | None = None, *, rows: int = 3) -> SessionRows:
    """Return ``rows`` empty rows for new sessions, or those of ``data``."""
    factory = forms.formset_factory(
        SessionRow, formset=SessionRows, extra=min(max(rows, 1), MOST_AT_ONCE), max_num=MOST_AT_ONCE,
        absolute_max=MOST_AT_ONCE, validate_max=True,
    )  # fmt: skip
    initial = {"minutes": min(activity.duration_minutes, WORKING_DAY_MINUTES), "capacity": 1}
    rows_form: SessionRows = factory(data, prefix="s", form_kwargs={"activity": activity, "initial": initial})  # type: ignore[assignment]
    return rows_form
