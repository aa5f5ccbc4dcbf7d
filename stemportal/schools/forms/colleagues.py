"""Forms among colleagues: who takes a booking over, and who has left."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.schools.models import Booking, Teacher, TeacherQuerySet
from stemportal.schools.queries.teachers import MOST_COLLEAGUES, colleagues_of, possible_takers


class ColleagueField(forms.ModelChoiceField):
    """A colleague, by name."""

    def label_from_instance(self, obj: Teacher) -> str:
        return str(obj.user)


def _limited(teachers: TeacherQuerySet) -> TeacherQuerySet:
    """A school has some hundred teachers at most; one form shows no more."""
    return (
        Teacher.objects.filter(pk__in=teachers.values("pk")[:MOST_COLLEAGUES])
        .select_related("user")
        .order_by("user__full_name", "pk")
    )


class HandOverForm(forms.Form):
    """Which colleague takes a booking over, with a line to them."""

    to = ColleagueField(label=_("Colleague"), queryset=Teacher.objects.none(), empty_label=_("Choose a colleague"))
    note = forms.CharField(
        label=_("A line to your colleague (optional)"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The partner sees it too, in the history of the booking."),
    )

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = _limited(possible_takers(booking))  # type: ignore[attr-defined]


class LeavingForm(forms.Form):
    """Who takes the coming bookings over of somebody who leaves; a coordinator, when nobody is chosen."""

    to = ColleagueField(
        label=_("Who takes over the bookings?"),
        queryset=Teacher.objects.none(),
        required=False,
        empty_label=_("A coordinator, or whom the secretariat finds"),
    )

    def __init__(self, *args: Any, leaving: Teacher, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = _limited(colleagues_of(leaving.school).exclude(pk=leaving.pk))  # type: ignore[attr-defined]

    def heir(self) -> User | None:
        """The chosen colleague."""
        teacher: Teacher | None = self.cleaned_data["to"]
        return teacher.user if teacher else None
