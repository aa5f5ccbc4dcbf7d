"""Mails about the waiting list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from stemportal.outbox.letters import Letter

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.emails.post import letter_about, send, why_teacher
from stemportal.schools.emails.proposals import until_words


def joined_line(booking: Booking, event: BookingEvent) -> None:
    """To the teacher: your place in the line, and what happens when a place is free."""

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("On the waiting list: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("The session is full, and you are number %(number)s on the waiting list.")
                % {"number": event.facts["number"]}
                if "number" in event.facts
                else "",
                _("When a place is free, you get a mail and can take it. You need not do anything meanwhile."),
            ],
            label=_("See your booking"),
            reason=why_teacher(),
        )

    send(booking.teacher, booking, "waiting_joined", to_teacher)


def place_offered(booking: Booking, event: BookingEvent) -> None:
    """To the teacher: a place is free, and kept until then."""

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("A place is free: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("You were on the waiting list, and now there is a place for %(group)s.")
                % {"group": booking.group_name},
                until_words(booking),
                _("If you do not answer, the place goes to the next on the list."),
            ],
            label=_("Take the place, or say no"),
            reason=why_teacher(),
        )

    send(booking.teacher, booking, "waiting_place_offered", to_teacher)
