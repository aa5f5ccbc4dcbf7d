"""Meetings that the lead of a working group plans on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.network.models import GroupMember, Meeting, Rsvp, WorkingGroup
from stemportal.network.queries.meetings import own_invitations
from stemportal.network.services import groups, invitations, meeting_mails, meetings
from stemportal.network.services import rsvp as rsvp_services
from stemportal.outbox.models import Mail
from stemportal.testing.factories import MembershipFactory
from stemportal.testing.network_factories import GroupMemberFactory, MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]


@pytest.fixture
def lead():
    membership = MembershipFactory()
    return GroupMemberFactory(user=membership.user, partner=membership.partner, leads=True)


@pytest.fixture
def client(lead) -> Client:
    client = Client()
    client.force_login(lead.user)
    return client


def form_of(**changes) -> dict[str, str]:
    day = timezone.localdate() + timedelta(days=20)
    facts = {"title": "Sjekklista", "day": day.isoformat(), "begins": "09:00", "ends": "10:30", "place": "Her"}
    return {**facts, **changes}


def plan(client, lead, **changes):
    return client.post(reverse("network:group_meeting_add", args=[lead.group.slug]), form_of(**changes))


def test_lead_plans_a_meeting_and_the_members_are_invited(client, lead):
    member = GroupMemberFactory(group=lead.group)
    outsider = MembershipFactory().user
    assert "Plan a meeting" in client.get(lead.group.get_absolute_url()).content.decode()

    response = plan(client, lead, text="Ta med **lista**.")

    meeting = Meeting.objects.get()
    assert response["Location"] == meeting.get_absolute_url()
    begins = timezone.localtime(meeting.starts_at)
    assert (begins.hour, meeting.ends_at - meeting.starts_at) == (9, timedelta(minutes=90))
    assert set(Rsvp.objects.values_list("user", flat=True)) == {lead.user.pk, member.user.pk}
    meeting_mails.mail_meeting(meeting.pk)
    assert Mail.objects.filter(to_email=member.user.email, subject="Invitation: Sjekklista").count() == 1

    stranger = Client()
    stranger.force_login(outsider)
    assert stranger.get(meeting.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends": "08:00"}, "must end after it begins"),
        ({"day": "2020-01-01"}, "still to come"),
        ({"place": ""}, "Write a place or a video link"),
        ({"video_link": "javascript:alert(1)", "place": ""}, "valid URL"),
        ({"title": ""}, "required"),
    ],
    ids=["end", "past", "nowhere", "link", "title"],
)
def test_form_says_what_is_wrong(client, lead, wrong, words):
    response = plan(client, lead, **wrong)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Meeting.objects.exists()


def test_group_has_a_sane_number_of_meetings_to_come(client, lead, monkeypatch):
    monkeypatch.setattr(meetings, "MOST_OF_A_GROUP", 1)
    plan(client, lead)

    assert "Call one off first" in plan(client, lead).content.decode()
    assert Meeting.objects.count() == 1


def test_lead_changes_a_meeting_and_those_who_come_are_told(client, lead, planned):
    url = reverse("network:group_meeting_change", args=[lead.group.slug, planned.pk])
    assert url in client.get(planned.get_absolute_url()).content.decode()
    begins = timezone.localtime(planned.starts_at)
    shown = client.get(url).context["form"].initial
    assert (shown["title"], shown["day"], shown["place"]) == (planned.title_nb, begins.date(), planned.place)
    Mail.objects.all().delete()

    assert client.post(url, form_of(title="", place="Biblioteket")).status_code == 422
    assert client.post(url, form_of(place="Biblioteket"))["Location"] == planned.get_absolute_url()

    planned.refresh_from_db()
    assert (planned.title_nb, planned.place, planned.sequence) == ("Sjekklista", "Biblioteket", 1)
    meeting_mails.mail_meeting(planned.pk)
    assert Mail.objects.filter(subject__contains="Sjekklista").count() == 2


def test_changed_meeting_keeps_its_days_and_one_that_has_begun_stays(client, lead, planned):
    Meeting.objects.filter(pk=planned.pk).update(ends_at=planned.ends_at + timedelta(days=1))
    url = reverse("network:group_meeting_change", args=[lead.group.slug, planned.pk])

    client.post(url, form_of(begins="12:00", ends="11:00"))
    planned.refresh_from_db()
    assert planned.ends_at - planned.starts_at == timedelta(hours=23)

    Meeting.objects.filter(pk=planned.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    assert client.post(url, form_of()).status_code == 404
    assert url not in client.get(planned.get_absolute_url()).content.decode()


def test_lead_calls_a_meeting_off(client, lead):
    plan(client, lead)
    meeting, of_others = Meeting.objects.get(), MeetingFactory()
    url = reverse("network:group_meeting_call_off", args=[lead.group.slug, meeting.pk])
    assert url in client.get(meeting.get_absolute_url()).content.decode()

    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Uvær"}).status_code == 302
    elsewhere = reverse("network:group_meeting_call_off", args=[lead.group.slug, of_others.pk])
    assert client.post(elsewhere, {"reason": "Uvær"}).status_code == 404

    assert set(Meeting.objects.values_list("pk", "status")) == {(meeting.pk, "cancelled"), (of_others.pk, "published")}


@pytest.fixture
def planned(lead) -> Meeting:
    """A meeting of a closed group to which the lead and a member come."""
    WorkingGroup.objects.filter(pk=lead.group_id).update(is_open=False)
    membership = MembershipFactory()
    GroupMemberFactory(group=lead.group, user=membership.user, partner=membership.partner)
    meeting = MeetingFactory(
        group=lead.group, kind="group", is_public=False, audience=["group"], video_link="https://video.example.no/rom"
    )
    invitations.invite_everybody(meeting_id=meeting.pk)
    meeting_mails.mail_meeting(meeting.pk)
    for rsvp in meeting.rsvps.all():
        rsvp_services.say_yes(meeting_id=meeting.pk, user=rsvp.user)
    return meeting


def leave(member, lead):
    groups.leave_group(member=member)


def take_out(member, lead):
    groups.remove_member(member=member, by=lead.user)


def leave_the_partner(member, lead):
    member.partner.memberships.filter(user=member.user).update(role="editor")
    MembershipFactory(partner=member.partner)
    member.partner.memberships.filter(user=member.user).delete()


@pytest.mark.parametrize("goes", [leave, take_out, leave_the_partner])
def test_who_is_in_the_group_no_more_sees_nothing_of_its_meetings(lead, planned, goes):
    member = GroupMember.objects.exclude(pk=lead.pk).get()
    rsvp, visitor = planned.rsvps.get(user=member.user), Client()
    visitor.force_login(member.user)
    link = reverse("network:rsvp_link", args=[rsvp.token])
    assert (visitor.get(planned.get_absolute_url()).status_code, visitor.get(link).status_code) == (200, 200)

    goes(member, lead)
    Mail.objects.all().delete()
    planned.refresh_from_db()
    planned.place = "Et annet sted"
    meetings.change_meeting(meeting=planned, fields=["place"])
    meeting_mails.mail_meeting(planned.pk)

    assert [visitor.get(page).status_code for page in (planned.get_absolute_url(), link)] == [404, 404]
    assert not list(own_invitations(member.user))
    assert list(Mail.objects.values_list("to_email", flat=True)) == [lead.user.email]


@pytest.mark.parametrize("goes", [leave, take_out])
def test_place_of_who_leaves_the_group_is_free_again(lead, planned, goes):
    goes(GroupMember.objects.exclude(pk=lead.pk).get(), lead)

    planned.refresh_from_db()
    assert planned.places_taken == 1


def test_who_left_the_group_is_a_guest_when_invited_by_name(lead, planned):
    member = GroupMember.objects.exclude(pk=lead.pk).get()
    leave(member, lead)
    later = MeetingFactory(group=lead.group, kind="group", is_public=False, audience=["group"])

    assert invitations.invite_person(meeting_id=later.pk, user=member.user)

    visitor = Client()
    visitor.force_login(member.user)
    assert visitor.get(later.get_absolute_url()).status_code == 200
    assert visitor.get(planned.get_absolute_url()).status_code == 404
