"""One function fetches and authorises: who may see a meeting, answer its invitation and open its files."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from stemportal.accounts.models import User
from stemportal.network.models import Meeting, MeetingFile, Rsvp
from stemportal.network.queries.meetings import visible_to
from stemportal.network.services.invitations import is_invited

Person = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class MeetingAccess:
    """A meeting as one person meets it. ``is_for``: the meeting is for this person, who may answer while it is time."""

    meeting: Meeting
    rsvp: Rsvp | None
    is_for: bool

    @property
    def comes(self) -> bool:
        return self.rsvp is not None and self.rsvp.status == Rsvp.Status.ATTENDING

    @property
    def is_inside(self) -> bool:
        """Whether the person may read what is for those who were invited."""
        return self.is_for or self.rsvp is not None


def meeting_for(user: Person, pk: int) -> MeetingAccess:
    """Return a meeting the person may see. Raises Http404 for others, and for drafts (but not for staff who look in).

    Public meetings are for everybody to see; others for those who were invited and for members of their group.
    """
    meetings = visible_to(user).select_related("group", "ecosystem").prefetch_related("programme", "files")
    meeting = meetings.filter(pk=pk).first()
    if meeting is None:
        raise Http404("no such meeting for this person")
    if not isinstance(user, User):
        return MeetingAccess(meeting, None, is_for=False)
    rsvp = Rsvp.objects.filter(meeting=meeting, user=user).select_related("partner", "school").first()
    if rsvp is not None:
        rsvp.meeting = meeting
    return MeetingAccess(meeting, rsvp, is_for=rsvp is not None or is_invited(user, meeting))


def invitation_of(token: str) -> tuple[Rsvp, User]:
    """Return the answer behind a mailed link, and whose it is: the link is the key. Raises Http404."""
    rows = Rsvp.objects.that_count().select_related("user", "meeting__group", "meeting__ecosystem", "partner", "school")
    rsvp = rows.filter(token=token, user__is_active=True).exclude(meeting__status=Meeting.Status.DRAFT).first()
    if rsvp is None or rsvp.user is None:
        raise Http404("no such invitation")
    return rsvp, rsvp.user


def file_of_invitation(token: str, pk: int) -> MeetingFile:
    """Return a file of the meeting behind a mailed link, for whoever has the link. Raises Http404."""
    rsvp, _person = invitation_of(token)
    file = MeetingFile.objects.filter(meeting=rsvp.meeting_id, pk=pk).first()
    if file is None:
        raise Http404("no such file")
    return file


def meeting_file_for(user: Person, pk: int) -> MeetingFile:
    """Return a file of a meeting the person may see: public ones with it, others for those who were invited.

    Raises Http404 for everybody else.
    """
    file = MeetingFile.objects.filter(pk=pk).first()
    if file is None:
        raise Http404("no such file")
    access = meeting_for(user, file.meeting_id)
    if not (file.is_public or access.is_inside or looks_after_meetings(user)):
        raise Http404("not for this person")
    return file


def looks_after_meetings(user: Person) -> bool:
    """Say whether this is staff who may see all meetings."""
    return isinstance(user, User) and user.has_perm("network.view_meeting")
