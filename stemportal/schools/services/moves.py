"""How a booking moves: compare-and-set, places given back, and the line of history that the mails are made from."""

from __future__ import annotations

from typing import Any

from stemportal.accounts.models import User
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.services import telling
from stemportal.schools.services.places_taken import give_back, lock_session
from stemportal.schools.states import Move


def make_move(
    booking: Booking,
    move: Move,
    *,
    by: User | None,
    note: str = "",
    facts: dict[str, Any] | None = None,
    **fields: Any,
) -> BookingEvent:
    """Change the status, and ``fields`` with it; give places back where the move frees them; write history.

    ``facts`` are JSON values for the mails of the move. Call it inside ``atomic``. Raises TooLate when the booking has
    moved on since it was read, or the move does not begin where it stands; nothing is written then.
    """
    origin = booking.status
    if origin not in move.origins:
        raise TooLate
    frees = booking.session_id is not None and move.frees_places(origin)
    session = lock_session(booking.session_id) if booking.session_id is not None and frees else None
    changes = {"status": move.target or origin, **fields}
    if not Booking.objects.filter(pk=booking.pk, status=origin).update(**changes):
        raise TooLate
    for name, value in changes.items():
        setattr(booking, name, value)
    if session is not None:
        give_back(session, booking.places)
    return write_event(booking, move, by=by, origin=origin, note=note, facts=facts)


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
    event = BookingEvent.objects.create(
        booking=booking,
        by=by,
        from_status=origin,
        to_status=booking.status,
        note=note,
        move=move.name,
        facts=facts or {},
        calendar_sequence=booking.calendar_sequence,
    )
    telling.after_commit(booking.pk)
    return event
