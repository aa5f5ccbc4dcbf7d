"""Who may enter a partner's room and see its page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from stemportal.partners.access import partner_for_member
from stemportal.partners.models import Membership, Partner
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
Role, Status = Membership.Role, Partner.Status


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_owner_and_editor_may_read_and_change(role):
    membership = MembershipFactory(role=role)
    assert partner_for_member(membership.user, membership.partner_id) == membership.partner
    assert partner_for_member(membership.user, membership.partner_id, edit=True) == membership.partner


def test_reader_may_read_but_not_change():
    membership = MembershipFactory(role=Role.READER)
    assert partner_for_member(membership.user, membership.partner_id) == membership.partner
    with pytest.raises(PermissionDenied):
        partner_for_member(membership.user, membership.partner_id, edit=True)


@pytest.mark.parametrize("person", [UserFactory, StaffFactory, AnonymousUser, lambda: MembershipFactory().user])
@pytest.mark.parametrize("edit", [False, True])
def test_everybody_else_finds_nothing(person, edit):
    partner = PartnerFactory()
    with pytest.raises(Http404):
        partner_for_member(person(), partner.pk, edit=edit)


@pytest.mark.parametrize("status", [Status.APPLIED, Status.APPROVED, Status.PAUSED])
def test_member_may_prepare_while_the_application_waits(status):
    membership = MembershipFactory(partner__status=status)
    assert partner_for_member(membership.user, membership.partner_id, edit=True) == membership.partner


@pytest.mark.parametrize("status", [Status.DECLINED, Status.ENDED])
def test_member_of_a_closed_partnership_may_only_read(status):
    membership = MembershipFactory(partner__status=status)
    assert partner_for_member(membership.user, membership.partner_id) == membership.partner
    with pytest.raises(PermissionDenied):
        partner_for_member(membership.user, membership.partner_id, edit=True)


def test_unconfirmed_application_has_no_room():
    membership = MembershipFactory(partner__status=Status.UNCONFIRMED)
    with pytest.raises(Http404):
        partner_for_member(membership.user, membership.partner_id)


@pytest.mark.parametrize("status", [s for s in Status if s != Status.APPROVED])
def test_page_of_a_partner_that_is_not_approved_is_for_members_only(client, status):
    membership = MembershipFactory(partner__status=status)
    url = membership.partner.get_absolute_url()
    assert client.get(url).status_code == 404
    client.force_login(StaffFactory())
    assert client.get(url).status_code == 404
    client.force_login(membership.user)
    assert client.get(url).status_code == (404 if status == Status.UNCONFIRMED else 200)
