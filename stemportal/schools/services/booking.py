"""Booking a session or proposing a date: how an agreement begins."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import GRADES, Activity, Kind
from stemportal.activities.services.availability import objection
from stemportal.lib.constraints import violated
from stemportal.lib.school_year import add_working_days
from stemportal.schools import states
from stemportal.schools.errors import AlreadyBooked, BadTime, GroupTooLarge, SessionClosed, WrongGrade
from stemportal.schools.models import Booking, School, SchoolClass
from stemportal.schools.services.moves import write_event
from stemportal.schools.services.places_taken import lock_session, places_needed, refresh_lists, take_places

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
    school_class: SchoolClass | None = None,
    request_key: uuid.UUID | None = None,
) -> Booking:
    """Give a group a place in a session: confirmed at once or waiting for the partner, as the activity says.

    The same form (``request_key``) sent again gives the same booking. Raises SessionFull, SessionClosed, AlreadyBooked,
    GroupTooLarge or WrongGrade; nothing is written then.
    """
    key = form_key(request_key, teacher.pk, session_id, group_name)
    try:
        with transaction.atomic():
            session = lock_session(session_id)
            earlier = Booking.objects.filter(request_key=key).first()
            if earlier:
                return earlier
            activity = session.activity
            if not activity.is_published or not activity.partner.is_approved:
                raise SessionClosed
            check_group(activity, grade=grade, pupils=pupils)
            places = places_needed(session, pupils)
            take_places(session, places, pupils)
            instant = activity.policy == Activity.Policy.INSTANT
            booking = Booking.objects.create(
                activity=activity,
                session=session,
                school=school,
                teacher=teacher,
                school_class=school_class,
                group_name=group_name,
                grade=grade,
                pupils=pupils,
                places=places,
                needs=needs,
                message=message,
                status=Booking.Status.CONFIRMED if instant else Booking.Status.REQUESTED,
                reply_by=None if instant else reply_deadline(session.starts_at),
                request_key=key,
            )
            write_event(booking, states.BOOK if instant else states.REQUEST, by=teacher, origin="", note=message)
    except IntegrityError as error:
        constraint = violated(error)
        if constraint == "schools_booking_group_in_session":
            raise AlreadyBooked from error
        if "request_key" in constraint:
            return Booking.objects.get(request_key=key)
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
    school_class: SchoolClass | None = None,
    request_key: uuid.UUID | None = None,
) -> Booking:
    """Ask the partner for a visit at a time the teacher proposes; the session is made when the partner confirms.

    Raises SessionClosed, GroupTooLarge, WrongGrade, or BadTime for a time outside the partner's hours or its season.
    """
    check_group(activity, grade=grade, pupils=pupils)
    if not activity.is_published or not activity.partner.is_approved:
        raise SessionClosed
    now = timezone.now()
    if proposed_at <= now:
        raise BadTime(_("Choose a time in the future."))
    if proposed_at > now + timedelta(days=FARTHEST_PROPOSAL_DAYS):
        raise BadTime(_("Choose a time within the next two years."))
    if why_not := objection(activity, proposed_at):
        raise BadTime(why_not)
    with transaction.atomic():
        # Locked, so that a partnership that ends at this moment either finds the request or has closed the offer.
        if not Activity.objects.select_for_update(no_key=True).only("status").get(pk=activity.pk).is_published:
            raise SessionClosed
        booking, created = Booking.objects.get_or_create(
            request_key=form_key(request_key, teacher.pk, activity.pk, proposed_at.isoformat(), group_name),
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
                "needs": needs,
                "message": message,
                "reply_by": reply_deadline(proposed_at),
            },
        )
        if created:
            write_event(booking, states.REQUEST, by=teacher, origin="", note=message)
            transaction.on_commit(partial(refresh_lists, activity.pk))
    return booking


def reply_deadline(starts_at: datetime) -> date:
    """Return the day by which the partner is to answer: some working days on, but before the visit itself."""
    promised = add_working_days(timezone.localdate(), settings.REPLY_WORKING_DAYS)
    return min(promised, max(timezone.localdate(starts_at) - timedelta(days=1), timezone.localdate()))
