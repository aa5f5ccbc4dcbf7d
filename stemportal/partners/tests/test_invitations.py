"""Inviting a colleague: the mail, its page in every state, and that only the invited address opens the door."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.partners.models import Invitation, Membership, Partner, token_hash
from stemportal.partners.services import members as services
from stemportal.testing.factories import MembershipFactory, PartnerFactory, UserFactory

pytestmark = pytest.mark.django_db
Role, Status = Membership.Role, Partner.Status
INVITED = "kollega@example.org"


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(
        partner=PartnerFactory(display_name="Nordlys"), user__full_name="Eva Eier", user__language="nn"
    )


def room(owner, rest="") -> str:
    return f"/en/partner/{owner.partner_id}/{rest}"


def invite(owner, email=INVITED, role="editor", client=None, **more):
    client = client or logged_in(owner.user)
    return client.post(room(owner, "members/invite/"), {"email": email, "role": role}, **more)


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def link(email=INVITED, language="en") -> str:
    """The page behind the newest invitation to an address, in English."""
    mail = Mail.objects.filter(to_email=email, template="partner_invitation").latest("pk")
    token = re.search(r"/invitations/([\w-]+)/", mail.text)[1]
    return f"/{language}/invitations/{token}/"


def code_to(email=INVITED) -> str:
    return Mail.objects.filter(to_email=email, template="login_code").latest("pk").subject.rpartition(": ")[2]


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def is_member(user, owner) -> bool:
    return Membership.objects.filter(user=user, partner=owner.partner).exists()


# --- Writing one


def test_invitation_is_mailed_with_a_link_that_is_not_stored(owner):
    page = invite(owner, "  Kollega@Example.org ", follow=True)

    mail = Mail.objects.get()
    token = re.search(r"/invitations/([\w-]+)/", mail.text)[1]
    invitation = Invitation.objects.get()
    assert said(page) == f"We have sent an invitation to {INVITED}. You get a mail when it is accepted."
    assert (mail.to_email, invitation.email, invitation.role) == (INVITED, INVITED, "editor")
    assert invitation.token_hash == token_hash(token)
    assert token not in str(Invitation.objects.values().get())
    assert timedelta(days=13, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=14)
    assert "Eva Eier" in mail.subject


def test_invitation_to_somebody_new_is_in_the_inviters_language_of_the_page(owner):
    invite(owner)
    assert "/en/invitations/" in Mail.objects.get().text


def test_invitation_to_somebody_known_is_in_their_language(owner):
    UserFactory(email=INVITED, language="nn")
    invite(owner)
    assert "/nn/invitations/" in Mail.objects.get().text


@pytest.mark.parametrize("email", ["", "kollega", "a@b", "x" * 250 + "@example.org", "<script>@example.org"])
def test_invitation_to_what_is_no_address_is_refused(owner, email):
    page = invite(owner, email)
    assert page.context["form"].errors["email"]
    assert not Mail.objects.exists()


@pytest.mark.parametrize("role", ["", "emperor"])
def test_invitation_needs_a_role_that_exists(owner, role):
    assert invite(owner, role=role).status_code == 200
    assert not Invitation.objects.exists()


def test_invitation_of_a_member_says_so_kindly(owner):
    person = UserFactory(email="hoved@example.org", full_name="Mona Medlem")
    MembershipFactory(partner=owner.partner, user=person, role=Role.READER)
    EmailAddress.objects.create(user=person, email=INVITED, verified=True)

    for address in (INVITED, "HOVED@example.org"):
        assert "Mona Medlem is a member already, as reader." in invite(owner, address).text
    assert not Mail.objects.exists()


def test_invitation_of_an_address_that_is_invited_already_mails_nobody_twice(owner):
    invite(owner)
    page = invite(owner, INVITED.upper())
    assert "is invited already" in page.text
    assert Mail.objects.count() == 1


def test_invitation_that_has_run_out_makes_room_for_a_new_one(owner):
    with time_machine.travel(timezone.now() - timedelta(days=15)):
        invite(owner)
    invite(owner)

    old, new = Invitation.objects.order_by("pk")
    assert old.revoked_at is not None
    assert new.is_open


def test_invitations_are_limited_per_person_and_per_partner(owner, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "invite": (2, 3600)}
    answers = [invite(owner, f"k{n}@example.org") for n in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "Many invitations have been sent" in answers[-1].text
    assert Mail.objects.count() == 2

    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "invite": (100, 3600), "invite_partner": (3, 3600)}
    pk = Invitation.objects.first().pk
    for _try in range(3):
        logged_in(owner.user).post(room(owner, f"invitations/{pk}/resend/"))
    assert Mail.objects.count() == 3, "one of three: two had been counted before"


def test_invitation_of_a_closed_partnership_is_refused(owner):
    Partner.objects.filter(pk=owner.partner_id).update(status=Status.ENDED)
    assert invite(owner).status_code == 403
    with pytest.raises(services.InvitationClosed):
        services.invite_member(partner=owner.partner, email=INVITED, role="editor", by=owner.user, language="nb")
    assert not Mail.objects.exists()


def test_invitation_by_somebody_who_is_no_owner_any_more_is_refused(owner):
    MembershipFactory(partner=owner.partner)
    services.leave(partner=owner.partner, user=owner.user)
    with pytest.raises(services.NotAnOwner):
        services.invite_member(partner=owner.partner, email=INVITED, role="editor", by=owner.user, language="nb")


# --- Sending again, taking back


def test_invitation_sent_again_has_a_new_link_and_the_old_one_is_dead(owner):
    client = logged_in(owner.user)
    invite(owner, client=client)
    old, pk = link(), Invitation.objects.get().pk
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        client.force_login(owner.user)
        page = client.post(room(owner, f"invitations/{pk}/resend/"), follow=True)
        assert "no longer works" in said(page)
        assert Client().get(old).status_code == 404
        assert "We do not know this invitation" in Client().get(old).text
        assert Client().get(link()).status_code == 200
    assert Mail.objects.count() == 2


def test_invitation_taken_back_says_so_on_its_page(owner):
    client = logged_in(owner.user)
    invite(owner, client=client)
    pk = Invitation.objects.get().pk
    client.post(room(owner, f"invitations/{pk}/take-back/"))

    page = Client().get(link())
    assert page.status_code == 410
    assert "This invitation was taken back" in page.text
    assert INVITED not in page.text
    again = client.post(room(owner, f"invitations/{pk}/resend/"), follow=True)
    assert "used or taken back meanwhile" in said(again)
    assert "taken back on" in client.get(room(owner, "members/")).text
    assert Mail.objects.count() == 1


def test_invitation_of_another_partner_cannot_be_touched(owner):
    invite(owner)
    stranger, pk = MembershipFactory(), Invitation.objects.get().pk
    client = logged_in(stranger.user)
    for what in ("resend", "take-back"):
        assert client.post(room(stranger, f"invitations/{pk}/{what}/")).status_code == 404
        assert client.post(room(owner, f"invitations/{pk}/{what}/")).status_code == 404
    assert Invitation.objects.get().is_open


def test_invitation_that_is_used_cannot_be_taken_back_any_more(owner):
    person = UserFactory(email=INVITED)
    invite(owner)
    invitation = Invitation.objects.get()
    services.accept_invitation(invitation=invitation, user=person)

    assert not services.revoke_invitation(invitation=invitation, by=owner.user)
    assert not services.resend_invitation(invitation=invitation, by=owner.user, language="nb")
    assert is_member(person, owner)


# --- The page


def test_page_is_not_found_by_search_engines_and_not_kept(owner):
    invite(owner)
    page = Client().get(link())
    assert "noindex" in page.text
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("token", ["x", "a" * 32, "-", "../x"])
def test_page_of_an_unknown_invitation_is_kind(token):
    assert Client().get(f"/en/invitations/{token}/").status_code == 404


def test_opening_the_page_changes_nothing(owner):
    invite(owner)
    for client in (Client(), logged_in(UserFactory()), logged_in(UserFactory(email=INVITED))):
        assert client.get(link()).status_code == 200
    assert Invitation.objects.get().accepted_at is None
    assert Mail.objects.count() == 1
    assert Membership.objects.count() == 1


def test_somebody_new_proves_the_address_with_a_code_and_gives_a_name(owner):
    invite(owner, role="reader")
    client = Client()
    page = client.get(link())
    assert "Eva Eier invites you to be a member of Nordlys" in page.text
    assert not User.objects.filter(email=INVITED).exists()

    page = client.post(link(), follow=True)
    assert page.redirect_chain[-1][0].startswith("/en/account/login/code/confirm/")
    assert not is_member(User.objects.get(email=INVITED), owner), "the link alone opens nothing"
    page = client.post(page.redirect_chain[-1][0], {"code": code_to(), "next": link()}, follow=True)
    assert page.redirect_chain[-1][0] == link()
    page = client.post(link(), {"full_name": ""})
    assert not is_member(User.objects.get(email=INVITED), owner), "without a name"
    page = client.post(link(), {"full_name": " Ny   Kollega "}, follow=True)

    person = User.objects.get(email=INVITED)
    membership = Membership.objects.get(user=person, partner=owner.partner)
    assert (person.full_name, person.language, membership.role) == ("Ny Kollega", "en", Role.READER)
    assert "Welcome! You now look after Nordlys as reader." in said(page)
    assert page.redirect_chain[-1][0] == room(owner)
    mail = Mail.objects.get(to_email=owner.user.email)
    assert "Ny Kollega" in mail.text
    assert "/nn/partner/" in mail.text


def test_somebody_known_accepts_with_one_button(owner):
    person = UserFactory(email=INVITED, full_name="Kari Kjent")
    invite(owner)
    client = logged_in(person)
    assert "Your name" not in client.get(link()).text

    client.post(link())

    assert is_member(person, owner)
    assert User.objects.get(pk=person.pk).full_name == "Kari Kjent"


@pytest.mark.parametrize("name", ["01017012345", "01 01 70 12345"])
def test_personal_number_typed_as_name_is_not_kept(owner, name):
    person = UserFactory(email=INVITED, full_name="")
    invite(owner)
    page = logged_in(person).post(link(), {"full_name": name})
    assert "personal identity number" in page.text
    assert not is_member(person, owner)
    assert User.objects.get(pk=person.pk).full_name == ""


def test_link_that_was_forwarded_opens_nothing_for_somebody_else(owner):
    other = UserFactory(email="annen@example.org")
    invite(owner)
    client = logged_in(other)
    page = client.get(link())
    assert "You are logged in as annen@example.org, but the invitation is for kollega@example.org." in page.text

    page = client.post(link())

    assert not is_member(other, owner)
    assert Invitation.objects.get().is_open
    with pytest.raises(services.NotInvited):
        services.accept_invitation(invitation=Invitation.objects.get(), user=other)


def test_somebody_else_may_log_out_and_go_on_with_the_invited_address(owner):
    person = UserFactory(email=INVITED)
    invite(owner)
    client = logged_in(UserFactory())

    page = client.post(link(), {"switch": "yes"}, follow=True)
    assert "_auth_user_id" not in client.session
    client.post(page.redirect_chain[-1][0], {"code": code_to(), "next": link()})
    client.post(link())

    assert is_member(person, owner)


def test_second_address_of_an_account_counts_once_it_is_confirmed(owner):
    person = UserFactory(email="hoved@example.org")
    address = EmailAddress.objects.create(user=person, email=INVITED, verified=False)
    invite(owner)
    client = logged_in(person)
    client.post(link())
    assert not is_member(person, owner), "anybody can write down an address"

    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    client.post(link())

    assert is_member(person, owner)
    assert User.objects.count() == 2, "no second account is made"


def test_code_for_a_second_address_logs_into_the_account_that_has_it(owner):
    person = UserFactory(email="hoved@example.org")
    EmailAddress.objects.create(user=person, email=INVITED, verified=True)
    invite(owner)
    client = Client()
    page = client.post(link(), follow=True)
    client.post(page.redirect_chain[-1][0], {"code": code_to(), "next": link()})
    client.post(link())

    assert is_member(person, owner)
    assert not User.objects.filter(email=INVITED).exists()


def test_codes_of_a_link_cannot_be_asked_for_without_end(owner):
    invite(owner)
    for _try in range(8):
        page = Client().post(link(), follow=True)
    assert Mail.objects.filter(template="login_code").count() == 3
    assert "Too many" in page.text


# --- Too late


def test_invitation_used_by_me_leads_to_the_room(owner):
    person = UserFactory(email=INVITED)
    invite(owner)
    client = logged_in(person)
    client.post(link())

    for page in (client.get(link()), client.post(link())):
        assert page.status_code == 200
        assert "You are a member of Nordlys." in page.text
    assert Membership.objects.filter(partner=owner.partner).count() == 2


@pytest.mark.parametrize("who", ["visitor", "other", "me, removed"])
def test_invitation_used_before_works_for_nobody(owner, who):
    person = UserFactory(email=INVITED)
    invite(owner)
    membership = services.accept_invitation(invitation=Invitation.objects.get(), user=person)
    if who == "me, removed":
        services.remove_member(partner=owner.partner, membership_id=membership.pk, by=owner.user)
    client = {"visitor": Client(), "other": logged_in(UserFactory()), "me, removed": logged_in(person)}[who]

    for page in (client.get(link()), client.post(link())):
        assert page.status_code == 410
        assert "This invitation has been used" in page.text
    assert is_member(person, owner) == (who != "me, removed")


def test_invitation_runs_out_after_14_days(owner):
    person = UserFactory(email=INVITED)
    invite(owner)
    begin = timezone.now()
    with time_machine.travel(begin + timedelta(days=13, hours=23)):
        assert "Accept the invitation" in logged_in(person).get(link()).text
    with time_machine.travel(begin + timedelta(days=14, minutes=1)):
        client = logged_in(person)
        for page in (client.get(link()), client.post(link())):
            assert page.status_code == 410
            assert "This invitation has run out" in page.text
        assert "Has run out" in logged_in(owner.user).get(room(owner, "members/")).text
    assert not is_member(person, owner)


@pytest.mark.parametrize("status", [Status.ENDED, Status.DECLINED])
def test_invitation_to_what_has_ended_is_closed(owner, status):
    person = UserFactory(email=INVITED)
    invite(owner)
    Partner.objects.filter(pk=owner.partner_id).update(status=status)
    client = logged_in(person)

    for page in (client.get(link()), client.post(link())):
        assert page.status_code == 410
        assert "This partnership is not active" in page.text
    with pytest.raises(services.InvitationClosed):
        services.accept_invitation(invitation=Invitation.objects.get(), user=person)
    assert not is_member(person, owner)


def test_invitation_that_was_sent_again_is_not_accepted_by_the_page_of_its_old_link(owner):
    person = UserFactory(email=INVITED)
    invite(owner)
    seen = Invitation.objects.get()
    services.resend_invitation(invitation=Invitation.objects.get(), by=owner.user, language="nb")
    with pytest.raises(services.InvitationClosed):
        services.accept_invitation(invitation=seen, user=person)


def test_member_who_accepts_another_invitation_keeps_the_role(owner):
    person = UserFactory(email=INVITED)
    invite(owner, role="reader")
    MembershipFactory(partner=owner.partner, user=person, role=Role.OWNER)
    client = logged_in(person)
    assert "You are a member already, and keep your role: Owner." in client.get(link()).text

    client.post(link())

    assert Membership.objects.get(partner=owner.partner, user=person).role == Role.OWNER
    assert not Mail.objects.filter(template="partner_invitation_accepted").exists()


@pytest.mark.parametrize("language", ["", "nn/", "en/"])
def test_every_page_of_an_invitation_opens_in_every_language(owner, language):
    invite(owner)
    token = link().split("/")[-2]
    assert Client().get(f"/{language}invitations/{token}/").status_code == 200
    assert Client().get(f"/{language}invitations/no/").status_code == 404
