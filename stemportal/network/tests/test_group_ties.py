"""What working groups add to a partner: tasks, its copy of the data, what ends with it, and who is forgotten."""

from __future__ import annotations

import pytest

from stemportal.accounts.deletion import delete_account, delete_unused_account
from stemportal.accounts.models import User
from stemportal.network import ties_groups as ties
from stemportal.network.models import DocumentVersion, GroupDocument, GroupMember, Post, WorkingGroup
from stemportal.network.services import groups as services
from stemportal.outbox.models import Mail
from stemportal.partners.extensions import tasks_of
from stemportal.partners.models import Membership
from stemportal.partners.queries.people import people_of
from stemportal.testing.factories import MembershipFactory, StaffFactory, UserFactory
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    GroupMemberFactory,
    PostFactory,
    WorkingGroupFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(user__full_name="Ingrid Prøve", user__email="ingrid@nordlys.example.no")


@pytest.fixture
def member(owner) -> GroupMember:
    return GroupMemberFactory(user=owner.user, partner=owner.partner, group__name_en="Films", leads=True)


def titles(membership: Membership) -> list[str]:
    return [task.title for task in tasks_of(membership)]


def test_lead_finds_who_has_asked_and_invited_people_the_invitation_in_their_room(member, owner):
    other = MembershipFactory()
    WorkingGroup.objects.update(is_open=False)
    services.apply_to_group(group=member.group, user=other.user, partner=other.partner, message="")
    assert "1 person would like to join Films" in titles(owner)
    assert not [title for title in titles(other) if "Films" in title]

    services.leave_group(member=GroupMember.objects.get(user=other.user))
    services.invite_person(group=member.group, person=other.user, partner=other.partner, by=owner.user)

    assert "Invitation to the working group Films" in titles(other)
    assert not [title for title in titles(owner) if "Films" in title]


def test_end_of_a_partnership_gives_places_and_lead_up(member, owner):
    end = ties.GroupsAtEnd()
    told = end.tell(owner.partner)[0]
    assert (told.count, told.examples) == (1, ["Ingrid Prøve: Films"])

    end.carry_out(owner.partner, by=owner.user, message="")

    assert GroupMember.objects.get().status == GroupMember.Status.LEFT
    assert WorkingGroup.objects.get().lead is None


def test_copy_of_the_data_has_what_its_people_wrote_and_not_what_others_did(member, owner):
    thread = PostFactory(group=member.group, by=owner.user, title="Lengde", text="Ti minutter.")
    PostFactory(group=member.group, thread=thread, title="", text="Noe helt annet.")
    # Written by the same person in a group where somebody else was asked to be.
    PostFactory(by=owner.user, text="For en annen.")
    version = DocumentVersionFactory(group=member.group, by=owner.user)

    assert [(row["group"], row["leads"]) for row in ties.memberships(owner.partner)] == [("Films", True)]
    assert [row["text"] for row in ties.posts(owner.partner)] == ["Ti minutter."]
    name = f"group-{version.document_id}-1.pdf"
    assert [row["file"] for row in ties.documents(owner.partner)] == [name]
    assert list(ties.files(owner.partner)) == [(name, version.file.name)]


def test_forgotten_partner_leaves_words_without_names(member, owner):
    staff = StaffFactory()
    services.choose_mail(member=member, notify="each")
    PostFactory(group=member.group, by=owner.user, text="Hilsen Ingrid Prøve")
    answer = PostFactory(group=member.group, by=staff, title="", text="Takk, ingrid prøve!", thread=Post.objects.get())
    DocumentVersionFactory(group=member.group, by=owner.user, name="Ingrid Prøve.pdf")
    other = GroupMemberFactory(group=member.group)
    services.hand_over_lead(group=member.group, to=other, by=owner.user)
    assert Mail.objects.filter(text__contains="Ingrid Prøve").exists()

    ties.forget(owner.partner, people_of(owner.partner))

    assert sorted(Post.objects.values_list("text", flat=True)) == ["Hilsen …", "Takk, …!"]
    assert set(Post.objects.exclude(pk=answer.pk).values_list("by", flat=True)) == {None}
    assert Post.objects.get(pk=answer.pk).by == staff
    assert DocumentVersion.objects.get().name == "….pdf"
    assert (DocumentVersion.objects.get().by, GroupDocument.objects.get().added_by) == (None, None)
    assert [row.user for row in GroupMember.objects.all()] == [other.user]
    assert not Mail.objects.filter(text__contains="Ingrid Prøve").exists()


def test_account_goes_when_only_a_group_it_has_left_is_left(owner):
    person = UserFactory()
    left = GroupMemberFactory(user=person, partner=owner.partner, status=GroupMember.Status.LEFT)
    assert not delete_unused_account(user_pk=person.pk)

    ties.forget(owner.partner, people_of(owner.partner))

    assert delete_unused_account(user_pk=left.user_id)


def test_deleted_account_takes_its_name_out_of_the_groups(member, owner):
    post = PostFactory(group=member.group, by=owner.user, text="Hilsen Ingrid Prøve")
    MembershipFactory(partner=owner.partner)

    delete_account(user_pk=owner.user.pk)

    post.refresh_from_db()
    assert (post.by, post.text) == (None, "Hilsen …")
    assert not User.objects.filter(pk=owner.user_id).exists()
    assert WorkingGroup.objects.get().lead is None


def test_other_groups_keep_their_words(member, owner):
    other = PostFactory(group=WorkingGroupFactory(), text="Ingrid Prøve kommer.")

    ties.forget(owner.partner, people_of(owner.partner))

    other.refresh_from_db()
    assert other.text == "Ingrid Prøve kommer."
