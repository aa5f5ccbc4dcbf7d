"""Writing to a partner without seeing its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.lib.proof_of_work import GuardedForm
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.services.contact import Message


class ContactForm(GuardedForm):
    """Who writes, and what. Identity numbers are thrown away before anything else sees them."""

    name = forms.CharField(
        max_length=120,
        label=gettext_lazy("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("The partner sees it and answers you there. You get a copy of your message."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    school = forms.CharField(
        required=False,
        max_length=120,
        label=gettext_lazy("Your school or organisation"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    message = forms.CharField(
        min_length=10,
        max_length=3000,
        label=gettext_lazy("Message"),
        help_text=gettext_lazy("No names of pupils, please."),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"min_length": gettext_lazy("Please write a little more.")},
    )

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, initial=dict(initial or {}))

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_school(self) -> str:
        return " ".join(self.cleaned_data["school"].split())

    def clean(self) -> dict[str, Any]:
        for name in self.forgotten & set(self.fields) - set(self.errors):
            self.add_error(
                name,
                _(
                    "Something here looked like a personal identity number, so we have thrown it away and sent "
                    "nothing. Please look at the text once more; nobody needs such a number to answer you."
                ),
            )
        return self.cleaned_data

    def written(self) -> Message:
        """Return what the valid form says."""
        facts = self.cleaned_data
        return Message(name=facts["name"], email=facts["email"], school=facts["school"], text=facts["message"])

    def only_say(self, message: str) -> None:
        """Show the form as typed with one message on top and no complaint about any field."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(None, message)
