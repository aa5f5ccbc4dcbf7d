"""The one place where places and pupils are counted: lock the session row, check, write both.

``FOR NO KEY UPDATE`` keeps other bookings of the same session waiting, but not inserts that merely refer to the row.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.db.models import QuerySet, Sum

from stemportal.activities.models import Kind, Session
from stemportal.activities.tasks import refresh_availability
from stemportal.outbox.services import hand_over
from stemportal.schools.errors import SessionClosed, SessionFull, TooManyPupils
from stemportal.schools.models import Booking


def lock_session(session_id: int) -> Session:
    """Return the session with its row locked until the transaction ends. Call inside ``atomic``."""
    return _locked().get(pk=session_id)


def lock_sessions(session_ids: Collection[int]) -> list[Session]:
    """Return several sessions with their rows locked in the order of their ids, so that two such calls never cross."""
    return list(_locked().filter(pk__in=session_ids).order_by("pk"))


def _locked() -> QuerySet[Session]:
    rows = Session.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("activity__kind", "activity__partner__municipality", "activity__municipality")


def places_needed(session: Session, pupils: int) -> int:
    """Return what a group takes of the capacity: one place, or one per pupil, as the kind counts."""
    return pupils if session.activity.kind.unit == Kind.Unit.PUPILS else 1


def take_places(session: Session, places: int, pupils: int) -> None:
    """Take places for so many pupils in a locked session.

    Raises SessionClosed, SessionFull or TooManyPupils; nothing is written then.
    """
    if not session.is_open:
        raise SessionClosed
    if session.places_left < places:
        raise SessionFull(session.places_left)
    booked = count_pupils(session)
    if session.pupil_capacity is not None and booked + pupils > session.pupil_capacity:
        raise TooManyPupils(max(session.pupil_capacity - booked, 0))
    _write(session, session.places_taken + places, booked + pupils)


def give_back(session: Session, places: int) -> None:
    """Give places of a locked session back, when its booking holds them no more."""
    _write(session, session.places_taken - places, count_pupils(session))


def _write(session: Session, taken: int, pupils: int) -> None:
    session.places_taken, session.pupils_taken = taken, pupils
    session.save(update_fields=["places_taken", "pupils_taken"])
    transaction.on_commit(partial(refresh_lists, session.activity_id))


def refresh_lists(activity_id: int) -> None:
    """Have the columns that order lists follow, after the commit; without Valkey beat does it some minutes later."""
    hand_over(lambda: refresh_availability.delay([activity_id]), availability_of=activity_id)


def count_pupils(session: Session) -> int:
    """Count the pupils of the bookings that hold places."""
    return Booking.objects.filter(session=session).holding_places().aggregate(n=Sum("pupils"))["n"] or 0


def count_places(session: Session) -> int:
    """Count what the bookings hold, for checks that the kept number is true."""
    return Booking.objects.filter(session=session).holding_places().aggregate(n=Sum("places"))["n"] or 0
