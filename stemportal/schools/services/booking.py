"""Booking a session or proposing a date, and the moves that follow."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import GRADES, Activity, Kind, Session
from stemportal.activities.services.availability import objection
from stemportal.lib.constraints import violated
from stemportal.lib.school_year import add_working_days
from stemportal.schools import emails, states
from stemportal.schools.errors import AlreadyBooked, BadTime, GroupTooLarge, SessionClosed, TooLate, WrongGrade
from stemportal.schools.models import Booking, BookingEvent, School, SchoolClass
from stemportal.schools.services.places_taken import give_back, lock_session, places_needed, refresh_lists, take_places

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
            _write_event(booking, by=teacher, origin="", note=message)
            if instant:
                emails.booking_confirmed(booking)
            else:
                emails.booking_requested(booking)
    except IntegrityError as error:
        constraint = violated(error)
        if constraint == "schools_booking_group_once":
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
            _write_event(booking, by=teacher, origin="", note=message)
            emails.booking_requested(booking)
            transaction.on_commit(partial(refresh_lists, activity.pk))
    return booking


def reply_deadline(starts_at: datetime) -> date:
    """Return the day by which the partner is to answer: some working days on, but before the visit itself."""
    promised = add_working_days(timezone.localdate(), settings.REPLY_WORKING_DAYS)
    return min(promised, max(timezone.localdate(starts_at) - timedelta(days=1), timezone.localdate()))


def confirm_booking(*, booking: Booking, by: User, reply: str = "") -> Booking:
    """The partner says yes. A proposed date becomes a session of its own.

    Raises TooLate when it has moved on, BadTime when the day has passed.
    """
    if booking.starts_at <= timezone.now():
        raise BadTime(_("The day has passed, so this can only be declined. Write the teacher a line about it."))
    with transaction.atomic():
        _move(booking, states.CONFIRM, by=by, note=reply)
        if booking.session is None:
            booking.session = _session_for_proposal(booking)
        booking.reply = reply
        booking.answered_at = timezone.now()
        booking.save(update_fields=["session", "reply", "answered_at"])
        emails.booking_confirmed(booking)
    return booking


def decline_booking(*, booking: Booking, by: User, reply: str) -> Booking:
    """The partner says no, with a line to the teacher. Raises TooLate when it has moved on."""
    with transaction.atomic():
        _move(booking, states.DECLINE, by=by, note=reply)
        booking.reply = reply
        booking.answered_at = timezone.now()
        booking.save(update_fields=["reply", "answered_at"])
        emails.booking_declined(booking)
    return booking


def withdraw_booking(*, booking: Booking, by: User, note: str = "") -> Booking:
    """The school takes its request back before it is answered. Raises TooLate when it has moved on."""
    with transaction.atomic():
        _move(booking, states.WITHDRAW, by=by, note=note)
        emails.booking_withdrawn(booking)
    return booking


def cancel_booking(*, booking: Booking, by: User, side: states.Side, note: str) -> Booking:
    """Either side calls a confirmed visit off; the calendar entries are taken away.

    Raises TooLate, or BadTime once the visit has begun: what took place belongs to the figures.
    """
    if booking.session and booking.session.starts_at <= timezone.now():
        raise BadTime(_("The session has begun; it can no longer be called off."))
    move = states.CANCEL_BY_SCHOOL if side == states.Side.SCHOOL else states.CANCEL_BY_PARTNER
    with transaction.atomic():
        _move(booking, move, by=by, note=note)
        booking.calendar_sequence += 1
        booking.save(update_fields=["calendar_sequence"])
        emails.booking_cancelled(booking, side=side, note=note)
    return booking


def _move(booking: Booking, move: states.Move, *, by: User | None, note: str = "") -> None:
    """Change the status by compare-and-set, give places back where the move frees them, and write history."""
    session = lock_session(booking.session_id) if booking.session_id and move.frees_places else None
    changed = Booking.objects.filter(pk=booking.pk, status__in=move.origins).update(status=move.target)
    if not changed:
        raise TooLate
    origin, booking.status = booking.status, move.target
    if session is not None:
        give_back(session, booking.places)
    _write_event(booking, by=by, origin=origin, note=note)


def complete_booking(booking: Booking, *, by: User) -> None:
    """Mark a confirmed visit as held. Raises TooLate when it has moved on. Attendance calls this."""
    _move(booking, states.COMPLETE, by=by)


def _write_event(booking: Booking, *, by: User | None, origin: str, note: str) -> None:
    BookingEvent.objects.create(booking=booking, by=by, from_status=origin, to_status=booking.status, note=note)


def _session_for_proposal(booking: Booking) -> Session:
    if booking.proposed_at is None:
        raise ValueError("a booking has a session or a proposed time")
    return Session.objects.create(
        activity=booking.activity,
        starts_at=booking.proposed_at,
        ends_at=booking.activity.end_after(booking.proposed_at),
        capacity=booking.places,
        places_taken=booking.places,
        pupils_taken=booking.pupils,
        place=booking.activity.place,
    )
