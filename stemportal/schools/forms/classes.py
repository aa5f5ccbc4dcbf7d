"""A class and its counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import GRADES
from stemportal.activities.queries.role_models import subject_choices
from stemportal.lib.identity_numbers import without_personal_numbers
from stemportal.lib.school_year import current_school_year, label
from stemportal.lib.templatetags.portal import localized
from stemportal.schools.models import MAX_PUPILS, School, SchoolClass
from stemportal.schools.queries.schools import classes_of

# More than any school has; who gets there makes the same class again and again.
MOST_CLASSES = 200
PUPILS_ERRORS = {
    "min_value": _("At least one pupil must come."),
    "max_value": _("That is more than %(limit_value)s pupils. Please divide the group."),
    "invalid": _("Write the number of pupils in digits."),
}


class SchoolClassForm(forms.ModelForm):
    """A class: its name, its counts and what it learns; never who is in it."""

    pupils = forms.IntegerField(
        label=_("Number of pupils"),
        min_value=1,
        max_value=MAX_PUPILS,
        error_messages={**PUPILS_ERRORS, "min_value": _("A class has at least one pupil.")},
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )

    class Meta:
        model = SchoolClass
        fields = ["name", "grade", "pupils", "subjects"]
        widgets = {"subjects": forms.CheckboxSelectMultiple, "name": forms.TextInput({"autocomplete": "off"})}
        help_texts = {
            "name": _("For example 9A, or Robotics. Never the names of pupils."),
            "subjects": _("What you would like visits for. Choose none, and nothing is left out."),
        }

    def __init__(self, *args: Any, school: School, school_year: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.school = school
        if not self.instance.school_year:
            self.instance.school_year = school_year or current_school_year()
        self.fields["grade"] = forms.TypedChoiceField(label=_("Grade"), choices=grades_of(school), coerce=int)
        self.fields["subjects"].choices = [  # type: ignore[attr-defined]  # one query, in the page's language
            (subject.pk, localized(subject, "name")) for subject in subject_choices()
        ]

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        if without_personal_numbers(name) != name:
            # What was typed is not shown again.
            typed: Any = self.data
            self.data = typed = typed.copy()
            typed[self.add_prefix("name")] = ""
            raise forms.ValidationError(_("That looks like a personal identity number. Write only the class's name."))
        same = classes_of(self.instance.school, self.instance.school_year).exclude(pk=self.instance.pk)
        if same.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("The school already has a class with this name this year."))
        if self.instance.pk is None and same.count() >= MOST_CLASSES:
            raise forms.ValidationError(
                _("The school has %(count)s classes in %(year)s already. Delete those that are not used any more."),
                params={"count": MOST_CLASSES, "year": label(self.instance.school_year)},
            )
        return name


def grades_of(school: School) -> list[tuple[int, Any]]:
    """Return the grades the school teaches, as form choices."""
    return [(grade, name) for grade, name in GRADES if school.grade_from <= grade <= school.grade_to] or list(GRADES)
