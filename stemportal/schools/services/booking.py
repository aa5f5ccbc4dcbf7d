"""Booking a session or proposing a date: how an agreement begins."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import GRADES, Activity, Kind
from stemportal.activities.services.availability import objection
from stemportal.lib.constraints import violated
from stemportal.schools import states
from stemportal.schools.errors import AlreadyBooked, BadTime, BookingError, GroupTooLarge, SessionClosed, WrongGrade
from stemportal.schools.models import Booking, School, SchoolClass
from stemportal.schools.placements import check_placement
from stemportal.schools.services.booking_rows import lock_for_booking
from stemportal.schools.services.deadlines import reply_deadline
from stemportal.schools.services.history import begin_booking, write_event
from stemportal.schools.services.places_taken import count_in, places_needed
from stemportal.schools.services.same_time import check_same_time

FARTHEST_PROPOSAL_DAYS = 2 * 365


def check_group(activity: Activity, *, grade: int, pupils: int) -> None:
    """Raise GroupTooLarge or WrongGrade when the activity is not for this group."""
    if pupils > activity.group_max:
        raise GroupTooLarge(activity.group_max)
    if not activity.grade_from <= grade <= activity.grade_to:
        names = dict(GRADES)
        raise WrongGrade(
            str(names[activity.grade_from])
            if activity.grade_from == activity.grade_to
            else _("%(first)s to %(last)s") % {"first": names[activity.grade_from], "last": names[activity.grade_to]}
        )


def book_session(
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
    """Give a group a place in a session: confirmed at once or waiting for the partner, as the activity says.

    The same form (``request_key``) sent again gives the same booking. ``made_by`` is who books where that is not the
    teacher. Raises SessionFull, TooManyPupils, SessionClosed, AlreadyBooked,
    GroupTooLarge, WrongGrade, NotOrientation or NoRiskAssessment for pupils at work, or SameTime when the group has
    another visit then and no reason is given; nothing is written then.
    """
    key = form_key(request_key, teacher.pk, session_id, group_name)
    try:
        with transaction.atomic():
            session, may_be_elsewhere = lock_for_booking(session_id, school_id=school.pk, group_name=group_name)
            activity = session.activity
            if not activity.is_published or not activity.partner.is_approved:
                raise SessionClosed
            check_group(activity, grade=grade, pupils=pupils)
            check_placement(activity, orientation=orientation, on=timezone.localdate(session.starts_at))
            places = places_needed(session, pupils)
            count_in(session, places, pupils)
            if may_be_elsewhere:
                check_same_time(
                    school=school,
                    group_name=group_name,
                    starts_at=session.starts_at,
                    ends_at=session.ends_at,
                    reason=same_time_reason,
                    besides_session=session.pk,
                )
            instant = activity.policy == Activity.Policy.INSTANT
            booking = Booking(
                activity=activity,
                session=session,
                school=school,
                teacher=teacher,
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
                made_by=made_by,
                status=Booking.Status.CONFIRMED if instant else Booking.Status.REQUESTED,
                reply_by=None if instant else reply_deadline(session.starts_at, school),
                request_key=key,
            )
            begin_booking(booking, states.BOOK if instant else states.REQUEST, by=made_by or teacher, note=message)
    except (BookingError, IntegrityError) as error:
        # The form that was sent before has the place: it is not full for it, and the group is not there twice.
        if earlier := Booking.objects.filter(request_key=key).first():
            return earlier
        if isinstance(error, IntegrityError) and violated(error) == "schools_booking_group_in_session":
            raise AlreadyBooked from error
        raise
    return booking


def form_key(request_key: uuid.UUID | None, *about: object) -> uuid.UUID:
    """Return the key that a booking keeps of the form it came from.

    ``about`` says who asks for what: a form that was gone back to and changed, or that somebody else's browser has
    kept, carries the old ``request_key`` and is another form all the same.
    """
    return uuid.uuid5(request_key, "/".join(map(str, about))) if request_key else uuid.uuid4()


def booked_before(*, teacher: User, request_key: uuid.UUID, session_id: int, group_name: str) -> Booking | None:
    """Return what this very form has booked already, so that a second click leads to it."""
    return Booking.objects.filter(request_key=form_key(request_key, teacher.pk, session_id, group_name)).first()


def propose_date(
    *,
    activity: Activity,
    proposed_at: datetime,
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
    """Ask the partner for a visit at a time the teacher proposes; the session is made when the partner confirms.

    Raises SessionClosed, GroupTooLarge, WrongGrade, SameTime, or BadTime for a time outside the partner's hours or its
    season.
    """
    check_group(activity, grade=grade, pupils=pupils)
    check_placement(activity, orientation=orientation, on=timezone.localdate(proposed_at))
    if not activity.is_published or not activity.partner.is_approved:
        raise SessionClosed
    now = timezone.now()
    if proposed_at <= now:
        raise BadTime(_("Choose a time in the future."))
    if proposed_at > now + timedelta(days=FARTHEST_PROPOSAL_DAYS):
        raise BadTime(_("Choose a time within the next two years."))
    if why_not := objection(activity, proposed_at):
        raise BadTime(why_not)
    key = form_key(request_key, teacher.pk, activity.pk, proposed_at.isoformat(), group_name)
    check_same_time(
        school=school,
        group_name=group_name,
        starts_at=proposed_at,
        ends_at=activity.end_after(proposed_at),
        reason=same_time_reason,
        besides_key=key,
    )
    with transaction.atomic():
        # Locked, so that a partnership that ends at this moment either finds the request or has closed the offer.
        if not Activity.objects.select_for_update(no_key=True).only("status").get(pk=activity.pk).is_published:
            raise SessionClosed
        booking, created = Booking.objects.get_or_create(
            request_key=key,
            defaults={
                "teacher": teacher,
                "activity": activity,
                "proposed_at": proposed_at,
                "school": school,
                "school_class": school_class,
                "group_name": group_name,
                "grade": grade,
                "pupils": pupils,
                "places": pupils if activity.kind.unit == Kind.Unit.PUPILS else 1,
                "adults": adults,
                "travel": travel,
                "needs": needs,
                "message": message,
                "same_time_reason": same_time_reason,
                "pupil_wishes": list(pupil_wishes),
                "made_by": made_by,
                "reply_by": reply_deadline(proposed_at, school),
            },
        )
        if created:
            write_event(booking, states.REQUEST, by=made_by or teacher, origin="", note=message)
    return booking
