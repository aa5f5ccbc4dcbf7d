"""Reads about meetings: which ones a person may see, what comes, and who comes."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.network.models import Ecosystem, GroupMember, Meeting, Rsvp, WorkingGroup
from stemportal.network.models.meetings import MeetingQuerySet


def visible_to(user: AbstractBaseUser | AnonymousUser) -> MeetingQuerySet:
    """Return the meetings a person may see: public ones, those with an invitation, those of the person's groups.

    Staff who look after meetings see all, drafts too. One query, without a row twice.
    """
    if not isinstance(user, User):
        return Meeting.objects.public()
    if user.has_perm("network.view_meeting"):
        return Meeting.objects.all()
    invited = Exists(Rsvp.objects.that_count().filter(meeting=OuterRef("pk"), user=user))
    in_group = Exists(GroupMember.objects.taking_part().filter(group=OuterRef("group"), user=user))
    return Meeting.objects.published().filter(Q(is_public=True) | invited | in_group)


def with_answer(meetings: QuerySet[Meeting], user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Add ``answer`` to each, in the same query: the status of this person's answer, None where there is none."""
    mine = Rsvp.objects.filter(meeting=OuterRef("pk"), user_id=user.pk or 0).values("status")[:1]
    return meetings.annotate(answer=Subquery(mine)).select_related("group", "ecosystem")


def coming_meetings(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Return what is to come and the person may see, the next one first, each with ``answer``."""
    return with_answer(visible_to(user).coming(), user)


def past_meetings(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Return what was held or called off, the latest first, each with ``answer``."""
    over = Q(ends_at__lte=timezone.now()) | Q(status=Meeting.Status.CANCELLED)
    return with_answer(visible_to(user).published().filter(over), user).order_by("-starts_at", "-pk")


def meetings_of_group(group: WorkingGroup, user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Return the coming meetings of a working group that the person may see, each with ``answer``."""
    return coming_meetings(user).filter(group=group)


def meetings_of_ecosystem(ecosystem: Ecosystem, user: AbstractBaseUser | AnonymousUser) -> QuerySet[Meeting]:
    """Return the coming meetings of an ecosystem that the person may see, each with ``answer``."""
    return coming_meetings(user).filter(ecosystem=ecosystem)


def next_public_meeting() -> Meeting | None:
    """Return the next meeting of the whole network that everybody may know of, for the front page."""
    ours = Meeting.objects.public().coming().exclude(kind__in=[Meeting.Kind.REGION, Meeting.Kind.GROUP])
    return ours.select_related("group", "ecosystem").first()


def own_invitations(user: User) -> QuerySet[Rsvp]:
    """Return a person's answers about meetings to come, the next one first, with the meeting."""
    coming = Rsvp.objects.that_count().filter(user=user, meeting__status=Meeting.Status.PUBLISHED)
    return (
        coming.filter(meeting__ends_at__gt=timezone.now())
        .select_related("meeting")
        .order_by("meeting__starts_at", "pk")
    )


def entries_since(user: User, since: datetime) -> QuerySet[Rsvp]:
    """Return what stands in a person's calendar: meetings the person comes to, and lately called off ones."""
    rows = Rsvp.objects.that_count().attending().filter(user=user, meeting__starts_at__gte=since)
    return rows.exclude(meeting__status=Meeting.Status.DRAFT).select_related("meeting").order_by("-meeting__starts_at")


def door_list(meeting: Meeting) -> QuerySet[Rsvp]:
    """Return who has a place, by name, with whom they come for."""
    rows = Rsvp.objects.filter(meeting=meeting, user__isnull=False).attending()
    return rows.select_related("user", "partner", "school").order_by("user__full_name", "pk")
