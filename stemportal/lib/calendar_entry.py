"""Calendar entries (.ics, RFC 5545 and 5546) that Outlook, Google and Apple accept, replace and take away again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event for one receiver. The same ``uid`` with a higher ``sequence`` replaces the entry."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    url: str
    attendee_email: str
    attendee_name: str
    changed_at: datetime
    cancelled: bool = False


def uid_for(what: str) -> str:
    """Return a stable UID, for example ``booking-12@portal.example.no``."""
    return f"{what}@{urlsplit(settings.PORTAL_BASE_URL).hostname}"


def to_ics(entry: Entry) -> str:
    """Return the entry as text: METHOD REQUEST for a new or changed one, CANCEL for one that is off."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.PORTAL_NAME}//booking//NO")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if entry.cancelled else "REQUEST")
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    # UTC needs no VTIMEZONE, and every calendar shows it in the reader's own zone.
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("location", entry.location)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    organizer = vCalAddress(f"mailto:{_bare(settings.DEFAULT_FROM_EMAIL)}")
    organizer.params["CN"] = vText(settings.PORTAL_NAME)
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{entry.attendee_email}")
    attendee.params["CN"] = vText(entry.attendee_name)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _bare(address: str) -> str:
    return address.rpartition("<")[2].rstrip("> ")
