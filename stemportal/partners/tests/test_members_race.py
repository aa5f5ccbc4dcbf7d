"""Two people act at the same time: without the lock no owner is left, with it one stays. Real threads, real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from stemportal.outbox.models import Mail
from stemportal.partners.models import Invitation, Membership, token_hash
from stemportal.partners.services import members as services
from stemportal.testing.factories import MembershipFactory, UserFactory
from stemportal.testing.together import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)

Work = Callable[[], object]


def answers(*works: Work) -> list[str]:
    """Do the works at once; return "done" or the name of the refusal of each, sorted."""

    def one(work: Work) -> str:
        try:
            work()
        except services.MemberError as refusal:
            return type(refusal).__name__
        return "done"

    return sorted(all_at_once([partial(one, work) for work in works]))


@pytest.fixture
def two() -> tuple[Membership, Membership]:
    one = MembershipFactory()
    return one, MembershipFactory(partner=one.partner)


def owners(membership: Membership) -> int:
    return Membership.objects.filter(partner=membership.partner_id, role="owner").count()


def test_race_without_the_lock_leaves_nobody(two):
    """Each goes, and the database sees the other's row, whose deletion is not committed yet: the trigger is not enough.

    This is what the lock on the partner is for.
    """

    both_deleted = threading.Barrier(2)

    def careless(membership: Membership) -> Work:
        def work() -> None:
            with transaction.atomic():
                with services.keeping_an_owner():
                    Membership.objects.filter(pk=membership.pk).delete()
                both_deleted.wait(timeout=20)

        return work

    assert answers(*map(careless, two)) == ["done", "done"]
    assert owners(two[0]) == 0


@pytest.mark.parametrize("_round", range(3))
def test_two_owners_who_leave_at_once_leave_one(two, _round):
    def leaving(membership: Membership) -> Work:
        return lambda: services.leave(partner=membership.partner, user=membership.user)

    assert answers(*map(leaving, two)) == ["LastOwnerStays", "done"]
    assert owners(two[0]) == 1


@pytest.mark.parametrize("_round", range(3))
def test_two_owners_who_remove_each_other_leave_one(two, _round):
    def removing(by: Membership, other: Membership) -> Work:
        return lambda: services.remove_member(partner=by.partner, membership_id=other.pk, by=by.user)

    assert answers(removing(*two), removing(*reversed(two))) == ["NotAnOwner", "done"]
    assert owners(two[0]) == 1
    assert Mail.objects.count() == 1, "only the one who was removed is told"


def test_two_owners_who_demote_each_other_leave_one(two):
    def demoting(by: Membership, other: Membership) -> Work:
        return lambda: services.change_role(partner=by.partner, membership_id=other.pk, role="reader", by=by.user)

    assert answers(demoting(*two), demoting(*reversed(two))) == ["NotAnOwner", "done"]
    assert owners(two[0]) == 1


def test_handing_over_to_somebody_who_leaves_at_once_keeps_an_owner():
    mine = MembershipFactory()
    heir = MembershipFactory(partner=mine.partner, role="editor")

    answers(
        lambda: services.hand_over(partner=mine.partner, by=mine.user, to_id=heir.pk, leaving=True),
        lambda: services.leave(partner=mine.partner, user=heir.user),
    )

    assert owners(mine) == 1


def test_invitation_that_is_accepted_twice_at_once_makes_one_member():
    owner, person = MembershipFactory(), UserFactory()
    invitation = Invitation.objects.create(partner=owner.partner, email=person.email, token_hash=token_hash("x"))

    def accept() -> None:
        services.accept_invitation(invitation=Invitation.objects.get(pk=invitation.pk), user=person)

    assert answers(accept, accept) == ["InvitationClosed", "done"]
    assert Membership.objects.filter(partner=owner.partner, user=person).count() == 1
    assert Mail.objects.count() == 1, "the owner is told once"


def test_invitation_that_is_sent_twice_at_once_is_one():
    owner = MembershipFactory()

    def invite() -> None:
        services.invite_member(
            partner=owner.partner, email="ny@example.org", role="editor", by=owner.user, language="nb"
        )

    assert answers(invite, invite) == ["AlreadyInvited", "done"]
    assert Mail.objects.count() == Invitation.objects.count() == 1
