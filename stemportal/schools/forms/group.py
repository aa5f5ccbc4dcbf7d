"""Who comes: a class or a group in numbers, and booking a session for it."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import Activity, Session
from stemportal.lib.school_year import current_school_year
from stemportal.schools.emails.facts import group_words
from stemportal.schools.forms.classes import grades_of
from stemportal.schools.models import MAX_PUPILS, School, SchoolClass
from stemportal.schools.queries.bookings import other_sessions
from stemportal.schools.queries.schools import classes_of

PUPILS_ERRORS = {
    "min_value": _("At least one pupil must come."),
    "max_value": _("That is more than %(limit_value)s pupils. Please divide the group."),
    "invalid": _("Write the number of pupils in digits."),
}


class SchoolClassField(forms.ModelChoiceField):
    """One of the school's classes, with how many they are."""

    def label_from_instance(self, obj: SchoolClass) -> str:
        return group_words(obj.name, obj.pupils)


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
    needs = forms.CharField(
        label=_("Needs of the group"),
        help_text=_("For example step-free access. Never write the names of pupils."),
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

    def __init__(self, *args: Any, school: School, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.school, self.activity = school, activity
        self.fields["request_key"].initial = uuid.uuid4
        classes = classes_of(school, current_school_year())
        chosen = cast(SchoolClassField, self.fields["school_class"])
        chosen.queryset = classes
        fitting = [c.pk for c in classes if activity.grade_from <= c.grade <= activity.grade_to]
        chosen.initial = fitting[0] if fitting else None
        for name in ("school_class", "group_name", "grade", "pupils"):
            self.fields[name].either_or = True  # type: ignore[attr-defined]  # a class, or a group in numbers
        if not classes:
            del self.fields["school_class"]
        self.fields["grade"].choices = [("", _("Choose")), *grades_of(school)]  # type: ignore[attr-defined]

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
        return data

    def facts(self) -> dict[str, Any]:
        """Return what the services ask about the group."""
        names = ("group_name", "grade", "pupils", "needs", "message", "request_key")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "school_class": self.cleaned_data.get("school_class"),
        }


class BookForm(GroupForm):
    """Booking one of the activity's sessions."""

    session = forms.TypedChoiceField(label=_("Choose a time"), coerce=int, widget=forms.RadioSelect)

    field_order = ["session", "school_class", "group_name", "grade", "pupils", "needs", "message"]

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, activity=session.activity, **kwargs)
        sessions = list(other_sessions(session.activity, pupils=1, limit=6))
        if session.is_open and session.places_left and session not in sessions:
            sessions = sorted([session, *sessions], key=lambda s: s.starts_at)
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

    def sent_facts(self) -> dict[str, Any]:
        """Return what tells this form from others, also where its session is no choice any more."""
        session = str(self["session"].value())
        return {
            "request_key": self.cleaned_data["request_key"],
            "session_id": int(session) if session.isdecimal() and len(session) < 19 else 0,
            "group_name": self.cleaned_data["group_name"],
        }


def session_words(session: Session) -> str:
    """Return a session in words: day, time and what is free."""
    from django.utils.formats import date_format

    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    day = f"{date_format(start, 'l')} {date_format(start, 'DATE_FORMAT')}"
    left = _("%(count)s free") % {"count": session.places_left}
    if session.pupils_left is not None:
        left += ", " + _("room for %(count)s pupils") % {"count": session.pupils_left}
    where = f", {session.get_where_display()}" if session.where else ""
    return f"{day}, {start:%H:%M}–{end:%H:%M}{where} ({left})"
