"""Mails about meetings: one to each person, in the person's language, with the calendar's entry where it helps."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.lib.calendar_entry import Status as CalendarStatus
from stemportal.lib.calendar_entry import to_ics
from stemportal.lib.templatetags.portal import localized, timespan
from stemportal.network.meeting_entry import entry_of, where
from stemportal.network.models import Meeting, Rsvp
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail


def about(meeting: Meeting) -> str:
    """Return the outbox's key for mails about a meeting."""
    return f"meeting:{meeting.pk}"


def invitation(rsvp: Rsvp) -> None:
    """Invite; the button opens a page where one answers without a login."""
    _send(
        rsvp,
        "meeting_invitation",
        lambda title: _letter(
            rsvp,
            subject=_("Invitation: %(title)s") % {"title": title},
            paragraphs=[_("You are invited. Please tell us whether you come: it takes half a minute.")],
            label=_("Answer the invitation"),
        ),
    )


def answer_soon(rsvp: Rsvp) -> None:
    """Remind of an invitation that nobody has answered."""
    _send(
        rsvp,
        "meeting_answer_soon",
        lambda title: _letter(
            rsvp,
            subject=_("Do you come? %(title)s") % {"title": title},
            paragraphs=[_("You have not answered this invitation yet. A no helps us, too.")],
            label=_("Answer the invitation"),
        ),
    )


def confirmed(rsvp: Rsvp) -> None:
    """The person has a place."""
    _send(
        rsvp,
        "meeting_confirmed",
        lambda title: _letter(
            rsvp,
            subject=_("You have a place: %(title)s") % {"title": title},
            paragraphs=[_("Thank you, you are on the list."), _change_words()],
            label=_("See the meeting"),
        ),
        calendar=CalendarStatus.CONFIRMED,
    )


def _no_room_words(rsvp: Rsvp) -> str:
    if rsvp.meeting.places_left:
        return _("There is not room for you and all your guests now. You get a mail as soon as there is.")
    return _("All places are taken. You are on the waiting list, and get a mail as soon as there is one for you.")


def waiting(rsvp: Rsvp) -> None:
    """There are too few places; the person waits."""
    _send(
        rsvp,
        "meeting_waiting",
        lambda title: _letter(
            rsvp,
            subject=_("You are on the waiting list: %(title)s") % {"title": title},
            paragraphs=[
                _no_room_words(rsvp),
                _change_words(),
            ],
            label=_("See the meeting"),
        ),
    )


def place_free(rsvp: Rsvp) -> None:
    """A place came free for somebody who waited."""
    _send(
        rsvp,
        "meeting_place_free",
        lambda title: _letter(
            rsvp,
            subject=_("There is a place for you: %(title)s") % {"title": title},
            paragraphs=[
                _("A place is free, and it is yours."),
                _("If you cannot come any more, please say so, so that the next one in line gets it."),
            ],
            label=_("See the meeting"),
        ),
        calendar=CalendarStatus.CONFIRMED,
    )


def declined(rsvp: Rsvp) -> None:
    """The person had a place and does not come; the entry leaves the calendar."""
    _send(
        rsvp,
        "meeting_declined",
        lambda title: _letter(
            rsvp,
            subject=_("You do not come: %(title)s") % {"title": title},
            paragraphs=[_("Thank you for telling us. Your place goes to somebody else.")],
            label=_("See the meeting"),
        ),
        calendar=CalendarStatus.CANCELLED,
    )


def taken_off(rsvp: Rsvp, *, had_place: bool) -> None:
    """The secretariat took the person off the list."""
    _send(
        rsvp,
        "meeting_taken_off",
        lambda title: _letter(
            rsvp,
            subject=_("You are not on the list any more: %(title)s") % {"title": title},
            paragraphs=[_("The secretariat has taken you off the list. If this is a mistake, please write to us.")],
            label=_("See the meeting"),
        ),
        calendar=CalendarStatus.CANCELLED if had_place else None,
    )


def changed(rsvp: Rsvp) -> None:
    """Time, place or title are others than before."""
    _send(
        rsvp,
        "meeting_changed",
        lambda title: _letter(
            rsvp,
            subject=_("Changed: %(title)s") % {"title": title},
            paragraphs=[_("Something has changed about this meeting. Below is how it stands now."), _change_words()],
            label=_("See the meeting"),
        ),
        calendar=CalendarStatus.CONFIRMED if rsvp.status == Rsvp.Status.ATTENDING else None,
    )


