"""Working groups on the secretariat's desk: made with a lead, ended, people brought in, posts taken away."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from stemportal.network.models import GroupMember, Post, WorkingGroup
from stemportal.network.services import groups as services
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership
from stemportal.testing.factories import MembershipFactory, StaffFactory, UserFactory
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    GroupMemberFactory,
    PostFactory,
    WorkingGroupFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]

NO_INLINES = {"members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0}


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory()


def act(desk: Client, model: str, action: str, *rows) -> None:
    path = reverse(f"admin:network_{model}_changelist")
    desk.post(path, {"action": action, "_selected_action": [row.pk for row in rows]})


def test_new_group_gets_its_lead_who_is_told(desk, owner):
    facts = {"name_nb": "Film i klasserommet", "name_en": "Films", "slug": "film", "lead": owner.user.pk}
    made = desk.post(reverse("admin:network_workinggroup_add"), {**facts, **NO_INLINES, "is_open": "on"})
    assert made.status_code == 302, made.content

    group = WorkingGroup.objects.get()
    assert group.lead == owner.user
    member = GroupMember.objects.get()
    assert (member.user, member.partner, member.status) == (owner.user, owner.partner, "member")
    assert Mail.objects.get().subject == "You lead the working group Films now"

    # Saving once more tells nobody anything.
    page = reverse("admin:network_workinggroup_change", args=[group.pk])
    desk.post(page, {**facts, **NO_INLINES, "text_nb": "Vi ser filmer."})
    assert (Mail.objects.count(), WorkingGroup.objects.get().is_open) == (1, False)

    desk.post(page, {**facts, **NO_INLINES, "lead": ""})
    assert WorkingGroup.objects.get().lead is None


@pytest.mark.parametrize(
    ("status", "subject"), [("invited", "Invitation to the working group Films"), ("member", None)]
)
def test_guest_is_brought_in(desk, status, subject):
    group, guest = WorkingGroupFactory(name_en="Films"), UserFactory()
    left = GroupMemberFactory(group=group, user=guest, partner=None, status="left")

    made = desk.post(
        reverse("admin:network_groupmember_add"), {"group": group.pk, "user": guest.pk, "partner": "", "status": status}
    )

    assert made.status_code == 302, made.content
    left.refresh_from_db()
    assert (left.status, GroupMember.objects.count()) == (status, 1)
    assert list(Mail.objects.values_list("subject", flat=True)) == ([subject] if subject else [])


def test_nobody_takes_part_for_a_partner_of_others(desk, owner):
    group = WorkingGroupFactory()
    facts = {"group": group.pk, "user": UserFactory().pk, "partner": owner.partner.pk, "status": "member"}

    refused = desk.post(reverse("admin:network_groupmember_add"), facts)

    assert "This person does not act for this partner." in refused.content.decode()
    assert not GroupMember.objects.exists()


def test_queue_of_groups_without_a_lead_is_answered_from_the_list(desk, owner):
    group = WorkingGroupFactory(is_open=False, name_en="Films")
    asked = services.apply_to_group(group=group, user=owner.user, partner=owner.partner, message="")
    led = GroupMemberFactory(leads=True)
    services.apply_to_group(group=led.group, user=owner.user, partner=owner.partner, message="")
    queues = {queue.label: queue for queue in desk.get("/en/admin/").context["queues"]}
    queue = queues["Who would like to join a working group that nobody leads"]
    assert queue.count == 1
    listed = desk.get(queue.url).context["cl"].queryset
    assert list(listed) == [asked]

    act(desk, "groupmember", "let_in", asked)

    asked.refresh_from_db()
    assert asked.status == "member"
    assert Mail.objects.filter(to_email=owner.user.email, subject="You are in: Films").exists()


def test_groups_end_and_work_again(desk):
    group = WorkingGroupFactory()
    act(desk, "workinggroup", "end_chosen", group)
    group.refresh_from_db()
    assert not group.is_active

    act(desk, "workinggroup", "reopen_chosen", group)
    group.refresh_from_db()
    assert group.is_active


def test_posts_and_documents_are_taken_away_and_put_back(desk):
    post, version = PostFactory(), DocumentVersionFactory()

    act(desk, "post", "take_away", post)
    act(desk, "groupdocument", "take_away", version.document)
    assert Post.objects.get().removed_at
    version.document.refresh_from_db()
    assert version.document.removed_at

    act(desk, "post", "put_back", post)
    act(desk, "groupdocument", "put_back", version.document)
    assert Post.objects.get().removed_at is None
    version.document.refresh_from_db()
    assert version.document.removed_at is None


def test_staff_do_not_write_in_other_peoples_name(desk):
    post = PostFactory()

    desk.post(reverse("admin:network_post_change", args=[post.pk]), {"text": "Noe annet"})

    assert Post.objects.get().text == post.text
    assert desk.get(reverse("admin:network_post_add")).status_code == 403


def test_lists_open_with_rows_in_them(desk):
    member = GroupMemberFactory(leads=True)
    post, version = PostFactory(group=member.group), DocumentVersionFactory(group=member.group)
    rows = {"workinggroup": member.group, "groupmember": member, "post": post, "groupdocument": version.document}

    for model, row in rows.items():
        assert desk.get(reverse(f"admin:network_{model}_changelist")).status_code == 200, model
        assert desk.get(reverse(f"admin:network_{model}_change", args=[row.pk])).status_code == 200, model
