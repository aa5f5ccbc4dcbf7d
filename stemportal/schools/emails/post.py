"""How a mail about a booking is made and queued."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail
from stemportal.partners.models import Membership
from stemportal.schools.emails.facts import calendar_entry, facts, made_for
from stemportal.schools.models import Teacher

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent


def partner_people(booking: Booking) -> list[User]:
    """Return those who answer for the partner: owners and editors with an account in use."""
    memberships = Membership.objects.filter(
        partner=booking.activity.partner,
        role__in=Membership.EDITORS,
        user__is_active=True,
    ).select_related("user")
    return [membership.user for membership in memberships]


def school_people(booking: Booking) -> list[User]:
    """Return who gets the school's mails about a booking: its teacher, else the coordinators of the school."""
    if booking.teacher is not None and booking.teacher.is_active:
        return [booking.teacher]
    records = Teacher.objects.coordinators().filter(school=booking.school_id).select_related("user").order_by("pk")
    return [record.user for record in records]


def send(
    person: User | None,
    booking: Booking,
    template: str,
    make: Callable[[], Letter],
    *,
    entry: BookingEvent | None = None,
    cancelled: bool = False,
) -> None:
    """Queue one mail about a booking, written in the person's language.

    What a teacher would get who is gone goes to the coordinators of the school (``school_people``).
    ``entry`` is the line of history whose calendar entry goes with it; ``cancelled`` takes the visit out of calendars.
    """
    if person is not None and person.is_active:
        people = [person]
    else:
        people = school_people(booking) if person == booking.teacher else []
    for receiver in people:
        with translation.override(receiver.language):
            letter = make()
            calendar = calendar_entry(booking, receiver, cancelled=cancelled, of=entry) if entry else ""
        queue_mail(
            template=template,
            to=receiver.email,
            language=receiver.language,
            letter=letter,
            about=f"booking:{booking.pk}",
            calendar=calendar,
        )


def letter_about(booking: Booking, *, subject: str, paragraphs: list[str], label: str, reason: str) -> Letter:
    """Return a letter with the booking's facts and a button that leads to it."""
    return Letter(
        subject=subject,
        paragraphs=[text for text in paragraphs if text],
        facts=facts(booking),
        action_url=absolute_url(booking.get_absolute_url()),
        action_label=label,
        reason=reason,
    )


def why_teacher() -> str:
    """Return why the teacher gets the mail."""
    return _("you booked this visit for your class")


def why_partner(booking: Booking) -> str:
    """Return why a member of the partner gets the mail."""
    return _("you act for %(partner)s in the portal") % {"partner": booking.activity.partner}


def quote(text: str) -> str:
    """Return what somebody wrote, in quotation marks; nothing where nothing was written."""
    return f"«{text}»" if text else ""


def booked_for_you(booking: Booking) -> str:
    """Return a sentence for a teacher who did not book; empty for one who did."""
    who = made_for(booking)
    if not who:
        return ""
    return _("Booked for you by %(who)s. If it does not suit you, you can take it back on its page.") % {"who": who}
