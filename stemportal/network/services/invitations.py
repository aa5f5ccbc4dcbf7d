"""Who is invited to a meeting: people of partners, teachers, members of a group, in the whole country or a region."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.network.models import EcosystemMember, GroupMember, Meeting, Rsvp
from stemportal.network.services import meeting_mails
from stemportal.network.services.rsvp import MeetingError, lock_meeting
from stemportal.partners.models import Membership, Partner
from stemportal.schools.models import School, Teacher

Audience = Meeting.Audience
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Side:
    """For whom a person comes: a partner, a school, or neither."""

    partner_id: int | None = None
    school_id: int | None = None


def memberships_invited(meeting: Meeting) -> QuerySet[Membership]:
    """Return who acts for an approved partner in the meeting's counties, or in its ecosystem where it names none."""
    if Audience.PARTNERS not in meeting.audience:
        return Membership.objects.none()
    people = Membership.objects.filter(partner__status=Partner.Status.APPROVED, user__is_active=True)
    return people.filter(_region(meeting, "partner"))


def teachers_invited(meeting: Meeting) -> QuerySet[Teacher]:
    """Return the verified teachers at schools of the same region."""
    if Audience.TEACHERS not in meeting.audience:
        return Teacher.objects.none()
    return Teacher.objects.verified().filter(_region(meeting, "school"))


def members_invited(meeting: Meeting) -> QuerySet[GroupMember]:
    """Return the members of the meeting's working group."""
    if Audience.GROUP not in meeting.audience or meeting.group_id is None:
        return GroupMember.objects.none()
    return GroupMember.objects.taking_part().filter(group=meeting.group_id)


def _region(meeting: Meeting, who: str) -> Q:
    counties = list(meeting.counties.values_list("pk", flat=True))
    if counties:
        return Q(**{f"{who}__municipality__county__in": counties})
    if meeting.ecosystem_id is None:
        return Q()
    named = EcosystemMember.objects.filter(ecosystem=meeting.ecosystem_id).exclude(**{who: None}).values(who)
    in_area = Q(**{f"{who}__municipality__county__ecosystem_area__ecosystem": meeting.ecosystem_id})
    return in_area | Q(**{f"{who}__in": named})


def is_invited(user: User, meeting: Meeting) -> bool:
    """Say whether the meeting is for this person, whether an invitation was written or not."""
    return (
        memberships_invited(meeting).filter(user=user).exists()
        or teachers_invited(meeting).filter(user=user).exists()
        or members_invited(meeting).filter(user=user).exists()
    )


def people_invited(meeting: Meeting) -> dict[int, Side]:
    """Return everybody the meeting is for, by the id of the account, with whom the person comes for. Three queries.

    Somebody with several sides comes for the partner first: the group's, then the oldest membership, then the school.
    """
    found: dict[int, Side] = {}
    for user, partner in members_invited(meeting).order_by("pk").values_list("user_id", "partner_id"):
        found.setdefault(user, Side(partner_id=partner))
    for user, partner in memberships_invited(meeting).order_by("pk").values_list("user_id", "partner_id"):
        found.setdefault(user, Side(partner_id=partner))
    for user, school in teachers_invited(meeting).order_by("-is_main", "pk").values_list("user_id", "school_id"):
        found.setdefault(user, Side(school_id=school))
    return found


def count_uninvited(meeting: Meeting) -> int:
    """Return how many people an invitation would go to now: those for whom the meeting is and who have none yet."""
    known = set(Rsvp.objects.filter(meeting=meeting).values_list("user_id", flat=True))
    return sum(user not in known for user in people_invited(meeting))


@transaction.atomic
def invite_everybody(*, meeting_id: int) -> int:
    """Invite all for whom the meeting is and who have no invitation yet; workers write the mails. Returns how many.

    Pressed twice, or later again, it invites only who is new. Raises MeetingError unless answers are taken.
    """
    meeting = lock_meeting(meeting_id)
    _may_invite(meeting)
    known = set(Rsvp.objects.filter(meeting=meeting).values_list("user_id", flat=True))
    people = {user: side for user, side in people_invited(meeting).items() if user not in known}
    Rsvp.objects.bulk_create(
        [
            Rsvp(meeting=meeting, user_id=user, partner_id=side.partner_id, school_id=side.school_id)
            for user, side in people.items()
        ],
        batch_size=ROWS_AT_ONCE,
    )
    transaction.on_commit(partial(meeting_mails.announce, meeting.pk))
    return len(people)


@transaction.atomic
def invite_person(*, meeting_id: int, user: User) -> bool:
    """Invite one person by name, a speaker perhaps. False when the person has an invitation already.

    Raises MeetingError unless answers are taken.
    """
    meeting = lock_meeting(meeting_id)
    _may_invite(meeting)
    if Rsvp.objects.filter(meeting=meeting, user=user).exists():
        return False
    side = side_of(user)
    Rsvp.objects.create(meeting=meeting, user=user, partner_id=side.partner_id, school_id=side.school_id)
    transaction.on_commit(partial(meeting_mails.announce, meeting.pk))
    return True


def _may_invite(meeting: Meeting) -> None:
    if not meeting.takes_answers():
        raise MeetingError(
            _("Nobody can be invited now: the meeting is not announced, or the last day for answers is over.")
        )


def sides_of(user: User) -> tuple[list[Partner], list[School]]:
    """Return the approved partners and the schools for which a person can come. Two queries."""
    partners = Partner.objects.approved().of_member(user).order_by("memberships__pk")
    records = Teacher.objects.verified().filter(user=user).select_related("school").order_by("-is_main", "pk")
    return list(partners), [record.school for record in records]


def side_of(user: User) -> Side:
    """Return for whom a person comes who was not asked: the first partner, else the main school, else nobody."""
    partners, schools = sides_of(user)
    if partners:
        return Side(partner_id=partners[0].pk)
    return Side(school_id=schools[0].pk) if schools else Side()
