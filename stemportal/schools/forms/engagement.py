"""One form for a partner's programme year: its level, and how much it pledges of each kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import Kind
from stemportal.activities.pledging import quantity_words
from stemportal.lib.templatetags.portal import localized
from stemportal.partners.models import Level

# Above these it is a slip of the finger.
MOST: dict[str, int] = {
    Kind.PledgeUnit.VISITS: 10_000,
    Kind.PledgeUnit.PLACES: 100_000,
    Kind.PledgeUnit.KRONER: 100_000_000,
    Kind.PledgeUnit.PUBLISHED: 1_000,
}
UNIT_HELP: dict[str, Any] = {
    Kind.PledgeUnit.VISITS: gettext_lazy("Visits in the year"),
    Kind.PledgeUnit.PLACES: gettext_lazy("Places in the year"),
    Kind.PledgeUnit.KRONER: gettext_lazy("Kroner in the year"),
    Kind.PledgeUnit.PUBLISHED: gettext_lazy("Published offers"),
}
# 20 000, 20.000 and 20,000 are all twenty thousand; 1.5 is not fifteen.
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[\s.,]\d{3})+")


@dataclass(frozen=True)
class Plan:
    """What a partner means to do in a programme year: a level's id and quantities by the kind's code."""

    level: int | None = None
    pledges: Mapping[str, int] = field(default_factory=dict)

    def as_text(self) -> str:
        """Return it as the form carries it, to tell later what the person had seen."""
        return json.dumps({"level": self.level, "pledges": dict(sorted(self.pledges.items()))})

    @classmethod
    def from_text(cls, text: str) -> Plan:
        """Read what a form carried; what cannot be read counts as an empty plan, which overwrites nothing unseen."""
        try:
            data = json.loads(text)
            level = None if data["level"] is None else int(data["level"])
            return cls(level, {str(code): int(number) for code, number in data["pledges"].items()})
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()


@dataclass(frozen=True)
class Change:
    """One thing that somebody else changed meanwhile, in words."""

    what: str
    was: str
    now: str


class QuantityField(forms.IntegerField):
    """A whole number that may be written with its thousands apart."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        return super().to_python(re.sub(r"[\s.,]", "", text) if GROUPED.fullmatch(text) else text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off"}


class EngagementForm(forms.Form):
    """The level (when there are levels to pick from) and a quantity for each kind; empty means none."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=10_000, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        levels: Sequence[Level],
        kinds: Iterable[Kind],
        plan: Plan,
        seen: Plan | None = None,
    ) -> None:
        """Begin from ``plan``; ``seen`` is what stands now, where that is something else."""
        self.levels, self.kinds = levels, list(kinds)
        super().__init__(data, initial={"shown": (seen or plan).as_text(), **self._values(plan)})
        self.use_required_attribute = False
        if levels:
            self.fields["level"] = forms.TypedChoiceField(
                label=_("Level"),
                choices=[*((level.pk, localized(level, "name")) for level in levels), ("", _("We decide later"))],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect(attrs={"class": "ds-input"}),
            )
        for kind in self.kinds:
            self.fields[f"pledge_{kind.code}"] = QuantityField(
                label=localized(kind, "name"),
                help_text=UNIT_HELP[kind.pledge_unit],
                min_value=0,
                max_value=MOST[kind.pledge_unit],
                required=False,
                error_messages={"invalid": _("Write a whole number in digits.")},
            )

    @staticmethod
    def _values(plan: Plan) -> dict[str, Any]:
        return {"level": plan.level or "", **{f"pledge_{code}": number for code, number in plan.pledges.items()}}

    @property
    def seen(self) -> Plan:
        """What stood on the page that was filled in."""
        return Plan.from_text(self.cleaned_data.get("shown", ""))

    @property
    def wanted(self) -> Plan:
        """What was filled in; call it on a valid form."""
        numbers = {kind.code: self.cleaned_data[f"pledge_{kind.code}"] or 0 for kind in self.kinds}
        return Plan(self.cleaned_data.get("level"), {code: number for code, number in numbers.items() if number})

    @property
    def quantities(self) -> list[Any]:
        """The fields of the kinds, for the page."""
        return [self[f"pledge_{kind.code}"] for kind in self.kinds]

    def level_options(self) -> list[tuple[Level | None, Any]]:
        """Each level with its radio button, and None with the button for no level."""
        return list(zip([*self.levels, None], self["level"].subwidgets, strict=True)) if self.levels else []

    def rebased(self, now: Plan) -> tuple[EngagementForm, list[Change]]:
        """Return the form on top of what stands now, and what others changed since it was opened.

        Where the person changed nothing, it shows what stands now; what the person wrote stays as written.
        """
        seen, wanted = self.seen, self.wanted
        pledges = dict(now.pledges)
        for code in set(seen.pledges) | set(wanted.pledges):
            if wanted.pledges.get(code, 0) != seen.pledges.get(code, 0):
                pledges[code] = wanted.pledges.get(code, 0)
        mine = Plan(now.level if wanted.level == seen.level else wanted.level, pledges)
        form = EngagementForm(levels=self.levels, kinds=self.kinds, plan=mine, seen=now)
        return form, self._changes(seen, now)

    def _changes(self, seen: Plan, now: Plan) -> list[Change]:
        changes = []
        if seen.level != now.level:
            names = {level.pk: str(localized(level, "name")) for level in self.levels}
            none = _("none")
            changes.append(Change(_("Level"), names.get(seen.level or 0, none), names.get(now.level or 0, none)))
        for kind in self.kinds:
            was, is_now = seen.pledges.get(kind.code, 0), now.pledges.get(kind.code, 0)
            if was != is_now:
                words = [quantity_words(kind.pledge_unit, number) for number in (was, is_now)]
                changes.append(Change(str(localized(kind, "name")), *words))
        return changes
