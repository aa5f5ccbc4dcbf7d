"""The moves a booking may make: one table, read by services, pages, mails and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from stemportal.activities.models import Activity
from stemportal.schools.emails import afterwards as day_mails
from stemportal.schools.emails import bookings as mails
from stemportal.schools.emails import handover as handover_mails
from stemportal.schools.emails import promise as promise_mails
from stemportal.schools.emails import proposals as proposal_mails
from stemportal.schools.emails import waiting as waiting_mails
from stemportal.schools.models import Booking, BookingEvent

Status = Booking.Status
Mail = Callable[[Booking, BookingEvent], None]


class Side(StrEnum):
    """Who acts in a booking. The clock is what beat does when a time has passed; staff act on behalf of a side."""

    SCHOOL = "school"
    PARTNER = "partner"
    STAFF = "staff"
    CLOCK = "clock"


def _always(booking: Booking) -> bool:
    return True


def _asked_first(booking: Booking) -> bool:
    """A freed place whose partner still has to say yes."""
    return booking.is_freed_place and booking.activity.policy != Activity.Policy.INSTANT


def _agreed_at_once(booking: Booking) -> bool:
    return not _asked_first(booking)


def _not_a_freed_place(booking: Booking) -> bool:
    return not booking.is_freed_place


@dataclass(frozen=True)
class Move:
    """One allowed move: from which states (none: the booking begins with it), to which, by whom, and its mail.

    ``target`` is None for a change that leaves the status as it is. ``mail`` writes to everybody the move concerns.
    ``when`` says what else must be true of the booking. ``on_behalf`` tells whether staff may do it for the side.
    """

    name: str
    origins: tuple[Booking.Status, ...]
    target: Booking.Status | None
    sides: tuple[Side, ...]
    mail: Mail | None = None
    when: Callable[[Booking], bool] = _always
    on_behalf: bool = True

    def frees_places(self, origin: str) -> bool:
        """Say whether places that were held are given back."""
        return origin in Booking.HOLDING and self.target is not None and self.target not in Booking.HOLDING

    def is_for(self, side: Side) -> bool:
        """Say whether this side may make it."""
        return side in self.sides or (side == Side.STAFF and self.on_behalf)

    def begins_at(self, booking: Booking) -> bool:
        """Say whether the booking stands where the move begins."""
        return booking.status in self.origins and self.when(booking)


SCHOOL, PARTNER, CLOCK = (Side.SCHOOL,), (Side.PARTNER,), (Side.CLOCK,)
# Requested is the partner's turn, offered the school's; both hold the place. Those on the waiting list hold none.
UNSETTLED = (Status.REQUESTED, Status.OFFERED, Status.WAITLISTED)
# Bookings that still are to take place or to be answered.
OPEN_STATES = (*UNSETTLED, Status.CONFIRMED)

# How a booking begins.
REQUEST = Move("request", (), Status.REQUESTED, SCHOOL, mails.booking_requested)
BOOK = Move("book", (), Status.CONFIRMED, SCHOOL, mails.booking_confirmed)
WAIT = Move("wait", (), Status.WAITLISTED, SCHOOL, waiting_mails.joined_line)

# The partner's turn.
CONFIRM = Move("confirm", (Status.REQUESTED,), Status.CONFIRMED, PARTNER, mails.booking_confirmed)
OFFER = Move("offer", UNSETTLED, Status.OFFERED, PARTNER, proposal_mails.time_offered, _not_a_freed_place)
DECLINE = Move("decline", UNSETTLED, Status.DECLINED, PARTNER, mails.booking_declined)

# The school's turn. A freed place that the school takes goes to the partner for its yes, unless it gave that before.
ACCEPT = Move("accept", (Status.OFFERED,), Status.CONFIRMED, SCHOOL, mails.booking_confirmed, _agreed_at_once)
TAKE_PLACE = Move("take_place", (Status.OFFERED,), Status.REQUESTED, SCHOOL, mails.booking_requested, _asked_first)
PROPOSE = Move(
    "propose",
    (Status.REQUESTED, Status.OFFERED),
    Status.REQUESTED,
    SCHOOL,
    proposal_mails.time_proposed,
    _not_a_freed_place,
)
WITHDRAW = Move("withdraw", UNSETTLED, Status.WITHDRAWN, SCHOOL, mails.booking_withdrawn)

# What is agreed.
CANCEL_BY_SCHOOL = Move(
    "cancel_by_school", (Status.CONFIRMED,), Status.CANCELLED_BY_SCHOOL, SCHOOL, mails.booking_cancelled
)
CANCEL_BY_PARTNER = Move(
    "cancel_by_partner", (Status.CONFIRMED,), Status.CANCELLED_BY_PARTNER, PARTNER, mails.booking_cancelled
)
# After the day: the school tells how many came; without it the visit may complete by itself.
COMPLETE = Move("complete", (Status.CONFIRMED,), Status.COMPLETED, (Side.SCHOOL, Side.CLOCK), day_mails.visit_completed)
NO_SHOW = Move("no_show", (Status.CONFIRMED,), Status.NO_SHOW, PARTNER, day_mails.class_did_not_come)
CAME_AFTER_ALL = Move("came_after_all", (Status.NO_SHOW,), Status.COMPLETED, SCHOOL, day_mails.class_came_after_all)

# The clock.
OFFER_PLACE = Move(
    "offer_place", (Status.WAITLISTED,), Status.OFFERED, CLOCK, waiting_mails.place_offered, on_behalf=False
)
EXPIRE = Move("expire", UNSETTLED, Status.EXPIRED, CLOCK, promise_mails.booking_expired, on_behalf=False)

# Changes that leave the status as it is.
MOVE_SESSION = Move("move_session", OPEN_STATES, None, PARTNER, mails.session_moved)
CHANGE_GROUP = Move("change_group", OPEN_STATES, None, SCHOOL, mails.group_changed)
HAND_OVER = Move("hand_over", OPEN_STATES, None, SCHOOL, handover_mails.booking_handed_over)

MOVES = (
    REQUEST,
    BOOK,
    WAIT,
    CONFIRM,
    OFFER,
    DECLINE,
    ACCEPT,
    TAKE_PLACE,
    PROPOSE,
    WITHDRAW,
    CANCEL_BY_SCHOOL,
    CANCEL_BY_PARTNER,
    COMPLETE,
    NO_SHOW,
    CAME_AFTER_ALL,
    OFFER_PLACE,
    EXPIRE,
    MOVE_SESSION,
    CHANGE_GROUP,
    HAND_OVER,
)
BY_NAME = {move.name: move for move in MOVES}


def moves_for(booking: Booking, side: Side) -> list[Move]:
    """Return what this side may do with the booking now, in the order buttons are shown."""
    return [move for move in MOVES if move.is_for(side) and move.begins_at(booking)]
