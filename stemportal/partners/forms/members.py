"""Forms about colleagues: inviting, accepting, changing a role, handing ownership over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.lib.identity_numbers import looks_personal
from stemportal.partners.models import Membership, Partner
from stemportal.partners.queries.members import members_of

Role = Membership.Role

# The least that most colleagues need stands first among those who may change something.
ROLE_CHOICES = [
    (Role.EDITOR, _("Editor: publishes offers and answers bookings")),
    (Role.OWNER, _("Owner: everything, also colleagues, the declaration and the partnership itself")),
    (Role.READER, _("Reader: sees everything, changes nothing")),
]


class RoleForm(forms.Form):
    """Which role somebody has."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, widget=forms.RadioSelect, initial=Role.EDITOR)


class InviteForm(RoleForm):
    """Whom to invite, and to what."""

    email = forms.EmailField(
        label=_("Your colleague's e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    field_order = ["email", "role"]


class AcceptForm(forms.Form):
    """Accepting an invitation; somebody new says what to be called."""

    full_name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Your colleagues and the schools whose bookings you answer see it."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.full_name:
            del self.fields["full_name"]

    def clean_full_name(self) -> str:
        name: str = " ".join(self.cleaned_data["full_name"].split())
        if looks_personal(name):
            raise forms.ValidationError(_("That looks like a personal identity number. Please type your name."))
        return name


class HandOverForm(forms.Form):
    """Who becomes owner, and what becomes of the one who was."""

    STAY, LEAVE = "stay", "leave"

    to = forms.ChoiceField(label=_("Who takes over?"), widget=forms.RadioSelect)
    afterwards = forms.ChoiceField(
        label=_("And you?"),
        choices=[(STAY, _("I stay as an editor")), (LEAVE, _("I leave the partner"))],
        widget=forms.RadioSelect,
        initial=STAY,
    )

    def __init__(self, *args: Any, partner: Partner, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = members_of(partner).filter(user__is_active=True).exclude(user=user)
        self.fields["to"].choices = [  # type: ignore[attr-defined]  # a choice field
            (str(membership.pk), f"{membership.user} · {membership.get_role_display()}") for membership in others
        ]

    @property
    def has_choices(self) -> bool:
        """Whether there is anybody to hand over to."""
        return bool(self.fields["to"].choices)  # type: ignore[attr-defined]  # a choice field
