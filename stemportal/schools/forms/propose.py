"""Proposing a date: one of the next times that suit the partner, or a day and a time of one's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import Activity
from stemportal.activities.services.availability import hours_of, in_words, next_times, objection
from stemportal.activities.session_rules import local_start
from stemportal.lib.school_year import current_school_year
from stemportal.lib.templatetags.portal import clock, weekdate
from stemportal.schools.forms.group import ORDER, GroupForm
from stemportal.schools.models import School

ANOTHER = ""


class ProposeForm(GroupForm):
    """Proposing a date for an activity on request.

    ``slot`` is there when the partner has said when it can be asked; whoever chooses another time fills in the day and
    the time, which must lie within those hours.
    """

    slot = forms.ChoiceField(label=_("The next times that suit them"), required=False, widget=forms.RadioSelect)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    clock = forms.TimeField(label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))

    field_order = ["slot", "day", "clock", *ORDER]

    def __init__(self, *args: Any, school: School, activity: Activity, **kwargs: Any) -> None:
        this_year = current_school_year()
        super().__init__(*args, school=school, activity=activity, school_years=(this_year, this_year + 1), **kwargs)
        tomorrow = timezone.localdate() + timedelta(days=1)
        self.fields["day"].widget.attrs["min"] = tomorrow.isoformat()
        self.fields["day"].error_messages["invalid"] = _("Write the day as for example 24.03.2027.")
        self.fields["clock"].error_messages["invalid"] = _("Write the time as for example 09:30.")
        self.rows = hours_of(activity)
        self.hours = in_words(self.rows)
        county = school.municipality.county if school.municipality else None
        suggested = next_times(activity, county) if self.rows else []
        if not suggested:
            del self.fields["slot"]
            return
        self.fields["slot"].choices = [  # type: ignore[attr-defined]
            *((_value(start), capfirst(f"{weekdate(start)}, {clock(start)}")) for start in suggested),
            (ANOTHER, _("Another day or time")),
        ]
        self.fields["slot"].error_messages["invalid_choice"] = _(
            "This time is no longer free. Nothing you wrote is lost: choose another one."
        )
        chosen = str(self.data.get(self.add_prefix("slot"), "")) if self.is_bound else ANOTHER
        for name in ("slot", "day", "clock"):
            self.fields[name].either_or = True  # type: ignore[attr-defined]  # a suggested time, or one's own
            if chosen != ANOTHER and name != "slot":
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "slot" in self.errors or (not data.get("slot") and not (data.get("day") and data.get("clock") is not None)):
            return data
        field = "slot" if data.get("slot") else "clock"
        try:
            start = self.proposed_at()
        except forms.ValidationError as error:
            self.add_error(field, error)
        else:
            self.check_school_year(timezone.localdate(start))
            if why_not := objection(self.activity, start, self.rows):
                self.add_error("slot" if data.get("slot") else "day", why_not)
        return data

    def proposed_at(self) -> datetime:
        """Return the proposed moment. Raises ValidationError for a time that the clocks skip in spring."""
        if slot := self.cleaned_data.get("slot"):
            chosen = datetime.fromisoformat(slot)
            return local_start(chosen.date(), chosen.time())
        return local_start(self.cleaned_data["day"], self.cleaned_data["clock"])


def _value(start: datetime) -> str:
    """A suggested time as the form sends it: what the clock shows."""
    return timezone.localtime(start).strftime("%Y-%m-%dT%H:%M")
