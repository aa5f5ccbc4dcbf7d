"""Offers in pages of apps that stand before activities: {% load activities %}."""

from __future__ import annotations

from typing import Any

from django import template

from stemportal.activities import queries
from stemportal.activities.models import Activity
from stemportal.partners.models import Partner

register = template.Library()


@register.inclusion_tag("activities/_offers_of_partner.html")
def offers_of_partner(partner: Partner, limit: int = 12) -> dict[str, Any]:
    """The published offers of a partner as cards, with a link to all when there are more."""
    offers = queries.offers_of_partner(partner.pk, limit=limit + 1)
    return {"partner": partner, "offers": offers[:limit], "has_more": len(offers) > limit}


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
