"""The one place where places and pupils are counted: lock the session row, check, write both.

``FOR NO KEY UPDATE`` keeps other bookings of the same session waiting, but not inserts that merely refer to the row.
"""

from __future__ import annotations

from collections.abc import Collection

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
    count_in(session, places, pupils)
    _write(session, session.places_taken, session.pupils_taken)


def count_in(session: Session, places: int, pupils: int) -> None:
    """Count a group in on a locked session that the caller writes (``booking_rows``).

    Raises SessionClosed, SessionFull or TooManyPupils; the session is as it was then.
    """
    if not session.is_open:
        raise SessionClosed
    if session.places_left < places:
        raise SessionFull(session.places_left)
    limit = session.pupil_capacity
    if limit is not None and session.pupils_taken + pupils > limit:
        raise TooManyPupils(max(limit - session.pupils_taken, 0))
    session.places_taken += places
    session.pupils_taken += pupils


def has_room(session: Session, places: int, pupils: int) -> bool:
    """Say whether a group of that size fits into what is free in a locked session."""
    return session.places_left >= places and (session.pupils_left is None or session.pupils_left >= pupils)


def change_places(session: Session, *, before: Booking, places: int, pupils: int) -> None:
    """Let a booking that holds places in a locked session hold others; call it before the booking is written.

    Raises SessionClosed, SessionFull or TooManyPupils when a larger group does not fit; nothing is written then. What
    is free stands in the error without what the booking has.
    """
    if not session.is_open:
        raise SessionClosed
    taken, booked = session.places_taken - before.places, count_pupils(session) - before.pupils
    if places > before.places and taken + places > session.capacity:
        raise SessionFull(session.capacity - taken)
    limit = session.pupil_capacity
    if limit is not None and pupils > before.pupils and booked + pupils > limit:
        raise TooManyPupils(max(limit - booked, 0))
    _write(session, taken + places, booked + pupils)


def give_back(session: Session, places: int) -> None:
    """Give places of a locked session back, when its booking holds them no more."""
    _write(session, session.places_taken - places, count_pupils(session))


def _write(session: Session, taken: int, pupils: int) -> None:
    session.places_taken, session.pupils_taken = taken, pupils
    session.save(update_fields=["places_taken", "pupils_taken"])


def refresh_lists(activity_id: int) -> None:
    """Have the columns that order lists follow; without Valkey beat does it some minutes later.

    What happens to a booking needs no call: whoever tells of it does that too (``tasks.tell``).
    """
    hand_over(lambda: refresh_availability.delay([activity_id]), availability_of=activity_id)


def count_pupils(session: Session) -> int:
    """Count the pupils of the bookings that hold places."""
    return Booking.objects.filter(session=session).holding_places().aggregate(n=Sum("pupils"))["n"] or 0


def count_places(session: Session) -> int:
    """Count what the bookings hold, for checks that the kept number is true."""
    return Booking.objects.filter(session=session).holding_places().aggregate(n=Sum("places"))["n"] or 0
