"""A class and its counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import GRADES
from stemportal.lib.school_year import current_school_year
from stemportal.schools.models import School, SchoolClass
from stemportal.schools.queries.schools import classes_of


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
