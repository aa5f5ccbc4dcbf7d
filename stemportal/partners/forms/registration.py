"""The registration form: one page, filled in by hand or with help from Enhetsregisteret, sent or kept for later."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stemportal.lib import organisation_numbers
from stemportal.lib.brreg import Unit
from stemportal.lib.proof_of_work import GuardedForm
from stemportal.partners import countries, register_facts
from stemportal.partners.forms.answers import PREFIX, AnswersForm
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.models import Partner
from stemportal.partners.queries.applications import similar_partners
from stemportal.partners.queries.directory import municipality_choices
from stemportal.partners.services import registration
from stemportal.places.models import Municipality, PostalCode

HOME = "NO"
# Never kept for later: what proves something about one sending, and the signature.
NOT_KEPT = {"nickname", "altcha", "form_key", "signed", "is_another"}
# A field that is kept for later may be too long to be sent, but not without end.
KEPT_LENGTH = 10_000


class RegistrationForm(AnswersForm, GuardedForm):
    """An organisation applies to become a partner and signs the declaration."""

    form_key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    country = forms.ChoiceField(label=_("Country"), choices=countries.NAMES.items(), initial=HOME)
    organisation_number = forms.CharField(
        max_length=40,
        label=_("Organisation number"),
        error_messages={"required": _("Please type the organisation number.")},
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
        max_length=10,
        label=_("Postal code"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code", "size": "8"}),
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
    is_another = forms.BooleanField(required=False, label=_("We are another organisation"))
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

    questions_after = "is_another"

    def __init__(self, data: QueryDict | None = None, *, forgotten: Collection[str] = (), **kwargs: Any) -> None:
        """Begin with ``initial``, or take what was typed.

        Personal identity numbers in it are forgotten here and now, so that no page, log or error report can show them.
        ``forgotten`` names fields in which somebody did so before.
        """
        found: Collection[str] = ()
        if data is not None:
            data, found = forget_personal_numbers(data)
            if not data.get("country"):
                data["country"] = HOME
        super().__init__(data, **kwargs)
        self.forgotten = {*forgotten, *found}
        # Approved partners whose names are nearly the same, when the form has been compared with them.
        self.look_alikes: list[Partner] = []
        self.fields["form_key"].initial = registration.new_form_key
        self.fields["municipality"].choices = [  # type: ignore[attr-defined]  # grouped by county, one query
            ("", _("Choose")),
            *municipality_choices(),
        ]
        self.ask_about_kind()
        self._speak_of_country()
        for name in self.forgotten & set(self.fields):
            self.fields[name].error_messages["required"] = self._thrown_away(name)

    def _speak_of_country(self) -> None:
        rules = countries.rules_of(self.chosen_country)
        self.fields["organisation_number"].help_text = rules.number_help
        if self.chosen_country != HOME:
            self.fields["municipality"].help_text = _("Only for organisations in Norway.")

    @property
    def chosen_country(self) -> str:
        """The chosen country; Norway when it is none of ours."""
        chosen = str(self.typed.get("country") or "")
        return chosen if chosen in countries.NAMES else HOME

    @property
    def looks_up(self) -> bool:
        """Whether the register of organisations knows the country's numbers."""
        return self.chosen_country == HOME

    # Checking

    def clean_organisation_number(self) -> str:
        try:
            number = organisation_numbers.clean(self.cleaned_data["organisation_number"], self.chosen_country)
        except organisation_numbers.WrongNumber as error:
            rules = countries.rules_of(self.chosen_country)
            raise forms.ValidationError(
                countries.LETTERS if error.has_letters else rules.number_wrong, code="invalid"
            ) from error
        if holder := registration.holder_of(number, self.chosen_country):
            raise forms.ValidationError(register_facts.number_taken(holder), code="taken")
        return number

    def clean_postal_code(self) -> str:
        typed, rules = self.cleaned_data["postal_code"], countries.rules_of(self.chosen_country)
        if not typed:
            return ""
        match = re.fullmatch(rules.postal_pattern, typed, re.IGNORECASE)
        if not match:
            raise forms.ValidationError(rules.postal_wrong, code="invalid")
        return " ".join(match.groups())

    def clean_municipality(self) -> Municipality | None:
        return self.cleaned_data["municipality"] if self.chosen_country == HOME else None

    def clean(self) -> dict[str, Any]:
        """Find place and municipality from the postal code where they were left empty; name thrown away numbers."""
        facts = super().clean() or self.cleaned_data
        for name in self.fields:
            if name in self.forgotten and name not in self.errors:
                self.add_error(name, self._thrown_away(name))
        code = facts.get("postal_code")
        known = None
        if code and self.chosen_country == HOME:
            known = PostalCode.objects.select_related("municipality").filter(code=code).first()
        if known:
            facts["postal_place"] = facts.get("postal_place") or register_facts.readable(known.place)
            if not facts.get("municipality") and "municipality" not in self.errors:
                facts["municipality"] = known.municipality
        return facts

    def _thrown_away(self, name: str) -> str:
        if name == "organisation_number":
            rules = countries.rules_of(self.chosen_country)
            return str(rules.number_is_personal) % {"email": settings.SECRETARIAT_EMAIL}
        return str(
            _(
                "Something here looked like a personal identity number, so we have thrown it away. "
                "We never ask for one; please look at the field once more."
            )
        )

    def is_known_to_differ(self) -> bool:
        """Compare the valid form's names with those of partners; nobody alike, or the person says it is another.

        False puts the question into the form, with those alike in ``look_alikes``.
        """
        names = self.cleaned_data["legal_name"], self.cleaned_data["display_name"]
        self.look_alikes = similar_partners(*names, among=Partner.objects.approved(), limit=3)
        if self.look_alikes and not self.cleaned_data["is_another"]:
            self.add_error(
                "is_another",
                _("There is a partner with nearly the same name. If you are another organisation, please tick that."),
            )
            return False
        return True

    @property
    def asks_about_look_alikes(self) -> bool:
        """Whether the tick belongs on the page: also once it was given, so that it is not lost."""
        return bool(self.look_alikes or self.typed.get("is_another"))

    # What the form says

    def application(self) -> registration.Application:
        """Return what the valid form says."""
        names = registration.Application.__dataclass_fields__.keys() - {"answers"}
        return registration.Application(answers=self.answers(), **{name: self.cleaned_data[name] for name in names})

    def kept(self) -> dict[str, str]:
        """Return everything that was typed, right or wrong, by field, without what is never kept."""
        names = [name for name in self.fields if name not in NOT_KEPT]
        values = {name: self.data.get(name, "") for name in names} | dict(self.other_answers())
        # PostgreSQL keeps no NUL in a text.
        return {name: text for name, value in values.items() if (text := value.replace("\x00", ""))}

    @property
    def number(self) -> str:
        """The valid number that nobody has, or an empty string."""
        return str(self.cleaned_data.get("organisation_number", ""))

    # Other ways than sending it

    @classmethod
    def asked_only_about(cls, names: Iterable[str], data: QueryDict, **kwargs: Any) -> RegistrationForm:
        """Return a form that complains about these fields only: all that was typed stays."""
        data = data.copy()
        data.pop("altcha", None)  # the work is kept for the real sending
        form = cls(data, **kwargs)
        form._errors = ErrorDict({name: e for name, e in form.errors.items() if name in names})
        return form

    @classmethod
    def for_look_up(cls, data: QueryDict, *, number: str = "", **kwargs: Any) -> RegistrationForm:
        """Return a form that is only asked about its number, or about this other number in its place."""
        if number:
            data = data.copy()
            data["organisation_number"] = number
        form = cls.asked_only_about(["organisation_number"], data, **kwargs)
        if number:
            # The button that was pressed is gone: the cursor goes to what it changed.
            form.fields["organisation_number"].widget.attrs["autofocus"] = True
        return form

    @classmethod
    def for_keeping(cls, data: QueryDict, **kwargs: Any) -> RegistrationForm:
        """Return a form that needs an e-mail address and nothing else, to be kept for later."""
        form = cls.asked_only_about(["contact_email"], data, **kwargs)
        for name, value in form.kept().items():
            if len(value) > KEPT_LENGTH:
                place = name if name in form.fields else None
                form.add_error(place, _("This is too long to be kept. Please shorten it."))
        return form

    def fill(self, unit: Unit, *, parent: Unit | None = None, instead_of: Unit | None = None) -> None:
        """Put the register's facts into fields that the person left empty.

        Facts that still are those of the unit ``instead_of``, which was looked up before, give way as well.
        """
        old = register_facts.form_values(instead_of) if instead_of else {}
        data: dict[str, Any] = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as __init__ says
        for name, value in register_facts.form_values(unit, parent).items():
            typed = data.get(name, "").strip()
            if not typed or typed == old.get(name):
                data[name] = value
        self.data = data
        self._ask_again()

    def _ask_again(self) -> None:
        """The register may have told the kind: ask its questions."""
        for name in [name for name in self.fields if name.startswith(PREFIX)]:
            del self.fields[name]
        self.ask_about_kind()

    # Messages

    def number_taken(self) -> None:
        """Say that somebody else got the number while this form was on its way."""
        holder = registration.holder_of(self.cleaned_data.get("organisation_number", ""), self.chosen_country)
        self.add_error("organisation_number", forms.ValidationError(register_facts.number_taken(holder), code="taken"))

    def only_say(self, message: str) -> None:
        """Show the form as typed with one message on top and no complaint about any field."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        self.add_error(None, message)
