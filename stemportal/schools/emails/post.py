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

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.emails.facts import calendar_entry, facts


def partner_people(booking: Booking) -> list[User]:
    """Return those who answer for the partner: owners and editors with an account in use."""
    memberships = Membership.objects.filter(
        partner=booking.activity.partner,
        role__in=[Membership.Role.OWNER, Membership.Role.EDITOR],
        user__is_active=True,
    ).select_related("user")
    return [membership.user for membership in memberships]


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

    ``entry`` is the line of history whose calendar entry goes with it; ``cancelled`` takes the visit out of calendars.
    """
    if person is None or not person.is_active:
        return
    with translation.override(person.language):
        letter = make()
        calendar = calendar_entry(booking, person, cancelled=cancelled, of=entry) if entry else ""
    queue_mail(
        template=template,
        to=person.email,
        language=person.language,
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
