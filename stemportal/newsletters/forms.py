"""Signing up for the newsletter, and choosing what to get."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stemportal.lib.proof_of_work import GuardedForm
from stemportal.lib.templatetags.portal import localized
from stemportal.newsletters.addresses import AddressError, tidy_address
from stemportal.newsletters.models import Interest, Subscriber
from stemportal.partners.queries.directory import norwegian_order
from stemportal.places.models import County


class InterestsField(forms.ModelMultipleChoiceField):
    """The interests in the language of the page."""

    def label_from_instance(self, obj: Interest) -> str:
        return str(localized(obj, "name"))


class WishesForm(forms.Form):
    """What to read about, and from where; all of it optional."""

    interests = InterestsField(
        queryset=Interest.objects.none(),
        required=False,
        label=_("What do you want to read about?"),
        help_text=_("Choose nothing, and you get everything."),
        widget=forms.CheckboxSelectMultiple,
    )
    county = forms.ModelChoiceField(
        queryset=County.objects.none(),
        required=False,
        label=_("County"),
        empty_label=_("The whole country"),
        help_text=_("With it you also get news that concern your county alone."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        interests = Interest.objects.filter(is_active=True)
        self.fields["interests"].queryset = interests  # type: ignore[attr-defined]
        self.fields["county"].queryset = County.objects.filter(valid_to__isnull=True).order_by(norwegian_order("name"))  # type: ignore[attr-defined]

    @property
    def choices(self) -> dict[str, Any]:
        """County and interests, as the services take them."""
        return {"county": self.cleaned_data["county"], "interests": self.cleaned_data["interests"]}


class SubscribeForm(GuardedForm, WishesForm):
    """One address, and wishes if one likes. The form in the footer of every page has the address alone."""

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

    field_order = ["email", "interests", "county", "nickname", "altcha"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django's own words for letters that we cannot send to would not say what is wrong.
        self.fields["email"].validators.insert(0, tidy_or_say_why)

    def clean_email(self) -> str:
        return tidy_address(self.cleaned_data["email"])


class ChoicesForm(WishesForm):
    """What a subscriber gets, and in which language."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)

    field_order = ["language", "interests", "county"]

    def __init__(self, *args: Any, subscriber: Subscriber, **kwargs: Any) -> None:
        chosen = {
            "language": subscriber.language,
            "county": subscriber.county_id,
            "interests": list(subscriber.interests.values_list("pk", flat=True)),
        }
        super().__init__(*args, initial=chosen, **kwargs)


def tidy_or_say_why(typed: str) -> None:
    """Refuse an address that no mail server of ours could write to."""
    try:
        tidy_address(typed)
    except AddressError as error:
        raise ValidationError(str(error), code="local_part") from error
