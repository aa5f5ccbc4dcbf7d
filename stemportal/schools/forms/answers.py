"""The lines that go with a yes, a no and a cancellation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class SeenForm(forms.Form):
    """A yes to what stood on the page: its time and group (``Booking.terms``)."""

    seen = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)


class ReplyForm(SeenForm):
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


class NoShowForm(forms.Form):
    """A line to the teacher about a class that did not come."""

    note = forms.CharField(
        label=_("A line to the teacher"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
