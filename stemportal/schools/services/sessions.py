"""Moving and cancelling sessions that classes have booked: here, because it is the bookings that must follow."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.activities.session_rules import FARTHEST_YEARS
from stemportal.schools import emails, states
from stemportal.schools.errors import BadTime, BookingError, TooLate
from stemportal.schools.models import Booking
from stemportal.schools.services.booking import cancel_booking, decline_booking
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
        told = 0
        for booking in Booking.objects.filter(session=session, status__in=states.OPEN_STATES).with_facts():
            with suppress(TooLate):  # its other side was quicker
                _call_off(booking, by=by, note=note)
                told += 1
        Session.objects.filter(pk=session.pk).update(status=Session.Status.CANCELLED)
    return told


def _call_off(booking: Booking, *, by: User, note: str) -> None:
    """A request is declined; an agreement is cancelled, and its calendar entry taken away."""
    if booking.status == Booking.Status.REQUESTED:
        decline_booking(booking=booking, by=by, reply=note)
    else:
        cancel_booking(booking=booking, by=by, side=states.Side.PARTNER, note=note)
