"""Answering a request, taking it back, calling a visit off, and marking it as held."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.schools import states
from stemportal.schools.errors import BadTime
from stemportal.schools.models import Booking
from stemportal.schools.services.moves import make_move


def confirm_booking(*, booking: Booking, by: User, reply: str = "") -> Booking:
    """The partner says yes. A proposed date becomes a session of its own.

    Raises TooLate when it has moved on, BadTime when the day has passed.
    """
    if booking.starts_at <= timezone.now():
        raise BadTime(_("The day has passed, so this can only be declined. Write the teacher a line about it."))
    with transaction.atomic():
        session = booking.session or _session_for_proposal(booking)
        make_move(booking, states.CONFIRM, by=by, note=reply, session=session, reply=reply, answered_at=timezone.now())
    return booking


def decline_booking(*, booking: Booking, by: User, reply: str) -> Booking:
    """The partner says no, with a line to the teacher. Raises TooLate when it has moved on."""
    with transaction.atomic():
        make_move(booking, states.DECLINE, by=by, note=reply, reply=reply, answered_at=timezone.now())
    return booking


def withdraw_booking(*, booking: Booking, by: User, note: str = "") -> Booking:
    """The school takes its request back before it is answered. Raises TooLate when it has moved on."""
    with transaction.atomic():
        make_move(booking, states.WITHDRAW, by=by, note=note)
    return booking


def cancel_booking(*, booking: Booking, by: User, side: states.Side, note: str) -> Booking:
    """Either side calls a confirmed visit off; the calendar entries are taken away.

    Raises TooLate, or BadTime once the visit has begun: what took place belongs to the figures.
    """
    if booking.session and booking.session.starts_at <= timezone.now():
        raise BadTime(_("The session has begun; it can no longer be called off."))
    move = states.CANCEL_BY_SCHOOL if side == states.Side.SCHOOL else states.CANCEL_BY_PARTNER
    with transaction.atomic():
        make_move(booking, move, by=by, note=note, calendar_sequence=booking.calendar_sequence + 1)
    return booking


def complete_booking(booking: Booking, *, by: User | None) -> None:
    """Mark a confirmed visit as held. Raises TooLate when it has moved on. Attendance calls this."""
    make_move(booking, states.COMPLETE, by=by)


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
