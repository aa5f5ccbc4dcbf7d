"""Places by week: one number for each of the coming weeks."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import Activity
from stemportal.activities.session_rules import MOST_PUPILS
from stemportal.lib.templatetags.portal import weekdate
from stemportal.lib.widgets import TimeInput
from stemportal.schools.services.weeks import Week, coming_weeks

FIRST_THING = time(8, 30)


class WeeksForm(forms.Form):
    """How many pupils can come in each week. Empty is none."""

    begins = forms.TimeField(label=gettext_lazy("New weeks begin at"), widget=TimeInput, initial=FIRST_THING)

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.weeks = coming_weeks(activity)
        sessions = [week.session for week in self.weeks if week.session]
        if sessions:
            self.fields["begins"].initial = timezone.localtime(sessions[-1].starts_at).time()
        for week in self.weeks:
            self.fields[_name(week.monday)] = forms.IntegerField(
                label=_("Places in week %(number)s") % {"number": week.number},
                help_text=_days(week),
                min_value=0,
                max_value=MOST_PUPILS,
                required=False,
                initial=week.places or None,
                widget=forms.NumberInput({"inputmode": "numeric"}),
                error_messages={"invalid": _("Write the number of pupils in digits.")},
            )

    def rows(self) -> list[forms.BoundField]:
        """The field of every week, for the template."""
        return [self[_name(week.monday)] for week in self.weeks]

    def places(self) -> dict[date, int]:
        """Return what was asked for, by the week's Monday."""
        return {week.monday: self.cleaned_data.get(_name(week.monday)) or 0 for week in self.weeks}


def _days(week: Week) -> str:
    """From when to when, how many are booked, and why schools are closed, if they are."""
    said = [f"{weekdate(week.monday)} – {weekdate(week.friday)}"]
    if week.taken:
        said.append(_("%(count)s booked") % {"count": week.taken})
    if week.closed:
        said.append(week.closed.words)
    return ". ".join(said)


def _name(monday: date) -> str:
    return f"week-{monday.isoformat()}"
