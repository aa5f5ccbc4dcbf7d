"""The waiting list of a session that is full: groups with their sizes, in the order in which they came."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.lib.constraints import violated
from stemportal.schools import states
from stemportal.schools.errors import AlreadyBooked, GroupTooLarge, SessionClosed, StillRoom, TooLate, WaitingListFull
from stemportal.schools.models import Booking, School, SchoolClass
from stemportal.schools.placements import check_placement
from stemportal.schools.services.booking import check_group, form_key
from stemportal.schools.services.moves import make_move, write_event
from stemportal.schools.services.places_taken import has_room, lock_session, places_needed
from stemportal.schools.services.promotion import offer_places
from stemportal.schools.services.same_time import check_same_time

LONGEST_LINE = 50
SWEEP_AT_MOST = 500


def join_waiting_list(
    *,
    session_id: int,
    school: School,
    teacher: User,
    group_name: str,
    grade: int,
    pupils: int,
    needs: str = "",
    message: str = "",
    adults: int = 0,
    travel: str = Booking.Travel.UNKNOWN,
    same_time_reason: str = "",
    school_class: SchoolClass | None = None,
    request_key: uuid.UUID | None = None,
    made_by: User | None = None,
    orientation: bool = False,
    pupil_wishes: Sequence[dict[str, Any]] = (),
) -> Booking:
    """Put a group at the end of the line for a session that is full.

    The same form (``request_key``) sent again gives the same place. Raises SessionClosed, StillRoom when it need not
    wait, GroupTooLarge for a group that the session could never hold, WrongGrade, AlreadyBooked, SameTime, or
    WaitingListFull; nothing is written then.
    """
    key = form_key(request_key, teacher.pk, session_id, group_name)
    try:
        with transaction.atomic():
            session = lock_session(session_id)
            earlier = Booking.objects.filter(request_key=key).first()
            if earlier:
                return earlier
            activity = session.activity
            if not session.is_open or not activity.is_published or not activity.partner.is_approved:
                raise SessionClosed
            check_group(activity, grade=grade, pupils=pupils)
            check_placement(activity, orientation=orientation, on=timezone.localdate(session.starts_at))
            places = places_needed(session, pupils)
            check_that_it_may_fit(session, places, pupils)
            if has_room(session, places, pupils):
                raise StillRoom
            line = Booking.objects.filter(session=session).in_line().count()
            if line >= LONGEST_LINE:
                raise WaitingListFull
            check_same_time(
                school=school,
                group_name=group_name,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
                reason=same_time_reason,
                besides_session=session.pk,
            )
            booking = Booking.objects.create(
                activity=activity,
                session=session,
                school=school,
                teacher=teacher,
                made_by=made_by,
                school_class=school_class,
                group_name=group_name,
                grade=grade,
                pupils=pupils,
                places=places,
                adults=adults,
                travel=travel,
                needs=needs,
                message=message,
                same_time_reason=same_time_reason,
                pupil_wishes=list(pupil_wishes),
                status=Booking.Status.WAITLISTED,
                waitlisted_at=timezone.now(),
                request_key=key,
            )
            write_event(
                booking, states.WAIT, by=made_by or teacher, origin="", note=message, facts={"number": line + 1}
            )
    except IntegrityError as error:
        constraint = violated(error)
        if constraint == "schools_booking_group_in_session":
            raise AlreadyBooked from error
        if "request_key" in constraint:
            return Booking.objects.get(request_key=key)
        raise
    return booking


def check_that_it_may_fit(session: Session, places: int, pupils: int) -> None:
    """Raise GroupTooLarge for a group that the session could not hold if it were empty."""
    if places > session.capacity:
        raise GroupTooLarge(session.capacity)
    if session.pupil_capacity is not None and pupils > session.pupil_capacity:
        raise GroupTooLarge(session.pupil_capacity)


def place_in_line(booking: Booking) -> int:
    """Return the group's place on the waiting list, from 1. One query; ask it of a booking that waits."""
    earlier = Q(waitlisted_at__lt=booking.waitlisted_at) | Q(waitlisted_at=booking.waitlisted_at, pk__lt=booking.pk)
    return Booking.objects.filter(earlier, session=booking.session_id, status=Booking.Status.WAITLISTED).count() + 1


def expire_place_offers(now: datetime | None = None) -> int:
    """Take freed places back that nobody answered in time, and offer them to the next. Returns how many."""
    late = Booking.objects.filter(waitlisted_at__isnull=False, offer_until__lt=now or timezone.now())
    expired = 0
    for booking in late.waiting_for_school().select_related("activity", "session")[:SWEEP_AT_MOST]:
        with suppress(TooLate), transaction.atomic():  # answered at this moment
            make_move(booking, states.EXPIRE, by=None)
            expired += 1
    return expired


def offer_forgotten_places() -> int:
    """Offer places to lines that wait although there is room, as after an edit by hand. Returns how many groups."""
    waiting = Session.objects.open().with_places_left().filter(bookings__status=Booking.Status.WAITLISTED)
    fits = Q(bookings__places__lte=F("capacity") - F("places_taken"))
    offered = 0
    for pk in waiting.filter(fits).order_by("pk").values_list("pk", flat=True).distinct()[:SWEEP_AT_MOST]:
        with transaction.atomic():
            offered += offer_places(lock_session(pk))
    return offered
