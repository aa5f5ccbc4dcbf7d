"""The one place where places are counted: lock the session row, check, write.

``FOR NO KEY UPDATE`` keeps other bookings of the same session waiting, but not inserts that merely refer to the row.
"""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import Sum

from stemportal.activities.models import Kind, Session
from stemportal.activities.tasks import refresh_availability
from stemportal.outbox.services import hand_over
from stemportal.schools.errors import SessionClosed, SessionFull
from stemportal.schools.models import Booking


def lock_session(session_id: int) -> Session:
    """Return the session with its row locked until the transaction ends. Call inside ``atomic``."""
    return (
        Session.objects.select_for_update(no_key=True, of=("self",))
        .select_related("activity__kind", "activity__partner")
        .get(pk=session_id)
    )


def places_needed(session: Session, pupils: int) -> int:
    """Return what a group takes of the capacity: one place, or one per pupil, as the kind counts."""
    return pupils if session.activity.kind.unit == Kind.Unit.PUPILS else 1


def take_places(session: Session, places: int) -> None:
    """Take places in a locked session. Raises SessionClosed or SessionFull; nothing is written then."""
    if not session.is_open:
        raise SessionClosed
    if session.places_left < places:
        raise SessionFull(session.places_left)
    _write(session, session.places_taken + places)


def give_back(session: Session, places: int) -> None:
    """Give places of a locked session back."""
    _write(session, session.places_taken - places)


def _write(session: Session, taken: int) -> None:
    session.places_taken = taken
    session.save(update_fields=["places_taken"])
    transaction.on_commit(partial(_refresh_lists, session.activity_id))


def _refresh_lists(activity_id: int) -> None:
    """Have the columns that order lists follow; without Valkey beat does it some minutes later."""
    hand_over(lambda: refresh_availability.delay([activity_id]), availability_of=activity_id)


def count_places(session: Session) -> int:
    """Count what the bookings hold, for checks that the kept number is true."""
    return Booking.objects.filter(session=session).holding_places().aggregate(n=Sum("places"))["n"] or 0
