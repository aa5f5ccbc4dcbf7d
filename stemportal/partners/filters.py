"""Filters of the partner directory."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models import Partner
from stemportal.partners.queries.directory import norwegian_order
from stemportal.places.models import County


def counties(request: object) -> QuerySet[County]:
    """Return today's counties in alphabetical order."""
    return County.objects.filter(valid_to__isnull=True).order_by(norwegian_order("name"))


class PartnerFilter(django_filters.FilterSet):
    """By name, kind and county; everything else a visitor adds to the address is ignored."""

    q = django_filters.CharFilter(method="by_name", label=_("Name"), max_length=100)
    kind = django_filters.ChoiceFilter(
        choices=Partner.Kind.choices, label=_("Kind of organisation"), empty_label=_("All kinds")
    )
    county = django_filters.ModelChoiceFilter(
        field_name="municipality__county",
        queryset=counties,
        to_field_name="number",
        label=_("County"),
        empty_label=_("The whole country"),
    )

    class Meta:
        model = Partner
        fields: list[str] = []

    def by_name(self, queryset: QuerySet[Partner], name: str, value: str) -> QuerySet[Partner]:
        """Every word must stand in one of the two names."""
        for word in value.split()[:6]:
            queryset = queryset.filter(Q(display_name__icontains=word) | Q(legal_name__icontains=word))
        return queryset
