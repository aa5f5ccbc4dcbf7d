"""The form in which a partner tells what it did for pupils outside the portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import Kind, OwnWord
from stemportal.lib.periods import Period
from stemportal.lib.templatetags.portal import localized
from stemportal.lib.widgets import DateInput
from stemportal.partners.forms.forgetting import forget_personal_numbers

# Reports of older years are long published.
YEARS_BACK = 3


class OwnWordForm(forms.ModelForm):
    """What it was, when, for how many, how long; numbers of people only, nobody's name."""

    class Meta:
        model = OwnWord
        fields = ["title", "kind", "held_on", "pupils", "girls", "hours", "note"]
        labels = {
            "title": gettext_lazy("What did you do?"),
            "kind": gettext_lazy("Which kind is it most like?"),
            "held_on": gettext_lazy("When?"),
            "pupils": gettext_lazy("How many pupils?"),
            "girls": gettext_lazy("How many of them were girls?"),
            "hours": gettext_lazy("How many hours in all?"),
            "note": gettext_lazy("Where, and with whom?"),
        }
        help_texts = {
            "title": gettext_lazy("For example: a stand at the science fair. Never a pupil's name."),
            "held_on": gettext_lazy("The first day, if there were several."),
            "girls": gettext_lazy("Only if you know. Leave it empty if you do not."),
            "note": gettext_lazy("For yourselves and the secretariat. Never a pupil's name."),
        }
        widgets = {
            "held_on": DateInput,
            "pupils": forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
            "girls": forms.NumberInput(attrs={"min": 0, "inputmode": "numeric"}),
            "hours": forms.NumberInput(attrs={"min": 0, "step": "0.5", "inputmode": "decimal"}),
        }

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, **kwargs)
        self.use_required_attribute = False
        kinds: Any = self.fields["kind"]
        kinds.queryset = Kind.objects.filter(is_active=True)
        kinds.label_from_instance = lambda kind: localized(kind, "name")
        kinds.empty_label = _("Choose")

    def clean_held_on(self) -> dt.date:
        """It has taken place, and in a year that reports are still made of."""
        day: dt.date = self.cleaned_data["held_on"]
        earliest = Period.current().first_day.replace(year=Period.current().year - YEARS_BACK)
        if day > timezone.localdate():
            raise forms.ValidationError(_("Tell of it when it has taken place."))
        if day < earliest:
            raise forms.ValidationError(
                _("This is too long ago: nothing before %(day)s is counted any more.") % {"day": earliest.year}
            )
        return day

    def clean(self) -> dict[str, Any] | None:
        """Girls are some of the pupils; a personal identity number is thrown away and said so."""
        cleaned = super().clean() or self.cleaned_data
        pupils, girls = cleaned.get("pupils"), cleaned.get("girls")
        if pupils is not None and girls is not None and girls > pupils:
            self.add_error("girls", _("There cannot be more girls than pupils."))
        for name in self.forgotten & set(self.fields):
            self.add_error(name, _("This looked like a personal identity number. We have thrown it away."))
        return cleaned
