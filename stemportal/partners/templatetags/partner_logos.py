"""Logos in pages: {% load partner_logos %}."""

from __future__ import annotations

from typing import Any

from django import template

from stemportal.partners.logos import logo_of
from stemportal.partners.models import Partner

register = template.Library()


@register.inclusion_tag("partners/_logo.html")
def partner_logo(partner: Partner, shape: str = "small", alt: str = "") -> dict[str, Any]:
    """The partner's logo on a light plate, or the first letters of its name.

    ``shape`` is small or large. Where the name stands beside it, ``alt`` is empty: nobody wants to hear it twice.
    """
    return {"logo": logo_of(partner), "shape": shape, "alt": alt, "letters": initials(partner.display_name)}


def initials(name: str) -> str:
    """Return up to two first letters of a name's words: "Nordlys Robotikk" is NR."""
    return "".join(word[0] for word in name.split() if word[0].isalnum())[:2].upper()
