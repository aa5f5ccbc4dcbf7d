"""Moving and cancelling sessions that classes have booked: here, because it is the bookings that must follow."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.activities.session_rules import FARTHEST_YEARS
from stemportal.schools import emails, states
from stemportal.schools.errors import BadTime, BookingError
from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.services.places_taken import lock_session


def change_session(
    *, session_id: int, starts_at: datetime, ends_at: datetime, capacity: int, place: str, by: User
) -> Session:
    """Give a session a new time, place or capacity. Confirmed groups get a mail whose entry replaces the old one.

    Raises BadTime, or BookingError when the capacity would fall below what is booked.
    """
    if starts_at <= timezone.now() or ends_at <= starts_at:
        raise BadTime(_("The session must end after it begins, and begin in the future."))
    if ends_at > timezone.now() + timedelta(days=FARTHEST_YEARS * 365):
        raise BadTime(_("Choose a time within the next five years."))
    with transaction.atomic():
        session = lock_session(session_id)
        if capacity < session.places_taken:
            raise BookingError(
                _("%(count)s places are already booked; the session cannot have fewer.")
                % {"count": session.places_taken}
            )
        moved = (session.starts_at, session.ends_at, session.place) != (starts_at, ends_at, place)
        session.starts_at, session.ends_at, session.capacity, session.place = starts_at, ends_at, capacity, place
        session.save(update_fields=["starts_at", "ends_at", "capacity", "place"])
        if moved:
            _tell_everybody(session)
    return session


def _tell_everybody(session: Session) -> None:
    bookings = Booking.objects.filter(session=session, status__in=[Booking.Status.CONFIRMED, Booking.Status.REQUESTED])
    bookings.update(calendar_sequence=F("calendar_sequence") + 1)
    for booking in bookings.with_facts():
        emails.session_moved(booking)


def cancel_session(*, session_id: int, by: User, note: str) -> int:
    """Call a session off with everything booked in it. Returns how many groups were told."""
    with transaction.atomic():
        session = lock_session(session_id)
        if session.status == Session.Status.CANCELLED:
            return 0
        if session.starts_at <= timezone.now():
            raise BadTime(_("The session has begun; it can no longer be called off."))
        affected = list(Booking.objects.filter(session=session, status__in=states.OPEN_STATES).with_facts())
        for booking in affected:
            target = (
                Booking.Status.DECLINED
                if booking.status == Booking.Status.REQUESTED
                else Booking.Status.CANCELLED_BY_PARTNER
            )
            BookingEvent.objects.create(booking=booking, by=by, from_status=booking.status, to_status=target, note=note)
            booking.status = target
            booking.calendar_sequence += 1
            booking.save(update_fields=["status", "calendar_sequence"])
            emails.booking_cancelled(booking, side=states.Side.PARTNER, note=note)
        session.status = Session.Status.CANCELLED
        session.places_taken = 0
        session.save(update_fields=["status", "places_taken"])
    return len(affected)
