"""Forms of the secretariat's pages about meetings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from stemportal.accounts.models import User
from stemportal.lib import documents
from stemportal.network.models import Meeting
from stemportal.network.models.meetings import MOST_GUESTS
from stemportal.network.services.meetings import TooFewPlaces
from stemportal.places.models import County


class MeetingForm(forms.ModelForm):
    """A meeting; who is invited is ticked, and places never go below what is promised."""

    audience = forms.MultipleChoiceField(
        choices=Meeting.Audience.choices,
        required=False,
        label=capfirst(gettext_lazy("who is invited")),
        help_text=gettext_lazy("Mails go out when you press “Invite”, not before."),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    counties = forms.ModelMultipleChoiceField(
        queryset=County.objects.filter(valid_to=None).order_by("name"),
        required=False,
        label=capfirst(gettext_lazy("from these counties")),
        help_text=gettext_lazy("None ticked: from the whole country, or from the meeting's ecosystem."),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        starts_at, until = facts.get("starts_at"), facts.get("rsvp_until")
        if starts_at and until and until > starts_at:
            self.add_error("rsvp_until", _("The last day for answers must be before the meeting begins."))
        capacity = facts.get("capacity")
        if capacity is not None and capacity < self.instance.places_taken:
            self.add_error("capacity", TooFewPlaces(self.instance.places_taken).words)
        if facts.get("kind") == Meeting.Kind.GROUP and not facts.get("group"):
            self.add_error("group", _("Choose the working group whose meeting it is."))
        if facts.get("kind") == Meeting.Kind.REGION and not facts.get("ecosystem"):
            self.add_error("ecosystem", _("Choose the ecosystem whose meeting it is."))
        if Meeting.Audience.GROUP in (facts.get("audience") or []) and not facts.get("group"):
            self.add_error("audience", _("Members of which working group? Choose it above."))
        return facts


class ReasonForm(forms.Form):
    """Why a meeting is called off."""

    reason = forms.CharField(
        label=gettext_lazy("A line to everybody who is invited"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class PersonForm(forms.Form):
    """Somebody with an account, by the address."""

    email = forms.EmailField(
        label=capfirst(gettext_lazy("e-mail address")), max_length=254, widget=UnfoldAdminEmailInputWidget
    )

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"])
        self.user = User.objects.filter(email__iexact=address, is_active=True).first()
        if self.user is None:
            raise forms.ValidationError(_("Nobody has an account with this address."))
        return address


class WalkInForm(PersonForm):
    """Somebody who came without having said so, or without a place."""

    came = forms.IntegerField(
        label=capfirst(gettext_lazy("how many came")),
        min_value=1,
        max_value=1 + MOST_GUESTS,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class FileForm(forms.Form):
    """Slides, a hand-out or minutes."""

    title = forms.CharField(label=capfirst(gettext_lazy("title")), max_length=160, widget=UnfoldAdminTextInputWidget)
    upload = forms.FileField(
        label=capfirst(gettext_lazy("file")),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": documents.ACCEPT}),
    )
    is_public = forms.BooleanField(
        label=capfirst(gettext_lazy("for everybody")),
        help_text=gettext_lazy("Otherwise for those who were invited."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    too_large = False

    def clean_upload(self) -> documents.Document:
        if self.too_large:
            megabytes = settings.MEETING_FILE_MAX_BYTES // documents.MEGABYTE
            raise forms.ValidationError(
                _("The file is too large. It may have at most %(megabytes)s MB.") % {"megabytes": megabytes}
            )
        try:
            return documents.prepare(self.cleaned_data["upload"], max_bytes=settings.MEETING_FILE_MAX_BYTES)
        except documents.DocumentRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
