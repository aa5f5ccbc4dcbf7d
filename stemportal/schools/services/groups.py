"""Changing who comes: the class, how many, adults, needs and travel, as long as the visit has not begun."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.constraints import violated
from stemportal.schools import states
from stemportal.schools.errors import AlreadyBooked, BadTime, TooLate
from stemportal.schools.models import Booking, BookingEvent, SchoolClass
from stemportal.schools.services.booking import check_group
from stemportal.schools.services.moves import as_it_was_read, write_event
from stemportal.schools.services.places_taken import change_places, lock_session, places_needed
from stemportal.schools.services.promotion import offer_places
from stemportal.schools.services.waiting import check_that_it_may_fit


def change_group(
    *,
    booking: Booking,
    by: User,
    group_name: str,
    grade: int,
    pupils: int,
    school_class: SchoolClass | None = None,
    adults: int = 0,
    travel: str = Booking.Travel.UNKNOWN,
    needs: str = "",
) -> BookingEvent | None:
    """Change the group of a booking that is open; the status stays, and the partner is told.

    Places that a smaller group leaves are offered to the waiting list; a larger group must find room. A group that
    waits keeps its place in the line. Returns None when nothing is changed. Raises TooLate when the booking has moved
    on, BadTime once the visit has begun, GroupTooLarge, WrongGrade, SessionFull, TooManyPupils or AlreadyBooked.
    """
    if not states.CHANGE_GROUP.begins_at(booking):
        raise TooLate
    wanted: dict[str, Any] = {
        "group_name": group_name,
        "grade": grade,
        "pupils": pupils,
        "school_class": school_class,
        "adults": adults,
        "travel": travel,
        "needs": needs,
    }
    changed = {name: value for name, value in wanted.items() if getattr(booking, name) != value}
    if not changed:
        return None
    if booking.starts_at <= timezone.now():
        raise BadTime(_("The visit has begun. Tell how many came instead."))
    if {"grade", "pupils"} & set(changed):
        check_group(booking.activity, grade=grade, pupils=pupils)
    try:
        with transaction.atomic():
            return _write(booking, changed, pupils, by=by)
    except IntegrityError as error:
        if violated(error) == "schools_booking_group_in_session":
            raise AlreadyBooked from error
        raise


def _write(booking: Booking, changed: dict[str, Any], pupils: int, *, by: User) -> BookingEvent:
    session = lock_session(booking.session_id) if booking.session_id else None
    # What it holds is counted below, so it must hold that still, now that nobody else can change the session.
    if not as_it_was_read(booking).exists():
        raise TooLate
    unit = booking.activity.kind.unit
    places = places_needed(session, pupils) if session else (pupils if unit == "pupils" else 1)
    before = {"name": booking.group_name, "pupils": booking.pupils}
    agreed = booking.status == Booking.Status.CONFIRMED
    facts = {"before": before, "changed": sorted(changed)}
    changes = {**changed, "places": places, "calendar_sequence": booking.calendar_sequence + agreed}
    if session is not None and booking.status in Booking.HOLDING:
        change_places(session, before=booking, places=places, pupils=pupils)
    elif session is not None:
        check_that_it_may_fit(session, places, pupils)
    if not as_it_was_read(booking).update(**changes):
        raise TooLate
    for name, value in changes.items():
        setattr(booking, name, value)
    event = write_event(booking, states.CHANGE_GROUP, by=by, origin=booking.status, facts=facts)
    if session is not None:
        offer_places(session)
    return event
