"""Offers and their dates as RSS, Atom and iCalendar, for programs that people read with. No person is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from django.conf import settings
from django.utils.feedgenerator import SyndicationFeed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from stemportal.activities.models import Activity, Session
from stemportal.lib.calendar_entry import uid_for
from stemportal.lib.feeds import clean, tag_for
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.letters import absolute_url

# Calendars ask again after so long.
REFRESH_HOURS = 6


def write_feed(
    feed_class: type[SyndicationFeed], offers: Sequence[Activity], *, title: str, page: str, address: str
) -> bytes:
    """Return a feed of offers; ``page`` is the search for people and ``address`` the feed itself, both absolute."""
    feed = feed_class(
        title=clean(title),
        link=page,
        description=_("Offers from working life for lower and upper secondary school, the newest first."),
        language=get_language(),
        feed_url=address,
        feed_copyright=settings.OPEN_DATA_LICENCE,
        feed_guid=page,
    )
    for offer in offers:
        link = absolute_url(offer.get_absolute_url())
        feed.add_item(
            title=clean(offer.title),
            link=link,
            description=clean(_words_of(offer)),
            author_name=clean(offer.partner.display_name),
            categories=[clean(localized(offer.kind, "name"))],
            unique_id=tag_for(f"activity-{offer.pk}"),
            unique_id_is_permalink=False,
            pubdate=offer.published_at,
            updateddate=offer.updated_at,
        )
    text: str = feed.writeString("utf-8")
    return text.encode()


def _words_of(offer: Activity) -> str:
    facts = [offer.where_label, offer.grades_label, offer.partner.display_name]
    return f"{offer.summary} ({', '.join(facts)})"


def write_calendar(sessions: Sequence[Session], *, name: str, page: str) -> bytes:
    """Return dates as a calendar to subscribe to. ``sessions`` come with activity, partner, kind and municipality."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.PORTAL_NAME}//offers//NO")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", clean(name))
    calendar.add("x-wr-calname", clean(name))
    calendar.add("url", page)
    calendar.add("refresh-interval;value=duration", f"PT{REFRESH_HOURS}H")
    calendar.add("x-published-ttl", f"PT{REFRESH_HOURS}H")
    for session in sessions:
        calendar.add_component(_entry(session))
    return calendar.to_ical()


def _entry(session: Session) -> Event:
    offer = session.activity
    link = absolute_url(offer.get_absolute_url())
    event = Event()
    event.add("uid", uid_for(f"session-{session.pk}"))
    # UTC needs no VTIMEZONE, and every calendar shows it in the reader's own zone.
    event.add("dtstamp", offer.updated_at.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(UTC))
    event.add("dtend", session.ends_at.astimezone(UTC))
    event.add("summary", clean(f"{offer.title} ({offer.partner.display_name})"))
    event.add("description", clean(f"{offer.summary}\n\n{_places(session)}\n{link}"))
    event.add("location", clean(place_of(session)))
    event.add("url", link)
    event.add("categories", [clean(localized(offer.kind, "name"))])
    event.add("status", "CONFIRMED" if session.status == Session.Status.OPEN else "CANCELLED")
    # An offer does not occupy the reader's time.
    event.add("transp", "TRANSPARENT")
    return event


def _places(session: Session) -> str:
    if session.status != Session.Status.OPEN:
        return _("Called off")
    return _("Free places") if session.places_left else _("Fully booked")


def place_of(session: Session) -> str:
    """Return where a session is held, in words; the link of a video meeting is for those who book."""
    offer = session.activity
    match session.takes_place:
        case Session.Where.VIDEO:
            return _("Digital")
        case Session.Where.SCHOOL:
            return _("Comes to your school")
    town = offer.municipality.name if offer.municipality else ""
    parts = dict.fromkeys(part for part in (session.place or offer.place, town) if part)
    return ", ".join(parts) or offer.where_label
