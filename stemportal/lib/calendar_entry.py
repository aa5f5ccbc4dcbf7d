"""Calendar entries (.ics, RFC 5545 and 5546) that Outlook, Google and Apple accept, replace and take away again.

Two forms of the same entry: in a mail it is a message to one person (METHOD REQUEST or CANCEL, with the attendee), in a
feed or a file it is one of several that are published (METHOD PUBLISH, without attendees, as RFC 5546 3.2.1 asks).
Times are in UTC: no VTIMEZONE that some calendar misreads, and every calendar shows them in the reader's own zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from stemportal.lib.identifiers import portal_host

# Characters that no line of a calendar can hold; line ends inside of texts are escaped by icalendar.
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Calendars that subscribe ask again after so long; many keep to a longer time of their own.
REFRESH = timedelta(hours=1)


class Status(StrEnum):
    """How sure an entry is. A cancelled one of a feed is taken away by calendars that show it."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event. The same ``uid`` with a higher ``sequence`` replaces the entry.

    ``changed_at`` is when it last became what it is. The attendee is who gets it by mail.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    url: str
    changed_at: datetime
    attendee_email: str = ""
    attendee_name: str = ""
    status: Status = Status.CONFIRMED


def uid_for(what: str) -> str:
    """Return a stable UID, for example ``booking-12@portal.example.no``."""
    return f"{what}@{portal_host()}"


def to_ics(entry: Entry) -> str:
    """Return an entry as it goes with a mail: METHOD REQUEST for a new or changed one, CANCEL for one that is off."""
    calendar = _calendar("CANCEL" if entry.status == Status.CANCELLED else "REQUEST")
    event = _event(entry)
    attendee = vCalAddress(f"mailto:{entry.attendee_email}")
    attendee.params["CN"] = vText(_clean(entry.attendee_name))
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return calendar.to_ical().decode()


def to_feed(entries: Iterable[Entry], *, name: str = "") -> str:
    """Return entries as a file to open or a calendar to subscribe to (METHOD PUBLISH); ``name`` is its title there."""
    calendar = _calendar("PUBLISH")
    if name:
        calendar.add("name", _clean(name))
        calendar.add("x-wr-calname", _clean(name))
        # The first is the standard's (RFC 7986), the second what Outlook reads.
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical().decode()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.PORTAL_NAME}//booking//NO")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", _clean(entry.summary))
    event.add("description", _clean(entry.description))
    event.add("location", _clean(entry.location))
    event.add("url", entry.url)
    event.add("status", entry.status.value)
    # What is not agreed does not occupy the reader's time yet.
    event.add("transp", "OPAQUE" if entry.status == Status.CONFIRMED else "TRANSPARENT")
    organizer = vCalAddress(f"mailto:{_bare(settings.DEFAULT_FROM_EMAIL)}")
    organizer.params["CN"] = vText(settings.PORTAL_NAME)
    event["organizer"] = organizer
    return event


def _clean(text: str) -> str:
    return FORBIDDEN.sub("", text)


def _bare(address: str) -> str:
    return address.rpartition("<")[2].rstrip("> ")
