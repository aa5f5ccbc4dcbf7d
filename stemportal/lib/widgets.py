"""Form widgets that use what the browser has (native date and time inputs, a switch), and those against spam."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.urls import reverse


class DateInput(forms.DateInput):
    """Native date input; the value is always ISO, the browser shows it in the user's way."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """Native time input, minutes precise."""

    input_type = "time"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=attrs, format="%H:%M")


class DateTimeInput(forms.DateTimeInput):
    """Native date and time input, minutes precise, in the portal's time zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class SwitchInput(forms.CheckboxInput):
    """A checkbox that looks and is announced as a switch."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs={"role": "switch", **(attrs or {})})


class HoneypotInput(forms.TextInput):
    """A field no person sees or reaches; programs fill in everything (layout/honeypot.html of the pack)."""

    crispy_kind = "honeypot"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs={"tabindex": "-1", "autocomplete": "off", **(attrs or {})})


class SpamCheckInput(forms.HiddenInput):
    """ALTCHA's widget, which writes its solution into a hidden input of the field's name.

    Without JavaScript nothing is shown and nothing is sent; the form decides what that means.
    """

    crispy_kind = "spam_check"

    @property
    def challenge_url(self) -> str:
        """Where the widget fetches its task."""
        return reverse(settings.ALTCHA_CHALLENGE_VIEW)
