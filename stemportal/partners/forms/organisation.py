"""The forms on the page about one's own organisation: what schools read, whom they reach, and the logo."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.lib import images
from stemportal.partners import countries, questions, register_facts
from stemportal.partners.forms.answers import NO, PREFIX, YES, AnswersForm
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.models import Partner
from stemportal.partners.queries.directory import municipality_choices
from stemportal.partners.queries.organisation import COLUMNS, PageChange, newest_state
from stemportal.partners.services.organisation import OrganisationFacts
from stemportal.places.models import Municipality, PostalCode

HOME = "NO"
NOT_TYPED = {"revision", "seen"}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that somebody else saved while this form was open, both values as people read them."""

    label: str
    theirs: str
    yours: str
    who: str
    at: dt.datetime | None


class OrganisationForm(AnswersForm):
    """What schools read about an organisation, and its contact person. Made for one partner and its page's revision."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    # Which state of the history was on the page: says what others have changed since (queries.organisation).
    seen = forms.IntegerField(widget=forms.HiddenInput)
    display_name = forms.CharField(
        max_length=120,
        label=gettext_lazy("Name shown to schools"),
        help_text=gettext_lazy("What pupils and teachers know you as. The address of your page stays as it is."),
    )
    about = forms.CharField(
        required=False,
        max_length=3000,
        label=gettext_lazy("About the organisation"),
        help_text=gettext_lazy(
            "A few sentences to a teacher who has never heard of you: what do you make, and who works there? "
            "**Bold**, lists with - and links are fine."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    website = forms.URLField(
        required=False,
        max_length=200,
        assume_scheme="https",
        label=gettext_lazy("Web site"),
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )
    address = forms.CharField(
        required=False,
        max_length=160,
        label=gettext_lazy("Street address"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postal_code = forms.CharField(
        required=False,
        max_length=10,
        label=gettext_lazy("Postal code"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code", "size": "8"}),
    )
    postal_place = forms.CharField(
        required=False,
        max_length=80,
        label=gettext_lazy("Place"),
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    municipality = forms.ModelChoiceField(
        required=False,
        queryset=Municipality.objects.filter(valid_to__isnull=True),
        label=gettext_lazy("Municipality"),
        help_text=gettext_lazy("Teachers nearby find you by it."),
    )
    contact_name = forms.CharField(max_length=120, label=gettext_lazy("Name of the contact person"))
    contact_role = forms.CharField(
        required=False, max_length=80, label=gettext_lazy("What the contact person does there")
    )
    contact_email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail address of the contact person"),
        help_text=gettext_lazy(
            "Messages from schools and from us come here. It is not shown on the public pages. If you change it, we "
            "tell both the old and the new address."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    questions_after = "municipality"

    def __init__(self, data: QueryDict | None = None, *, partner: Partner) -> None:
        self.partner = partner
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        state = page_state(partner)
        begins = {"revision": partner.revision, **form_values(state)}
        if data is None:
            begins["seen"] = newest_state(partner)
        super().__init__(data, initial=begins)
        self.ask_about_kind()
        if partner.country == HOME:
            self.fields["municipality"].choices = [  # type: ignore[attr-defined]  # grouped by county, one query
                ("", _("Choose")),
                *municipality_choices(),
            ]
        else:
            del self.fields["municipality"]

    @property
    def chosen_kind(self) -> str:
        return self.partner.kind

    def ask_about_kind(self) -> None:
        super().ask_about_kind()
        for question in questions.questions_for(self.partner.kind):
            self.initial.setdefault(PREFIX + question.code, "")

    # Checking

    def clean_display_name(self) -> str:
        return " ".join(self.cleaned_data["display_name"].split())

    def clean_contact_name(self) -> str:
        return " ".join(self.cleaned_data["contact_name"].split())

    def clean_about(self) -> str:
        # Browsers send line ends of two characters; the same text must be the same whoever saves it.
        return str(self.cleaned_data["about"]).replace("\r\n", "\n")

    def clean_postal_code(self) -> str:
        typed, rules = self.cleaned_data["postal_code"], countries.rules_of(self.partner.country)
        if not typed:
            return ""
        match = re.fullmatch(rules.postal_pattern, typed, re.IGNORECASE)
        if not match:
            raise forms.ValidationError(str(rules.postal_wrong), code="invalid")
        return " ".join(match.groups())

    def clean(self) -> dict[str, Any]:
        """Say where a personal number was thrown away; find what is empty from the postal code."""
        for name in self.forgotten & set(self.fields) - set(self.errors):
            self.add_error(
                name,
                _(
                    "Something here looked like a personal identity number, so we have thrown it away. We never ask "
                    "for one; please look at the field once more."
                ),
            )
        code = self.cleaned_data.get("postal_code")
        if code and "municipality" in self.fields and "municipality" not in self.errors:
            self._place_of(code)
        return self.cleaned_data

    def _place_of(self, code: str) -> None:
        known = PostalCode.objects.select_related("municipality").filter(code=code).first()
        if known:
            facts = self.cleaned_data
            facts["postal_place"] = facts.get("postal_place") or register_facts.readable(known.place)
            facts["municipality"] = facts.get("municipality") or known.municipality

    def facts(self) -> OrganisationFacts:
        """Return what the valid form says. Answers to questions that are not asked any more are kept."""
        asked = {question.code for question in questions.questions_for(self.partner.kind)}
        others = {code: answer for code, answer in self.partner.answers.items() if code not in asked}
        given = {code: _one_line_end(answer) for code, answer in self.answers().items()}
        facts = {name: self.cleaned_data.get(name) for name in COLUMNS if name not in {"answers", "kind"}}
        return OrganisationFacts(answers=others | given, **facts)  # type: ignore[arg-type]  # cleaned by its fields

    def only_show(self) -> None:
        """Show the form as typed without complaints."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    # Two people at once

    def meet(self, changes: Mapping[str, PageChange] | None) -> tuple[list[Difference], list[Difference]]:
        """Bring together what was typed with what others have saved since; ``self.partner`` is the partner as it is.

        Returns the fields that both changed, which keep what was typed, and those that only the others changed, whose
        new values are put into the form. After it the form stands on the saved state: sending it again saves it.
        ``changes`` as from ``page_changes``; without it nobody knows what was on the page, and every difference counts.
        """
        saved = page_state(self.partner)
        before = None if changes is None else form_values(saved | {name: c.before for name, c in changes.items()})
        theirs, mine = form_values(saved), form_values(facts_state(self.facts()))
        both, taken = [], []
        data: QueryDict = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as __init__ says
        for name in [name for name in self.fields if name not in NOT_TYPED]:
            their, my = theirs.get(name, ""), mine.get(name, "")
            if their == my or (before is not None and before.get(name, "") == their):
                continue
            change = (changes or {}).get("answers" if name.startswith(PREFIX) else name)
            difference = Difference(
                label=str(self.fields[name].label),
                theirs=self._in_words(name, their),
                yours=self._in_words(name, my),
                who=change.who if change else _("Somebody"),
                at=change.at if change else None,
            )
            if before is not None and before.get(name, "") == my:
                data[name] = their
                taken.append(difference)
            else:
                both.append(difference)
        data["revision"], data["seen"] = str(self.partner.revision), str(newest_state(self.partner))
        self.data = data
        return both, taken

    def _in_words(self, name: str, value: str) -> str:
        if name == "municipality":
            return str(Municipality.objects.get(pk=value)) if value else ""
        if isinstance(self.fields[name], forms.ChoiceField):
            return {YES: _("Yes"), NO: _("No")}.get(value, "")
        return value


