"""The line of history that a move leaves, and that its mails are made from."""

from __future__ import annotations

from typing import Any

from stemportal.accounts.models import User
from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.services import telling
from stemportal.schools.services.booking_rows import write_booking
from stemportal.schools.states import Move


def write_event(
    booking: Booking,
    move: Move,
    *,
    by: User | None,
    origin: str,
    note: str = "",
    facts: dict[str, Any] | None = None,
) -> BookingEvent:
    """Write the history of a move that is made, and have its mails written after the commit."""
    event = _event_of(booking, move, by=by, origin=origin, note=note, facts=facts or {})
    event.booking = booking
    event.save()
    telling.after_commit(booking.pk)
    return event


def begin_booking(booking: Booking, move: Move, *, by: User | None, note: str = "") -> None:
    """Write a new booking in a locked session, with its place and its first line of history, and have it told."""
    write_booking(booking, _event_of(booking, move, by=by, origin="", note=note, facts={}))
    telling.after_commit(booking.pk)


def _event_of(
    booking: Booking, move: Move, *, by: User | None, origin: str, note: str, facts: dict[str, Any]
) -> BookingEvent:
    return BookingEvent(
        by=by,
        from_status=origin,
        to_status=booking.status,
        note=note,
        move=move.name,
        facts=facts,
        calendar_sequence=booking.calendar_sequence,
    )
