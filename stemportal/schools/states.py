"""The moves a booking may make: one table, read by services, pages and tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stemportal.schools.models import Booking

Status = Booking.Status


class Side(StrEnum):
    """Who acts in a booking."""

    SCHOOL = "school"
    PARTNER = "partner"


@dataclass(frozen=True)
class Move:
    """One allowed move: from which states, to which, by whom, and whether its place is given back."""

    name: str
    origins: tuple[Booking.Status, ...]
    target: Booking.Status
    side: Side

    @property
    def frees_places(self) -> bool:
        return self.target not in Booking.HOLDING


CONFIRM = Move("confirm", (Status.REQUESTED,), Status.CONFIRMED, Side.PARTNER)
DECLINE = Move("decline", (Status.REQUESTED,), Status.DECLINED, Side.PARTNER)
WITHDRAW = Move("withdraw", (Status.REQUESTED,), Status.WITHDRAWN, Side.SCHOOL)
CANCEL_BY_SCHOOL = Move("cancel", (Status.CONFIRMED,), Status.CANCELLED_BY_SCHOOL, Side.SCHOOL)
CANCEL_BY_PARTNER = Move("cancel", (Status.CONFIRMED,), Status.CANCELLED_BY_PARTNER, Side.PARTNER)
COMPLETE = Move("complete", (Status.CONFIRMED,), Status.COMPLETED, Side.SCHOOL)

MOVES = (CONFIRM, DECLINE, WITHDRAW, CANCEL_BY_SCHOOL, CANCEL_BY_PARTNER, COMPLETE)


def moves_for(booking: Booking, side: Side) -> list[Move]:
    """Return what this side may do with the booking now, in the order buttons are shown."""
    return [move for move in MOVES if move.side == side and booking.status in move.origins]


# Bookings that still are to take place or to be answered.
OPEN_STATES = (Status.REQUESTED, Status.CONFIRMED)
