"""The fields of the search form. They take whatever stands in an address: unknown values are left out, so that no
address is ever an error, and everything is cut to a size that costs little."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import GRADES, AccessFeature, Goal, Language
from stemportal.lib.widgets import DateInput

RADII = (10, 20, 40, 60, 100, 200)
USUAL_RADIUS = 60
SORTS = {
    "best": gettext_lazy("Best match"),
    "nearest": gettext_lazy("Nearest"),
    "soonest": gettext_lazy("Soonest"),
    "newest": gettext_lazy("Newest"),
}
VIEWS = {"list": gettext_lazy("List"), "map": gettext_lazy("Map")}
LONGEST_QUERY = 300
LATEST_YEAR_AWAY = 10
LARGEST_GROUP = 500
MOST_GOALS = 20


class KnownChoices(forms.MultipleChoiceField):
    """Several values; those that do not exist, and repeated ones, are left out without a word."""

    def clean(self, value: Any) -> list[str]:
        given = value if isinstance(value, list | tuple) else []
        return [str(item) for item in dict.fromkeys(given) if self.valid_value(item)]


class KnownChoice(forms.ChoiceField):
    """One value, or the initial one where the value does not exist."""

    def clean(self, value: Any) -> str:
        return str(value) if value and self.valid_value(value) else str(self.initial or "")


class CutText(forms.CharField):
    """Text of any length: what is too long, or no text at all, is cut away."""

    def clean(self, value: Any) -> str:
        return str(value or "").replace("\x00", "")[:LONGEST_QUERY].strip()


class NearDate(forms.DateField):
    """A day at most some years away: the calendar has an end, and so do plans."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and abs(day.year - timezone.localdate().year) > LATEST_YEAR_AWAY:
            raise forms.ValidationError(_("Choose a date in the coming years."))
        return day


class KnownWeek(forms.CharField):
    """A school week as "2026-W41", or only its number, which then means the next week of that number."""

    def clean(self, value: Any) -> str:
        found = re.fullmatch(r"(?:(\d{4})-?W)?(\d{1,2})", str(value or "").strip(), re.IGNORECASE)
        if not found:
            return ""
        today = timezone.localdate()
        year, week = int(found[1] or today.isocalendar().year), int(found[2])
        monday = _monday(year, week)
        if monday and not found[1] and monday + timedelta(days=6) < today:
            monday = _monday(year + 1, week)
        if monday is None or abs(monday.year - today.year) > LATEST_YEAR_AWAY:
            return ""
        return f"{monday.isocalendar().year}-W{week:02}"


def _monday(year: int, week: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


class GroupSize(forms.CharField):
    """How many pupils: a number from 1 to 500, or nothing."""

    def clean(self, value: Any) -> int | None:
        text = str(value or "").strip()
        number = int(text) if text.isdecimal() and len(text) < 6 else 0
        return number if 0 < number <= LARGEST_GROUP else None


class KnownGoals(forms.MultipleChoiceField):
    """Codes of competence goals; those that do not exist are left out. One query, and none when nothing is asked.

    ``goals`` are those that were asked for, by their codes, once the field is cleaned.
    """

    goals: dict[str, Goal]

    def clean(self, value: Any) -> list[str]:
        given = [str(item).upper() for item in value][:MOST_GOALS] if isinstance(value, list | tuple) else []
        codes = [code for code in dict.fromkeys(given) if code.isalnum() and code.isascii() and len(code) <= 12]
        found = Goal.objects.filter(code__in=codes).order_by("plan__code") if codes else ()
        self.goals = {goal.code: goal for goal in found}
        return [code for code in codes if code in self.goals]


class SearchForm(forms.Form):
    """All fields of the search; ``activities.finding.filters`` fills in the choices that come from the database."""

    use_required_attribute = False

    q = CutText(label=gettext_lazy("What do you look for?"))
    place = CutText(label=gettext_lazy("School, place or postal code"))
    radius = KnownChoice(
        label=gettext_lazy("How far away"),
        choices=[(str(km), gettext_lazy("%(km)s km") % {"km": km}) for km in RADII],
        initial=str(USUAL_RADIUS),
    )
    kind = KnownChoices(label=gettext_lazy("Kind of activity"))
    format = KnownChoices(label=gettext_lazy("Where"))
    subject = KnownChoices(label=gettext_lazy("Subject"))
    county = KnownChoices(label=gettext_lazy("County"))
    municipality = KnownChoices(label=gettext_lazy("Municipality"))
    goal = KnownGoals(label=gettext_lazy("Competence goal"))
    access = KnownChoices(label=gettext_lazy("Accessibility"), choices=AccessFeature.choices)
    grade = KnownChoice(
        label=gettext_lazy("Grade"),
        choices=[("", gettext_lazy("All grades")), *((str(grade), name) for grade, name in GRADES)],
    )
    language = KnownChoice(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("All languages")), *Language.choices],
    )
    date_from = NearDate(label=gettext_lazy("From date"), widget=DateInput)
    date_to = NearDate(label=gettext_lazy("To date"), widget=DateInput)
    week = KnownWeek(label=gettext_lazy("Week"))
    pupils = GroupSize(label=gettext_lazy("Pupils in the group"))
    free = forms.BooleanField(label=gettext_lazy("Only with free places"))
    accessible = forms.BooleanField(label=gettext_lazy("Tells about accessibility"))
    new = forms.BooleanField(label=gettext_lazy("New in the last 30 days"))
    sort = KnownChoice(choices=list(SORTS.items()), initial="best")
    view = KnownChoice(choices=list(VIEWS.items()), initial="list")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = False
            field.widget.attrs["id"] = f"search-{name}"
