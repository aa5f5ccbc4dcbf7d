"""Mails about bookings and teachers: one function per fact, each to everybody it concerns, in their own language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.activities.models.session import WHERE_OF_FORMAT
from stemportal.lib.calendar_entry import Entry, to_ics, uid_for
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail
from stemportal.partners.models import Membership

if TYPE_CHECKING:
    from stemportal.schools.models import Booking, Teacher
    from stemportal.schools.states import Side


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
    return rows


def calendar_entry(booking: Booking, person: User, *, cancelled: bool = False) -> str:
    """Return the .ics of an agreed visit for one person; empty while no time is agreed."""
    session = booking.session
    if session is None:
        return ""
    return to_ics(
        Entry(
            uid=uid_for(f"booking-{booking.pk}"),
            sequence=booking.calendar_sequence,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            summary=f"{booking.activity.title} ({booking.group_name}, {booking.school})",
            description="\n".join(f"{label}: {value}" for label, value in facts(booking)),
            location=where(booking),
            url=absolute_url(booking.get_absolute_url()),
            attendee_email=person.email,
            attendee_name=str(person),
            changed_at=timezone.now(),
            cancelled=cancelled,
        )
    )


def partner_people(booking: Booking) -> list[User]:
    """Return those who answer for the partner: owners and editors with an account in use."""
    memberships = Membership.objects.filter(
        partner=booking.activity.partner,
        role__in=[Membership.Role.OWNER, Membership.Role.EDITOR],
        user__is_active=True,
    ).select_related("user")
    return [membership.user for membership in memberships]


def _send(
    person: User | None,
    booking: Booking,
    template: str,
    make: Callable[[], Letter],
    *,
    entry: bool = False,
    cancelled: bool = False,
) -> None:
    """Queue one mail about a booking, written in the person's language."""
    if person is None or not person.is_active:
        return
    with translation.override(person.language):
        letter = make()
        calendar = calendar_entry(booking, person, cancelled=cancelled) if entry else ""
    queue_mail(
        template=template,
        to=person.email,
        language=person.language,
        letter=letter,
        about=f"booking:{booking.pk}",
        calendar=calendar,
    )


def _letter(booking: Booking, *, subject: str, paragraphs: list[str], label: str, reason: str) -> Letter:
    return Letter(
        subject=subject,
        paragraphs=[text for text in paragraphs if text],
        facts=facts(booking),
        action_url=absolute_url(booking.get_absolute_url()),
        action_label=label,
        reason=reason,
    )


def _why_teacher() -> str:
    return _("you booked this visit for your class")


def _why_partner(booking: Booking) -> str:
    return _("you act for %(partner)s in the portal") % {"partner": booking.activity.partner}


def _quote(text: str) -> str:
    return f"«{text}»" if text else ""


def booking_requested(booking: Booking) -> None:
    """To the partner: a class asks to come. To the teacher: we have it, and when the answer comes."""

    def to_partner() -> Letter:
        return _letter(
            booking,
            subject=_("%(school)s would like to visit you") % {"school": booking.school},
            paragraphs=[
                _("A class asks for a place. Please answer by %(day)s, so that the teacher can plan.")
                % {"day": date_format(booking.reply_by, "DATE_FORMAT") if booking.reply_by else ""},
                _quote(booking.message),
            ],
            label=_("Answer the request"),
            reason=_why_partner(booking),
        )

    def to_teacher() -> Letter:
        return _letter(
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
            reason=_why_teacher(),
        )

    for person in partner_people(booking):
        _send(person, booking, "booking_requested_to_partner", to_partner)
    _send(booking.teacher, booking, "booking_requested_to_teacher", to_teacher)


def booking_confirmed(booking: Booking) -> None:
    """To both: it is agreed, with the entry for the calendar."""

    def to_teacher() -> Letter:
        return _letter(
            booking,
            subject=_("Confirmed: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("%(partner)s looks forward to meeting %(group)s. The visit is in the attached calendar entry.")
                % {"partner": booking.activity.partner, "group": booking.group_name},
                _quote(booking.reply),
            ],
            label=_("See your booking"),
            reason=_why_teacher(),
        )

    def to_partner() -> Letter:
        return _letter(
            booking,
            subject=_("Agreed: %(group)s from %(school)s is coming")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("The visit is agreed and in the attached calendar entry."),
                _quote(booking.message),
            ],
            label=_("See the booking"),
            reason=_why_partner(booking),
        )

    _send(booking.teacher, booking, "booking_confirmed_to_teacher", to_teacher, entry=True)
    for person in partner_people(booking):
        _send(person, booking, "booking_confirmed_to_partner", to_partner, entry=True)


def booking_declined(booking: Booking) -> None:
    """To the teacher: not this time, why, and where to look next."""

    def to_teacher() -> Letter:
        search = absolute_url(reverse("activities:search"))
        return Letter(
            subject=_("%(partner)s could not take your class this time") % {"partner": booking.activity.partner},
            paragraphs=[
                _("Unfortunately it did not work out this time."),
                _quote(booking.reply),
                _("There are other offers near you, and digital ones for every school."),
            ],
            facts=facts(booking),
            action_url=search,
            action_label=_("Find another offer"),
            reason=_why_teacher(),
        )

    _send(booking.teacher, booking, "booking_declined", to_teacher)


