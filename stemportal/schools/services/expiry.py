"""What nobody answered while there was time comes to an end, and the teacher hears what else there is."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from stemportal.schools import states
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking
from stemportal.schools.services.moves import make_move

logger = structlog.get_logger(__name__)

AT_MOST = 500
Status = Booking.Status


def expired() -> QuerySet[Booking]:
    """Return what is over: requests and times on offer whose visit would have begun, times on offer that the school let
    pass, and groups that still wait for a place when the session begins.

    Freed places that nobody took are no business of this list: ``services.waiting`` gives them to the next in line.
    """
    now = timezone.now()
    begun = Q(session__starts_at__lte=now) | Q(session=None, proposed_at__lte=now)
    let_pass = Q(status=Status.OFFERED, waitlisted_at=None, offer_until__lt=now)
    return Booking.objects.filter(Q(begun, status__in=states.UNSETTLED) | let_pass)


def expire_due() -> int:
    """Let what is over expire, the oldest first; places are free again. Returns how many bookings."""
    count = 0
    for booking in expired().select_related("activity", "session").order_by("pk")[:AT_MOST]:
        try:
            with transaction.atomic():
                make_move(booking, states.EXPIRE, by=None)
            count += 1
        except TooLate:  # answered at this moment
            continue
        except Exception:  # one booking's trouble must not keep the others
            logger.exception("booking_not_expired", booking=booking.pk)
    return count
