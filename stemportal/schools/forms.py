"""Forms of the school's side: signing up, booking, answering and telling how many came."""

from __future__ import annotations

import uuid
from typing import Any, cast

from allauth.account.forms import SignupForm
from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.activities.models import GRADES, Activity, Session
from stemportal.lib.school_year import current_school_year
from stemportal.schools.emails import group_words
from stemportal.schools.models import MAX_PUPILS, School, SchoolClass
from stemportal.schools.queries import classes_of, find_schools, other_sessions
from stemportal.schools.services import teachers

EMAIL_LENGTH = 254
PUPILS_ERRORS = {
    "min_value": _("At least one pupil must come."),
    "max_value": _("That is more than %(limit_value)s pupils. Please divide the group."),
    "invalid": _("Write the number of pupils in digits."),
}


class SchoolPicker(forms.Form):
    """Choosing a school by typing its name or kommune; the matches are radio buttons under the field.

    With htmx they appear while one types; without JavaScript after the form has been sent.
    """

    school_text = forms.CharField(
        label=_("Your school"),
        help_text=_("Type the name of the school or the kommune, then choose it in the list."),
        max_length=120,
        error_messages={"required": _("Type the name of your school.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    school = forms.ModelChoiceField(School.objects.active(), required=False, widget=forms.HiddenInput)

    def school_matches(self) -> QuerySet[School]:
        """Schools to choose from, for the template."""
        return find_schools(str(self["school_text"].value() or ""))

    def chosen_school(self) -> str:
        """The number of the school that is chosen now, for the template."""
        return str(self["school"].value() or "")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = cleaned if cleaned is not None else self.cleaned_data
        if not data.get("school") and not {"school", "school_text"} & set(self.errors):
            matches = list(find_schools(data.get("school_text") or "")[:2])
            exact = [s for s in matches if s.name.lower() == (data.get("school_text") or "").strip().lower()]
            if len(matches) == 1 and exact:
                data["school"] = matches[0]
            elif matches:
                self.add_error("school_text", _("Choose your school in the list below."))
            else:
                self.add_error("school_text", _("We found no such school. Try a part of the name, or the kommune."))
        return data


class TeacherSignupForm(SchoolPicker, SignupForm):
    """Sign-up of a teacher: name, address and school. The login is a mailed code; a password can be set later."""

    full_name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))

    field_order = ["full_name", "email", "school_text", "school"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password1"]
        # allauth would cut a longer address off, and mail the code to somebody else.
        self.fields["email"].validators.append(MaxLengthValidator(EMAIL_LENGTH))

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Keep the name, the language (the school's målform where the page was in bokmål) and the school."""
        school: School = self.cleaned_data["school"]
        language = translation.get_language() or "nb"
        user.full_name = self.cleaned_data["full_name"]
        user.language = school.mail_language if language == "nb" else language
        user.save(update_fields=["full_name", "language"])
        teachers.add_teacher(user=user, school=school)


class SchoolClassForm(forms.ModelForm):
    """A class: its name and counts."""

    class Meta:
        model = SchoolClass
        fields = ["name", "grade", "pupils"]

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.school = school
        if not self.instance.school_year:
            self.instance.school_year = current_school_year()
        self.fields["grade"] = forms.TypedChoiceField(label=_("Grade"), choices=grades_of(school), coerce=int)

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        same = classes_of(self.instance.school, self.instance.school_year).filter(name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("The school already has a class with this name this year."))
        return name


def grades_of(school: School) -> list[tuple[int, Any]]:
    """Return the grades the school teaches, as form choices."""
    return [(grade, name) for grade, name in GRADES if school.grade_from <= grade <= school.grade_to] or list(GRADES)


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


class ReplyForm(forms.Form):
    """A line to the teacher with a yes; with a no it is asked for."""

    reply = forms.CharField(
        label=_("A line to the teacher"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reply"].required = required
        self.fields["reply"].error_messages["required"] = _("Write a line, so that the teacher knows why.")


class NoteForm(forms.Form):
    """Why something is called off."""

    note = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea({"rows": 2}))


class AttendanceForm(forms.Form):
    """How many came: counts only, never names."""

    pupils = forms.IntegerField(
        label=_("How many pupils came?"),
        min_value=0,
        max_value=MAX_PUPILS,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={"invalid": _("Write the number of pupils in digits."), "min_value": _("Write 0 or more.")},
    )
    girls = forms.IntegerField(
        label=_("How many of them were girls?"),
        help_text=_("Only a count. Partners see it only in sums of five or more."),
        min_value=0,
        max_value=MAX_PUPILS,
        required=False,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={"invalid": _("Write the number of girls in digits."), "min_value": _("Write 0 or more.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        pupils, girls = data.get("pupils"), data.get("girls")
        if pupils is not None and girls is not None and girls > pupils:
            self.add_error("girls", _("There cannot be more girls than pupils."))
        return data
