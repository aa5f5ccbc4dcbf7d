"""Mails about times that are proposed to and fro."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stemportal.lib.templatetags.portal import clock, weekdate
from stemportal.outbox.letters import Letter

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.emails.facts import when
from stemportal.schools.emails.post import letter_about, partner_people, quote, send, why_partner, why_teacher


def time_offered(booking: Booking, event: BookingEvent) -> None:
    """To the teacher: the partner proposes another time, and by when to answer."""

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("%(partner)s offers another time: %(title)s")
            % {"partner": booking.activity.partner, "title": booking.activity.title},
            paragraphs=[
                _("%(partner)s would like to have you, but at another time than you asked for.")
                % {"partner": booking.activity.partner},
                _instead_of(booking, event),
                quote(event.note),
                until_words(booking),
            ],
            label=_("Answer"),
            reason=why_teacher(),
        )

    send(booking.teacher, booking, "time_offered", to_teacher)


def time_proposed(booking: Booking, event: BookingEvent) -> None:
    """To the partner: the school proposes another time, and by when to answer. To the teacher: it is sent."""

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("%(school)s proposes another time") % {"school": booking.school},
            paragraphs=[
                _("The school would like to come at another time."),
                _instead_of(booking, event),
                quote(event.note),
                _("Please answer by %(day)s, so that the teacher can plan.")
                % {"day": date_format(booking.reply_by, "DATE_FORMAT")}
                if booking.reply_by
                else "",
            ],
            label=_("Answer the request"),
            reason=why_partner(booking),
        )

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("Sent to %(partner)s: %(title)s")
            % {"partner": booking.activity.partner, "title": booking.activity.title},
            paragraphs=[
                _("Your request is with %(partner)s. You will have an answer by %(day)s.")
                % {
                    "partner": booking.activity.partner,
                    "day": date_format(booking.reply_by, "DATE_FORMAT") if booking.reply_by else "",
                }
            ],
            label=_("See your booking"),
            reason=why_teacher(),
        )

    for person in partner_people(booking):
        send(person, booking, "time_proposed_to_partner", to_partner)
    send(booking.teacher, booking, "time_proposed_to_teacher", to_teacher)


def _instead_of(booking: Booking, event: BookingEvent) -> str:
    """The new time, and the one it would replace as the event has kept it."""
    before = event.facts.get("before")
    if not before:
        return ""
    return _("New: %(new)s. Before: %(old)s.") % {"new": when(booking), "old": moment_words(before)}


def moment_words(moment: datetime | str) -> str:
    """Return a moment (or its ISO text) as a day with its time, in Norwegian time."""
    local = timezone.localtime(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
    return _("%(day)s at %(time)s") % {"day": weekdate(local), "time": clock(local)}


def until_words(booking: Booking) -> str:
    """Say until when the school may answer what it was offered; empty where no time is set."""
    if booking.offer_until is None:
        return ""
    return _("Please answer by %(moment)s. The place is kept for you until then.") % {
        "moment": moment_words(booking.offer_until)
    }
