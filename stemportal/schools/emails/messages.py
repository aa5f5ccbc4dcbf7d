"""The mail about new lines on a booking: who wrote what, and a button to the page on which it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.lib.templatetags.portal import clock, weekdate
from stemportal.outbox.letters import Letter
from stemportal.schools.emails.post import letter_about, partner_people, quote, send, why_partner, why_teacher

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, Message
from stemportal.schools.models.teacher import Teacher

TEMPLATE = "booking_messages"
SCHOOL, STAFF = "school", "staff"


def messages_written(booking: Booking, lines: Sequence[Message], side: str) -> None:
    """To the other side, or to both from staff: all in one mail. ``lines`` come with ``by`` and files, in their order.

    The teacher also hears what a colleague wrote for the class. Whoever wrote one of the lines gets no mail about them.
    """
    writers = {line.by_id for line in lines}
    by_school = side == SCHOOL

    def letter(reason: str) -> Letter:
        sender = booking.school.name if by_school else booking.activity.partner.display_name
        sender = _("the secretariat") if side == STAFF else sender
        subject = ngettext(
            "New message from %(sender)s: %(title)s", "%(count)s new messages from %(sender)s: %(title)s", len(lines)
        )
        made = letter_about(
            booking,
            subject=subject % {"count": len(lines), "sender": sender, "title": booking.activity.title},
            paragraphs=[
                *(words for line in lines for words in _words(line, sender)),
                _("Answer on the page of the booking: nobody reads answers to this mail."),
            ],
            label=_("Read and answer"),
            reason=reason,
        )
        return replace(made, action_url=f"{made.action_url}#talk")

    def to_partner() -> Letter:
        return letter(why_partner(booking))

    def to_school() -> Letter:
        return letter(why_teacher() if booking.teacher and booking.teacher.is_active else why_coordinator(booking))

    told: set[int | None] = {*writers}
    of_partner = partner_people(booking) if by_school or side == STAFF else []
    for people, make in ((of_partner, to_partner), (school_people(booking), to_school)):
        for person in people:
            if person.pk not in told:
                told.add(person.pk)
                send(person, booking, TEMPLATE, make)


def school_people(booking: Booking) -> list[User]:
    """Return who answers for the school: the teacher, or its coordinators when the teacher has left."""
    if booking.teacher and booking.teacher.is_active:
        return [booking.teacher]
    records = Teacher.objects.coordinators().filter(school=booking.school)
    return [record.user for record in records.select_related("user").order_by("pk")]


def why_coordinator(booking: Booking) -> str:
    """Return why a coordinator gets the mail."""
    return _("you look after the bookings of %(school)s") % {"school": booking.school}


def _words(line: Message, sender: str) -> list[str]:
    """Who wrote when, the text, and the names of the files, which stay on the page."""
    who = f"{line.by}, {sender}" if line.by else sender
    files = [file.name for file in line.files.all()]
    return [
        _("%(who)s wrote, %(day)s at %(clock)s:") % {"who": who, "day": weekdate(line.at), "clock": clock(line.at)},
        quote(line.text),
        *([_("On the page you find: %(files)s") % {"files": ", ".join(files)}] if files else []),
    ]