def booking_withdrawn(booking: Booking) -> None:
    """To the partner: the school took its request back; nothing to answer any more."""

    def to_partner() -> Letter:
        return _letter(
            booking,
            subject=_("Withdrawn: the request from %(school)s") % {"school": booking.school},
            paragraphs=[_("The school has taken its request back. You need not answer; the place is free again.")],
            label=_("See the booking"),
            reason=_why_partner(booking),
        )

    for person in partner_people(booking):
        _send(person, booking, "booking_withdrawn", to_partner)


def booking_cancelled(booking: Booking, *, side: Side, note: str) -> None:
    """To both: the visit is off, by whom and why; the calendar entry is taken away."""
    by_school = side == "school"

    def to_teacher() -> Letter:
        return _letter(
            booking,
            subject=_("Called off: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("You have called the visit off. We have told %(partner)s.") % {"partner": booking.activity.partner}
                if by_school
                else _("%(partner)s has had to call the visit off. We are sorry.")
                % {"partner": booking.activity.partner},
                _quote(note),
            ],
            label=_("See your booking"),
            reason=_why_teacher(),
        )

    def to_partner() -> Letter:
        return _letter(
            booking,
            subject=_("Called off: %(group)s from %(school)s")
            % {"group": booking.group_name, "school": booking.school},
            paragraphs=[
                _("The school has called the visit off. The place is free again.")
                if by_school
                else _("You have called the visit off. We have told the teacher."),
                _quote(note),
            ],
            label=_("See the booking"),
            reason=_why_partner(booking),
        )

    _send(booking.teacher, booking, "booking_cancelled_to_teacher", to_teacher, entry=True, cancelled=True)
    for person in partner_people(booking):
        _send(person, booking, "booking_cancelled_to_partner", to_partner, entry=True, cancelled=True)


def session_moved(booking: Booking) -> None:
    """To both: a new time or place; the calendar entry replaces the old one where the visit is agreed."""
    agreed = booking.status == booking.Status.CONFIRMED

    def to_teacher() -> Letter:
        return _letter(
            booking,
            subject=_("New time or place: %(title)s") % {"title": booking.activity.title},
            paragraphs=[
                _("%(partner)s has changed the visit. This is how it stands now.")
                % {"partner": booking.activity.partner},
                _("If it does not suit your class, you can call it off on the page of the booking."),
            ],
            label=_("See your booking"),
            reason=_why_teacher(),
        )

    def to_partner() -> Letter:
        return _letter(
            booking,
            subject=_("New time or place: %(title)s") % {"title": booking.activity.title},
            paragraphs=[_("The visit has been changed, and the teacher has been told.")],
            label=_("See the booking"),
            reason=_why_partner(booking),
        )

    _send(booking.teacher, booking, "session_moved_to_teacher", to_teacher, entry=agreed)
    for person in partner_people(booking):
        _send(person, booking, "session_moved_to_partner", to_partner, entry=agreed)


def teacher_waits(teacher: Teacher) -> None:
    """To the secretariat: a teacher whose address says nothing about the school. To the teacher: what happens now."""
    user = teacher.user
    with translation.override("nb"):
        letter = Letter(
            subject=_("A teacher waits for approval: %(name)s") % {"name": user},
            paragraphs=[
                _("The address %(email)s is not under a known domain of the school's owner.") % {"email": user.email}
            ],
            facts=[(_("School"), f"{teacher.school}, {teacher.school.place_name}")],
            action_url=absolute_url(reverse("admin:schools_teacher_change", args=[teacher.pk])),
            action_label=_("Look at it"),
            reason=_("the secretariat approves teachers"),
        )
    queue_mail(
        template="teacher_waits",
        to=settings.SECRETARIAT_EMAIL,
        language="nb",
        letter=letter,
        about=f"teacher:{teacher.pk}",
    )


def _to_teacher(teacher: Teacher, template: str, make: Callable[[], Letter]) -> None:
    user = teacher.user
    with translation.override(user.language):
        letter = make()
    queue_mail(template=template, to=user.email, language=user.language, letter=letter, about=f"teacher:{teacher.pk}")


def teacher_verified(teacher: Teacher) -> None:
    """To the teacher: you can book now."""
    _to_teacher(
        teacher,
        "teacher_verified",
        lambda: Letter(
            subject=_("You can book visits now"),
            paragraphs=[
                _("We have confirmed that you teach at %(school)s. Find a visit for your class.")
                % {"school": teacher.school}
            ],
            action_url=absolute_url(reverse("activities:search")),
            action_label=_("Find offers"),
            reason=_("you signed up as a teacher"),
        ),
    )


def teacher_declined(teacher: Teacher) -> None:
    """To the person: we could not confirm it, and whom to write to."""
    _to_teacher(
        teacher,
        "teacher_declined",
        lambda: Letter(
            subject=_("We could not confirm that you teach at %(school)s") % {"school": teacher.school},
            paragraphs=[
                _("If this is a mistake, please write to %(email)s from your address at the school.")
                % {"email": settings.SECRETARIAT_EMAIL}
            ],
            action_url=absolute_url(reverse("contact")),
            action_label=_("Contact us"),
            reason=_("you signed up as a teacher"),
        ),
    )
