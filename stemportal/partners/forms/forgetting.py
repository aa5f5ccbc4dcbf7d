"""Throwing personal identity numbers away before anything else sees what was typed."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from stemportal.lib.identity_numbers import looks_personal, without_personal_numbers

# Made by the portal or the browser, not typed.
NOT_TYPED = {"csrfmiddlewaretoken", "altcha", "form_key"}
# What is left around a number makes no sense in these.
EMPTIED = {"organisation_number", "contact_email", "website", "postal_code"}


@sensitive_variables()
def forget_personal_numbers(typed: QueryDict) -> tuple[QueryDict, frozenset[str]]:
    """Return a copy of what was typed without identity numbers, and the names of the fields that had one.

    In a field for a number a mistyped one counts too; in a text only the number goes and the rest stays.
    """
    data, forgotten = typed.copy(), set()
    for name in typed:
        values = typed.getlist(name)
        kept = values if name in NOT_TYPED else [_without(name, value) for value in values]
        if kept != values:
            data.setlist(name, kept)
            forgotten.add(name)
    return data, frozenset(forgotten)


@sensitive_variables()
def without_personal_number(text: str) -> str:
    """Return the text; raises ValidationError when there is a personal identity number in it."""
    if without_personal_numbers(text) != text:
        raise forms.ValidationError(_("This looks like a personal identity number. Never write one here."))
    return text


@sensitive_variables()
def _without(name: str, value: str) -> str:
    kept = without_personal_numbers(value)
    if name in EMPTIED and (kept != value or (name == "organisation_number" and looks_personal(value))):
        return ""
    return kept if kept == value else kept.strip()
