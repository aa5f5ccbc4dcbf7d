"""Visits that nobody told about: after a while they complete by themselves, without a count.

A visit without a count is held, but no pupils of it stand in any figure: those are read from attendances alone.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stemportal.schools import states
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking
from stemportal.schools.services.moves import make_move

AT_MOST = 500


def close_untold() -> int:
    """Complete what ended so many days ago without a word from the school. Returns how many.

    Both sides are told by the mails of the move. A booking that somebody moves meanwhile is left to them.
    """
    limit = timezone.now() - timedelta(days=settings.ATTENDANCE_CLOSE_DAYS)
    untold = Booking.objects.filter(status=Booking.Status.CONFIRMED, session__ends_at__lte=limit)
    closed = 0
    for booking in untold.select_related("session", "activity").order_by("session__ends_at", "pk")[:AT_MOST]:
        try:
            with transaction.atomic():
                make_move(booking, states.COMPLETE, by=None, facts={"untold": True})
        except TooLate:
            continue
        closed += 1
    return closed
