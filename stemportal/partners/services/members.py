"""Colleagues of a partner: inviting, accepting, roles, leaving, handing ownership over.

Everything that could take the last owner away locks the partner's row first and looks at the owners then; the trigger
``OWNER_CONSTRAINT`` is the net. The lock is also what makes two owners who remove each other take turns: the second is
no owner any more when it is their turn. So whether ``by`` may act is asked inside the lock, not only by the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.accounts.services import find_or_create_person
from stemportal.lib.constraints import violated
from stemportal.partners.emails import members as emails
from stemportal.partners.models import Invitation, Membership, Partner, new_token, token_hash
from stemportal.partners.models.members import OWNER_CONSTRAINT, invitation_ends

Role, Status = Membership.Role, Partner.Status

# A partner in one of these takes nobody in any more.
CLOSED = {Status.UNCONFIRMED, Status.DECLINED, Status.ENDED}
OPEN_CONSTRAINT = "partners_invitation_open_once"
OWNER_TRIGGER = "partners.Membership:keeps_an_owner"


class MemberError(Exception):
    """Something about members that cannot be done; the subclass says why, the page finds the words."""


class LastOwnerStays(MemberError):
    """Nobody would own the partner any more."""


class NotAnOwner(MemberError):
    """The one who wants to change something is no owner (any more)."""


class NotAMember(MemberError):
    """The person whom it is about is no member (any more)."""


class AlreadyMember(MemberError):
    """The invited address belongs to a member."""

    def __init__(self, membership: Membership) -> None:
        super().__init__()
        self.membership = membership


class AlreadyInvited(MemberError):
    """The address has an invitation that is still good."""

    def __init__(self, invitation: Invitation | None) -> None:
        super().__init__()
        self.invitation = invitation


class InvitationClosed(MemberError):
    """The invitation was used, taken back, replaced by a newer one or has run out, or the partner takes nobody in."""


class NotInvited(MemberError):
    """The account has not proved the address that was invited."""


@contextmanager
def keeping_an_owner() -> Iterator[None]:
    """Run changes of memberships in a transaction; raises LastOwnerStays where the database refuses them.

    The trigger waits for the end of the outermost transaction; here it is asked at the end of the block, so that the
    refusal meets the one who caused it. The admin's inline may use it as well.
    """
    try:
        with transaction.atomic():
            yield
            pgtrigger.constraints(pgtrigger.Immediate, OWNER_TRIGGER)
            pgtrigger.constraints(pgtrigger.Deferred, OWNER_TRIGGER)
    except IntegrityError as error:
        if violated(error) == OWNER_CONSTRAINT:
            raise LastOwnerStays from error
        raise


@contextmanager
def _members_locked(partner_id: int) -> Iterator[Partner]:
    """One change of a partner's members at a time. Gives the partner as it is now."""
    with keeping_an_owner():
        yield Partner.objects.select_for_update(no_key=True).get(pk=partner_id)


def _owner(partner: Partner, by: User) -> Membership:
    membership = partner.memberships.filter(user=by, role=Role.OWNER).first()
    if membership is None:
        raise NotAnOwner
    return membership


def _member(partner: Partner, membership_id: int) -> Membership:
    membership = partner.memberships.select_related("user").filter(pk=membership_id).first()
    if membership is None:
        raise NotAMember
    return membership


def _spare_owner(partner: Partner, membership: Membership) -> None:
    """Raise LastOwnerStays when nobody else who can log in owns the partner.

    A closed partnership may be left by everybody.
    """
    if membership.role != Role.OWNER or partner.status in CLOSED:
        return
    if not partner.memberships.filter(role=Role.OWNER, user__is_active=True).exclude(pk=membership.pk).exists():
        raise LastOwnerStays


# Inviting


def person_with(email: str) -> User | None:
    """Return the account that has proved this address, else the one that logs in with it."""
    proved = EmailAddress.objects.select_related("user").filter(email__iexact=email, verified=True).first()
    return proved.user if proved else User.objects.filter(email__iexact=email).first()


def invite_member(*, partner: Partner, email: str, role: str, by: User, language: str) -> Invitation:
    """Write an invitation down and mail its link. ``language`` is that of the mail to somebody without an account.

    An invitation of the address that has run out is taken back: only one of them may be open.
    Raises NotAnOwner, AlreadyMember, AlreadyInvited, InvitationClosed (the partner takes nobody in).
    """
    email = email.strip().lower()
    token = new_token()
    try:
        with transaction.atomic():
            locked = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
            if locked.status in CLOSED:
                raise InvitationClosed
            _owner(locked, by)
            person = person_with(email)
            member = locked.memberships.select_related("user").filter(user=person).first() if person else None
            if member is not None:
                raise AlreadyMember(member)
            waiting = locked.invitations.filter(email__iexact=email, accepted_at=None, revoked_at=None)
            if earlier := waiting.open().first():
                raise AlreadyInvited(earlier)
            waiting.update(revoked_at=timezone.now())
            invitation = Invitation.objects.create(
                partner=locked, email=email, role=role, token_hash=token_hash(token), invited_by=by
            )
            emails.invitation(
                invitation=invitation, token=token, inviter=by, language=person.language if person else language
            )
    except IntegrityError as error:
        if violated(error) == OPEN_CONSTRAINT:
            raise AlreadyInvited(None) from error
        raise
    return invitation


