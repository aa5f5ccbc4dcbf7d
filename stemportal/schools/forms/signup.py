"""Signing up as a teacher and choosing a school."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.schools.models import School
from stemportal.schools.queries.schools import find_schools
from stemportal.schools.services import teachers

EMAIL_LENGTH = 254


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
