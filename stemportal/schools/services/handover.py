"""A booking goes to a colleague: an agreement is the school's, and outlives its teacher's time there."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.schools import states
from stemportal.schools.errors import BookingError, TooLate
from stemportal.schools.models import Booking, BookingQuerySet, School, Teacher
from stemportal.schools.services.moves import make_move


class NoColleague(BookingError):
    """The person does not teach at the booking's school."""

    field = "to"

    def __init__(self) -> None:
        super().__init__(_("Choose a colleague who teaches at the school."))


def open_bookings_of(user: User, school: School | None = None) -> BookingQuerySet:
    """Return what somebody still has to do or to answer for: all that is neither over nor off."""
    bookings = Booking.objects.filter(teacher=user, status__in=states.OPEN_STATES)
    return (bookings.filter(school=school) if school else bookings).order_by("pk")


def hand_over(*, booking: Booking, to: User, by: User, note: str = "") -> Booking:
    """Give the booking to a verified colleague at its school; both teachers and the partner are told.

    The calendar entry leaves the one calendar and comes into the other. Raises NoColleague, or TooLate when the booking
    is over or has moved on.
    """
    if not Teacher.objects.verified().filter(user=to, school=booking.school_id).exists():
        raise NoColleague
    return _give(booking.pk, to=to, by=by, note=note)


def hand_over_all(*, user: User, school: School | None = None, to: User | None = None, by: User | None) -> int:
    """Give all open bookings of somebody who leaves to ``to``, else to a coordinator of each booking's school.

    Where there is neither, they stand without a teacher, and the secretariat sees them. Returns how many. Call it
    inside ``atomic``.
    """
    count = 0
    for booking in open_bookings_of(user, school).select_related("school"):
        with suppress(TooLate):  # it ended at this moment
            _give(booking.pk, to=to or _coordinator(booking.school, besides=user), by=by)
            count += 1
    return count


def take_over_the_lost(*, school: School, to: User, by: User | None) -> int:
    """Give open bookings of the school that nobody has any more to its new coordinator. Returns how many."""
    lost = Booking.objects.without_teacher().filter(school=school).order_by("pk")
    count = 0
    for pk in lost.values_list("pk", flat=True):
        with suppress(TooLate):
            _give(pk, to=to, by=by)
            count += 1
    return count


def forget(user: User) -> None:
    """An account goes: its bookings do not. Called before the account is deleted."""
    hand_over_all(user=user, by=None)


def _coordinator(school: School, *, besides: User) -> User | None:
    others = Teacher.objects.coordinators().filter(school=school).exclude(user=besides)
    first = others.select_related("user").order_by("pk").first()
    return first.user if first else None


@transaction.atomic
def _give(pk: int, *, to: User | None, by: User | None, note: str = "") -> Booking:
    booking = Booking.objects.select_for_update(no_key=True, of=("self",)).with_facts().get(pk=pk)
    before = booking.teacher
    if before == to:
        return booking
    make_move(
        booking,
        states.HAND_OVER,
        by=by,
        note=note,
        facts={"from": before.pk if before else None, "to": to.pk if to else None},
        teacher=to,
        calendar_sequence=booking.calendar_sequence + 1,
    )
    return booking
