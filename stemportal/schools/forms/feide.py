"""Taking classes over from Feide: which ones, and the numbers that Feide does not know."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.lib.feide import FeideClass
from stemportal.schools.forms.classes import grades_of
from stemportal.schools.models import MAX_PUPILS, School, SchoolClass

NAME_LENGTH = SchoolClass._meta.get_field("name").max_length


class FeideClassForm(forms.Form):
    """One teaching group. Its name, grade and number are asked for only when it is ticked."""

    take = forms.BooleanField(required=False)
    name = forms.CharField(label=_("Class"), max_length=NAME_LENGTH, required=False)
    grade = forms.TypedChoiceField(label=_("Grade"), coerce=int, empty_value=None, required=False)
    pupils = forms.IntegerField(label=_("Number of pupils"), min_value=1, max_value=MAX_PUPILS, required=False)

    def __init__(self, *args: Any, group: FeideClass, school: School, **kwargs: Any) -> None:
        self.group, self.school = group, school
        kwargs.setdefault("initial", {"name": group.name[:NAME_LENGTH], "grade": group.grade or ""})
        super().__init__(*args, **kwargs)
        self.fields["take"].label = group.name
        choices = [(grade, str(name)) for grade, name in grades_of(school)]
        self.fields["grade"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("take"):
            # What stands in a row that is not taken does not matter.
            self.errors.clear()
            return cleaned
        cleaned["name"] = " ".join((cleaned.get("name") or "").split())
        missing = {
            "name": _("Type the name of the class."),
            "grade": _("Choose the grade."),
            "pupils": _("Type how many pupils there are."),
        }
        for field, words in missing.items():
            if not cleaned.get(field) and field not in self.errors:
                self.add_error(field, words)
        return cleaned

    def facts(self) -> dict[str, Any]:
        """What a class is made from."""
        return {name: self.cleaned_data[name] for name in ("name", "grade", "pupils")} | {"feide_group": self.group.id}
