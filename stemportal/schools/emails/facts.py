"""A booking in words, for mails, pages and calendars, in the active language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.activities.models.session import WHERE_OF_FORMAT
from stemportal.lib.calendar_entry import Entry, Status, to_ics, uid_for
from stemportal.outbox.letters import absolute_url

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, BookingEvent


def when(booking: Booking) -> str:
    """Return the time of the visit in words, in the active language and Norwegian time."""
    start = timezone.localtime(booking.starts_at)
    day = _("%(weekday)s %(date)s at %(time)s") % {
        "weekday": date_format(start, "l"),
        "date": date_format(start, "DATE_FORMAT"),
        "time": f"{start:%H:%M}",
    }
    if not booking.session:
        return day
    end = timezone.localtime(booking.session.ends_at)
    if end.date() != start.date():
        return f"{day} – {date_format(end, 'DATE_FORMAT')} {end:%H:%M}"
    return f"{day}–{end:%H:%M}"


def where(booking: Booking) -> str:
    """Return the meeting place in words, or the video link: as the session says, else as its activity does."""
    activity, session = booking.activity, booking.session
    takes_place = (session.where if session else "") or WHERE_OF_FORMAT.get(activity.format, "")
    if takes_place == Session.Where.VIDEO:
        return (session.link if session else "") or _("Digital; the link comes from the partner")
    if takes_place == Session.Where.SCHOOL:
        return str(booking.school)
    place = (session.place if session else "") or activity.place
    return place or f"{activity.partner}, {activity.municipality or ''}".rstrip(", ")


def group_words(name: str, pupils: int) -> str:
    """Return a group in words: its name and how many they are."""
    return ngettext("%(name)s, %(count)s pupil", "%(name)s, %(count)s pupils", pupils) % {"name": name, "count": pupils}


def facts(booking: Booking) -> list[tuple[str, str]]:
    """Return what both sides need to see again, as (label, value) pairs."""
    rows = [
        (_("Activity"), booking.activity.title),
        (_("Partner"), booking.activity.partner.display_name),
        (_("When"), when(booking)),
        (_("Where"), where(booking)),
        (_("School"), f"{booking.school}, {booking.school.place_name}"),
        (_("Group"), group_words(booking.group_name, booking.pupils)),
    ]
    if booking.teacher:
        rows.append((_("Teacher"), str(booking.teacher)))
    if booking.adults:
        rows.append((_("Adults who come along"), str(booking.adults)))
    if booking.travel != booking.Travel.UNKNOWN:
        rows.append((_("How they travel"), booking.get_travel_display()))
    if booking.same_time_reason:
        rows.append((_("Also has another visit at that time"), booking.same_time_reason))
    if booked_for := made_for(booking):
        rows.append((_("Booked by"), booked_for))
    return rows


def made_for(booking: Booking) -> str:
    """Return who booked in the teacher's name, in words; empty where the teacher did it."""
    if booking.made_by is None or booking.made_by_id == booking.teacher_id:
        return ""
    if booking.made_by.is_staff:
        return _("the secretariat, on behalf of the school")
    return str(booking.made_by)


def calendar_entry(booking: Booking, person: User, *, cancelled: bool = False, of: BookingEvent | None = None) -> str:
    """Return the .ics of an agreed visit for one person; empty while no time is agreed.

    With ``of`` it has the number that the booking's entry had at that line of its history, so that a calendar takes the
    mails in their order.
    """
    session = booking.session
    if session is None:
        return ""
    return to_ics(
        Entry(
            uid=uid_for(f"booking-{booking.pk}"),
            sequence=of.calendar_sequence if of else booking.calendar_sequence,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            summary=f"{booking.activity.title} ({booking.group_name}, {booking.school})",
            description="\n".join(f"{label}: {value}" for label, value in facts(booking)),
            location=where(booking),
            url=absolute_url(booking.get_absolute_url()),
            attendee_email=person.email,
            attendee_name=str(person),
            changed_at=timezone.now(),
            status=Status.CANCELLED if cancelled else Status.CONFIRMED,
        )
    )
