"""What becomes of bookings when a partnership ends."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.partners.models import Partner
from stemportal.schools import states
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking, BookingQuerySet
from stemportal.schools.services.answering import cancel_booking, decline_booking
from stemportal.schools.services.places_taken import lock_session


def agreed_visits(partner: Partner) -> BookingQuerySet:
    """Confirmed visits that have not begun, in order of time; what has begun belongs to the figures."""
    bookings = Booking.objects.filter(activity__partner=partner, status=Booking.Status.CONFIRMED)
    return bookings.filter(session__starts_at__gt=timezone.now()).order_by("session__starts_at", "pk")


def open_requests(partner: Partner) -> BookingQuerySet:
    """Requests that nobody has answered, times that were offered and groups that wait, the oldest first."""
    return Booking.objects.filter(activity__partner=partner, status__in=states.UNSETTLED).order_by("pk")


def coming_dates(partner: Partner) -> QuerySet[Session]:
    """Dates that have not begun and are not called off, in the fixed order in which they are locked."""
    return Session.objects.open().filter(activity__partner=partner).order_by("pk")


def call_off_everything(*, partner: Partner, by: User, message: str = "") -> None:
    """Decline every request and call off every agreed visit to come; teachers get mail, and calendars are cleared.

    Call it inside the transaction that ends the partnership, when its offers are archived: from then on nobody can
    propose a date. Requests come first, so that a proposal which is being confirmed meanwhile has its date below.
    """
    for booking in open_requests(partner).filter(session=None).with_facts():
        _call_off(booking, by=by, message=message)
    for pk in coming_dates(partner).values_list("pk", flat=True):
        session = lock_session(pk)
        if not session.is_open:  # somebody was quicker, or it has begun
            continue
        # A class that waited for the lock finds the date closed, and no place that becomes free is offered.
        Session.objects.filter(pk=session.pk).update(status=Session.Status.CANCELLED)
        for booking in Booking.objects.filter(session=session, status__in=states.OPEN_STATES).with_facts():
            _call_off(booking, by=by, message=message)
    for booking in open_requests(partner).with_facts():  # of days that have passed
        _call_off(booking, by=by, message=message)


def _call_off(booking: Booking, *, by: User, message: str) -> None:
    with translation.override(booking.teacher.language if booking.teacher else settings.LANGUAGE_CODE):
        words = message or _("The partnership has ended, so the visit cannot take place.")
    with suppress(TooLate):  # the school took it back at the same moment
        if booking.status in states.UNSETTLED:
            try:
                decline_booking(booking=booking, by=by, reply=words)
            except TooLate:  # somebody said yes at the same moment
                booking.refresh_from_db()
        if booking.status == Booking.Status.CONFIRMED:
            cancel_booking(booking=booking, by=by, side=states.Side.PARTNER, note=words)
