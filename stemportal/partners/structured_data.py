"""A partner as search engines read it: schema.org's Organization as JSON-LD, in a block that no browser runs."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from stemportal.lib.markdown import render_markdown
from stemportal.outbox.letters import absolute_url
from stemportal.partners.logos import logo_of
from stemportal.partners.models import Partner

# Who gives out organisation numbers, in ISO 6523's list of such registers.
ISO_6523 = {"NO": "0192", "SE": "0007", "DK": "0184"}
# As django.utils.html.json_script does: nothing in the text can end the block it stands in.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
DESCRIPTION_LENGTH = 300


def organization(partner: Partner) -> dict[str, Any]:
    """Return schema.org's Organization for a partner's page. What is empty is left out; no person is named."""
    page = absolute_url(partner.get_absolute_url())
    # The same organisation, whichever language its page is read in.
    with translation.override(settings.LANGUAGE_CODE):
        name = absolute_url(partner.get_absolute_url())
    logo = logo_of(partner)
    facts = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": f"{name}#organization",
        "name": partner.display_name,
        "legalName": partner.legal_name,
        "url": partner.website or page,
        "mainEntityOfPage": page,
        "description": summary(partner),
        "logo": absolute_url(logo.url) if logo else "",
        "identifier": partner.organisation_number,
        "iso6523Code": _iso_6523(partner),
        "address": _address(partner),
    }
    return {name: value for name, value in facts.items() if value}


def json_ld(data: dict[str, Any]) -> SafeString:
    """Return the data as text for ``<script type="application/ld+json">``; names cannot break out of the block."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(ESCAPES))  # noqa: S308  # the three characters that could end the block are escaped


def summary(partner: Partner) -> str:
    """Return the first words of what the partner writes about itself, without Markdown; "" when it wrote nothing."""
    text = " ".join(unescape(strip_tags(render_markdown(partner.about))).split())
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rpartition(" ")[0].rstrip(",.;:") + " …"


def _iso_6523(partner: Partner) -> str:
    register = ISO_6523.get(partner.country)
    return f"{register}:{partner.organisation_number}" if register else ""


def _address(partner: Partner) -> dict[str, str]:
    place = partner.municipality
    facts = {
        "streetAddress": partner.address,
        "postalCode": partner.postal_code,
        "addressLocality": partner.postal_place or (place.name if place else ""),
        "addressRegion": place.county.name if place else "",
    }
    known = {name: value for name, value in facts.items() if value}
    return {"@type": "PostalAddress", **known, "addressCountry": partner.country} if known else {}
