"""Mails when a booking goes to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.schools.emails.facts import facts
from stemportal.schools.emails.post import letter_about, partner_people, quote, school_people, send, why_partner

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent


def booking_handed_over(booking: Booking, event: BookingEvent) -> None:
    """To the colleague: it is yours now. To the one before: it is not. To the partner: who brings the class.

    The entry of an agreed visit leaves one calendar and comes into the other; the partner's is changed.
    """
    entry = event if booking.status == booking.Status.CONFIRMED else None
    before = User.objects.filter(pk=event.facts.get("from")).first()
    words = {"title": booking.activity.title, "group": booking.group_name, "name": booking.teacher or booking.school}

    def to_new() -> Letter:
        return letter_about(
            booking,
            subject=_("You take over: %(title)s with %(group)s") % words,
            paragraphs=[
                _("The booking is in your hands now: you get its mails, and answer for the class.")
                if booking.teacher
                else _("The teacher of this class has left, and nobody has taken the booking over yet."),
                quote(event.note),
            ],
            label=_("See your booking"),
            reason=_("a booking at your school was handed over"),
        )

    def to_old() -> Letter:
        return Letter(
            subject=_("Handed over: %(title)s with %(group)s") % words,
            paragraphs=[_("%(name)s has the booking now. You get no more mails about it.") % words],
            facts=facts(booking),
            action_url=absolute_url(reverse("schools:my_page")),
            action_label=_("Go to my page"),
            reason=_("a booking at your school was handed over"),
        )

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("New contact at %(school)s: %(name)s") % {**words, "school": booking.school},
            paragraphs=[
                _("%(name)s has taken over the booking for %(group)s. Everything else stays as it was.") % words
                if booking.teacher
                else _("The teacher of %(group)s has left the school. We find out who takes over.") % words
            ],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    people = school_people(booking)
    for person in people:
        send(person, booking, "booking_handed_over_to_new", to_new, entry=entry)
    if before is not None and before not in people:
        send(before, booking, "booking_handed_over_to_old", to_old, entry=entry, cancelled=True)
    for person in partner_people(booking):
        send(person, booking, "booking_handed_over_to_partner", to_partner, entry=entry)
