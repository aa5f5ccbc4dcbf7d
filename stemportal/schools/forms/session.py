"""Changing or calling off a session: this date only, or this and the following ones of its series."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stemportal.activities.models import Activity, Kind, Session
from stemportal.activities.session_rules import MOST_PLACES, MOST_PUPILS, VARYING, local_start
from stemportal.lib.widgets import DateInput, TimeInput
from stemportal.schools.services.sessions import Change

ONE, FOLLOWING = "one", "following"


class ScopeForm(forms.Form):
    """Which dates it is about; asked only where the session has others of its series after it."""

    scope = forms.ChoiceField(label=_("Which dates?"), widget=forms.RadioSelect, initial=ONE)

    def __init__(self, *args: Any, dates: int = 1, told: tuple[int, int] = (0, 0), **kwargs: Any) -> None:
        """``dates`` are this and the following ones, ``told`` the groups told for this one and for all of them."""
        super().__init__(*args, **kwargs)
        if dates < 2:
            del self.fields["scope"]
            return
        later = ngettext(
            "This and the %(number)s date of the series after it. %(told)s",
            "This and the %(number)s dates of the series after it. %(told)s",
            dates - 1,
        )
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            (ONE, f"{_('Only this date.')} {told_words(told[0])}"),
            (FOLLOWING, later % {"number": dates - 1, "told": told_words(told[1])}),
        ]

    @property
    def following(self) -> bool:
        """Whether it is about the following ones too; ask a valid form."""
        return self.cleaned_data.get("scope") == FOLLOWING


def told_words(groups: int) -> str:
    """Say how many groups get a mail."""
    if not groups:
        return str(_("Nobody has booked."))
    return ngettext("%(number)s group is told.", "%(number)s groups are told.", groups) % {"number": groups}


class CancelForm(ScopeForm):
    """Why a session is called off, and which."""

    note = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea({"rows": 2}))

    field_order = ["scope", "note"]


class SessionForm(ScopeForm):
    """A new time, place or capacity for a session."""

    day = forms.DateField(label=_("Day"), widget=DateInput)
    last_day = forms.DateField(label=_("Last day"), widget=DateInput)
    begins = forms.TimeField(label=_("From"), widget=TimeInput)
    ends = forms.TimeField(label=_("To"), widget=TimeInput)
    capacity = forms.IntegerField(label=_("Places"), min_value=1)
    pupil_capacity = forms.IntegerField(label=_("Pupils at most"), min_value=1, max_value=MOST_PUPILS, required=False)
    where = forms.ChoiceField(
        label=_("Where it takes place"), choices=[("", _("As the offer says")), *Session.Where.choices], required=False
    )
    place = forms.CharField(label=_("Meeting place"), max_length=200, required=False)
    link = forms.URLField(label=_("Video link"), max_length=300, required=False, assume_scheme="https")
    overlap_ok = forms.BooleanField(label=_("I know, and we manage both"), required=False)
    seen = forms.BooleanField(required=False, widget=forms.HiddenInput)

    field_order = ["scope", "day", "last_day", "begins", "ends", "capacity", "pupil_capacity", "where", "place", "link"]

    def __init__(
        self, *args: Any, unit: str, lasts_days: bool = False, format: str = Activity.Format.ON_SITE, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["capacity"].validators.append(MaxValueValidator(MOST_PLACES[Kind.Unit(unit)]))
        if not lasts_days:
            del self.fields["last_day"]
        if unit != Kind.Unit.GROUPS:
            del self.fields["pupil_capacity"]
        if format not in VARYING:
            del self.fields["where"]
        if format not in VARYING | {Activity.Format.DIGITAL}:
            del self.fields["link"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                change = self.change()
            except forms.ValidationError as error:
                self.add_error("begins", error)
            else:
                if change.ends_at <= change.starts_at:
                    self.add_error("ends", _("The session must end after it begins."))
        return data

    def change(self) -> Change:
        """Return how the session is to be. Raises ValidationError for a time that the clocks skip in spring."""
        data = self.cleaned_data
        return Change(
            starts_at=local_start(data["day"], data["begins"]),
            ends_at=local_start(data.get("last_day", data["day"]), data["ends"]),
            capacity=data["capacity"],
            pupil_capacity=data.get("pupil_capacity"),
            where=data.get("where", ""),
            place=data["place"],
            link=data.get("link", ""),
        )

    def hidden(self) -> list[str]:
        """Everything that was filled in, as hidden fields, for the page that asks once more."""
        return [field.as_hidden() for field in self if field.name not in {"overlap_ok", "seen"}]


def as_it_is(session: Session) -> dict[str, Any]:
    """Return the form's first values: the session as it stands."""
    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    return {
        "day": start.date(),
        "last_day": end.date(),
        "begins": start.time(),
        "ends": end.time(),
        "capacity": session.capacity,
        "pupil_capacity": session.pupil_capacity,
        "where": session.where,
        "place": session.place,
        "link": session.link,
    }
