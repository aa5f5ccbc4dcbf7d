"""Who comes: a class or a group in numbers, and booking a session for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import Activity, Session
from stemportal.lib.school_year import current_school_year, label, school_year_of
from stemportal.schools.emails.facts import group_words
from stemportal.schools.forms import placement
from stemportal.schools.forms.classes import PUPILS_ERRORS, grades_of
from stemportal.schools.models import MAX_PUPILS, Booking, School, SchoolClass
from stemportal.schools.queries.bookings import other_sessions
from stemportal.schools.queries.schools import classes_of

# More than these, and it is a slip of the finger.
MOST_ADULTS = 100
ORDER = (
    "school_class", "group_name", "grade", "pupils", "adults", "travel", "same_time_reason", "needs", "message",
)  # fmt: skip


class SchoolClassField(forms.ModelChoiceField):
    """One of the school's classes, with how many they are, and the school year where several are offered."""

    names_years = False

    def label_from_instance(self, obj: SchoolClass) -> str:
        name = f"{obj.name} {label(obj.school_year)}" if self.names_years else obj.name
        return group_words(name, obj.pupils)


class GroupForm(forms.Form):
    """Who comes: one of the school's classes, or a group given in numbers."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    school_class = SchoolClassField(
        SchoolClass.objects.none(), label=_("Class"), required=False, empty_label=_("Another group")
    )
    group_name = forms.CharField(label=_("Name of the class or group"), max_length=30, required=False)
    grade = forms.TypedChoiceField(label=_("Grade"), coerce=int, empty_value=None, required=False)
    pupils = forms.IntegerField(
        label=_("Number of pupils"),
        min_value=1,
        max_value=MAX_PUPILS,
        required=False,
        error_messages=PUPILS_ERRORS,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
    adults = forms.IntegerField(
        label=_("Adults who come along"),
        min_value=0,
        max_value=MOST_ADULTS,
        required=False,
        error_messages={
            "min_value": _("Write 0 or more."),
            "max_value": _("That is more than %(limit_value)s adults."),
            "invalid": _("Write the number of adults in digits."),
        },
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
    travel = forms.ChoiceField(
        label=_("How you travel"), choices=Booking.Travel.choices, required=False, initial=Booking.Travel.UNKNOWN
    )
    needs = forms.CharField(
        label=_("Needs of the group"),
        help_text=_(
            "For example step-free access. Only those who answer at the partner see it, and it is deleted 30 days "
            "after the visit. Never write the names of pupils."
        ),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    message = forms.CharField(
        label=_("Message to the partner"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    same_time_reason = forms.CharField(
        label=_("Why you want both visits at the same time"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, school: School, activity: Activity, school_years: Iterable[int] = (), **kwargs: Any
    ) -> None:
        """``school_years`` are those in which the visit may be, the likeliest first: in each come other classes."""
        super().__init__(*args, **kwargs)
        self.school, self.activity = school, activity
        self.fields["request_key"].initial = uuid.uuid4
        years = list(dict.fromkeys(school_years)) or [current_school_year()]
        classes = classes_of(school, *years)
        chosen = cast(SchoolClassField, self.fields["school_class"])
        chosen.queryset = classes
        chosen.names_years = len({c.school_year for c in classes}) > 1
        likeliest = sorted(classes, key=lambda c: years.index(c.school_year))
        fitting = [c.pk for c in likeliest if activity.grade_from <= c.grade <= activity.grade_to]
        chosen.initial = fitting[0] if fitting else None
        for name in ("school_class", "group_name", "grade", "pupils"):
            self.fields[name].either_or = True  # type: ignore[attr-defined]  # a class, or a group in numbers
        if not classes:
            del self.fields["school_class"]
        self.fields["grade"].choices = [("", _("Choose")), *grades_of(school)]  # type: ignore[attr-defined]
        placement.add_fields(self, activity.kind)

    def wish_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """What pupils at work would like, for the template."""
        return placement.wish_rows(self)

    def has_wishes(self) -> bool:
        """Whether anything was typed there, so that it is shown."""
        return any(field.value() or field.errors for row in self.wish_rows() for field in row)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen: SchoolClass | None = data.get("school_class")
        if chosen:
            data["group_name"] = data.get("group_name") or chosen.name
            if data["group_name"] != chosen.name:
                data["school_class"] = None
            data["grade"] = data.get("grade") or chosen.grade
            data["pupils"] = data.get("pupils") or (chosen.pupils if "pupils" not in self.errors else None)
        for name, words in (
            ("group_name", _("Write the name of the class or group.")),
            ("grade", _("Choose the grade.")),
            ("pupils", _("Write how many pupils will come.")),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        data["group_name"] = " ".join((data.get("group_name") or "").split())
        data["request_key"] = data.get("request_key") or uuid.uuid4()
        data["adults"] = data.get("adults") or 0
        data["travel"] = data.get("travel") or Booking.Travel.UNKNOWN
        placement.check_wishes(self, data.get("pupils"))
        return data

    def check_school_year(self, day: date) -> None:
        """Note an error where the chosen class is one of another school year than the day of the visit."""
        chosen: SchoolClass | None = self.cleaned_data.get("school_class")
        if chosen is not None and chosen.school_year != school_year_of(day):
            text = _("%(name)s is a class of %(year)s, and the visit is not in that school year. Choose another class.")
            self.add_error("school_class", text % {"name": chosen.name, "year": label(chosen.school_year)})

    def facts(self) -> dict[str, Any]:
        """Return what the services ask about the group."""
        names = (
            "group_name",
            "grade",
            "pupils",
            "adults",
            "travel",
            "needs",
            "message",
            "same_time_reason",
            "request_key",
        )
        return {
            **{name: self.cleaned_data[name] for name in names},
            "school_class": self.cleaned_data.get("school_class"),
            **placement.placement_facts(self),
        }


class BookForm(GroupForm):
    """Booking one of the activity's sessions."""

    session = forms.TypedChoiceField(label=_("Choose a time"), coerce=int, widget=forms.RadioSelect)

    field_order = ["session", *ORDER]

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        sessions = list(other_sessions(session.activity, pupils=1, limit=6))
        if session.is_open and session.places_left and session not in sessions:
            sessions = sorted([session, *sessions], key=lambda s: s.starts_at)
        years = [school_year_of(timezone.localdate(s.starts_at)) for s in (session, *sessions)]
        super().__init__(*args, activity=session.activity, school_years=years, **kwargs)
        self.asked_for = session
        self.sessions = sessions
        # A session that filled up meanwhile is no choice any more, but is no strange value either.
        choices = [(s.pk, session_words(s)) for s in sessions]
        field = self.fields["session"]
        field.choices = choices  # type: ignore[attr-defined]
        field.initial = session.pk if session.pk in dict(choices) else None
        field.error_messages["required"] = _("Choose a time.")
        field.error_messages["invalid_choice"] = _(
            "This session filled up while you were typing. Nothing you wrote is lost: choose another session below."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for session in self.sessions:
            if session.pk == data.get("session"):
                self.check_school_year(timezone.localdate(session.starts_at))
        return data

    def sent_facts(self) -> dict[str, Any]:
        """Return what tells this form from others, also where its session is no choice any more."""
        session = str(self["session"].value())
        return {
            "request_key": self.cleaned_data["request_key"],
            "session_id": int(session) if session.isdecimal() and len(session) < 19 else 0,
            "group_name": self.cleaned_data["group_name"],
        }


class WaitForm(GroupForm):
    """Joining the waiting list of a session that is full."""

    field_order = [*ORDER]


class ChangeGroupForm(GroupForm):
    """Changing who comes: what stands now is filled in."""

    field_order = [*ORDER]

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        initial: dict[str, Any] = {
            name: getattr(booking, name) for name in ("pupils", "adults", "travel", "needs", "group_name", "grade")
        }
        chosen = booking.school_class
        this_year = classes_of(booking.school, current_school_year())
        if chosen is not None and chosen in this_year:  # the class says it, unless something else was agreed
            initial["school_class"] = chosen.pk
            initial["group_name"] = "" if booking.group_name == chosen.name else booking.group_name
            initial["grade"] = None if booking.grade == chosen.grade else booking.grade
        # A class of another year may have been agreed on before.
        years = [school_year_of(timezone.localdate(booking.starts_at)), *([chosen.school_year] if chosen else [])]
        super().__init__(
            *args,
            school=booking.school,
            activity=booking.activity,
            initial=initial,
            school_years=years,
            **kwargs,
        )
        for name in ("message", "same_time_reason", "request_key"):
            del self.fields[name]
        placement.remove_fields(self)  # said when it was booked
        if "school_class" in self.fields:
            self.fields["school_class"].initial = None

    def facts(self) -> dict[str, Any]:
        """Return what the service asks about the group."""
        names = ("group_name", "grade", "pupils", "adults", "travel", "needs")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "school_class": self.cleaned_data.get("school_class"),
        }


def session_words(session: Session) -> str:
    """Return a session in words: day and time, or both days, and what is free."""
    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    until = f"–{end:%H:%M}" if end.date() == start.date() else f" – {_day_words(end)}, {end:%H:%M}"
    left = _("%(count)s free") % {"count": session.places_left}
    if session.pupils_left is not None:
        left += ", " + _("room for %(count)s pupils") % {"count": session.pupils_left}
    where = f", {session.get_where_display()}" if session.where else ""
    return f"{_day_words(start)}, {start:%H:%M}{until}{where} ({left})"


def _day_words(moment: datetime) -> str:
    return f"{date_format(moment, 'l')} {date_format(moment, 'DATE_FORMAT')}"
