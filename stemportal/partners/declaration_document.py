"""The declaration as a document: everything the signed PDF says.

The PDF is made when somebody asks for it (about 15 ms): the text of a version that is signed never changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stemportal.lib import pdf
from stemportal.lib.markdown_blocks import blocks_of
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.letters import absolute_url
from stemportal.partners.models import Signature

TEMPLATE = Path(__file__).resolve().parent / "typst" / "declaration.typ"


def signed_document(signature: Signature) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language."""
    partner, declaration = signature.partner, signature.declaration
    signed_at = timezone.localtime(signature.signed_at)
    day = formats.date_format(signed_at, "DATE_FORMAT")
    return {
        "lang": get_language() or settings.LANGUAGE_CODE,
        "portal": settings.PORTAL_NAME,
        "title": _("Declaration, version %(version)s") % {"version": declaration.version},
        "partner": partner.display_name,
        "description": _("Signed by %(partner)s on %(day)s") % {"partner": partner.legal_name, "day": day},
        "date": [signed_at.year, signed_at.month, signed_at.day],
        "intro": _("%(partner)s has signed this declaration.") % {"partner": partner.legal_name},
        "blocks": blocks_of(str(localized(declaration, "text"))),
        "signature": _("Signature"),
        "facts": [
            [_("Organisation"), partner.legal_name],
            [_("Organisation number"), partner.organisation_number],
            [_("Signed by"), signature.signed_name],
            [_("Signed on"), day],
            [_("Version"), str(declaration.version)],
        ],
        "check": _("Signed electronically in %(portal)s. Who has signed which version stands on this page:")
        % {"portal": settings.PORTAL_NAME},
        "check_url": absolute_url(reverse("partners:signatories")),
        "page": _("Page"),
    }


def make_pdf(signature: Signature) -> bytes:
    """Return the signed declaration as PDF/UA-1 in the active language."""
    return pdf.render(TEMPLATE, signed_document(signature))
