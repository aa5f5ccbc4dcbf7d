"""The agreement about a work week or job shadow, to print: the portal knows everything in it but the pupils.

Their names, and everybody's signatures, are written on paper and stay there: the portal keeps no pupils.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.text import slugify
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stemportal.lib import pdf
from stemportal.lib.templatetags.portal import localized
from stemportal.schools.emails.facts import group_words, when, where
from stemportal.schools.models import Booking

TEMPLATE = Path(__file__).resolve().parent / "typst" / "agreement.typ"


def can_be_made(booking: Booking) -> bool:
    """Say whether there is an agreement to print: the visit is confirmed or held."""
    return booking.session is not None and booking.status in {Booking.Status.CONFIRMED, Booking.Status.COMPLETED}


def file_name(booking: Booking) -> str:
    """Return a name that says what it is, in ASCII."""
    return f"{slugify(_('Agreement'))}-{slugify(booking.group_name) or booking.pk}.pdf"


def agreement_document(booking: Booking) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language."""
    partner, school, today = booking.activity.partner, booking.school, timezone.localdate()
    kind = str(localized(booking.activity.kind, "name"))
    return {
        "lang": get_language() or settings.LANGUAGE_CODE,
        "portal": settings.PORTAL_NAME,
        "title": _("Agreement: %(kind)s") % {"kind": kind.lower()},
        "description": _("Between %(partner)s and %(school)s") % {"partner": partner.legal_name, "school": school},
        "date": [today.year, today.month, today.day],
        "intro": _("Between %(partner)s and %(school)s") % {"partner": partner.legal_name, "school": school},
        "facts_title": _("What is agreed"),
        "facts": _facts(booking),
        "wishes_title": _("What the pupils would like"),
        "wishes": _wishes(booking),
        "sides": [
            {"title": str(partner), "lines": _of_the_partner(booking)},
            {"title": str(school), "lines": _of_the_school()},
        ],
        "pupils_title": _("Pupils"),
        "pupils_text": _("Fill in on paper. The names are kept by the school and the partner, not in the portal."),
        "columns": [_("No."), _("Name"), _("Parent or guardian, phone"), _("What to know (optional)")],
        "pupils": booking.pupils,
        "signatures_title": _("Signatures"),
        "signatures": [
            [str(partner), _("Name"), _("Place and date"), _("Signature")],
            [str(school), _("Name"), _("Place and date"), _("Signature")],
        ],
        "page": _("Page"),
    }


def make_pdf(booking: Booking) -> bytes:
    """Return the agreement as PDF/UA-1 in the active language."""
    return pdf.render(TEMPLATE, agreement_document(booking))


def _facts(booking: Booking) -> list[list[str]]:
    partner = booking.activity.partner
    rows = [
        [_("Activity"), booking.activity.title],
        [_("When"), when(booking)],
        [_("Where"), where(booking)],
        [_("Partner"), partner.legal_name],
        [_("Organisation number"), partner.organisation_number],
        [_("School"), f"{booking.school}, {booking.school.place_name}"],
        [_("Group"), group_words(booking.group_name, booking.pupils)],
    ]
    if booking.teacher:
        rows.append([_("Teacher"), str(booking.teacher)])
    return rows


def _wishes(booking: Booking) -> list[list[str]]:
    """What the pupils would like, as counts: the document stays between the school and the partner."""
    rows = []
    for wish in booking.pupil_wishes:
        number = ngettext("%(count)s pupil", "%(count)s pupils", wish["pupils"]) % {"count": wish["pupils"]}
        rows.append([str(wish["interest"]), number])
    return rows


def _of_the_partner(booking: Booking) -> list[str]:
    assessed = booking.activity.risk_assessed_on
    lines = [
        _("gives the pupils tasks that suit their age, and somebody to turn to every day"),
        _("tells them on the first day what is dangerous, what they may not do, and where they find help"),
        _("tells the school at once about an accident, or when a pupil does not come"),
    ]
    if assessed:
        day = formats.date_format(assessed, "DATE_FORMAT")
        lines.insert(0, _("has a written risk assessment, made on %(day)s") % {"day": day})
    return lines


def _of_the_school() -> list[str]:
    return [
        _("has approved this as part of the pupils' vocational orientation; every pupil has turned 14"),
        _("prepares the pupils, and talks with them about it afterwards"),
        _("can be reached while the pupils are away, and tells the partner who is ill"),
        _("tells pupils and parents how the pupils are insured"),
    ]
