"""Offering freed places to the waiting list: in order, the first group that fits, with a time to answer by."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from stemportal.activities.models import Session
from stemportal.lib.school_year import add_working_days
from stemportal.schools import states
from stemportal.schools.models import Booking, booking_rules
from stemportal.schools.services.history import write_event
from stemportal.schools.services.places_taken import has_room, take_places

# Where the visit is nearer than that, the school has half of the time that is left.
SHORTEST_NOTICE = timedelta(days=1)


def offer_places(session: Session) -> int:
    """Offer what is free in a locked session to those in line, each place once; return how many groups got an offer.

    A group that is too large for what is free keeps its place in the line, and the next that fits is asked. Call it in
    the transaction that freed or added the places, with the session's row locked.
    """
    activity = session.activity
    if not session.is_open or not activity.is_published or not activity.partner.is_approved:
        return 0
    offered = 0
    waiting = Booking.objects.filter(session=session).in_line()
    for booking in waiting.select_for_update(no_key=True, of=("self",)).select_related("activity"):
        if session.places_left == 0:
            break
        if not has_room(session, booking.places, booking.pupils):
            continue
        until = answer_until(session.starts_at)
        take_places(session, booking.places, booking.pupils)
        booking.status, booking.offer_until = Booking.Status.OFFERED, until
        booking.save(update_fields=["status", "offer_until"])
        write_event(booking, states.OFFER_PLACE, by=None, origin=Booking.Status.WAITLISTED)
        offered += 1
    return offered


def answer_until(starts_at: datetime) -> datetime:
    """Return until when the school may answer what it is offered: the evening some working days on, as the rules for
    bookings say, but well before the visit."""
    now = timezone.now()
    day = add_working_days(timezone.localdate(), booking_rules().place_offer_working_days)
    evening = datetime.combine(day, time(23, 59), tzinfo=timezone.get_default_timezone())
    latest = starts_at - SHORTEST_NOTICE
    return min(evening, latest if latest > now + SHORTEST_NOTICE else now + (starts_at - now) / 2)
