"""How a booking moves: compare-and-set, places given back to the next in line, and the line of history."""

from __future__ import annotations

from typing import Any

from stemportal.accounts.models import User
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking, BookingEvent, BookingQuerySet, Proposal
from stemportal.schools.services import grants
from stemportal.schools.services.history import write_event
from stemportal.schools.services.places_taken import give_back, lock_session
from stemportal.schools.services.promotion import offer_places
from stemportal.schools.states import UNSETTLED, Move

__all__ = ["make_move", "write_event"]


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

    Freed places are offered to the waiting list at once. ``facts`` are JSON values for the mails of the move. Call it
    inside ``atomic``. Raises TooLate when the booking has moved on since it was read (its status, its time or its
    places), or the move does not begin where it stands; nothing is written then.
    """
    origin = booking.status
    if not move.begins_at(booking):
        raise TooLate
    if booking.is_freed_place:
        facts = {"freed_place": True, **(facts or {})}
    frees = booking.session_id is not None and move.frees_places(origin)
    session = lock_session(booking.session_id) if booking.session_id is not None and frees else None
    places = booking.places
    changes = {"status": move.target or origin, **fields}
    if origin == Booking.Status.OFFERED and changes["status"] != origin:
        changes.setdefault("offer_until", None)
    if not as_it_was_read(booking).update(**changes):
        raise TooLate
    for name, value in changes.items():
        setattr(booking, name, value)
    if origin in UNSETTLED and booking.status not in UNSETTLED:
        _close_proposal(booking)
    if session is not None:
        give_back(session, places)
        offer_places(session)
    grants.follow_move(booking, move, by=by)
    return write_event(booking, move, by=by, origin=origin, note=note, facts=facts)


def as_it_was_read(booking: Booking) -> BookingQuerySet:
    """Return the booking's row, as long as what was agreed on or asked for is what it was when it was read."""
    return Booking.objects.filter(
        pk=booking.pk,
        status=booking.status,
        session=booking.session_id,
        proposed_at=booking.proposed_at,
        places=booking.places,
        pupils=booking.pupils,
    )


def _close_proposal(booking: Booking) -> None:
    agreed = booking.status == Booking.Status.CONFIRMED
    Proposal.objects.filter(booking=booking, status=Proposal.Status.OPEN).update(
        status=Proposal.Status.ACCEPTED if agreed else Proposal.Status.DECLINED
    )
