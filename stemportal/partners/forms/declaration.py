"""Signing the declaration."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.lib.identity_numbers import looks_personal


class SignForm(forms.Form):
    """Name and tick, and which text was on the page."""

    # Not required: a form without it, or with another one, signs nothing (services.declarations.TextChanged).
    read = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    signed_name = forms.CharField(
        max_length=120,
        label=_("Name of the person who signs"),
        help_text=_("Somebody who may speak for the organisation; it may be you."),
    )
    signed = forms.BooleanField(
        label=_("We have read the declaration and sign it on behalf of the organisation"),
        error_messages={"required": _("Please tick that you sign the declaration.")},
    )

    def clean_signed_name(self) -> str:
        name: str = " ".join(self.cleaned_data["signed_name"].split())
        if looks_personal(name):
            raise forms.ValidationError(_("That looks like a personal identity number. Please type your name."))
        if not any(character.isalpha() for character in name):
            raise forms.ValidationError(_("Please type the full name."))
        return name
