"""Sending input, and what the list of input is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.lib.templatetags.portal import localized
from stemportal.network.models import Hearing, Input
from stemportal.network.queries.inputs import MOST_SUPPORTED, NEWEST, OURS, SUPPORTED
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.models import Partner


class InputForm(forms.Form):
    """A title, a text, and who may read it. Identity numbers are thrown away before anything else sees them."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    hearing = forms.ModelChoiceField(
        Hearing.objects.none(),
        required=False,
        label=gettext_lazy("What is it about?"),
        empty_label=gettext_lazy("Something else"),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"), help_text=gettext_lazy("What you propose, in a few words."), max_length=160
    )
    text = forms.CharField(
        label=gettext_lazy("Your input"),
        help_text=gettext_lazy(
            "What should be different, and why? Blank lines make paragraphs, a line that begins with - makes a list. "
            "No names of pupils, please."
        ),
        max_length=6000,
        widget=forms.Textarea({"rows": 8}),
    )
    is_shared = forms.ChoiceField(
        label=gettext_lazy("Who may read it?"),
        choices=[
            ("yes", gettext_lazy("All partners, who can support it")),
            ("no", gettext_lazy("Only the secretariat")),
        ],
        initial="yes",
        widget=forms.RadioSelect,
    )
    partner = forms.ModelChoiceField(Partner.objects.none(), label=gettext_lazy("On behalf of"))

    def __init__(
        self, data: QueryDict | None = None, *, partners: Sequence[Partner], initial: dict[str, Any] | None = None
    ) -> None:
        """``partners`` are those the person may send input for, at least one."""
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, initial=initial)
        self.partners = partners
        self.fields["request_key"].initial = uuid.uuid4
        self.fields["hearing"].queryset = Hearing.objects.announced().order_by("closes_at", "pk")  # type: ignore[attr-defined]
        self.fields["hearing"].choices = [  # type: ignore[attr-defined]
            ("", _("Something else")),
            *((hearing.pk, hearing_title(hearing)) for hearing in Hearing.objects.open()),
        ]
        if len(partners) == 1:
            del self.fields["partner"]
        else:
            mine = Partner.objects.filter(pk__in=[partner.pk for partner in partners])
            self.fields["partner"].queryset = mine.order_by("display_name", "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in self.forgotten & {"title", "text"} - set(self.errors):
            self.add_error(
                name,
                _(
                    "Something here looked like a personal identity number, so we have thrown it away and sent "
                    "nothing. Please look at the text once more; nobody needs such a number to answer you."
                ),
            )
        return data

    def facts(self) -> dict[str, Any]:
        """Return what the service asks for."""
        data = self.cleaned_data
        return {
            "partner": data.get("partner") or self.partners[0],
            "hearing": data["hearing"],
            "title": data["title"],
            "text": data["text"],
            "is_shared": data["is_shared"] == "yes",
            "request_key": data["request_key"] or uuid.uuid4(),
        }


def hearing_title(hearing: Hearing) -> str:
    """Return the title in the language of the page."""
    return str(localized(hearing, "title"))


class ListForm(forms.Form):
    """Which input the list shows; whatever else the address says is left out."""

    whose = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Whose"),
        choices=[
            ("", gettext_lazy("All partners")),
            (OURS, gettext_lazy("Ours")),
            (SUPPORTED, gettext_lazy("What we support")),
        ],
    )
    status = forms.ChoiceField(
        required=False, label=gettext_lazy("Status"), choices=[("", gettext_lazy("All")), *Input.Status.choices]
    )
    order = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Order"),
        choices=[(NEWEST, gettext_lazy("Newest first")), (MOST_SUPPORTED, gettext_lazy("Most support first"))],
    )

    def asked(self) -> dict[str, str]:
        """Return whose, status and order, each empty where the address says nothing that is known."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}
