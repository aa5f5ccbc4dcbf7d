"""The registration form: one page, filled in by hand or with help from Enhetsregisteret."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator, URLValidator
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stemportal.lib import organisation_numbers
from stemportal.lib.brreg import Unit
from stemportal.lib.proof_of_work import GuardedForm
from stemportal.lib.widgets import HoneypotInput, SpamCheckInput
from stemportal.partners import register_facts
from stemportal.partners.models import Partner
from stemportal.partners.queries.directory import municipality_choices
from stemportal.partners.services import registration
from stemportal.places.models import Municipality, PostalCode

PERSONAL_NUMBER_DIGITS = 11


def looks_personal(text: str) -> bool:
    """Say whether somebody typed eleven digits, which only a national identity number has; also a mistyped one."""
    return len(re.sub(r"\D", "", text)) == PERSONAL_NUMBER_DIGITS or organisation_numbers.is_personal_number(text)


class RegistrationForm(GuardedForm):
    """An organisation applies to become a partner and signs the declaration."""

    nickname = forms.CharField(required=False, label=_("Leave this field empty"), widget=HoneypotInput)
    altcha = forms.CharField(required=False, widget=SpamCheckInput("partners:challenge"))
    form_key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    organisation_number = forms.CharField(
        max_length=40,
        label=_("Organisation number"),
        error_messages={"required": _("Please type the organisation number.")},
        help_text=_("Nine digits, as in the Norwegian register of organisations."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "14", "autocomplete": "off"}),
    )
    legal_name = forms.CharField(
        max_length=200,
        label=_("Registered name"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    display_name = forms.CharField(
        max_length=120,
        label=_("Name shown to schools"),
        help_text=_("What pupils and teachers know you as."),
    )
    kind = forms.ChoiceField(label=_("Kind of organisation"), choices=[("", _("Choose")), *Partner.Kind.choices])
    address = forms.CharField(
        required=False,
        max_length=160,
        label=_("Street address"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postal_code = forms.CharField(
        required=False,
        max_length=4,
        label=_("Postal code"),
        validators=[RegexValidator(r"^[0-9]{4}$", _("A postal code has four digits."))],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code", "size": "6"}),
    )
    postal_place = forms.CharField(
        required=False,
        max_length=80,
        label=_("Place"),
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    municipality = forms.ModelChoiceField(
        required=False,
        queryset=Municipality.objects.filter(valid_to__isnull=True),
        label=_("Municipality"),
        help_text=_("Leave it empty and we find it from the postal code."),
    )
    website = forms.URLField(
        required=False,
        max_length=200,
        assume_scheme="https",
        label=_("Web site"),
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )
    about = forms.CharField(
        required=False,
        max_length=3000,
        label=_("About the organisation"),
        help_text=_("A few sentences to a teacher who has never heard of you: what do you make, and who works there?"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    contact_name = forms.CharField(
        max_length=120,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_email = forms.EmailField(
        max_length=254,
        label=_("Your e-mail address"),
        help_text=_("You log in with it. It is not shown on the public pages."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    contact_role = forms.CharField(
        required=False,
        max_length=80,
        label=_("What you do there"),
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    signed_name = forms.CharField(
        max_length=120,
        label=_("Name of the person who signs"),
        help_text=_("Somebody who may speak for the organisation; it may be you."),
    )
    signed = forms.BooleanField(
        label=_("We have read the declaration and sign it on behalf of the organisation"),
        error_messages={"required": _("Please tick that you sign the declaration.")},
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        is_personal = data is not None and looks_personal(data.get("organisation_number", ""))
        if data is not None and is_personal:
            # Forgotten here and now, so that no page, log or error report can show it.
            data = data.copy()
            data["organisation_number"] = ""
        super().__init__(data, **kwargs)
        if is_personal:
            self.fields["organisation_number"].error_messages["required"] = _(
                "That looked like a personal identity number, so we have thrown it away. "
                "Please type the organisation's number; it has nine digits."
            )
        self.fields["form_key"].initial = registration.new_form_key
        self.fields["municipality"].choices = [  # type: ignore[attr-defined]  # grouped by county, one query
            ("", _("Choose")),
            *municipality_choices(),
        ]

    def clean_organisation_number(self) -> str:
        typed = self.cleaned_data["organisation_number"]
        try:
            number = organisation_numbers.clean(typed)
        except ValueError as error:
            raise forms.ValidationError(
                _("This is not a valid organisation number. It has nine digits; please check that they are all right."),
                code="invalid",
            ) from error
        if holder := registration.holder_of(number):
            raise forms.ValidationError(register_facts.number_taken(holder), code="taken")
        return number

    def clean(self) -> dict[str, Any]:
        """Find place and municipality from the postal code where the person left them empty."""
        facts = super().clean() or self.cleaned_data
        code = facts.get("postal_code")
        known = PostalCode.objects.select_related("municipality").filter(code=code).first() if code else None
        if known:
            facts["postal_place"] = facts.get("postal_place") or register_facts.readable(known.place)
            if not facts.get("municipality") and "municipality" not in self.errors:
                facts["municipality"] = known.municipality
        return facts

    def application(self) -> registration.Application:
        """Return what the valid form says."""
        names = registration.Application.__dataclass_fields__
        return registration.Application(**{name: self.cleaned_data[name] for name in names})

    def number_taken(self) -> None:
        """Say that somebody else got the number while this form was on its way."""
        holder = registration.holder_of(self.cleaned_data.get("organisation_number", ""))
        self.add_error("organisation_number", forms.ValidationError(register_facts.number_taken(holder), code="taken"))

    @classmethod
    def for_look_up(cls, data: QueryDict) -> RegistrationForm:
        """Return a form that is only asked about its number: all that was typed stays, without other complaints."""
        data = data.copy()
        data.pop("altcha", None)  # the work is kept for the real sending
        form = cls(data)
        form._errors = ErrorDict({name: e for name, e in form.errors.items() if name == "organisation_number"})
        return form

    @property
    def number(self) -> str:
        """The valid number that nobody has, or an empty string."""
        return str(self.cleaned_data.get("organisation_number", ""))

    def fill(self, unit: Unit) -> None:
        """Put the register's facts into fields that the person left empty."""
        data: dict[str, Any] = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as __init__ says
        for name, value in register_facts.form_values(unit).items():
            if not data.get(name, "").strip():
                data[name] = value
        self.data = data

    def only_say(self, message: str) -> None:
        """Show the form as typed with one message on top and no complaint about any field."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(None, message)
