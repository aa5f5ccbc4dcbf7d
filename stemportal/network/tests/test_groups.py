"""Working groups: coming in, being let in, invited and taken out, leading, and whose membership still counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from stemportal.network import group_errors as errors
from stemportal.network.access_groups import group_for
from stemportal.network.models import GroupMember, WorkingGroup
from stemportal.network.queries.groups import applications_for_secretariat, members_of
from stemportal.network.services import groups as services
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner
from stemportal.testing.factories import MembershipFactory, StaffFactory, UserFactory
from stemportal.testing.network_factories import GroupMemberFactory, WorkingGroupFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]

Status = GroupMember.Status


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(partner__display_name="Nordlys", user__email="ingrid@nordlys.example.no")


@pytest.fixture
def closed() -> WorkingGroup:
    """Led by somebody of another partner."""
    group = WorkingGroupFactory(is_open=False, name_en="Buses")
    GroupMemberFactory(group=group, leads=True, user__email="lead@example.org")
    return group


def ask(group: WorkingGroup, owner: Membership) -> GroupMember:
    return services.apply_to_group(group=group, user=owner.user, partner=owner.partner, message="Vi kjører selv.")


def to(email: str) -> list[str]:
    return list(Mail.objects.filter(to_email=email).order_by("pk").values_list("subject", flat=True))


def test_open_group_is_joined_at_once_and_once(owner):
    group = WorkingGroupFactory()

    for _again in range(2):
        services.join_group(group=group, user=owner.user, partner=owner.partner)

    member = GroupMember.objects.get()
    assert (member.status, member.partner, member.notify) == (Status.MEMBER, owner.partner, "daily")
    assert not Mail.objects.exists()


def test_closed_group_is_not_joined_without_asking(owner, closed):
    with pytest.raises(errors.NotOpen):
        services.join_group(group=closed, user=owner.user, partner=owner.partner)


def test_applicant_reads_nothing_until_the_lead_lets_in(owner, closed):
    member = ask(closed, owner)
    assert to(closed.lead.email) == [f"{owner.user} would like to join Buses"]
    with pytest.raises(PermissionDenied):
        group_for(owner.user, closed.slug, read=True)

    services.answer_application(member=member, accept=True, by=closed.lead, line="Velkommen!")

    assert group_for(owner.user, closed.slug, write=True).takes_part
    mail = Mail.objects.get(to_email=owner.user.email)
    assert mail.subject == "You are in: Buses"
    assert "«Velkommen!»" in mail.text
    # What was written to be let in has done its work.
    assert not GroupMember.objects.exclude(message="").exists()


def test_application_is_answered_once(owner, closed):
    member = ask(closed, owner)
    services.answer_application(member=member, accept=False, by=closed.lead)

    with pytest.raises(errors.MovedOn):
        services.answer_application(member=member, accept=True, by=closed.lead)

    assert to(owner.user.email) == ["About your wish to join Buses"]
    assert GroupMember.objects.get(pk=member.pk).status == Status.DECLINED


def test_who_was_declined_may_ask_again_after_a_month(owner, closed):
    services.answer_application(member=ask(closed, owner), accept=False, by=closed.lead)
    assert group_for(owner.user, closed.slug).way_in == "declined"
    with pytest.raises(errors.AskedAlready):
        ask(closed, owner)

    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert group_for(owner.user, closed.slug).way_in == "apply"
        assert ask(closed, owner).status == Status.APPLIED


def test_who_was_taken_out_of_an_open_group_does_not_come_back_by_a_click(owner):
    group = WorkingGroupFactory(name_en="Films")
    member = services.join_group(group=group, user=owner.user, partner=owner.partner)

    services.remove_member(member=member, by=StaffFactory())

    assert to(owner.user.email) == ["You are not a member of Films any more"]
    with pytest.raises(errors.NotOpen):
        services.join_group(group=group, user=owner.user, partner=owner.partner)


def test_invited_person_says_yes_or_no(owner, closed):
    invited = services.invite_address(group=closed, email=" Ingrid@nordlys.example.no", by=closed.lead)
    assert (invited.user, invited.partner) == (owner.user, owner.partner)
    assert to(owner.user.email) == ["Invitation to the working group Buses"]
    with pytest.raises(errors.AlreadyIn):
        services.invite_address(group=closed, email=owner.user.email, by=closed.lead)

    services.answer_invitation(member=invited, accept=False)
    assert not members_of(closed).filter(user=owner.user).exists()

    again = services.invite_address(group=closed, email=owner.user.email, by=closed.lead)
    services.answer_invitation(member=again, accept=True)
    assert members_of(closed).filter(user=owner.user).exists()


def test_invitation_that_was_taken_back_cannot_be_accepted(owner, closed):
    invited = services.invite_address(group=closed, email=owner.user.email, by=closed.lead)
    services.remove_member(member=invited, by=closed.lead)

    with pytest.raises(errors.MovedOn):
        services.answer_invitation(member=invited, accept=True)


def test_inviting_somebody_who_has_asked_lets_in(owner, closed):
    ask(closed, owner)

    member = services.invite_address(group=closed, email=owner.user.email, by=closed.lead)

    assert member.status == Status.MEMBER
    assert to(owner.user.email) == ["You are in: Buses"]


@pytest.mark.parametrize("email", ["nobody@example.org", "teacher@example.org", "waiting@example.org"])
def test_only_people_of_approved_partners_are_invited(closed, email):
    UserFactory(email="teacher@example.org")
    MembershipFactory(user__email="waiting@example.org", partner__status=Partner.Status.APPLIED)

    with pytest.raises(errors.NobodyToInvite):
        services.invite_address(group=closed, email=email, by=closed.lead)

    assert not Mail.objects.exists()


def test_lead_leaves_only_after_handing_over(owner, closed):
    lead = GroupMember.objects.get(group=closed)
    other = GroupMemberFactory(group=closed)
    with pytest.raises(errors.LeadStays):
        services.leave_group(member=lead)

    services.hand_over_lead(group=closed, to=other, by=lead.user)
    services.leave_group(member=lead)

    assert WorkingGroup.objects.get().lead == other.user
    assert to(other.user.email) == ["You lead the working group Buses now"]
    assert [member.user for member in members_of(closed)] == [other.user]


def test_lead_is_not_handed_to_somebody_outside(owner, closed):
    left = GroupMemberFactory(group=closed, status=Status.LEFT)

    with pytest.raises(errors.MovedOn):
        services.hand_over_lead(group=closed, to=left, by=closed.lead)


def test_membership_ends_with_the_place_at_the_partner_and_with_its_approval(owner, closed):
    GroupMemberFactory(group=closed, user=owner.user, partner=owner.partner)
    assert group_for(owner.user, closed.slug, read=True).takes_part

    Partner.objects.filter(pk=owner.partner.pk).update(status=Partner.Status.PAUSED)
    with pytest.raises(Http404):
        group_for(owner.user, closed.slug)

    Partner.objects.filter(pk=owner.partner.pk).update(status=Partner.Status.APPROVED)
    other = MembershipFactory(partner=owner.partner)
    Membership.objects.filter(pk=owner.pk).delete()
    with pytest.raises(Http404):
        group_for(owner.user, closed.slug)
    assert group_for(other.user, closed.slug).way_in == "apply"


def test_who_has_moved_to_another_partner_comes_in_for_it(owner):
    group = WorkingGroupFactory()
    services.join_group(group=group, user=owner.user, partner=owner.partner)
    MembershipFactory(partner=owner.partner)
    Membership.objects.filter(pk=owner.pk).delete()
    new = MembershipFactory(user=owner.user)
    assert group_for(owner.user, group.slug).way_in == "join"

    services.join_group(group=group, user=owner.user, partner=new.partner)

    assert GroupMember.objects.get().partner == new.partner


def test_application_goes_to_the_secretariat_when_the_lead_has_left_the_partner(owner, closed):
    lead = GroupMember.objects.get(group=closed)
    member = ask(closed, owner)
    assert not applications_for_secretariat().exists()

    Partner.objects.filter(pk=lead.partner_id).update(status=Partner.Status.ENDED)
    assert list(applications_for_secretariat()) == [member]

    GroupMember.objects.filter(pk=member.pk).delete()
    ask(closed, owner)
    assert len(to(settings.SECRETARIAT_EMAIL)) == 1


def test_guest_of_the_secretariat_takes_part_without_a_partner(closed):
    expert = UserFactory()

    member = services.invite_person(group=closed, person=expert, partner=None, by=StaffFactory())
    services.answer_invitation(member=member, accept=True)

    assert group_for(expert, closed.slug, write=True).takes_part


def test_ended_group_is_read_and_takes_nobody_in(owner, closed):
    applicant, lead = ask(closed, owner), closed.lead
    assert services.end_group(group=closed)
    assert not services.end_group(group=closed)

    assert to(owner.user.email) == ["About your wish to join Buses"]
    assert GroupMember.objects.get(pk=applicant.pk).status == Status.LEFT
    access = group_for(lead, closed.slug, read=True)
    assert (access.writes, access.manages, group_for(owner.user, closed.slug).way_in) == (False, False, "")
    with pytest.raises(errors.GroupEnded):
        ask(closed, owner)

    services.reopen_group(group=closed)
    assert ask(closed, owner).status == Status.APPLIED


def test_group_has_a_most_of_members(owner, monkeypatch):
    monkeypatch.setattr(services, "MOST_MEMBERS", 1)
    group = GroupMemberFactory().group

    with pytest.raises(errors.GroupFull):
        services.join_group(group=group, user=owner.user, partner=owner.partner)


def test_invitation_holds_its_place_until_it_is_answered(owner, monkeypatch):
    invited = GroupMemberFactory(user=owner.user, partner=owner.partner, status=Status.INVITED)
    monkeypatch.setattr(services, "MOST_MEMBERS", 1)

    assert services.answer_invitation(member=invited, accept=True).status == Status.MEMBER


def test_secretariat_appoints_a_lead_who_becomes_a_member(owner):
    group = WorkingGroupFactory(name_en="Films")

    services.appoint_lead(group=group, person=owner.user, by=StaffFactory())

    access = group_for(owner.user, group.slug, manage=True)
    assert (access.leads, access.member.partner) == (True, owner.partner)
    assert to(owner.user.email) == ["You lead the working group Films now"]
