"""The name list for the door of a meeting, to print: who comes, with guests, and on a page of its own what the kitchen
needs to know, without names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst, slugify
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stemportal.lib import pdf
from stemportal.lib.templatetags.portal import clock, localized, timespan, weekdate
from stemportal.network.meeting_entry import where
from stemportal.network.models import Meeting, Rsvp
from stemportal.network.queries.meetings import door_list

TEMPLATE = Path(__file__).resolve().parent / "typst" / "name_list.typ"

LAST_LETTERS = str.maketrans({"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c"})


def file_name(meeting: Meeting) -> str:
    """Return a name that says what it is, in ASCII."""
    return f"{slugify(_('Name list'))}-{slugify(localized(meeting, 'title'))[:60] or meeting.pk}.pdf"


def name_list_document(meeting: Meeting) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language. One query."""
    rsvps = sorted(door_list(meeting), key=lambda rsvp: _in_order(str(rsvp.user)))
    now = timezone.localtime()
    people = sum(rsvp.places for rsvp in rsvps)
    return {
        "lang": get_language() or settings.LANGUAGE_CODE,
        "portal": settings.PORTAL_NAME,
        "title": _("Name list"),
        "meeting": str(localized(meeting, "title")),
        "description": f"{localized(meeting, 'title')}, {timespan(meeting.starts_at, meeting.ends_at)}",
        "date": [now.year, now.month, now.day],
        "lines": [line for line in (capfirst(timespan(meeting.starts_at, meeting.ends_at)), where(meeting)) if line],
        "made": _("As it stood on %(day)s at %(time)s. Give this list to nobody, and destroy it after the meeting.")
        % {"day": weekdate(now), "time": clock(now)},
        "count": ngettext("%(count)s person", "%(count)s people", people) % {"count": people},
        "columns": [_("Here"), _("Name"), _("Comes for"), _("Guests")],
        "people": [_row(rsvp) for rsvp in rsvps],
        "nobody": _("Nobody has said yes so far."),
        "kitchen_title": _("For the kitchen"),
        "kitchen_intro": _("What guests have written about food, without names."),
        "kitchen": sorted(rsvp.diet for rsvp in rsvps if rsvp.diet),
        "page": _("Page"),
    }


def make_pdf(meeting: Meeting) -> bytes:
    """Return the list as PDF/UA-1 in the active language."""
    return pdf.render(TEMPLATE, name_list_document(meeting))


def _in_order(name: str) -> str:
    """A key that puts æ, ø and å last and in this order; the database sorts by code point, with å before æ."""
    return name.casefold().translate(LAST_LETTERS)


def _row(rsvp: Rsvp) -> list[str]:
    guests = f"+{rsvp.guests}" if rsvp.guests else ""
    if rsvp.guest_names:
        guests = f"{guests} {rsvp.guest_names}"
    return [str(rsvp.user), str(rsvp.partner or rsvp.school or ""), guests]
