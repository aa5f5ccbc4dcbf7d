"""Another time than the one that was asked for or offered: one of the sessions with room, or a day and a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.services.availability import hours_of, in_words
from stemportal.activities.session_rules import local_start
from stemportal.lib.widgets import DateInput, TimeInput
from stemportal.schools.forms.group import session_words
from stemportal.schools.models import Booking
from stemportal.schools.queries.bookings import other_sessions
from stemportal.schools.services.proposals import Time

ANOTHER = ""
MOST_SESSIONS = 8


class AnotherTimeForm(forms.Form):
    """One of the next sessions with room for the group, or a day and a time of one's own, with a line."""

    session = forms.TypedChoiceField(
        label=_("Dates with room for the group"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    day = forms.DateField(label=_("Day"), widget=DateInput)
    clock = forms.TimeField(label=_("Time"), widget=TimeInput)
    note = forms.CharField(
        label=_("A line to the other side"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hours = in_words(hours_of(booking.activity))
        tomorrow = timezone.localdate() + timedelta(days=1)
        self.fields["day"].widget.attrs["min"] = tomorrow.isoformat()
        self.fields["day"].error_messages["invalid"] = _("Write the day as for example 24.03.2027.")
        self.fields["clock"].error_messages["invalid"] = _("Write the time as for example 09:30.")
        sessions = other_sessions(
            booking.activity, pupils=booking.pupils, besides=booking.session_id, limit=MOST_SESSIONS
        )
        choices: list[tuple[Any, Any]] = [(session.pk, session_words(session)) for session in sessions]
        if not choices:
            del self.fields["session"]
            return
        self.fields["session"].choices = [*choices, (ANOTHER, _("Another day or time"))]  # type: ignore[attr-defined]
        self.fields["session"].error_messages["invalid_choice"] = _(
            "This time is no longer free. Nothing you wrote is lost: choose another one."
        )
        chosen = str(self.data.get(self.add_prefix("session"), "")) if self.is_bound else ANOTHER
        for name in ("session", "day", "clock"):
            self.fields[name].either_or = True  # type: ignore[attr-defined]  # a session, or a time of one's own
            if chosen != ANOTHER and name != "session":
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("session"):
            try:
                self.time()
            except forms.ValidationError as error:
                self.add_error("clock", error)
        return data

    def time(self) -> Time:
        """Return what is proposed. Raises ValidationError for a time that the clocks skip in spring."""
        if session := self.cleaned_data.get("session"):
            return Time(session_id=session)
        return Time(starts_at=local_start(self.cleaned_data["day"], self.cleaned_data["clock"]))