def called_off(rsvp: Rsvp) -> None:
    """The meeting does not take place."""
    reason = rsvp.meeting.cancel_reason
    _send(
        rsvp,
        "meeting_called_off",
        lambda title: _letter(
            rsvp,
            subject=_("Called off: %(title)s") % {"title": title},
            paragraphs=[_("This meeting does not take place."), f"«{reason}»" if reason else ""],
            label=_("See the meeting"),
        ),
        calendar=CalendarStatus.CANCELLED if rsvp.status == Rsvp.Status.ATTENDING else None,
    )


def reminder(rsvp: Rsvp) -> None:
    """The meeting is soon."""
    _send(
        rsvp,
        "meeting_reminder",
        lambda title: _letter(
            rsvp,
            subject=_("See you soon: %(title)s") % {"title": title},
            paragraphs=[_("Here is what you need for the day."), _change_words()],
            label=_("See the meeting"),
        ),
    )


def minutes_ready(rsvp: Rsvp) -> None:
    """Minutes and slides can be read."""
    _send(
        rsvp,
        "meeting_minutes",
        lambda title: _letter(
            rsvp,
            subject=_("What was said: %(title)s") % {"title": title},
            paragraphs=[_("Minutes and slides of the meeting are ready to be read.")],
            label=_("Read the minutes"),
        ),
    )


def _change_words() -> str:
    return _("Can you not come, or do you bring somebody else? Change your answer on the page below.")


def _letter(rsvp: Rsvp, *, subject: str, paragraphs: list[str], label: str) -> Letter:
    return Letter(
        subject=subject,
        paragraphs=[text for text in paragraphs if text],
        facts=_facts(rsvp),
        action_url=absolute_url(reverse("network:rsvp_link", args=[rsvp.token])),
        action_label=label,
        reason=_reason(rsvp),
    )


def _facts(rsvp: Rsvp) -> list[tuple[str, str]]:
    """What somebody needs to see again. The video link is for those who come; needs and names stand in no mail."""
    meeting = rsvp.meeting
    comes = rsvp.status == Rsvp.Status.ATTENDING
    rows = [
        (_("Meeting"), str(localized(meeting, "title"))),
        (_("When"), timespan(meeting.starts_at, meeting.ends_at)),
        (_("Where"), where(meeting)),
    ]
    if meeting.video_link and comes:
        rows.append((_("Video link"), meeting.video_link))
    to_come = meeting.ends_at > timezone.now()
    if to_come and rsvp.guests and rsvp.status in {Rsvp.Status.ATTENDING, Rsvp.Status.WAITING}:
        guests = ngettext("%(count)s guest", "%(count)s guests", rsvp.guests) % {"count": rsvp.guests}
        rows.append((_("You bring"), guests))
    if meeting.rsvp_until and rsvp.status == Rsvp.Status.INVITED:
        rows.append((_("Answer by"), timespan(meeting.rsvp_until, None)))
    return [(label, value) for label, value in rows if value]


def _reason(rsvp: Rsvp) -> str:
    if rsvp.status in {Rsvp.Status.ATTENDING, Rsvp.Status.WAITING}:
        return _("you said that you would like to come to this meeting")
    if rsvp.partner_id:
        return _("you act for %(partner)s in the portal") % {"partner": rsvp.partner}
    if rsvp.school_id:
        return _("you are a teacher at %(school)s in the portal") % {"school": rsvp.school}
    return _("the secretariat has invited you to this meeting")


def _send(rsvp: Rsvp, template: str, make: Callable[[str], Letter], *, calendar: CalendarStatus | None = None) -> None:
    """Queue one mail. ``calendar``: the state of the entry that goes with it. An account that is closed gets none."""
    meeting, person = rsvp.meeting, rsvp.user
    if person is None or not person.is_active:
        return
    with translation.override(person.language):
        letter = make(str(localized(meeting, "title")))
        entry = ""
        if calendar is not None:
            entry = to_ics(entry_of(meeting, attendee=person, status=calendar, with_link=True))
    queue_mail(
        template=template,
        to=person.email,
        language=person.language,
        letter=letter,
        about=about(meeting),
        calendar=entry,
    )
