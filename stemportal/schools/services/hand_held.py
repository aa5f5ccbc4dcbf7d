"""What the secretariat does in somebody's place: booking for a school, answering for a partner, writing to both.

Everything goes through the same services as when the people do it themselves, so the same rules, history and mails
follow; the mails say who did it.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Activity
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking, Message, SchoolClass, Teacher
from stemportal.schools.services import answering, booking, messages, proposals


class NotAtThatSchool(BookingError):
    """The person may not book for the school."""

    field = "person"

    def __init__(self) -> None:
        super().__init__(_("Choose somebody who is verified at the school."))


class Answer(StrEnum):
    """What a partner can answer to a request."""

    CONFIRM = "confirm"
    OFFER = "offer"
    DECLINE = "decline"


def book_for_school(
    *,
    staff: User,
    person: Teacher,
    group_name: str,
    grade: int,
    pupils: int,
    session_id: int | None = None,
    activity: Activity | None = None,
    proposed_at: datetime | None = None,
    adults: int = 0,
    message: str = "",
    same_time_reason: str = "",
    school_class: SchoolClass | None = None,
    request_key: uuid.UUID | None = None,
    orientation: bool = False,
) -> Booking:
    """Book a session, or ask for a date of an activity, in the name of somebody at a school.

    Raises NotAtThatSchool for a person who may not book, and what ``book_session`` and ``propose_date`` raise.
    """
    if not person.is_verified or not person.user.is_active:
        raise NotAtThatSchool
    group: dict[str, Any] = {
        "school": person.school,
        "teacher": person.user,
        "school_class": school_class,
        "group_name": group_name,
        "grade": grade,
        "pupils": pupils,
        "adults": adults,
        "message": message,
        "same_time_reason": same_time_reason,
        "request_key": request_key,
        "made_by": staff,
        "orientation": orientation,
    }
    if session_id is not None:
        return booking.book_session(session_id=session_id, **group)
    if activity is None or proposed_at is None:
        raise ValueError("a booking is of a session, or asks for a date of an activity")
    return booking.propose_date(activity=activity, proposed_at=proposed_at, **group)


def answer_for_partner(
    *, booking: Booking, staff: User, answer: Answer, line: str = "", time: proposals.Time | None = None
) -> Booking:
    """Give the partner's answer, with a line that says who gave it, in the teacher's language.

    Raises what ``confirm_booking``, ``decline_booking`` and ``offer_time`` raise.
    """
    with translation.override(booking.teacher.language if booking.teacher else settings.LANGUAGE_CODE):
        who = _("The secretariat answers on behalf of %(partner)s.") % {"partner": booking.activity.partner}
    words = f"{who} {line}".strip()
    if answer == Answer.CONFIRM:
        return answering.confirm_booking(booking=booking, by=staff, reply=words)
    if answer == Answer.DECLINE:
        return answering.decline_booking(booking=booking, by=staff, reply=words)
    if time is None:
        raise ValueError("which time is offered?")
    return proposals.offer_time(booking=booking, by=staff, time=time, note=words)


def write_to_both(*, booking: Booking, staff: User, text: str, request_key: uuid.UUID) -> Message:
    """Write a line on the booking that both sides get by mail. Raises what ``write_message`` raises."""
    return messages.write_message(
        booking=booking, by=staff, side=Message.Side.STAFF, text=text, request_key=request_key
    )
