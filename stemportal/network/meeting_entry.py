"""A meeting in words and as an entry in a calendar, in the active language."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.calendar_entry import Entry, Status, uid_for
from stemportal.lib.templatetags.portal import localized
from stemportal.network.models import Meeting
from stemportal.outbox.letters import absolute_url


def where(meeting: Meeting) -> str:
    """Return place and address, or that it is on video; never the link."""
    there = ", ".join(part for part in (meeting.place, meeting.address) if part)
    if meeting.video_link:
        return _("%(place)s, or on video") % {"place": there} if there else _("On video")
    return there


def entry_of(
    meeting: Meeting,
    *,
    attendee: User | None = None,
    status: Status | None = None,
    with_link: bool = False,
    changed_at: datetime | None = None,
) -> Entry:
    """Return the meeting as it stands in a calendar; a higher ``Meeting.sequence`` replaces the entry.

    ``with_link``: for somebody who comes, so that the video link is where calendars look for it. ``changed_at`` is now
    unless it is given; a feed gives it, so that it is the same as long as nothing changes.
    """
    url = absolute_url(meeting.get_absolute_url())
    link = meeting.video_link if with_link else ""
    if status is None:
        status = Status.CANCELLED if meeting.status == Meeting.Status.CANCELLED else Status.CONFIRMED
    lines = [meeting.get_kind_display(), link, url]
    return Entry(
        uid=uid_for(f"meeting-{meeting.pk}"),
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=str(localized(meeting, "title")),
        description="\n".join(str(line) for line in lines if line),
        location=", ".join(part for part in (meeting.place, meeting.address) if part) or link or where(meeting),
        url=url,
        changed_at=changed_at or timezone.now(),
        attendee_email=attendee.email if attendee else "",
        attendee_name=str(attendee) if attendee else "",
        status=status,
    )
