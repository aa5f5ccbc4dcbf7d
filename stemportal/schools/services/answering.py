"""Answering a request, taking it back, calling a visit off, and telling what became of the day."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.schools import states
from stemportal.schools.errors import BadTime, TooLate
from stemportal.schools.models import Booking
from stemportal.schools.services.moves import make_move
from stemportal.schools.services.proposals import session_for_proposal


def confirm_booking(*, booking: Booking, by: User, reply: str = "", seen: str = "") -> Booking:
    """The partner says yes. A proposed date becomes a session of its own. A late yes counts while the request stands.

    Raises TooLate when it has moved on, or is no longer what was ``seen`` (its ``terms``); BadTime when the day has
    passed.
    """
    if seen and seen != booking.terms:
        raise TooLate
    if booking.starts_at <= timezone.now():
        raise BadTime(_("The day has passed, so this can only be declined. Write the teacher a line about it."))
    with transaction.atomic():
        session = booking.session or session_for_proposal(booking)
        make_move(booking, states.CONFIRM, by=by, note=reply, session=session, **_answer(booking, reply))
    return booking


def decline_booking(*, booking: Booking, by: User, reply: str) -> Booking:
    """The partner says no, with a line to the teacher.

    To a request, also where another time is offered, and to a group that waits. Raises TooLate when it has moved on.
    """
    with transaction.atomic():
        make_move(booking, states.DECLINE, by=by, note=reply, **_answer(booking, reply))
    return booking


def withdraw_booking(*, booking: Booking, by: User, note: str = "") -> Booking:
    """The school takes its request back, says no to what it was offered, or leaves the waiting list.

    Raises TooLate when it has moved on.
    """
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
    """Mark a confirmed visit as held, also one that the partner missed. Raises TooLate when it has moved on.

    Attendance calls this.
    """
    missed = booking.status == Booking.Status.NO_SHOW
    make_move(booking, states.CAME_AFTER_ALL if missed else states.COMPLETE, by=by)


def _answer(booking: Booking, reply: str) -> dict[str, Any]:
    """The line of the answer, and when the partner first answered: maybe with another time."""
    return {"reply": reply, "answered_at": booking.answered_at or timezone.now()}