def resend_invitation(*, invitation: Invitation, by: User, language: str) -> bool:
    """Mail a fresh link that works for the full time again; the old link is dead. Also one that has run out.

    False when it was used or taken back meanwhile. Raises NotAnOwner, InvitationClosed.
    """
    token = new_token()
    with transaction.atomic():
        partner = Partner.objects.select_for_update(no_key=True).get(pk=invitation.partner_id)
        if partner.status in CLOSED:
            raise InvitationClosed
        _owner(partner, by)
        changes = {
            "token_hash": token_hash(token),
            "invited_at": timezone.now(),
            "expires_at": invitation_ends(),
            "invited_by": by,
        }
        waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        if not waiting.update(**changes):
            return False
        invitation.refresh_from_db()
        person = person_with(invitation.email)
        emails.invitation(
            invitation=invitation, token=token, inviter=by, language=person.language if person else language
        )
        return True


def revoke_invitation(*, invitation: Invitation, by: User) -> bool:
    """Take an invitation back: its link says so from now on. False when it was used or taken back already."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update(no_key=True).get(pk=invitation.partner_id)
        _owner(partner, by)
        waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        return bool(waiting.update(revoked_at=timezone.now()))


# Accepting


def has_proved(user: User, email: str) -> bool:
    """Whether the account has proved that the address is its owner's (by a mailed code)."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def account_for_invitation(*, invitation: Invitation, language: str) -> User:
    """Return the account that a login code for the invited address is for; a new one where there is none.

    The new account can do nothing before the code has proved the address.
    """
    person = person_with(invitation.email)
    if person is None:
        person, _is_new = find_or_create_person(email=invitation.email, full_name="", language=language)
    return person


def accept_invitation(*, invitation: Invitation, user: User, full_name: str = "") -> Membership:
    """Make the person a member and tell the owners. Somebody who is a member already keeps the role.

    ``full_name`` is kept when the account has none yet. Raises NotInvited when the account has not proved the invited
    address, InvitationClosed when the invitation or the partner is not open any more.
    """
    if not has_proved(user, invitation.email):
        raise NotInvited
    with transaction.atomic():
        partner = Partner.objects.select_for_update(no_key=True).get(pk=invitation.partner_id)
        if partner.status in CLOSED:
            raise InvitationClosed
        # The hash is part of it: an invitation that was sent again is not accepted by the page of its old link.
        mine = Invitation.objects.open().filter(pk=invitation.pk, token_hash=invitation.token_hash)
        if not mine.update(accepted_at=timezone.now(), accepted_by=user):
            raise InvitationClosed
        if full_name and not user.full_name:
            user.full_name = full_name
            user.save(update_fields=["full_name"])
        membership, is_new = Membership.objects.get_or_create(
            partner=partner, user=user, defaults={"role": invitation.role}
        )
        if is_new:
            for owner in _others_who_own(partner, user):
                emails.invitation_accepted(partner=partner, owner=owner, membership=membership)
        return membership


def _others_who_own(partner: Partner, but: User) -> list[User]:
    owners = partner.memberships.filter(role=Role.OWNER, user__is_active=True).exclude(user=but).select_related("user")
    return [membership.user for membership in owners.order_by("joined_at", "pk")]


# Members


def change_role(*, partner: Partner, membership_id: int, role: str, by: User) -> Membership:
    """Give a member another role; a new owner is told by mail. Changing one's own is stepping down.

    Raises NotAnOwner, NotAMember, LastOwnerStays.
    """
    with _members_locked(partner.pk) as locked:
        _owner(locked, by)
        membership = _member(locked, membership_id)
        if membership.role == role:
            return membership
        _spare_owner(locked, membership)
        membership.role = role
        membership.save(update_fields=["role"])
        if role == Role.OWNER:
            emails.made_owner(partner=locked, person=membership.user, by=by)
        return membership


def remove_member(*, partner: Partner, membership_id: int, by: User) -> Membership:
    """Take somebody off the partner and tell them by mail. Returns the membership that was.

    Raises NotAnOwner, NotAMember, LastOwnerStays.
    """
    with _members_locked(partner.pk) as locked:
        _owner(locked, by)
        membership = _member(locked, membership_id)
        _spare_owner(locked, membership)
        Membership.objects.filter(pk=membership.pk).delete()
        if membership.user_id != by.pk:
            emails.removed(partner=locked, person=membership.user, by=by)
        return membership


def leave(*, partner: Partner, user: User) -> None:
    """End one's own membership. Raises NotAMember, LastOwnerStays."""
    with _members_locked(partner.pk) as locked:
        membership = locked.memberships.filter(user=user).first()
        if membership is None:
            raise NotAMember
        _spare_owner(locked, membership)
        membership.delete()


def hand_over(*, partner: Partner, by: User, to_id: int, leaving: bool) -> Membership:
    """Make another member owner and step down: to editor, or out of the partner. Returns the new owner's membership.

    The new owner is told by mail. Raises NotAnOwner, NotAMember (the other one is none, can not log in, or is oneself).
    """
    with _members_locked(partner.pk) as locked:
        mine = _owner(locked, by)
        other = _member(locked, to_id)
        if other.pk == mine.pk or not other.user.is_active:
            raise NotAMember
        if other.role != Role.OWNER:
            other.role = Role.OWNER
            other.save(update_fields=["role"])
            emails.made_owner(partner=locked, person=other.user, by=by)
        if leaving:
            mine.delete()
        else:
            mine.role = Role.EDITOR
            mine.save(update_fields=["role"])
        return other
