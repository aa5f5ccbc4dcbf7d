"""Who takes part in a working group: joining, applying, being invited, leaving, and who leads.

Every change of a group's members locks the group first, so that a person who clicks twice, two who answer the same
application and the number of members never meet. What a page offered is looked at again under the lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.network.emails import groups as emails
from stemportal.network.group_errors import (
    AlreadyIn,
    AskedAlready,
    GroupEnded,
    GroupFull,
    LeadStays,
    MovedOn,
    NobodyToInvite,
    NotOpen,
)
from stemportal.network.models import GroupMember, Rsvp, WorkingGroup
from stemportal.network.services.rsvp import release_answers
from stemportal.partners.models import Partner
from stemportal.partners.services.members import person_with

Status, Notify = GroupMember.Status, GroupMember.Notify

MOST_MEMBERS = 500
HOLDS_PLACE = (Status.MEMBER, Status.INVITED)
# Who was declined may ask again after so many days.
ASK_AGAIN_DAYS = 30


@contextmanager
def locked(group: WorkingGroup) -> Iterator[WorkingGroup]:
    """One change of a group at a time, in a transaction; gives the group as it is now. Raises GroupEnded."""
    with transaction.atomic():
        fresh = WorkingGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
        if fresh.ended_at is not None:
            raise GroupEnded
        yield fresh


def partners_for(user: User) -> list[Partner]:
    """Return the approved partners that a person acts for, and so may take part for."""
    return list(Partner.objects.approved().of_member(user).order_by("display_name", "pk"))


def may_ask_again(member: GroupMember) -> bool:
    """Whether so much time has gone since the person was declined, or taken out, that another try is fine."""
    return member.asked_at < timezone.now() - timedelta(days=ASK_AGAIN_DAYS)


# Coming in


def join_group(*, group: WorkingGroup, user: User, partner: Partner | None) -> GroupMember:
    """Make somebody a member of an open group at once; ``partner`` is None for staff alone.

    Somebody who is a member already stays one. Raises GroupEnded, NotOpen (closed, or the lead took the person out),
    GroupFull.
    """
    with locked(group) as now:
        member = _row(now, user)
        if member is not None and member.status == Status.MEMBER and _counts(member):
            return member
        if not now.is_open or (member is not None and member.status == Status.DECLINED):
            raise NotOpen
        return _make_member(now, user, partner, member)


def apply_to_group(*, group: WorkingGroup, user: User, partner: Partner, message: str) -> GroupMember:
    """Ask the lead to be let in. Raises GroupEnded, AlreadyIn, AskedAlready, GroupFull."""
    with locked(group) as now:
        member = _row(now, user)
        status = member.status if member is not None else ""
        if status == Status.MEMBER and _counts(member):
            raise AlreadyIn(is_invited=False)
        if (status == Status.APPLIED and _counts(member)) or (
            member is not None and status == Status.DECLINED and not may_ask_again(member)
        ):
            raise AskedAlready
        _make_room(now)
        member = _written(now, user, member, status=Status.APPLIED, partner=partner, message=message, joined_at=None)
        emails.application(member)
        return member


def answer_application(*, member: GroupMember, accept: bool, by: User, line: str = "") -> GroupMember:
    """Let somebody in who asked, or not; the person is told. Raises GroupEnded, MovedOn, GroupFull."""
    with locked(member.group) as now:
        if accept:
            _make_room(now)
        member = _moved(member, Status.APPLIED, Status.MEMBER if accept else Status.DECLINED)
        emails.answered(member, by=by, line=line)
        return member


def invite_address(*, group: WorkingGroup, email: str, by: User) -> GroupMember:
    """Invite the person with this address, who must act for an approved partner.

    Raises NobodyToInvite and what ``invite_person`` raises.
    """
    person = person_with(email.strip().lower())
    partners = partners_for(person) if person is not None and person.is_active else []
    if person is None or not partners:
        raise NobodyToInvite
    return invite_person(group=group, person=person, partner=partners[0], by=by)


def invite_person(*, group: WorkingGroup, person: User, partner: Partner | None, by: User) -> GroupMember:
    """Invite somebody by mail; who has asked already is in at once. ``partner`` is None for guests of the secretariat.

    Raises GroupEnded, AlreadyIn, GroupFull.
    """
    with locked(group) as now:
        member = _row(now, person)
        counts = _counts(member)
        if member is not None and counts and member.status in {Status.MEMBER, Status.INVITED}:
            raise AlreadyIn(is_invited=member.status == Status.INVITED)
        if member is None or member.status not in HOLDS_PLACE:
            _make_room(now)
        if member is not None and counts and member.status == Status.APPLIED:
            member = _moved(member, Status.APPLIED, Status.MEMBER)
            emails.answered(member, by=by, line="")
            return member
        member = _written(now, person, member, status=Status.INVITED, partner=partner, message="", joined_at=None)
        emails.invited(member, by=by)
        return member


def answer_invitation(*, member: GroupMember, accept: bool) -> GroupMember:
    """Accept an invitation, or say no to it. Raises GroupEnded, MovedOn."""
    with locked(member.group):
        # The invitation holds a place already.
        return _moved(member, Status.INVITED, Status.MEMBER if accept else Status.LEFT)


def add_member(*, group: WorkingGroup, person: User, partner: Partner | None) -> GroupMember:
    """Make somebody a member without asking, as the secretariat may. Raises GroupEnded, GroupFull."""
    with locked(group) as now:
        return _make_member(now, person, partner, _row(now, person))


# Going, and who leads


def leave_group(*, member: GroupMember) -> None:
    """End one's own membership, or take one's application back. Raises LeadStays, MovedOn; works in ended groups."""
    with transaction.atomic():
        group = WorkingGroup.objects.select_for_update(no_key=True).get(pk=member.group_id)
        if group.lead_id == member.user_id and group.is_active:
            raise LeadStays
        mine = GroupMember.objects.filter(pk=member.pk, status__in=[Status.MEMBER, Status.APPLIED])
        if not mine.update(status=Status.LEFT, message="", asked_at=timezone.now()):
            raise MovedOn
        _leave_meetings(member)


def remove_member(*, member: GroupMember, by: User) -> None:
    """Take a member out and tell the person, or take an invitation back. Raises GroupEnded, LeadStays, MovedOn."""
    with locked(member.group) as now:
        if now.lead_id == member.user_id:
            raise LeadStays
        rows = GroupMember.objects.filter(pk=member.pk)
        if rows.filter(status=Status.INVITED).update(status=Status.LEFT):
            return
        moved = _moved(member, Status.MEMBER, Status.DECLINED)
        emails.removed(moved, by=by)
        _leave_meetings(member)


def _leave_meetings(member: GroupMember) -> None:
    """Give the person's places in the group's own meetings to come to those who wait."""
    mine = Rsvp.objects.filter(user=member.user_id, meeting__group=member.group_id, meeting__is_public=False)
    release_answers(mine.filter(meeting__starts_at__gt=timezone.now()).exclude(status=Rsvp.Status.DECLINED))


def hand_over_lead(*, group: WorkingGroup, to: GroupMember, by: User) -> None:
    """Make a member the lead, and tell the person. Raises GroupEnded, MovedOn (no member any more)."""
    with locked(group) as now:
        if not GroupMember.objects.taking_part().filter(pk=to.pk, group=now).exists():
            raise MovedOn
        if now.lead_id == to.user_id:
            return
        now.lead = to.user
        now.save(update_fields=["lead"])
        if to.user_id != by.pk:
            emails.made_lead(to, by=by)


def appoint_lead(*, group: WorkingGroup, person: User | None, by: User) -> None:
    """Let somebody lead, as the secretariat may: the person becomes a member too. None: nobody leads.

    Raises GroupEnded, GroupFull.
    """
    with locked(group) as now:
        if person is None:
            WorkingGroup.objects.filter(pk=now.pk).update(lead=None)
            return
        member = _row(now, person)
        if member is None or member.status != Status.MEMBER or not _counts(member):
            partners = partners_for(person)
            member = _make_member(now, person, partners[0] if partners else None, member)
        hand_over_lead(group=now, to=member, by=by)


def choose_mail(*, member: GroupMember, notify: str) -> None:
    """Set how a member hears of what is new. Daily mails begin with what comes after this moment."""
    rows = GroupMember.objects.filter(pk=member.pk).exclude(notify=notify)
    rows.update(notify=notify, told_until=timezone.now())


def end_group(*, group: WorkingGroup) -> bool:
    """End a group: what it wrote can be read, and nothing is added. Who has asked to be let in is told.

    False when it had ended.
    """
    with transaction.atomic():
        if not WorkingGroup.objects.filter(pk=group.pk, ended_at=None).update(ended_at=timezone.now()):
            return False
        rows = GroupMember.objects.filter(group=group)
        for member in rows.filter(status=Status.APPLIED).select_related("user", "group"):
            emails.ended(member)
        rows.filter(status__in=[Status.APPLIED, Status.INVITED]).update(status=Status.LEFT, message="")
        return True


def reopen_group(*, group: WorkingGroup) -> bool:
    """Let an ended group work again. False when it works."""
    return bool(WorkingGroup.objects.filter(pk=group.pk).exclude(ended_at=None).update(ended_at=None))


# Rows, under the group's lock


def _row(group: WorkingGroup, user: User) -> GroupMember | None:
    return GroupMember.objects.filter(group=group, user=user).select_related("user", "group", "partner").first()


def _counts(member: GroupMember | None) -> bool:
    return member is not None and GroupMember.objects.in_good_standing().filter(pk=member.pk).exists()


def _make_room(group: WorkingGroup) -> None:
    if GroupMember.objects.filter(group=group, status__in=HOLDS_PLACE).count() >= MOST_MEMBERS:
        raise GroupFull(MOST_MEMBERS)


def _make_member(group: WorkingGroup, user: User, partner: Partner | None, member: GroupMember | None) -> GroupMember:
    if member is None or member.status not in HOLDS_PLACE:
        _make_room(group)
    now = timezone.now()
    facts = {"status": Status.MEMBER, "partner": partner, "message": "", "joined_at": now, "told_until": now}
    return _written(group, user, member, **facts)


def _written(group: WorkingGroup, user: User, member: GroupMember | None, **facts: object) -> GroupMember:
    """Make the row, or change the one that the person has; how the person wants to hear of news stays."""
    member = member or GroupMember(group=group, user=user)
    member.asked_at = timezone.now()
    for name, value in facts.items():
        setattr(member, name, value)
    member.save()
    return member


def _moved(member: GroupMember, old: str, new: str) -> GroupMember:
    """Compare and set. What somebody wrote to be let in has done its work then. Raises MovedOn."""
    now = timezone.now()
    facts = {"status": new, "message": ""} | (
        {"joined_at": now, "told_until": now} if new == Status.MEMBER else {"asked_at": now}
    )
    if not GroupMember.objects.filter(pk=member.pk, status=old).update(**facts):
        raise MovedOn
    return GroupMember.objects.select_related("user", "group", "partner").get(pk=member.pk)
