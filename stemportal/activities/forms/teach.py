"""What a teacher says on "I teach this": plan, goals, week, place and grade. No address of the page is an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.finding.form import CutText, KnownChoice, KnownGoals, KnownWeek
from stemportal.activities.models import GRADES, CurriculumPlan


class KnownNumber(forms.CharField):
    """A whole number that can be the identity of a row, or nothing."""

    def clean(self, value: Any) -> int | None:
        text = str(value or "").strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


class TeachForm(forms.Form):
    """Unknown values are left out without a word, as in the search."""

    use_required_attribute = False

    plan = KnownChoice(label=gettext_lazy("What do you teach?"))
    goal = KnownGoals(label=gettext_lazy("Competence goals"))
    week = KnownWeek(label=gettext_lazy("Week"))
    place = CutText(label=gettext_lazy("School, place or postal code"))
    grade = KnownChoice(
        label=gettext_lazy("Grade"),
        choices=[("", gettext_lazy("All grades")), *((str(grade), name) for grade, name in GRADES)],
    )
    offer = KnownNumber()

    def __init__(self, data: QueryDict, *, plans: Sequence[CurriculumPlan]) -> None:
        super().__init__(data)
        codes = [plan.code for plan in plans]
        # Two versions of a plan are told apart by their codes, the others need none.
        titles = [plan.title for plan in plans]
        names = [f"{plan.title} ({plan.code})" if titles.count(plan.title) > 1 else plan.title for plan in plans]
        self.fields["plan"].choices = [("", _("Choose a subject")), *zip(codes, names, strict=True)]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.required = False
            field.widget.attrs["id"] = f"teach-{name}"

    @property
    def values(self) -> dict[str, Any]:
        """What was understood, by field name."""
        self.is_valid()
        return dict(self.cleaned_data)
