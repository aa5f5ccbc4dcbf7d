"""Colleagues: who sees the list, who changes what, and that an owner always stays."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from stemportal.accounts.models import User
from stemportal.lib.constraints import violated
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner
from stemportal.partners.models.members import OWNER_CONSTRAINT
from stemportal.partners.services import members as services
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
Role, Status = Membership.Role, Partner.Status
OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture
def partner() -> Partner:
    return PartnerFactory(display_name="Nordlys")


@pytest.fixture
def owner(partner) -> Membership:
    return MembershipFactory(partner=partner, user__full_name="Eva Eier", user__language="en")


def member(partner, role=Role.EDITOR, **user) -> Membership:
    return MembershipFactory(partner=partner, role=role, user=UserFactory(**{"language": "en", **user}))


def url(partner, rest="") -> str:
    return f"/en/partner/{partner.pk}/members/{rest}"


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def role_of(membership) -> str:
    return Membership.objects.get(pk=membership.pk).role


# --- The list


@pytest.mark.parametrize("role", Role.values)
def test_list_shows_every_member_to_every_member(client, partner, owner, role):
    viewer = member(partner, role, full_name="Siri Ser")
    member(partner, Role.READER, full_name="Liv Leser", email="liv@example.org")
    client.force_login(viewer.user)

    page = client.get(url(partner)).text

    assert "Eva Eier" in page
    assert "liv@example.org" in page
    assert "3 people look after the partner" in page
    assert ("Send the invitation" in page) == (role == Role.OWNER)
    assert ("Change or remove" in page) == (role == Role.OWNER)


def test_list_shows_addresses_to_nobody_else(client, partner, owner):
    for person in (UserFactory(), StaffFactory(), MembershipFactory().user):
        client.force_login(person)
        assert client.get(url(partner)).status_code == 404
    client.logout()
    assert client.get(url(partner)).status_code == 302
    assert owner.user.email not in client.get(partner.get_absolute_url()).text


@pytest.mark.parametrize(
    ("last_login", "words"),
    [
        (None, "Has not logged in yet"),
        (datetime(2026, 6, 1, 0, 30, tzinfo=OSLO), "Active this month"),
        (datetime(2026, 5, 31, 23, 30, tzinfo=OSLO), "Not here since May 2026"),
        (datetime(2024, 3, 4, tzinfo=OSLO), "Not here since March 2024"),
    ],
)
def test_list_says_only_roughly_when_somebody_was_here(client, partner, owner, last_login, words):
    with time_machine.travel(datetime(2026, 6, 30, 12, tzinfo=OSLO), tick=False):
        seen = member(partner)
        client.force_login(owner.user)
        User.objects.filter(pk=seen.user_id).update(last_login=last_login)

        page = client.get(url(partner)).text

    assert words in page
    assert "23:30" not in page
    assert "00:30" not in page


def test_list_of_a_closed_partnership_offers_no_changes(client, partner, owner):
    Partner.objects.filter(pk=partner.pk).update(status=Status.ENDED)
    client.force_login(owner.user)

    page = client.get(url(partner)).text

    assert "Eva Eier" in page
    assert "Send the invitation" not in page
    assert client.get(url(partner, "hand-over/")).status_code == 403


# --- Roles


def test_owner_changes_a_role(client, partner, owner):
    editor = member(partner, full_name="Rolf Redaktør")
    client.force_login(owner.user)

    page = client.post(url(partner, f"{editor.pk}/"), {"role": "reader"}, follow=True)

    assert role_of(editor) == Role.READER
    assert said(page) == "Rolf Redaktør is now reader."
    assert not Mail.objects.exists()


def test_new_owner_is_told_by_mail(client, partner, owner):
    editor = member(partner)
    client.force_login(owner.user)

    client.post(url(partner, f"{editor.pk}/"), {"role": "owner"})

    mail = Mail.objects.get()
    assert mail.to_email == editor.user.email
    assert mail.subject == "You are now an owner of Nordlys"
    assert "Eva Eier" in mail.text


def test_last_owner_cannot_become_editor(client, partner, owner):
    member(partner)
    client.force_login(owner.user)

    page = client.post(url(partner, f"{owner.pk}/"), {"role": "editor"})

    assert page.status_code == 200
    assert "Somebody must own the partner." in page.text
    assert role_of(owner) == Role.OWNER


def test_owner_who_cannot_log_in_does_not_count(partner, owner):
    member(partner, Role.OWNER, is_active=False)

    with pytest.raises(services.LastOwnerStays):
        services.leave(partner=partner, user=owner.user)


def test_role_that_does_not_exist_is_refused(client, partner, owner):
    editor = member(partner)
    client.force_login(owner.user)

    page = client.post(url(partner, f"{editor.pk}/"), {"role": "emperor"})

    assert page.status_code == 200
    assert role_of(editor) == Role.EDITOR


@pytest.mark.parametrize("role", [Role.EDITOR, Role.READER])
def test_only_owners_change_members(client, partner, owner, role):
    client.force_login(member(partner, role).user)

    answers = [
        client.get(url(partner, f"{owner.pk}/")),
        client.post(url(partner, f"{owner.pk}/"), {"role": "reader"}),
        client.post(url(partner, f"{owner.pk}/remove/")),
        client.post(url(partner, "invite/"), {"email": "ny@example.org", "role": "owner"}),
        client.post(url(partner, "hand-over/"), {"to": owner.pk, "afterwards": "stay"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert role_of(owner) == Role.OWNER
    assert not Mail.objects.exists()


def test_member_of_another_partner_cannot_be_reached_through_ones_own(client, partner, owner):
    stranger = MembershipFactory()
    MembershipFactory(partner=stranger.partner)
    client.force_login(owner.user)

    assert client.get(url(partner, f"{stranger.pk}/")).status_code == 404
    assert client.post(url(partner, f"{stranger.pk}/"), {"role": "reader"}).status_code == 404
    client.post(url(partner, f"{stranger.pk}/remove/"))
    assert role_of(stranger) == Role.OWNER


# --- Removing, leaving, handing over


def test_removed_member_is_told_and_has_no_room_any_more(client, partner, owner):
    editor = member(partner, full_name="Rolf Redaktør")
    client.force_login(owner.user)

    page = client.post(url(partner, f"{editor.pk}/remove/"), follow=True)

    assert said(page) == "Rolf Redaktør is no longer a member and gets a mail about it."
    assert Mail.objects.get().subject == "You are no longer a member of Nordlys"
    client.force_login(editor.user)
    assert client.get(url(partner)).status_code == 404


def test_removing_twice_says_so(client, partner, owner):
    editor = member(partner)
    client.force_login(owner.user)
    client.post(url(partner, f"{editor.pk}/remove/"))

    page = client.post(url(partner, f"{editor.pk}/remove/"), follow=True)

    assert said(page).endswith("This person is no longer a member, so nothing was changed.")
    assert Mail.objects.count() == 1


@pytest.mark.parametrize("role", [Role.EDITOR, Role.READER, Role.OWNER])
def test_member_leaves(client, partner, owner, role):
    leaver = member(partner, role)
    client.force_login(leaver.user)
    assert "Your account stays" in client.get(url(partner, "leave/")).text

    page = client.post(url(partner, "leave/"), follow=True)

    assert "You have left Nordlys." in said(page)
    assert not Membership.objects.filter(pk=leaver.pk).exists()
    assert Membership.objects.filter(pk=owner.pk).exists()


def test_last_owner_cannot_leave_and_is_shown_the_way(client, partner, owner):
    client.force_login(owner.user)
    alone = client.get(url(partner, "leave/")).text
    member(partner)
    with_colleague = client.get(url(partner, "leave/")).text
    page = client.post(url(partner, "leave/"), follow=True)

    assert "Invite a colleague as owner first" in alone
    assert "Hand over to a colleague first" in with_colleague
    assert "Somebody must own the partner." in said(page)
    assert Membership.objects.filter(pk=owner.pk).exists()


def test_last_owner_may_leave_what_has_ended(client, partner, owner):
    Partner.objects.filter(pk=partner.pk).update(status=Status.ENDED)
    client.force_login(owner.user)

    client.post(url(partner, "leave/"))

    assert not Membership.objects.filter(pk=owner.pk).exists()


@pytest.mark.parametrize(("afterwards", "role"), [("stay", Role.EDITOR), ("leave", None)])
def test_ownership_is_handed_over(client, partner, owner, afterwards, role):
    heir = member(partner, Role.READER, full_name="Arve Arving")
    client.force_login(owner.user)

    client.post(url(partner, "hand-over/"), {"to": heir.pk, "afterwards": afterwards}, follow=True)

    assert role_of(heir) == Role.OWNER
    assert Membership.objects.filter(pk=owner.pk).values_list("role", flat=True).first() == role
    assert Mail.objects.get().to_email == heir.user.email


@pytest.mark.parametrize("to", ["", "0", "me", "stranger", "inactive"])
def test_ownership_goes_to_nobody_but_a_colleague(client, partner, owner, to):
    member(partner)
    known = {
        "me": owner.pk,
        "stranger": MembershipFactory().pk,
        "inactive": member(partner, is_active=False).pk,
    }
    client.force_login(owner.user)

    page = client.post(url(partner, "hand-over/"), {"to": known.get(to, to), "afterwards": "leave"})

    assert page.status_code == 200
    assert role_of(owner) == Role.OWNER
    assert not Mail.objects.exists()


def test_ownership_with_nobody_to_hand_over_to_leads_to_inviting(client, partner, owner):
    client.force_login(owner.user)
    assert "There is nobody to hand over to yet" in client.get(url(partner, "hand-over/")).text


# --- The net below


def test_database_refuses_to_be_without_an_owner_and_services_say_it_kindly(partner, owner):
    """Whoever writes past the service's own look, such as the admin's inline, is told LastOwnerStays."""
    with pytest.raises(services.LastOwnerStays), services.keeping_an_owner():
        Membership.objects.filter(pk=owner.pk).delete()
    assert Membership.objects.filter(pk=owner.pk).exists()

    with pytest.raises(services.LastOwnerStays), services.keeping_an_owner():
        Membership.objects.filter(pk=owner.pk).update(role=Role.READER)
    assert role_of(owner) == Role.OWNER


def test_database_lets_ownership_change_hands_in_any_order(partner, owner):
    heir = member(partner)
    with services.keeping_an_owner():
        owner.delete()
        Membership.objects.filter(pk=heir.pk).update(role=Role.OWNER)
    assert role_of(heir) == Role.OWNER


def test_other_refusals_of_the_database_are_not_taken_for_the_last_owner(partner, owner):
    with pytest.raises(IntegrityError) as refusal, services.keeping_an_owner():
        Membership.objects.create(partner=partner, user=owner.user)
    assert violated(refusal.value) == "partners_membership_unique" != OWNER_CONSTRAINT


@pytest.mark.parametrize("status", [Status.APPLIED, Status.APPROVED, Status.PAUSED])
def test_partner_that_counts_keeps_an_owner(partner, owner, status):
    Partner.objects.filter(pk=partner.pk).update(status=status)
    with pytest.raises(services.LastOwnerStays), transaction.atomic():
        services.leave(partner=partner, user=owner.user)


def test_history_tells_who_removed_whom(client, partner, owner):
    editor = member(partner)
    client.force_login(owner.user)
    client.post(url(partner, f"{editor.pk}/remove/"))

    gone = Membership.changes.rel.related_model.objects.filter(pgh_obj_id=editor.pk).latest("pgh_id")

    assert gone.pgh_label == "delete"
    assert gone.pgh_context.metadata["user"] == owner.user_id
