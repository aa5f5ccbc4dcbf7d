"""What meetings add to partners and people: invitations among today's tasks, the copy of the data, the calendar, and
what happens to places when a partner or a person leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.accounts import deletion
from stemportal.accounts.models import User
from stemportal.lib.calendar_entry import Entry, Status
from stemportal.lib.templatetags.portal import localized, weekdate
from stemportal.network.emails.meetings import about
from stemportal.network.meeting_entry import entry_of
from stemportal.network.models import Meeting, Rsvp
from stemportal.network.queries.meetings import entries_since, own_invitations
from stemportal.network.services.rsvp import release_answers
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.partners.own_data import who
from stemportal.schools.services import calendars

EXAMPLES = 3


def invitation_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Ask for answers to invitations that still take one. One query."""
    rows = own_invitations(membership.user).filter(partner=membership.partner, status=Rsvp.Status.INVITED)
    for rsvp in rows:
        meeting = rsvp.meeting
        if meeting.takes_answers():
            yield extensions.Task(
                title=_("Invitation: %(title)s") % {"title": localized(meeting, "title")},
                text=weekdate(meeting.starts_at),
                url=meeting.get_absolute_url(),
                action=_("Answer"),
                order=15,
                icon="Calendar",
            )


def of_partner(partner: Partner) -> QuerySet[Rsvp]:
    """Return the answers of those who were invited for a partner."""
    rows = Rsvp.objects.filter(partner=partner).exclude(meeting__status=Meeting.Status.DRAFT)
    return rows.select_related("meeting", "user")


def coming_of_partner(partner: Partner) -> QuerySet[Rsvp]:
    """Return those of meetings that have not begun, but for refusals."""
    coming = of_partner(partner).filter(meeting__status=Meeting.Status.PUBLISHED, meeting__starts_at__gt=timezone.now())
    return coming.exclude(status=Rsvp.Status.DECLINED).order_by("meeting__starts_at", "pk")


def meetings(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every invitation of the partner's people; dietary needs are the person's alone, and deleted after the meeting."""
    for rsvp in of_partner(partner).order_by("meeting__starts_at", "pk").iterator():
        yield {
            "meeting": rsvp.meeting.title_nb,
            "starts_at": rsvp.meeting.starts_at,
            "person": who(rsvp.user),
            "status": rsvp.status,
            "guests": rsvp.guests,
            "names_of_guests": rsvp.guest_names,
            "invited_at": rsvp.invited_at,
            "answered_at": rsvp.answered_at,
            "came": rsvp.came,
        }


class MeetingsAtEnd:
    """Places in meetings to come go to those who wait."""

    def tell(self, partner: Partner) -> list[extensions.Consequence]:
        held = coming_of_partner(partner).filter(status__in=[Rsvp.Status.ATTENDING, Rsvp.Status.WAITING])
        rows = list(held[: EXAMPLES + 1])
        if not rows:
            return []
        count = held.count()
        text = ngettext(
            "%(count)s place in a meeting to come is given to others.",
            "%(count)s places in meetings to come are given to others.",
            count,
        )
        names = [f"{localized(rsvp.meeting, 'title')}: {rsvp.user}" for rsvp in rows[:EXAMPLES]]
        return [extensions.Consequence(text=text % {"count": count}, count=count, examples=names)]

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        release_answers(coming_of_partner(partner))


def forget(partner: Partner, people: extensions.People) -> None:
    """Delete what stands in the answers of the partner's people; that somebody came, and how many, stays."""
    rows = Rsvp.objects.filter(partner=partner)
    keys = {about(meeting) for meeting in Meeting.objects.filter(rsvps__in=rows).distinct()}
    addresses = User.objects.filter(pk__in=people.pks).values("email")
    Mail.objects.filter(about__in=keys, to_email__in=addresses).delete()
    rows.update(guest_names="", diet="")


def forget_person(user: User) -> None:
    """Give the places of somebody whose account goes to others. How many came stays, without saying who it was."""
    mine = Rsvp.objects.filter(user=user)
    release_answers(mine.filter(meeting__starts_at__gt=timezone.now()).exclude(status=Rsvp.Status.DECLINED))
    keys = [about(meeting) for meeting in Meeting.objects.filter(rsvps__user=user)]
    Mail.objects.filter(about__in=keys, to_email__iexact=user.email).delete()
    mine.exclude(came__gt=0).delete()
    mine.update(user=None, guest_names="", diet="")


def calendar_entries(user: User, since: datetime) -> Iterator[Entry]:
    """Meetings that the person comes to, for the calendar the person subscribes to. One query."""
    for rsvp in entries_since(user, since):
        meeting = rsvp.meeting
        cancelled = meeting.status == Meeting.Status.CANCELLED
        status = Status.CANCELLED if cancelled else Status.CONFIRMED
        moments = [meeting.published_at, meeting.cancelled_at, rsvp.answered_at, rsvp.invited_at]
        changed_at = max(moment for moment in moments if moment)
        yield entry_of(meeting, status=status, with_link=not cancelled, changed_at=changed_at)


def register() -> None:
    """Add what meetings know to partners, people and calendars. Called once, when the app is ready."""
    extensions.today.append(invitation_tasks)
    extensions.at_end.append(MeetingsAtEnd())
    extensions.data_sections.append(
        extensions.DataSection(
            name="meetings", about=gettext_lazy("meetings that your people were invited to"), rows=meetings
        )
    )
    extensions.forget.append(forget)
    deletion.goes_along.add("network.rsvp")
    deletion.forget.append(forget_person)
    calendars.more_entries.append(calendar_entries)
