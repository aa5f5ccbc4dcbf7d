"""The moves a booking may make: one table, read by services, pages, mails and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from stemportal.schools.emails import bookings as mails
from stemportal.schools.models import Booking, BookingEvent

Status = Booking.Status
Mail = Callable[[Booking, BookingEvent], None]


class Side(StrEnum):
    """Who acts in a booking. The clock is what beat does when a time has passed."""

    SCHOOL = "school"
    PARTNER = "partner"
    CLOCK = "clock"


@dataclass(frozen=True)
class Move:
    """One allowed move: from which states (none: the booking begins with it), to which, by whom, and its mail.

    ``target`` is None for a change that leaves the status as it is. ``mail`` writes to everybody the move concerns.
    """

    name: str
    origins: tuple[Booking.Status, ...]
    target: Booking.Status | None
    side: Side
    mail: Mail | None = None

    def frees_places(self, origin: str) -> bool:
        """Say whether places that were held are given back."""
        return origin in Booking.HOLDING and self.target is not None and self.target not in Booking.HOLDING


REQUEST = Move("request", (), Status.REQUESTED, Side.SCHOOL, mails.booking_requested)
BOOK = Move("book", (), Status.CONFIRMED, Side.SCHOOL, mails.booking_confirmed)
CONFIRM = Move("confirm", (Status.REQUESTED,), Status.CONFIRMED, Side.PARTNER, mails.booking_confirmed)
DECLINE = Move("decline", (Status.REQUESTED,), Status.DECLINED, Side.PARTNER, mails.booking_declined)
WITHDRAW = Move("withdraw", (Status.REQUESTED,), Status.WITHDRAWN, Side.SCHOOL, mails.booking_withdrawn)
CANCEL_BY_SCHOOL = Move(
    "cancel_by_school", (Status.CONFIRMED,), Status.CANCELLED_BY_SCHOOL, Side.SCHOOL, mails.booking_cancelled
)
CANCEL_BY_PARTNER = Move(
    "cancel_by_partner", (Status.CONFIRMED,), Status.CANCELLED_BY_PARTNER, Side.PARTNER, mails.booking_cancelled
)
COMPLETE = Move("complete", (Status.CONFIRMED,), Status.COMPLETED, Side.SCHOOL)
MOVE_SESSION = Move("move_session", (Status.REQUESTED, Status.CONFIRMED), None, Side.PARTNER, mails.session_moved)

MOVES = (
    REQUEST,
    BOOK,
    CONFIRM,
    DECLINE,
    WITHDRAW,
    CANCEL_BY_SCHOOL,
    CANCEL_BY_PARTNER,
    COMPLETE,
    MOVE_SESSION,
)
BY_NAME = {move.name: move for move in MOVES}


def moves_for(booking: Booking, side: Side) -> list[Move]:
    """Return what this side may do with the booking now, in the order buttons are shown."""
    return [move for move in MOVES if move.side == side and booking.status in move.origins]


# Bookings that still are to take place or to be answered.
OPEN_STATES = (Status.REQUESTED, Status.CONFIRMED)
