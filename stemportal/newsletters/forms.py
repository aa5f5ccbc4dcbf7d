"""The one-field form of the newsletter."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.lib.proof_of_work import GuardedForm


class SubscribeForm(GuardedForm):
    """One address. The mailed link decides; proof of work is not asked, so that the form works on every page."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("Write a full e-mail address, for example kari@example.org."),
            "max_length": _("An e-mail address has at most 254 characters."),
        },
    )

    field_order = ["email", "nickname", "altcha"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()
