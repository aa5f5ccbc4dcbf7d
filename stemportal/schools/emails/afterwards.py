"""Mails about the day itself and what comes after it: reminders, nudges, thanks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.activities.models.session import WHERE_OF_FORMAT
from stemportal.lib.markdown import render_markdown
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.schools.attendance_links import attendance_link
from stemportal.schools.emails.facts import facts, when
from stemportal.schools.emails.post import letter_about, partner_people, quote, send, why_partner, why_teacher

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent

# So much of the programme stands in a reminder; all of it is in the visit pack.
PROGRAMME_LETTERS = 500


def visit_soon(booking: Booking, people: Sequence[User], *, tomorrow: bool) -> None:
    """To both sides, a week or a day before an agreed visit: everything for the day, and where the rest is.

    ``people`` are those who answer for the partner, read for many bookings at once.
    """
    activity = booking.activity

    def to_teacher() -> Letter:
        subject = _("Tomorrow: %(title)s") if tomorrow else _("In a week: %(title)s")
        return Letter(
            subject=subject % {"title": activity.title},
            paragraphs=[
                _("%(partner)s looks forward to meeting %(group)s. Here is everything for the day.")
                % {"partner": activity.partner, "group": booking.group_name},
                _("If anything has changed, tell them on the page of the booking as early as you can."),
            ],
            facts=[*facts(booking), *_for_the_day(booking), *_from_partner(booking)],
            action_url=absolute_url(booking.get_absolute_url()),
            action_label=_("See your booking"),
            reason=why_teacher(),
        )

    def to_partner() -> Letter:
        subject = _("Tomorrow: %(group)s from %(school)s") if tomorrow else _("In a week: %(group)s from %(school)s")
        return Letter(
            subject=subject % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("A class is on its way to you. Here is everything for the day, as the teacher has it too."),
                _("What the group needs, if anything, stands on the page of the booking."),
            ],
            facts=[*facts(booking), *_for_the_day(booking), (_("Visit pack (PDF)"), _visit_pack(booking))],
            action_url=absolute_url(booking.get_absolute_url()),
            action_label=_("See the booking"),
            reason=why_partner(booking),
        )

    name = "visit_tomorrow" if tomorrow else "visit_in_a_week"
    send(booking.teacher, booking, f"{name}_to_teacher", to_teacher)
    for person in people:
        send(person, booking, f"{name}_to_partner", to_partner)


def _for_the_day(booking: Booking) -> Iterator[tuple[str, str]]:
    """What both sides plan by."""
    if booking.adults:
        yield _("Adults who come along"), str(booking.adults)
    if booking.travel != booking.Travel.UNKNOWN:
        yield _("How the group travels"), str(booking.get_travel_display())


def _from_partner(booking: Booking) -> Iterator[tuple[str, str]]:
    """What the teacher needs from the partner: the way there, whom to ask for, the programme, what to bring."""
    activity, partner = booking.activity, booking.activity.partner
    takes_place = (booking.session.where if booking.session else "") or WHERE_OF_FORMAT.get(activity.format, "")
    if takes_place == Session.Where.PARTNER:
        post = f"{partner.postal_code} {partner.postal_place}".strip()
        yield _("Address"), ", ".join(part for part in (partner.address, post) if part)
        yield _("Getting there"), _plain(activity.getting_there)
    contact = ", ".join(part for part in (partner.contact_name, partner.contact_email) if part)
    yield _("Contact person on the day"), contact
    yield _("Programme"), _plain(activity.programme)
    yield _("What to bring"), _plain(activity.bring)
    yield _("Visit pack (PDF)"), _visit_pack(booking)


def _plain(text: str) -> str:
    """The words of a text that is written in Markdown, cut where it is long."""
    words = "\n".join(line.strip() for line in strip_tags(render_markdown(text)).splitlines() if line.strip())
    return words if len(words) <= PROGRAMME_LETTERS else f"{words[:PROGRAMME_LETTERS].rsplit(' ', 1)[0]} …"


def _visit_pack(booking: Booking) -> str:
    """The address of the visit pack: open to everybody while the offer is, else behind the login of the two sides."""
    activity = booking.activity
    if activity.is_published and activity.partner.is_approved:
        return absolute_url(reverse("activities:visit_pack", args=[activity.pk]))
    return absolute_url(reverse("schools:booking_pack", args=[booking.pk]))


def attendance_missing(booking: Booking, *, again: bool) -> None:
    """To the teacher: how many came? One link, no login."""

    def to_teacher() -> Letter:
        subject = _("Still missing: how many came to %(title)s?") if again else _("How many came to %(title)s?")
        return Letter(
            subject=subject % {"title": booking.activity.title},
            paragraphs=[
                _("We hope that it was a good day. Tell how many pupils came; it takes half a minute and no login."),
                _("Only numbers, never names. With them the visit counts in the figures of your school."),
            ],
            facts=[
                (_("Activity"), booking.activity.title),
                (_("When"), when(booking)),
                (_("Group"), booking.group_name),
            ],
            action_url=attendance_link(booking),
            action_label=_("Tell how many came"),
            reason=why_teacher(),
        )

    send(booking.teacher, booking, "attendance_missing_again" if again else "attendance_missing", to_teacher)


def visit_completed(booking: Booking, event: BookingEvent) -> None:
    """To both, once: thanks, and how was it? A visit that the clock completed lacks its count; the teacher may tell."""
    untold = bool(event.facts.get("untold"))

    def to_teacher() -> Letter:
        if untold:
            return Letter(
                subject=_("Held, but without a number: %(title)s") % {"title": booking.activity.title},
                paragraphs=[
                    _("Nobody has told how many came, so we have noted the visit as held, without pupils."),
                    _("You can still tell, and your pupils count. If the visit did not take place, write to us."),
                ],
                facts=facts(booking),
                action_url=attendance_link(booking),
                action_label=_("Tell how many came"),
                reason=why_teacher(),
            )
        return Letter(
            subject=_("Thank you! How was %(title)s?") % {"title": booking.activity.title},
            paragraphs=[
                _("The visit is now part of the year's figures. Thank you for taking your pupils along."),
                _("Tell in two minutes how it was: it helps %(partner)s, and other teachers who choose.")
                % {"partner": booking.activity.partner},
            ],
            facts=facts(booking),
            action_url=absolute_url(reverse("schools:thanks", args=[booking.pk])),
            action_label=_("Tell how it was"),
            reason=why_teacher(),
        )

    def to_partner() -> Letter:
        return Letter(
            subject=_("Thank you! How was the visit of %(group)s from %(school)s?")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("The visit is held and counts in your year. Thank you for opening your doors."),
                _("Tell in two minutes how it was. The school sees it when it has told, too, or after 14 days."),
            ],
            facts=facts(booking),
            action_url=absolute_url(reverse("schools:feedback", args=[booking.pk])),
            action_label=_("Tell how it was"),
            reason=why_partner(booking),
        )

    send(booking.teacher, booking, "visit_closed" if untold else "visit_completed_to_teacher", to_teacher)
    for person in partner_people(booking):
        send(person, booking, "visit_completed_to_partner", to_partner)


def class_did_not_come(booking: Booking, event: BookingEvent) -> None:
    """To the teacher: the partner says that nobody came, and how to correct it without a login."""

    def to_teacher() -> Letter:
        return Letter(
            subject=_("Did your class not come? %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("%(partner)s has noted that your class did not come.") % {"partner": booking.activity.partner},
                quote(event.note),
                _("Things happen; a line to the partner is welcome."),
                _("If you were there, tell how many came, and the visit counts after all."),
            ],
            facts=facts(booking),
            action_url=attendance_link(booking),
            action_label=_("Tell how many came"),
            reason=why_teacher(),
        )

    send(booking.teacher, booking, "class_did_not_come", to_teacher)


def class_came_after_all(booking: Booking, event: BookingEvent) -> None:
    """To the partner: the teacher has told how many came, so the visit counts; how was it?"""

    def to_partner() -> Letter:
        return letter_about(
            booking,
            subject=_("The visit counts after all: %(group)s from %(school)s")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[_("You noted that the class did not come. The teacher has told how many were there.")],
            label=_("See the booking"),
            reason=why_partner(booking),
        )

    for person in partner_people(booking):
        send(person, booking, "class_came_after_all", to_partner)
