"""After the day: how many came."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Attendance, Booking
from stemportal.schools.services.answering import complete_booking


def confirm_attendance(*, booking: Booking, by: User, pupils: int, girls: int | None) -> Attendance:
    """Record counts and complete the visit; said again, the counts are corrected.

    Raises BookingError before the visit has begun, and TooLate for a visit that is not confirmed.
    """
    if booking.session is None or booking.session.starts_at > timezone.now():
        raise BookingError(_("You can tell how many came once the visit has begun."))
    with transaction.atomic():
        if booking.status != Booking.Status.COMPLETED:
            complete_booking(booking, by=by)
        attendance, _created = Attendance.objects.update_or_create(
            booking=booking,
            defaults={"pupils": pupils, "girls": girls, "confirmed_by": by, "confirmed_at": timezone.now()},
        )
    return attendance
