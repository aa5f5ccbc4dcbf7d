"""Asking for what a search did not find."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.accounts.models import User
from stemportal.lib.proof_of_work import GuardedForm
from stemportal.partners.forms.forgetting import forget_personal_numbers


class AskForm(GuardedForm):
    """A few words if one likes, and for visitors where the answer goes. Identity numbers are thrown away first."""

    message = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy(
            "What would help you? For example when, and for which class. No names of pupils, please."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("For the answer, and nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(
        self, data: QueryDict | None = None, *, user: User | None, initial: dict[str, Any] | None = None
    ) -> None:
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, initial=initial)
        if user:
            # Whoever is logged in is known, and answered at the account's address.
            for name in ("email", "altcha", "nickname"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        if "message" in self.forgotten and "message" not in self.errors:
            self.add_error(
                "message",
                _(
                    "Something here looked like a personal identity number, so we have thrown it away and sent "
                    "nothing. Please look at the text once more; nobody needs such a number to answer you."
                ),
            )
        return self.cleaned_data

    def only_say(self, message: str) -> None:
        """Show the form as typed with one message on top and no complaint about any field."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(None, message)
