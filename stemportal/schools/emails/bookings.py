"""Mails about bookings: one function per fact, each to everybody it concerns, in their own language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stemportal.outbox.letters import Letter, absolute_url

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.emails.facts import facts, group_words
from stemportal.schools.emails.post import (
    booked_for_you,
    letter_about,
    partner_people,
    quote,
    send,
    why_partner,
    why_teacher,
)


def booking_requested(booking: Booking, event: BookingEvent) -> None:
    """To the partner: a class asks to come. To the teacher: we have it, and when the answer comes."""

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("%(school)s would like to visit you") % {"school": booking.school},
            paragraphs=[
                _("A class asks for a place. Please answer by %(day)s, so that the teacher can plan.")
                % {"day": date_format(booking.reply_by, "DATE_FORMAT") if booking.reply_by else ""},
                quote(booking.message),
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
                },
                booked_for_you(booking),
            ],
            label=_("See your booking"),
            reason=why_teacher(),
        )

    for person in partner_people(booking):
        send(person, booking, "booking_requested_to_partner", to_partner)
    send(booking.teacher, booking, "booking_requested_to_teacher", to_teacher)


def booking_confirmed(booking: Booking, event: BookingEvent) -> None:
    """To both: it is agreed, with the entry for the calendar."""

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("Confirmed: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("%(partner)s looks forward to meeting %(group)s. The visit is in the attached calendar entry.")
                % {"partner": booking.activity.partner, "group": booking.group_name},
                booked_for_you(booking),
                quote(booking.reply),
            ],
            label=_("See your booking"),
            reason=why_teacher(),
        )

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("Agreed: %(group)s from %(school)s is coming")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("The visit is agreed and in the attached calendar entry."),
                quote(booking.message),
            ],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    send(booking.teacher, booking, "booking_confirmed_to_teacher", to_teacher, entry=event)
    for person in partner_people(booking):
        send(person, booking, "booking_confirmed_to_partner", to_partner, entry=event)


def booking_declined(booking: Booking, event: BookingEvent) -> None:
    """To the teacher: not this time, why, and where to look next."""

    def to_teacher() -> Letter:
        search = absolute_url(reverse("activities:search"))
        return Letter(
            subject=_("%(partner)s could not take your class this time") % {"partner": booking.activity.partner},
            paragraphs=[
                _("Unfortunately it did not work out this time."),
                quote(booking.reply),
                _("There are other offers near you, and digital ones for every school."),
            ],
            facts=facts(booking),
            action_url=search,
            action_label=_("Find another offer"),
            reason=why_teacher(),
        )

    send(booking.teacher, booking, "booking_declined", to_teacher)


def booking_withdrawn(booking: Booking, event: BookingEvent) -> None:
    """To the partner: the school took its request back, or said no to a time; nothing to answer any more.

    Nobody is told of a group that leaves the waiting list, or that says no to a freed place: that asks nothing of them.
    """
    if event.from_status == booking.Status.WAITLISTED or event.facts.get("freed_place"):
        return

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("Withdrawn: the request from %(school)s") % {"school": booking.school},
            paragraphs=[
                _("The time that you offered does not suit the school, so it has taken its request back.")
                if event.from_status == booking.Status.OFFERED
                else _("The school has taken its request back. You need not answer; the place is free again."),
                quote(event.note),
            ],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    for person in partner_people(booking):
        send(person, booking, "booking_withdrawn", to_partner)


def booking_cancelled(booking: Booking, event: BookingEvent) -> None:
    """To both: the visit is off, by whom and why; the calendar entry is taken away."""
    by_school = event.to_status == booking.Status.CANCELLED_BY_SCHOOL

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("Called off: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("You have called the visit off. We have told %(partner)s.") % {"partner": booking.activity.partner}
                if by_school
                else _("%(partner)s has had to call the visit off. We are sorry.")
                % {"partner": booking.activity.partner},
                quote(event.note),
            ],
            label=_("See your booking"),
            reason=why_teacher(),
        )

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("Called off: %(group)s from %(school)s")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("The school has called the visit off. The place is free again.")
                if by_school
                else _("You have called the visit off. We have told the teacher."),
                quote(event.note),
            ],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    send(booking.teacher, booking, "booking_cancelled_to_teacher", to_teacher, entry=event, cancelled=True)
    for person in partner_people(booking):
        send(person, booking, "booking_cancelled_to_partner", to_partner, entry=event, cancelled=True)


def session_moved(booking: Booking, event: BookingEvent) -> None:
    """To both: a new time or place; the calendar entry replaces the old one where the visit is agreed."""
    agreed = booking.status == booking.Status.CONFIRMED

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("New time or place: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("%(partner)s has changed the visit. This is how it stands now.")
                % {"partner": booking.activity.partner},
                _("If it does not suit your class, you can call it off on the page of the booking."),
            ],
            label=_("See your booking"),
            reason=why_teacher(),
        )

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("New time or place: %(title)s") % {"title": booking.activity.title},
            paragraphs=[_("The visit has been changed, and the teacher has been told.")],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    send(booking.teacher, booking, "session_moved_to_teacher", to_teacher, entry=event if agreed else None)
    for person in partner_people(booking):
        send(person, booking, "session_moved_to_partner", to_partner, entry=event if agreed else None)


def group_changed(booking: Booking, event: BookingEvent) -> None:
    """To both: who comes now, and who was to come; the calendar entry replaces the old one where it is agreed."""
    agreed = booking.status == booking.Status.CONFIRMED
    before = event.facts.get("before")

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("The group has changed: %(group)s from %(school)s")
            % {"group": group_words(booking.group_name, booking.pupils), "school": booking.school},
            paragraphs=[
                _("The school has changed who comes."),
                _("Before: %(group)s.") % {"group": group_words(**before)} if before else "",
            ],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    def to_teacher() -> Letter:
        return letter_about(
            booking,
            subject=_("The group has changed: %(title)s") % {"title": booking.activity.title},
            paragraphs=[_("We have told %(partner)s who comes now.") % {"partner": booking.activity.partner}],
            label=_("See your booking"),
            reason=why_teacher(),
        )

    if booking.status != booking.Status.WAITLISTED:
        for person in partner_people(booking):
            send(person, booking, "group_changed_to_partner", to_partner, entry=event if agreed else None)
    send(booking.teacher, booking, "group_changed_to_teacher", to_teacher, entry=event if agreed else None)