def page_state(partner: Partner) -> dict[str, Any]:
    """Return the page's fields as the database has them, by name."""
    return {name: getattr(partner, column) for name, column in COLUMNS.items()}


def facts_state(facts: OrganisationFacts) -> dict[str, Any]:
    """Return what a form says in the same shape as ``page_state``."""
    return vars(facts) | {"municipality": facts.municipality.pk if facts.municipality else None}


def form_values(state: Mapping[str, Any]) -> dict[str, str]:
    """Return a state as the values of the form's fields."""
    values = {name: str(value or "") for name, value in state.items() if name not in {"answers", "kind"}}
    for code, answer in state["answers"].items():
        values[PREFIX + code] = (YES if answer else NO) if isinstance(answer, bool) else str(answer)
    return values


def _one_line_end(answer: questions.Answer) -> questions.Answer:
    return answer.replace("\r\n", "\n") if isinstance(answer, str) else answer


class LogoForm(forms.Form):
    """A picture to be the logo; ``picture`` is it, drawn anew (lib.images)."""

    logo = forms.FileField(
        label=gettext_lazy("Choose a picture"),
        allow_empty_file=True,
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 5 MB. We make it 800 pixels wide at most."),
        error_messages={"required": gettext_lazy("Choose a picture first.")},
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    picture: images.Picture

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        """``too_large``: a file came that was so large that it was dropped on the way (lib.uploads)."""
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["logo"].error_messages["required"] = str(images.ImageRefused(images.Reason.TOO_HEAVY))

    def clean_logo(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["logo"]
        try:
            self.picture = images.prepare(upload)
        except images.ImageRefused as refused:
            raise forms.ValidationError(str(refused), code=refused.reason) from refused
        return upload
