"""Meetings on the secretariat's desk, from draft to minutes, and the name list for the door."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.network.door import make_pdf, name_list_document
from stemportal.network.models import Meeting, Rsvp
from stemportal.network.services.rsvp import say_no
from stemportal.outbox.models import Mail
from stemportal.testing.factories import (
    MembershipFactory,
    PartnerFactory,
    StaffFactory,
    UserFactory,
)
from stemportal.testing.network_factories import MeetingFactory, RsvpFactory
from stemportal.testing.pdfs import check_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(StaffFactory())
    return client


def step(client, name, meeting, data=None):
    return client.post(reverse(f"admin:network_meeting_{name}", args=[meeting.pk]), data or {}, follow=True)


def form_of(meeting: Meeting | None = None, **changes) -> dict[str, object]:
    starts = timezone.localtime(meeting.starts_at if meeting else timezone.now() + timedelta(days=30))
    ends = timezone.localtime(meeting.ends_at) if meeting else starts + timedelta(hours=2)
    facts: dict[str, object] = {
        "kind": "network",
        "is_public": "on",
        "title_nb": "Årsmøte",
        "title_en": "Yearly meeting",
        "place": "Kulturhuset",
        "starts_at_0": f"{starts:%Y-%m-%d}",
        "starts_at_1": f"{starts:%H:%M:%S}",
        "ends_at_0": f"{ends:%Y-%m-%d}",
        "ends_at_1": f"{ends:%H:%M:%S}",
        "audience": ["partners"],
        "guests_at_most": "0",
        "programme-TOTAL_FORMS": "0",
        "programme-INITIAL_FORMS": "0",
        "changes-TOTAL_FORMS": "0",
        "changes-INITIAL_FORMS": "0",
    }
    return {**facts, **changes}


def past(**facts) -> Meeting:
    over = timezone.now() - timedelta(days=1)
    return MeetingFactory(starts_at=over - timedelta(hours=3), ends_at=over, **facts)


def test_meetings_wait_until_somebody_notes_who_came(staff):
    forgotten, noted = past(title_nb="Glemt"), past(title_nb="Notert")
    RsvpFactory(meeting=forgotten, status="attending")
    RsvpFactory(meeting=noted, status="attending", came=0)
    RsvpFactory(meeting=past(title_nb="Ingen sa ja"), status="declined")
    RsvpFactory(meeting=MeetingFactory(title_nb="Kommer"), status="attending")
    RsvpFactory(meeting=past(title_nb="Avlyst", status="cancelled"), status="attending")
    waiting = reverse("admin:network_meeting_changelist") + "?attendance=missing"

    assert waiting in staff.get(reverse("admin:index")).content.decode()
    page = staff.get(waiting)
    assert list(page.context["cl"].result_list) == [forgotten]
    assert reverse("admin:network_meeting_attendance", args=[forgotten.pk]) in page.content.decode()


def test_meeting_is_written_announced_and_invited_to(staff):
    member = MembershipFactory().user
    line = {"programme-TOTAL_FORMS": "1", "programme-0-title": "Velkommen", "programme-0-order": "1"}

    response = staff.post(reverse("admin:network_meeting_add"), form_of(**line), follow=True)

    meeting = Meeting.objects.get()
    assert (meeting.status, meeting.audience, meeting.programme.get().title) == ("draft", ["partners"], "Velkommen")
    assert meeting.organiser is not None
    assert response.status_code == 200

    assert "The meeting is announced" in step(staff, "publish", meeting).content.decode()
    asked = staff.get(reverse("admin:network_meeting_invite", args=[meeting.pk])).content.decode()
    assert "1 person has no invitation yet" in asked
    assert "1 person is invited." in step(staff, "invite", meeting).content.decode()
    assert Rsvp.objects.get(meeting=meeting).user == member
    assert "0 people" in staff.get(reverse("admin:network_meeting_invite", args=[meeting.pk])).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"audience": ["group"]}, "Members of which working group?"),
        ({"kind": "group"}, "Choose the working group"),
        ({"kind": "region"}, "Choose the ecosystem"),
        ({"rsvp_until_0": "2099-01-01", "rsvp_until_1": "10:00:00"}, "must be before the meeting begins"),
        ({"ends_at_0": "2020-01-01"}, "must end after it begins"),
    ],
    ids=["group audience", "group", "region", "answer by", "end"],
)
def test_form_refuses_what_does_not_fit_together(staff, wrong, words):
    response = staff.post(reverse("admin:network_meeting_add"), form_of(**wrong))

    assert words in response.content.decode()
    assert not Meeting.objects.exists()


def test_saving_never_overwrites_places_that_were_taken_meanwhile(staff):
    meeting = MeetingFactory(capacity=2)
    url = reverse("admin:network_meeting_change", args=[meeting.pk])
    staff.get(url)
    RsvpFactory(meeting=meeting, status="attending")
    Meeting.objects.filter(pk=meeting.pk).update(places_taken=1)

    response = staff.post(url, form_of(meeting, capacity="5"), follow=True)

    meeting.refresh_from_db()
    assert (meeting.capacity, meeting.places_taken, meeting.title_nb) == (5, 1, "Årsmøte")
    assert "Those who come get a mail" in response.content.decode()
    assert meeting.sequence == 1


def test_fewer_places_than_promised_are_refused(staff):
    meeting = MeetingFactory(capacity=3, places_taken=2)
    RsvpFactory.create_batch(2, meeting=meeting, status="attending")

    shown = staff.post(reverse("admin:network_meeting_change", args=[meeting.pk]), form_of(meeting, capacity="1"))

    assert "2 have said yes. Call some first" in shown.content.decode()
    meeting.refresh_from_db()
    assert meeting.capacity == 3


def test_calling_off_needs_a_reason(staff):
    meeting = MeetingFactory()

    step(staff, "call_off", meeting)
    meeting.refresh_from_db()
    assert meeting.status == "published"

    step(staff, "call_off", meeting, {"reason": "Uvær"})
    meeting.refresh_from_db()
    assert (meeting.status, meeting.cancel_reason) == ("cancelled", "Uvær")


def test_announced_meeting_cannot_be_deleted(staff):
    meeting, draft = MeetingFactory(), MeetingFactory(status="draft", published_at=None)

    codes = [
        staff.post(reverse("admin:network_meeting_delete", args=[one.pk]), {"post": "yes"}).status_code
        for one in (meeting, draft)
    ]

    assert codes == [403, 302]
    assert list(Meeting.objects.all()) == [meeting]


def test_attendance_is_noted_name_by_name_and_for_all_others(staff):
    meeting = past()
    two, none, rest = (RsvpFactory(meeting=meeting, status="attending", guests=1) for _n in range(3))

    step(staff, "attendance", meeting, {f"came-{two.pk}": "2", f"came-{none.pk}": "0", f"came-{rest.pk}": ""})
    assert list(Rsvp.objects.order_by("pk").values_list("came", flat=True)) == [2, 0, None]

    step(staff, "attendance", meeting, {f"came-{two.pk}": "1", f"came-{none.pk}": "0", "do": "all"})
    assert list(Rsvp.objects.order_by("pk").values_list("came", flat=True)) == [1, 0, 2]

    walked_in = MembershipFactory().user
    step(staff, "walk_in", meeting, {"email": walked_in.email, "came": "1"})
    assert Rsvp.objects.get(user=walked_in).came == 1
    shown = staff.get(reverse("admin:network_meeting_attendance", args=[meeting.pk])).content.decode()
    assert str(walked_in) in shown


def test_who_had_said_no_and_came_counts_for_the_partner(staff):
    membership, meeting = MembershipFactory(), past()
    with time_machine.travel(meeting.starts_at - timedelta(days=1), tick=False):
        say_no(meeting_id=meeting.pk, user=membership.user)

    step(staff, "walk_in", meeting, {"email": membership.user.email, "came": "2"})

    rsvp = Rsvp.objects.get()
    assert (rsvp.partner, rsvp.came) == (membership.partner, 2)


def test_attendance_waits_until_the_meeting_has_begun(staff):
    rsvp = RsvpFactory(status="attending")

    shown = step(staff, "attendance", rsvp.meeting, {f"came-{rsvp.pk}": "1"}).content.decode()

    assert "has not begun yet" in shown
    rsvp.refresh_from_db()
    assert rsvp.came is None


def test_file_is_checked_kept_and_deleted(staff):
    meeting = past()
    bad = SimpleUploadedFile("lysark.pdf", b"MZ program", content_type="application/pdf")
    good = SimpleUploadedFile("Lysark æøå.pdf", b"%PDF-1.7 lysark", content_type="application/pdf")

    step(staff, "files", meeting, {"title": "Lysark", "upload": bad})
    assert not meeting.files.exists()
    step(staff, "files", meeting, {"title": "Lysark", "upload": good})
    file = meeting.files.get()
    assert (file.name, file.is_public, file.file.read()) == ("Lysark æøå.pdf", False, b"%PDF-1.7 lysark")

    step(staff, "files", past(), {"delete": str(file.pk)})
    assert meeting.files.exists()
    step(staff, "files", meeting, {"delete": str(file.pk)})
    assert not meeting.files.exists()


def test_minutes_are_published_once_there_are_some(staff):
    meeting = past()

    assert "nothing to show yet" in step(staff, "minutes", meeting).content.decode()
    Meeting.objects.filter(pk=meeting.pk).update(minutes="Vi ble enige.")
    assert "The minutes are shown" in step(staff, "minutes", meeting).content.decode()


def test_person_is_taken_off_from_the_list_of_answers(staff):
    rsvp = RsvpFactory(status="attending", meeting__places_taken=1)
    data = {"action": "take_off", "_selected_action": [rsvp.pk]}

    staff.post(reverse("admin:network_rsvp_changelist"), data)

    rsvp.refresh_from_db()
    assert rsvp.status == "declined"
    assert Mail.objects.filter(to_email=rsvp.user.email).count() == 1
    listed = staff.get(reverse("admin:network_rsvp_changelist"), {"meeting__id__exact": rsvp.meeting_id})
    assert str(rsvp.user) in listed.content.decode()
    other = RsvpFactory(status="attending", diet="Uten nøtter")
    detail = staff.get(reverse("admin:network_rsvp_change", args=[other.pk])).content.decode()
    assert other.token not in detail
    assert "nøtter" not in detail  # the kitchen hears of it without names


def test_steps_are_for_those_who_may_change_meetings():
    client, meeting = Client(), MeetingFactory()
    client.force_login(UserFactory(is_staff=True))

    for name in ("publish", "invite", "invite_person", "call_off", "door", "attendance", "walk_in", "files", "minutes"):
        url = reverse(f"admin:network_meeting_{name}", args=[meeting.pk])
        assert client.get(url).status_code == client.post(url).status_code == 403, name


def test_name_list_has_who_comes_and_the_kitchen_has_no_names():
    meeting = MeetingFactory(asks_diet=True, guests_at_most=2)
    partner = PartnerFactory(display_name="Nordlys Robotikk")
    RsvpFactory(
        meeting=meeting,
        status="attending",
        user__full_name="Zara Øygard",
        partner=partner,
        guests=2,
        guest_names="Per, Pål",
        diet="Uten nøtter",
    )
    for name in ("Åse Dal", "Ærlend Berg"):
        RsvpFactory(meeting=meeting, status="attending", user__full_name=name)
    RsvpFactory(meeting=meeting, status="waiting", waiting_since=timezone.now(), user__full_name="Venter Vang")

    data = name_list_document(meeting)

    assert data["count"] == "5 people"
    assert data["people"] == [
        ["Zara Øygard", "Nordlys Robotikk", "+2 Per, Pål"],
        ["Ærlend Berg", "", ""],
        ["Åse Dal", "", ""],
    ]
    assert data["kitchen"] == ["Uten nøtter"]


def test_name_list_is_a_tagged_pdf_of_two_pages(staff):
    meeting = MeetingFactory(asks_diet=True)
    RsvpFactory(meeting=meeting, status="attending", user__full_name="Åse “Ø” <b> #Øygard", diet="Vegetar 🥕")

    response = staff.get(reverse("admin:network_meeting_door", args=[meeting.pk]))

    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    assert len(check_pdf(response.content, language="en").pages) == 2
    assert make_pdf(MeetingFactory()).startswith(b"%PDF")
