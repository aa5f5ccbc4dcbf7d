"""What the hub of the network shows to one person: the first of everything, the rest is on its own pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet

from stemportal.accounts.models import User
from stemportal.network.models import Ecosystem, GroupMember, Hearing, Input, Meeting, Story, WorkingGroup
from stemportal.network.queries.ecosystems import ecosystem_of_school
from stemportal.network.queries.groups import groups_for, invitations_of
from stemportal.network.queries.meetings import coming_meetings
from stemportal.network.queries.stories import newest
from stemportal.partners.models import Membership, Partner
from stemportal.schools.queries.teachers import teacher_record

FIRST = 3
# Cards of groups: own ones come first.
FIRST_GROUPS = 4


@dataclass(frozen=True, kw_only=True)
class Hub:
    """The first rows of each matter. Groups and input are for people of approved partners, and empty for others."""

    takes_part: bool
    meetings: list[Meeting]
    ecosystems: list[Ecosystem]
    news: list[Story]
    hearings: list[Hearing] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    groups: list[WorkingGroup] = field(default_factory=list)
    invitations: list[GroupMember] = field(default_factory=list)


def partners_of(user: User) -> list[Partner]:
    """Return the partners the person acts for, by name, but none whose application nobody confirmed."""
    mine = Membership.objects.filter(user=user).exclude(partner__status=Partner.Status.UNCONFIRMED)
    found = mine.select_related("partner").order_by("partner__display_name", "pk")
    return [membership.partner for membership in found]


def hub_of(user: User, partners: list[Partner]) -> Hub:
    """Return what there is for a person who acts for these partners, in at most nine queries whatever there is."""
    approved = [partner for partner in partners if partner.is_approved]
    meetings = list(coming_meetings(user)[:FIRST])
    ecosystems = _ecosystems(user, approved)
    news = list(newest()[:FIRST])
    if not approved:
        return Hub(takes_part=False, meetings=meetings, ecosystems=ecosystems, news=news)
    return Hub(
        takes_part=True,
        meetings=meetings,
        ecosystems=ecosystems,
        news=news,
        hearings=list(Hearing.objects.open()[:FIRST]),
        inputs=list(_inputs(approved)[:FIRST]),
        groups=list(groups_for(user)[:FIRST_GROUPS]),
        invitations=list(invitations_of(user)),
    )


def _inputs(approved: list[Partner]) -> QuerySet[Input]:
    """What the partners have sent, the newest first."""
    sent = Input.objects.filter(partner__in=approved).exclude(status=Input.Status.WITHDRAWN)
    return sent.select_related("partner").order_by("-at", "-pk")


def _ecosystems(user: User, approved: list[Partner]) -> list[Ecosystem]:
    """Those of the partners' regions, those that took one of them in, and for teachers the one of their school."""
    if approved:
        return list(Ecosystem.objects.active().of_partners(*approved))
    record = teacher_record(user)
    of_school = ecosystem_of_school(record.school) if record else None
    return [of_school] if of_school else []
