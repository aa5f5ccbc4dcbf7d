"""Kroner as people write and read them. Amounts are whole øre everywhere in the code."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ORE = 100
# 20 000, 20.000 and 20,000 are all twenty thousand; 1.5 and 1,50 are one and a half.
GROUPED = re.compile(r"([0-9]{1,3})((?:[.,' ][0-9]{3})+)(?:[.,]([0-9]{1,2}))?")
PLAIN = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")
# "kr" in front or behind, and the dash that stands for no øre.
AROUND = re.compile(r"^(?:kr|nok)\.?|(?:,-+|kr\.?|nok|kroner)$", re.IGNORECASE)


def kroner_words(ore: int | None) -> str:
    """Return an amount as people say it in the active language: "20,000 kr", with øre only where there are any."""
    if ore is None:
        return ""
    whole, rest = divmod(abs(ore), ORE)
    number = formats.number_format(whole, force_grouping=True)
    if rest:
        number = f"{number}{formats.get_format('DECIMAL_SEPARATOR')}{rest:02d}"
    return _("%(number)s kr") % {"number": f"−{number}" if ore < 0 else number}


def ore_of(text: str) -> int | None:
    """Return what somebody wrote in whole øre; None for what is no amount, such as a negative one."""
    plain = " ".join(text.split())
    while (bare := AROUND.sub("", plain).strip()) != plain:
        plain = bare
    if found := GROUPED.fullmatch(plain):
        whole, rest = re.sub(r"[^0-9]", "", found[1] + found[2]), found[3]
    elif found := PLAIN.fullmatch(plain):
        whole, rest = found[1], found[2]
    else:
        return None
    return int(whole) * ORE + int((rest or "").ljust(2, "0"))


class KronerField(forms.CharField):
    """An amount in kroner, whose value is whole øre. ``least`` and ``most`` are øre, too."""

    default_error_messages = {"invalid": gettext_lazy("Write an amount in kroner, with digits: 1,250 or 1250.50.")}

    def __init__(self, *, least: int = ORE, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(max_length=20, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Whole øre as the person would write them; what was typed stays as it was typed."""
        if not isinstance(value, int):
            return value
        whole, rest = divmod(value, ORE)
        return f"{whole},{rest:02d}" if rest else str(whole)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        ore = ore_of(text)
        if ore is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if ore < self.least:
            text = _("The amount must be at least %(amount)s.") % {"amount": kroner_words(self.least)}
            raise forms.ValidationError(text, code="min_value")
        if ore > self.most:
            text = _("The amount can be at most %(amount)s.") % {"amount": kroner_words(self.most)}
            raise forms.ValidationError(text, code="max_value")
        return ore
