"""Meetings that the lead of a working group plans on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.network.models import Meeting, Rsvp
from stemportal.network.services import meeting_mails, meetings
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
