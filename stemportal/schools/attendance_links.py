"""The link by which a teacher tells how many came: one from each mail, without a login.

It is the booking and the teacher it was mailed to, signed with the portal's key for this purpose alone. Whoever holds
it may tell a count and nothing else: its page shows the group, the activity and the day. It ends by itself, and with
the teacher's part in the booking: after a hand-over the old link opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.urls import reverse

from stemportal.outbox.letters import absolute_url
from stemportal.schools.models import Booking

SALT = "stemportal.schools.attendance"
# Longer than any that is made.
MOST_LETTERS = 120


class Trouble(StrEnum):
    """Why a link opens no form."""

    BROKEN = "broken"
    EXPIRED = "expired"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True)
class Opened:
    """What a link leads to: a booking, or why there is none."""

    booking: Booking | None = None
    trouble: Trouble | None = None


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT, sep=".")


def attendance_token(booking: Booking) -> str:
    """Return the end of the link for the booking's teacher of now."""
    return _signer().sign(f"{booking.pk}-{booking.teacher_id or 0}")


def attendance_link(booking: Booking) -> str:
    """Return the whole address of the page, in the active language."""
    return absolute_url(reverse("schools:attendance_link", args=[attendance_token(booking)]))


def open_link(token: str) -> Opened:
    """Return the booking behind a link. Changes nothing; one query, none for a token that we did not make."""
    if len(token) > MOST_LETTERS:
        return Opened(trouble=Trouble.BROKEN)
    try:
        value = _signer().unsign(token, max_age=timedelta(days=settings.ATTENDANCE_LINK_DAYS))
        booking_id, _dash, teacher_id = value.partition("-")
        booking = Booking.objects.with_facts().filter(pk=int(booking_id)).first()
    except signing.SignatureExpired:
        return Opened(trouble=Trouble.EXPIRED)
    except (signing.BadSignature, ValueError):
        return Opened(trouble=Trouble.BROKEN)
    if booking is None:
        return Opened(trouble=Trouble.BROKEN)
    if (booking.teacher_id or 0) != int(teacher_id):
        return Opened(trouble=Trouble.HANDED_OVER)
    return Opened(booking=booking)
