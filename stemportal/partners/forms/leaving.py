"""The form with which an owner ends the partnership."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.models import Partner


class LeaveForm(forms.Form):
    """Why, a line to the teachers who lose a visit, and the organisation's name, so that nobody leaves by mistake."""

    reason = forms.CharField(
        label=_("Why do you leave?"),
        help_text=_("Only the secretariat reads it. It helps us to do better."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    message = forms.CharField(
        label=_("A line to the teachers whose visits are called off"),
        help_text=_("Without it we write that the partnership has ended."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = forms.CharField(
        label=_("Type the name of your organisation to confirm"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: QueryDict | None = None, *, partner: Partner, calls_off: bool) -> None:
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data)
        self.partner = partner
        self.fields["name"].help_text = partner.display_name
        if not calls_off:
            del self.fields["message"]

    def clean_name(self) -> str:
        """Large and small letters and spaces do not matter; the registered name is fine too."""
        typed = _bare(self.cleaned_data["name"])
        if typed not in {_bare(self.partner.display_name), _bare(self.partner.legal_name)}:
            raise forms.ValidationError(
                _("This is not the name. Type it as it stands below the label."), code="other_name"
            )
        return str(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """Say that an identity number was thrown away; the text is shown again without it."""
        for name in self.forgotten & set(self.fields) - set(self.errors):
            self.add_error(
                name,
                _(
                    "Something here looked like a personal identity number, so we have thrown it away. We never ask "
                    "for one; please look at the field once more."
                ),
            )
        return self.cleaned_data


def _bare(name: str) -> str:
    return " ".join(name.split()).casefold()
