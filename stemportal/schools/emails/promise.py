"""Mails about the promise to answer: before the deadline, when it has passed, and when somebody has to help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.lib.templatetags.portal import clock, weekdate
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.schools.emails.facts import facts
from stemportal.schools.emails.post import letter_about, partner_people, quote, send, why_partner, why_teacher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemportal.schools.models import Booking, BookingEvent
    from stemportal.schools.services.alternatives import Alternative


def reply_soon(booking: Booking) -> None:
    """To those who answer for the partner: the deadline is near, and one tap answers."""

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("Please answer by %(day)s: %(group)s from %(school)s")
            % {"day": _deadline(booking), "group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("A class is waiting for your answer. Yes, no or another time: each takes a minute."),
                quote(booking.message),
            ],
            label=_("Answer the request"),
            reason=why_partner(booking),
        )

    for person in partner_people(booking):
        send(person, booking, "reply_soon", to_partner)


def reply_late(booking: Booking, alternatives: Sequence[Alternative]) -> None:
    """To the teacher: no answer yet, and what has free places. To the partner, once more: the class still waits."""
    names = {"partner": booking.activity.partner, "group": booking.group_name}

    def to_teacher() -> Letter:
        return Letter(
            subject=_("No answer from %(partner)s yet: other dates for %(group)s") % names,
            paragraphs=[
                _("%(partner)s has not answered within the promised time. We are sorry. The secretariat looks into it.")
                % names,
                *_other_offers(alternatives),
                _("Your request still stands. If %(partner)s answers after all, you get a mail.") % names,
            ],
            facts=facts(booking),
            action_url=absolute_url(f"{booking.get_absolute_url()}#alternatives"),
            action_label=_("See the other offers") if alternatives else _("See your booking"),
            reason=why_teacher(),
        )

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("A class still waits for your answer: %(group)s from %(school)s")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("The answer was promised by %(day)s. It is not too late: please answer today, also if it is a no.")
                % {"day": _deadline(booking)},
                _("We have told the teacher about other offers, so that the class can plan."),
                quote(booking.message),
            ],
            label=_("Answer the request"),
            reason=why_partner(booking),
        )

    send(booking.teacher, booking, "reply_late_to_teacher", to_teacher)
    for person in partner_people(booking):
        send(person, booking, "reply_late_to_partner", to_partner)


def asked_by_secretariat(booking: Booking) -> None:
    """To the partner: the secretariat asks for the answer."""

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("The secretariat asks you to answer %(school)s") % {"school": booking.school},
            paragraphs=[
                _("A class has waited for your answer since %(day)s. Please answer today, also if it is a no.")
                % {"day": date_format(timezone.localtime(booking.created_at), "DATE_FORMAT")},
                _("If you cannot find the time, answer this mail and we do it for you."),
                quote(booking.message),
            ],
            label=_("Answer the request"),
            reason=why_partner(booking),
        )

    for person in partner_people(booking):
        send(person, booking, "reply_asked_by_secretariat", to_partner)


def booking_expired(booking: Booking, event: BookingEvent) -> None:
    """To both: the time for an answer has passed, and what was asked for or offered is gone; other dates for the class.

    Nobody at the partner is told of a group that waited in vain or let a freed place go: that asks nothing of them.
    """
    from stemportal.schools.services.alternatives import alternatives_for

    of_the_school = event.from_status == booking.Status.OFFERED
    waited = event.from_status == booking.Status.WAITLISTED
    alternatives = alternatives_for(booking)

    def to_teacher() -> Letter:
        if waited:
            text = _("The session has begun, and no place became free. The waiting list is closed.")
        elif of_the_school:
            text = _("The time to answer has passed, so the place has gone back. You are welcome to book again.")
        else:
            text = _("%(partner)s did not answer before the time you asked for. We are sorry.") % {
                "partner": booking.activity.partner
            }
        search = absolute_url(reverse("activities:search"))
        return Letter(
            subject=_("Not answered in time: %(title)s") % {"title": booking.activity.title},
            paragraphs=[text, *_other_offers(alternatives)],
            facts=facts(booking),
            action_url=absolute_url(f"{booking.get_absolute_url()}#alternatives") if alternatives else search,
            action_label=_("See the other offers") if alternatives else _("Find another offer"),
            reason=why_teacher(),
        )

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("Not answered in time: %(group)s from %(school)s")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("The school did not answer the time you offered. The place is free again.")
                if of_the_school
                else _("Nobody answered the school before the time it asked for, so the request is closed.")
            ],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    send(booking.teacher, booking, "booking_expired_to_teacher", to_teacher)
    if not waited and not event.facts.get("freed_place"):
        for person in partner_people(booking):
            send(person, booking, "booking_expired_to_partner", to_partner)


def _deadline(booking: Booking) -> str:
    return date_format(booking.reply_by, "DATE_FORMAT") if booking.reply_by else ""


def _other_offers(alternatives: Sequence[Alternative]) -> list[str]:
    """Name what has free places, a line each; where there is nothing, say where to look."""
    if not alternatives:
        return [_("There are other offers near you, and digital ones for every school.")]
    intro = ngettext(
        "This has room for your class now:", "These %(count)s have room for your class now:", len(alternatives)
    )
    return [intro % {"count": len(alternatives)}, *(_line(found) for found in alternatives)]


def _line(found: Alternative) -> str:
    start = timezone.localtime(found.starts_at)
    words = f"• {found.activity.title} – {found.activity.partner}, {weekdate(start)} {clock(start)}"
    return f"{words} ({found.where})"
