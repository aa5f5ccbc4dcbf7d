"""Offers in pages of apps that stand before activities: {% load activities %}."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.db.models import Count
from django.utils import formats

from stemportal.activities.models import Activity
from stemportal.activities.pledging import quantity_words
from stemportal.activities.queries import offers as queries
from stemportal.partners.models import Partner

register = template.Library()


# Kinds in which a person comes to the class; a partner's page shows them by themselves.
ROLE_MODEL_KINDS = {"role_model_visit", "role_model_online"}
# More than a partner has in a year; whoever has more still shows its next ones, and a link to all.
MOST_OFFERS = 60


@register.inclusion_tag("activities/_offers_of_partner.html")
def offers_of_partner(partner: Partner, limit: int = 12) -> dict[str, Any]:
    """The published offers of a partner as cards, role models apart, with a link to all when there are more."""
    found = queries.offers_of_partner(partner.pk, limit=MOST_OFFERS)
    people = [offer for offer in found if offer.kind.code in ROLE_MODEL_KINDS]
    offers = [offer for offer in found if offer.kind.code not in ROLE_MODEL_KINDS]
    return {
        "partner": partner,
        "people": people[:limit],
        "offers": offers[:limit],
        "has_more": len(people) > limit or len(offers) > limit or len(found) == MOST_OFFERS,
    }


@register.simple_tag
def with_offer_counts(partners: Iterable[Partner]) -> list[Partner]:
    """The same partners, each with ``offers_count``: how many published offers it has. One query for all."""
    shown = list(partners)
    published = Activity.objects.published().filter(partner__in=shown).order_by()
    counts = dict(published.values_list("partner").annotate(Count("pk")))
    for partner in shown:
        partner.offers_count = counts.get(partner.pk, 0)  # type: ignore[attr-defined]  # for the template
    return shown


@register.filter
def rounded_km(kilometres: float | None) -> str:
    """Whole kilometres; tens from a hundred on: as exact as a straight line deserves."""
    if kilometres is None:
        return ""
    return str(round(kilometres, -1 if kilometres >= 100 else None) if kilometres >= 1 else 1).removesuffix(".0")


@register.filter
def asks_for(activity: Activity, field: str) -> bool:
    """Whether the activity's kind asks for this field."""
    return field in activity.kind.fields


@register.filter
def quantity(number: int | None, unit: str) -> str:
    """A quantity with its unit, as pledges are counted: {{ 20000|quantity:"kroner" }} is "20,000 kr"."""
    return "" if number is None else quantity_words(unit, number)


@register.filter
def grouped(number: int) -> str:
    """A number with its thousands apart, as the language writes them."""
    return formats.number_format(number, force_grouping=True)
