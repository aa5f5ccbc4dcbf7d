"""The search of the partner directory and what its fields mean. Unknown values are left out: no address is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stemportal.lib.school_year import current_school_year
from stemportal.lib.templatetags.portal import localized
from stemportal.partners import sectors
from stemportal.partners.models import Level, Partner
from stemportal.partners.queries import directory as queries
from stemportal.partners.queries.directory import FACETS, FacetOption, norwegian_order
from stemportal.places.models import County

LONGEST_QUERY = 100
MOST_WORDS = 6


class Text(forms.CharField):
    """Text of any length: what is too long, or no text at all, is cut away."""

    def clean(self, value: Any) -> str:
        return str(value or "").replace("\x00", "")[:LONGEST_QUERY].strip()


class Several(forms.MultipleChoiceField):
    """Several values; those that do not exist, and repeated ones, are left out without a word."""

    def clean(self, value: Any) -> list[str]:
        given = value if isinstance(value, list | tuple) else []
        return [str(item) for item in dict.fromkeys(given) if self.valid_value(item)]


class Words(django_filters.Filter):
    field_class = Text


class Choice(django_filters.Filter):
    field_class = Several


@dataclass(frozen=True)
class Choices:
    """What can be chosen, by facet: (value in the address, name) in the order of the page. Two small queries."""

    kind: Sequence[tuple[str, Any]]
    sector: Sequence[tuple[str, Any]]
    county: Sequence[tuple[str, Any]]
    level: Sequence[tuple[str, Any]]

    @classmethod
    def load(cls) -> Choices:
        counties = County.objects.filter(valid_to__isnull=True).order_by(norwegian_order("name"))
        levels = Level.objects.filter(school_year=current_school_year()).order_by("order", "pk")
        return cls(
            kind=Partner.Kind.choices,
            sector=[(section.code, localized(section, "name")) for section in sectors.SECTIONS],
            county=[(county.number, county.name) for county in counties],
            level=[(level.code, localized(level, "name")) for level in levels],
        )


class PartnerFilter(django_filters.FilterSet):
    """By words of the name; by kind, sector, county and this year's level, of each several."""

    q = Words(method="by_name", label=_("Name of the partner"))
    level = Choice(method="by_level", label=_("Level this year"))
    kind = Choice(method="by_kind", label=_("Kind of organisation"))
    county = Choice(method="by_county", label=_("County"))
    sector = Choice(method="by_sector", label=_("Sector"))

    class Meta:
        model = Partner
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, choices: Choices) -> None:
        super().__init__(data, queryset=queries.directory())
        self.choices = choices
        for name in FACETS:
            self.form.fields[name].choices = getattr(choices, name)

    @property
    def values(self) -> Mapping[str, Any]:
        """What was asked for, tidied: ``q`` and a list for each facet."""
        self.form.is_valid()
        return self.form.cleaned_data

    @property
    def is_filtered(self) -> bool:
        return any(self.values.values())

    def by_name(self, queryset: QuerySet[Partner], name: str, value: str) -> QuerySet[Partner]:
        """Every word must stand in one of the two names."""
        for word in value.split()[:MOST_WORDS]:
            queryset = queryset.filter(Q(display_name__icontains=word) | Q(legal_name__icontains=word))
        return queryset

    def by_kind(self, queryset: QuerySet[Partner], name: str, value: list[str]) -> QuerySet[Partner]:
        return queryset.filter(kind__in=value)

    def by_county(self, queryset: QuerySet[Partner], name: str, value: list[str]) -> QuerySet[Partner]:
        return queryset.filter(municipality__county__number__in=value)

    def by_level(self, queryset: QuerySet[Partner], name: str, value: list[str]) -> QuerySet[Partner]:
        return queryset.filter(engagement_now__level__code__in=value)  # type: ignore[misc]  # queries.directory

    def by_sector(self, queryset: QuerySet[Partner], name: str, value: list[str]) -> QuerySet[Partner]:
        return queryset.filter(queries.in_sections(value))

    def facets(self) -> list[tuple[str, Any, list[FacetOption]]]:
        """Return (name, label, options) of every facet, in the order of the page. One query."""
        named = self.by_name(queries.directory(), "q", self.values["q"])
        chosen = {name: self.values[name] for name in FACETS}
        counts = queries.facet_counts(named, chosen)
        return [
            (
                name,
                self.form.fields[name].label,
                [
                    FacetOption(value, str(label), counts[name].get(value, 0), value in chosen[name])
                    for value, label in getattr(self.choices, name)
                    if counts[name].get(value) or value in chosen[name]
                ],
            )
            for name in FACETS
        ]
