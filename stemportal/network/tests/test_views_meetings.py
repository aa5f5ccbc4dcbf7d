"""Pages about meetings: who sees what, answering with and without a login, calendars and files."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import vobject
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.deletion import delete_account, has_nothing_left
from stemportal.network import ties_meetings
from stemportal.network.models import GroupMember, Meeting, MeetingFile, ProgrammeItem, Rsvp
from stemportal.network.queries.meetings import door_list
from stemportal.network.services.rsvp import say_yes
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.services.ending import end_partner
from stemportal.schools.services.calendars import address_of
from stemportal.testing.factories import (
    MembershipFactory,
    PartnerFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)
from stemportal.testing.network_factories import MeetingFactory, RsvpFactory, WorkingGroupFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]
LINK = "https://video.example.no/rom-7"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client, meeting) -> str:
    return client.get(reverse("network:meeting", args=[meeting.pk])).content.decode()


def answer(client, meeting, **data):
    return client.post(reverse("network:rsvp", args=[meeting.pk]), {"answer": "yes", **data})


@pytest.fixture
def member():
    return MembershipFactory().user


def test_public_meeting_is_shown_to_everybody_without_the_video_link(client):
    meeting = MeetingFactory(video_link=LINK, text_nb="Ta **med** penn.")
    ProgrammeItem.objects.create(meeting=meeting, title="Velkommen", speaker="Statsråden", starts_at="09:30")

    shown = page(client, meeting)

    assert meeting.title_en in shown
    assert "<strong>med</strong>" in shown
    assert "Statsråden" in shown
    assert "09:30" in shown
    assert LINK not in shown
    assert 'name="answer"' not in shown
    assert "Use the button in your mail, or log in" in shown


@pytest.mark.parametrize(
    "facts", [{"is_public": False}, {"status": "draft", "published_at": None}], ids=["closed", "draft"]
)
def test_meeting_that_is_not_public_is_hidden(client, member, facts):
    meeting = MeetingFactory(**facts)
    url = reverse("network:meeting", args=[meeting.pk])

    for visitor in (client, client_of(member)):
        assert visitor.get(url).status_code == 404
        assert meeting.title_en not in visitor.get(reverse("network:meetings")).content.decode()
    assert client_of(StaffFactory()).get(url).status_code == 200


def test_closed_meeting_is_open_to_those_with_an_invitation_and_to_its_group():
    group = WorkingGroupFactory()
    in_group = GroupMember.objects.create(group=group, user=UserFactory(), status="member").user
    was_in_group = GroupMember.objects.create(group=group, user=UserFactory(), status="left").user
    meeting = MeetingFactory(is_public=False, group=group, kind="group", audience=["group"])
    invited = RsvpFactory(meeting=meeting).user

    seen = [
        client_of(user).get(reverse("network:meeting", args=[meeting.pk])).status_code
        for user in (in_group, invited, was_in_group)
    ]

    assert seen == [200, 200, 404]
    assert meeting.title_en in client_of(in_group).get(reverse("network:meetings")).content.decode()


def test_member_answers_on_the_page_and_then_sees_the_video_link(member):
    meeting = MeetingFactory(video_link=LINK, guests_at_most=2, asks_diet=True, capacity=10)
    client = client_of(member)
    assert "Dietary needs" in page(client, meeting)

    response = answer(client, meeting, guests=1, guest_names="Ylva", diet="Uten nøtter")

    assert response.status_code == 302
    rsvp = Rsvp.objects.get(meeting=meeting, user=member)
    assert (rsvp.status, rsvp.guests, rsvp.diet) == ("attending", 1, "Uten nøtter")
    assert rsvp.partner == member.memberships.get().partner
    shown = page(client, meeting)
    assert LINK in shown
    assert "You have a place, and so has 1 guest." in shown


def test_who_brings_more_guests_than_there_are_places_is_told_so(member):
    meeting = MeetingFactory(capacity=3, guests_at_most=2)
    say_yes(meeting_id=meeting.pk, user=UserFactory())
    client = client_of(member)

    answer(client, meeting, guests=2)

    assert "There is not room for you and all your guests now" in page(client, meeting)
    assert "There is not room for you and all your guests now" in Mail.objects.get(to_email=member.email).text
    answer(client, meeting, guests=1)
    assert "You have a place, and so has 1 guest." in page(client, meeting)


def test_waiting_person_sees_the_number_in_the_line(member):
    meeting = MeetingFactory(capacity=1)
    for user in (UserFactory(), UserFactory()):
        say_yes(meeting_id=meeting.pk, user=user)
    client = client_of(member)

    answer(client, meeting)

    assert "You are number 2 on the waiting list." in page(client, meeting)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"answer": ""}, "Choose yes or no."),
        ({"guests": "7"}, "2 guests at most"),
        ({"guests": "-1"}, "greater than or equal to 0"),
        ({"guest_names": "x" * 501}, "at most 500"),
    ],
    ids=["nothing", "too many", "negative", "too long"],
)
def test_form_says_what_is_wrong_and_keeps_what_was_typed(member, data, words):
    meeting = MeetingFactory(guests_at_most=2, asks_diet=True)

    response = answer(client_of(member), meeting, **data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Rsvp.objects.exists()


def test_personal_identity_number_is_never_taken(member):
    meeting = MeetingFactory(asks_diet=True)

    response = answer(client_of(member), meeting, diet="Nøtter, 13097248022")

    assert response.status_code == 422
    assert not Rsvp.objects.exists()


def test_somebody_with_several_sides_is_asked_for_which(member):
    other = PartnerFactory(display_name="Zirkon")
    MembershipFactory(user=member, partner=other)
    meeting = MeetingFactory()
    client = client_of(member)
    assert "For whom do you come?" in page(client, meeting)

    answer(client, meeting, for_whom=f"partner-{other.pk}")

    assert Rsvp.objects.get(meeting=meeting, user=member).partner == other


def test_answer_for_a_partner_one_does_not_belong_to_is_refused(member):
    MembershipFactory(user=member)
    stranger = PartnerFactory()

    response = answer(client_of(member), MeetingFactory(), for_whom=f"partner-{stranger.pk}")

    assert response.status_code == 422
    assert not Rsvp.objects.exists()


def test_person_for_whom_the_meeting_is_not_gets_403():
    meeting = MeetingFactory(audience=["teachers"])

    assert answer(client_of(MembershipFactory().user), meeting).status_code == 403
    assert answer(client_of(TeacherFactory().user), meeting).status_code == 302


def test_link_of_a_mail_answers_without_a_login_and_only_by_its_button(client):
    rsvp = RsvpFactory(meeting=MeetingFactory(is_public=False, video_link=LINK))
    url = reverse("network:rsvp_link", args=[rsvp.token])

    shown = client.get(url).content.decode()
    rsvp.refresh_from_db()
    assert rsvp.status == "invited"
    assert str(rsvp.user) in shown
    assert "noindex" in shown

    assert client.post(url, {"answer": "yes"}).status_code == 302
    assert LINK in client.get(url).content.decode()
    assert client.post(url, {"answer": "no"}).status_code == 302
    rsvp.refresh_from_db()
    assert rsvp.status == "declined"


@pytest.mark.parametrize("what", ["forged", "closed account", "draft"])
def test_link_that_is_not_good_finds_nothing(client, what):
    rsvp = RsvpFactory(
        user__is_active=what != "closed account", meeting__status="draft" if what == "draft" else "published"
    )
    token = "x" * 32 if what == "forged" else rsvp.token

    assert client.get(reverse("network:rsvp_link", args=[token])).status_code == 404


def test_link_of_a_meeting_that_is_over_shows_it_and_takes_no_answer(client):
    over = timezone.now() - timedelta(days=1)
    rsvp = RsvpFactory(meeting=MeetingFactory(starts_at=over - timedelta(hours=3), ends_at=over))
    url = reverse("network:rsvp_link", args=[rsvp.token])

    assert 'name="answer"' not in client.get(url).content.decode()
    client.post(url, {"answer": "yes"})
    rsvp.refresh_from_db()
    assert rsvp.status == "invited"


def test_link_of_a_mail_opens_the_slides_too(client):
    rsvp = RsvpFactory(meeting__is_public=False, status="attending")
    slides = MeetingFile(meeting=rsvp.meeting, title="Lysark", name="lysark.pdf", size=8)
    slides.file.save("meetings/lysark.pdf", ContentFile(b"%PDF-1.7"), save=True)
    page = client.get(reverse("network:rsvp_link", args=[rsvp.token])).content.decode()

    address = re.search(r'href="([^"]*/files/[^"]*)"', page)

    assert address is not None
    assert b"".join(client.get(address[1]).streaming_content) == b"%PDF-1.7"
    others = RsvpFactory().token
    assert client.get(reverse("network:rsvp_link_file", args=[others, slides.pk])).status_code == 404


def test_answers_have_a_limit(member, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "meeting_answer": (1, 60)}
    meeting = MeetingFactory()
    client = client_of(member)

    assert answer(client, meeting).status_code == 302
    refused = client.post(reverse("network:rsvp", args=[meeting.pk]), {"answer": "no"})

    assert refused.status_code == 422
    assert Rsvp.objects.get(user=member).status == "attending"


def test_calendar_file_has_the_link_only_for_those_who_come(client, member):
    meeting = MeetingFactory(video_link=LINK, place="", address="")
    url = reverse("network:meeting_ics", args=[meeting.pk])
    say_yes(meeting_id=meeting.pk, user=member)

    public = client.get(url)
    mine = client_of(member).get(url).content.decode()

    assert public["Content-Type"].startswith("text/calendar")
    assert LINK not in public.content.decode()
    event = vobject.readOne(mine).vevent
    assert event.location.value == LINK
    assert event.summary.value == meeting.title_en


def test_calendar_that_a_person_subscribes_to_has_the_meeting(client, member):
    meeting = MeetingFactory()
    say_yes(meeting_id=meeting.pk, user=member)
    MeetingFactory()
    path = address_of(member).partition("//")[2].partition("/")[2]

    first = client.get(f"/{path}")
    events = list(vobject.readOne(first.content.decode()).vevent_list)

    assert [event.summary.value for event in events] == [meeting.title_en]
    # The same as long as nothing changes, so that calendars need not fetch it again.
    assert client.get(f"/{path}")["ETag"] == first["ETag"]


def test_minutes_and_files_are_shown_when_they_are_published(client, member):
    over = timezone.now() - timedelta(days=1)
    meeting = MeetingFactory(starts_at=over - timedelta(hours=3), ends_at=over, minutes="Vi ble **enige**.")
    files = [
        MeetingFile.objects.create(
            meeting=meeting,
            title=title,
            file=default_storage.save(f"meetings/{title}.pdf", ContentFile(b"%PDF-1.7")),
            name=f"{title}.pdf",
            size=8,
            is_public=title == "Program",
        )
        for title in ("Program", "Lysark")
    ]
    assert "enige" not in page(client, meeting)

    Meeting.objects.filter(pk=meeting.pk).update(minutes_at=timezone.now())
    assert "<strong>enige</strong>" in page(client, meeting)

    urls = [reverse("network:meeting_file", args=[file.pk]) for file in files]
    assert [client.get(url).status_code for url in urls] == [200, 404]
    assert "Lysark" not in page(client, meeting)
    inside = client_of(member)
    assert [inside.get(url).status_code for url in urls] == [200, 200]
    assert inside.get(urls[1])["Content-Disposition"].startswith("attachment")


def test_search_engines_read_the_event_without_the_video_link(client):
    meeting = MeetingFactory(video_link=LINK)
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page(client, meeting))

    event = json.loads(data.group(1))
    assert (event["@type"], event["name"]) == ("Event", meeting.title_en)
    assert event["eventAttendanceMode"].endswith("MixedEventAttendanceMode")
    assert LINK not in str(event)
    assert meeting.get_absolute_url().removeprefix("/en") in client.get("/sitemap-meetings.xml").content.decode()


def test_front_page_shows_the_next_meeting_of_the_whole_network(client):
    now = timezone.now()
    regional = MeetingFactory(kind="region", starts_at=now + timedelta(days=1))
    closed = MeetingFactory(is_public=False, starts_at=now + timedelta(days=2))
    later, sooner = (MeetingFactory(starts_at=now + timedelta(days=days)) for days in (9, 4))

    shown = client.get(reverse("home")).content.decode()

    assert [one.title_en in shown for one in (regional, closed, later, sooner)] == [False, False, False, True]


def test_list_has_what_comes_and_what_was(client):
    over = timezone.now() - timedelta(days=1)
    coming, past = MeetingFactory(), MeetingFactory(starts_at=over - timedelta(hours=3), ends_at=over)
    off = MeetingFactory(status="cancelled")

    now = client.get(reverse("network:meetings")).content.decode()
    before = client.get(reverse("network:meetings"), {"when": "past"}).content.decode()

    assert [one.title_en in now for one in (coming, past, off)] == [True, False, False]
    assert [one.title_en in before for one in (coming, past, off)] == [False, True, True]


def test_invitation_is_a_task_of_today_until_it_is_answered(member):
    membership = member.memberships.get()
    rsvp = RsvpFactory(user=member, partner=membership.partner)
    RsvpFactory(user=member, partner=membership.partner, meeting__rsvp_until=timezone.now() - timedelta(hours=1))

    tasks = list(ties_meetings.invitation_tasks(membership))
    assert [task.title for task in tasks] == [f"Invitation: {rsvp.meeting.title_en}"]

    say_yes(meeting_id=rsvp.meeting_id, user=member, partner=membership.partner)
    assert not list(ties_meetings.invitation_tasks(membership))


def test_partner_that_ends_gives_its_places_to_others(member):
    partner, meeting = member.memberships.get().partner, MeetingFactory(capacity=1)
    say_yes(meeting_id=meeting.pk, user=member, partner=partner)
    waits = UserFactory()
    say_yes(meeting_id=meeting.pk, user=waits)
    told = ties_meetings.MeetingsAtEnd().tell(partner)

    assert end_partner(partner=partner, by=StaffFactory(), note="")

    assert [consequence.count for consequence in told] == [1]
    assert Rsvp.objects.get(user=waits).status == "attending"


def test_account_that_goes_frees_its_place_and_keeps_nobody_from_going():
    leaves, waits = UserFactory(), UserFactory()
    meeting = MeetingFactory(capacity=1)
    for user in (leaves, waits):
        say_yes(meeting_id=meeting.pk, user=user)
    assert has_nothing_left(leaves)

    delete_account(user_pk=leaves.pk)

    meeting.refresh_from_db()
    assert meeting.places_taken == 1
    assert Rsvp.objects.get(user=waits).status == "attending"


def test_account_that_goes_leaves_only_how_many_came_and_for_whom(member):
    partner = member.memberships.get().partner
    leaves = MembershipFactory(partner=partner, role="editor").user
    over = timezone.now() - timedelta(days=2)
    meeting = MeetingFactory(starts_at=over - timedelta(hours=3), ends_at=over)
    there = RsvpFactory(meeting=meeting, user=leaves, partner=partner, status="attending", guests=1, came=2)
    Rsvp.objects.filter(pk=there.pk).update(guest_names="Ola", diet="nøtter")
    RsvpFactory(user=leaves, partner=partner, status="declined")
    RsvpFactory(meeting=MeetingFactory(starts_at=over - timedelta(hours=3), ends_at=over), user=leaves, came=0)

    delete_account(user_pk=leaves.pk)

    left = Rsvp.objects.get()
    assert (left.pk, left.user, left.partner, left.came) == (there.pk, None, partner, 2)
    assert (left.guest_names, left.diet) == ("", "")
    client = client_of(StaffFactory())
    attendance = client.get(reverse("admin:network_meeting_attendance", args=[meeting.pk])).content.decode()
    assert "Somebody whose account is deleted" in attendance
    assert "None" not in re.sub(r"<script.*?</script>", "", attendance, flags=re.DOTALL)
    assert client.get(reverse("admin:network_rsvp_changelist")).status_code == 200
    assert Client().get(reverse("network:rsvp_link", args=[there.token])).status_code == 404
    assert not list(door_list(meeting))
    assert [row["person"] for row in ties_meetings.meetings(partner)] == [""]


def test_copy_of_a_partners_data_has_its_answers_without_dietary_needs(member):
    partner = member.memberships.get().partner
    RsvpFactory(user=member, partner=partner, status="attending", diet="nøtter", came=1)
    RsvpFactory()
    section = next(one for one in extensions.data_sections if one.name == "meetings")

    rows = list(section.rows(partner))

    assert [(row["status"], row["came"]) for row in rows] == [("attending", 1)]
    assert "nøtter" not in str(rows)
