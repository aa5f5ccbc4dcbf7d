"""The offer of the newsletter, for the pages on which people of partners and teachers begin."""

from __future__ import annotations

from typing import Any

from django import template

from stemportal.newsletters.services.offering import is_offered

register = template.Library()


@register.inclusion_tag("newsletters/_offer.html", takes_context=True)
def newsletter_offer(context: dict[str, Any]) -> dict[str, Any]:
    """A card that asks, or nothing for who said yes or no before."""
    request = context["request"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "is_offered": is_offered(request.user),
        "here": request.get_full_path(),
    }
