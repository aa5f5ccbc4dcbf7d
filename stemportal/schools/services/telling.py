"""Telling everybody what happened to a booking: the mails of its history, written by a worker.

A move writes one line of history with the booking, in one transaction. After the commit a worker writes the mails of
that line and marks it as told, again in one transaction; should the message or the worker be lost, the sweep finds the
line. So a booking is quick for whoever makes it, and no mail is lost or written twice.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from stemportal.outbox.services import hand_over
from stemportal.schools.models import Booking, BookingEvent

# A line that is younger is on its way to a worker.
SWEEP_AFTER = timedelta(seconds=20)
SWEEP_AT_MOST = 500


def after_commit(booking_id: int) -> None:
    """Have the booking's untold history told once the transaction is committed."""
    transaction.on_commit(partial(announce, booking_id))


def announce(booking_id: int) -> None:
    """Tell a worker about a booking. Without Valkey the history simply waits for the sweep."""
    from stemportal.schools.tasks import tell

    hand_over(lambda: tell.delay(booking_id), booking=booking_id)


def tell(booking_id: int) -> int:
    """Write the mails of everything in the booking's history that is not told, in its order. Returns how many lines."""
    from stemportal.schools.states import BY_NAME

    with transaction.atomic():
        untold = BookingEvent.objects.filter(booking_id=booking_id, told_at=None).select_for_update(no_key=True)
        events = list(untold.order_by("pk"))
        booking = Booking.objects.with_facts().filter(pk=booking_id).first() if events else None
        if booking is None:
            return 0
        for event in events:
            move = BY_NAME.get(event.move)
            if move is not None and move.mail is not None:
                move.mail(booking, event)
        BookingEvent.objects.filter(pk__in=[event.pk for event in events]).update(told_at=timezone.now())
    return len(events)


def sweep() -> int:
    """Hand over what nobody told in time, the oldest first. Returns how many bookings."""
    waiting = BookingEvent.objects.filter(told_at=None, at__lt=timezone.now() - SWEEP_AFTER)
    bookings = dict.fromkeys(waiting.order_by("at").values_list("booking_id", flat=True)[:SWEEP_AT_MOST])
    for booking_id in bookings:
        announce(booking_id)
    return len(bookings)
