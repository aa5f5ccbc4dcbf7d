"""After the day: how many came, or that nobody did."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.schools import states
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Attendance, Booking
from stemportal.schools.services.answering import complete_booking
from stemportal.schools.services.moves import make_move


def confirm_attendance(*, booking: Booking, by: User | None, pupils: int, girls: int | None) -> Attendance:
    """Record counts and complete the visit; said again, the counts are corrected.

    A class that the partner did not see come came after all. ``by`` is None where the mailed link outlived the teacher.
    Raises BookingError before the visit has begun, and TooLate for a visit that was not agreed or was called off.
    """
    if not has_begun(booking):
        raise BookingError(_("You can tell how many came once the visit has begun."))
    with transaction.atomic():
        if booking.status == Booking.Status.NO_SHOW:
            make_move(booking, states.CAME_AFTER_ALL, by=by)
        elif booking.status != Booking.Status.COMPLETED:
            complete_booking(booking, by=by)
        attendance, _created = Attendance.objects.update_or_create(
            booking=booking,
            defaults={"pupils": pupils, "girls": girls, "confirmed_by": by, "confirmed_at": timezone.now()},
        )
    return attendance


def mark_no_show(*, booking: Booking, by: User, note: str = "") -> Booking:
    """The partner tells that the class did not come; the teacher is told, and may tell otherwise.

    Raises BookingError before the visit has begun, and TooLate when it has moved on, as by the teacher's count.
    """
    if not has_begun(booking):
        raise BookingError(_("You can tell that nobody came once the visit has begun."))
    with transaction.atomic():
        make_move(booking, states.NO_SHOW, by=by, note=note)
    return booking


def has_begun(booking: Booking) -> bool:
    """Say whether the agreed time has come."""
    return booking.session is not None and booking.session.starts_at <= timezone.now()
