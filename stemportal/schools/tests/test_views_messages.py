"""The conversation on the page of a booking: who reads, who writes, what is taken, and who gets the files."""

from __future__ import annotations

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stemportal.schools.models import Attachment, Booking, Message
from stemportal.testing.factories import BookingFactory, MembershipFactory, StaffFactory, TeacherFactory

from .conftest import at, client_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(session, teacher) -> Booking:
    return BookingFactory(session=session, school=teacher.school, teacher=teacher.user, status="confirmed")


def pdf(name: str = "Kart over hallen.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7 kart", content_type="text/html")


def send(client, booking, text="Hvor er inngangen?", **data):
    data.setdefault("request_key", str(uuid.uuid4()))
    return client.post(at("booking_messages", booking.pk), {"text": text, **data})


def line(booking, side="partner", text="Velkommen") -> Message:
    return Message.objects.create(booking=booking, side=side, text=text, request_key=uuid.uuid4())


def test_line_with_a_file_stands_on_the_page_of_both_sides(booking, teacher, teacher_client, owner_client):
    response = send(teacher_client, booking, attachments=[pdf(), pdf("Plan.pdf")])

    assert response.status_code == 302
    assert response["Location"].endswith(f"{at('booking', booking.pk)}#talk")
    for client in (teacher_client, owner_client):
        page = words(client.get(at("booking", booking.pk)))
        assert "Hvor er inngangen?" in page
        assert f"{teacher.user}, {teacher.school.name}" in page
        assert "Kart over hallen.pdf" in page
        assert "Plan.pdf" in page
    assert "1 new" in words(owner_client.get(at("booking", booking.pk)))
    assert "1 new" not in words(teacher_client.get(at("booking", booking.pk)))


def test_file_is_handed_out_to_be_saved_and_to_those_who_read_the_booking_only(
    booking, teacher_client, owner_client, reader_client
):
    send(owner_client, booking, attachments=[pdf()])
    file = Attachment.objects.get()
    address = at("booking_file", booking.pk, file.pk)

    response = teacher_client.get(address)
    assert b"".join(response.streaming_content) == b"%PDF-1.7 kart"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="Kart over hallen.pdf"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-cache"
    assert reader_client.get(address).status_code == 200
    for stranger in (TeacherFactory().user, MembershipFactory().user, StaffFactory()):
        assert client_of(stranger).get(address).status_code == 404
    other = BookingFactory(session=booking.session, school=booking.school, teacher=booking.teacher)
    assert teacher_client.get(at("booking_file", other.pk, file.pk)).status_code == 404


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"text": "  "}, "Write a few words first."),
        ({"text": "x" * 4001}, "4000"),
        ({"text": "Eleven har 15021951940"}, "personal identity number"),
        ({"attachments": [SimpleUploadedFile("a.pdf", b"<html>")]}, "We take PDF, Word"),
        ({"attachments": [SimpleUploadedFile("tom.pdf", b"")]}, "The file is empty"),
        ({"attachments": [pdf(f"{number}.pdf") for number in range(6)]}, "at most 5 files"),
    ],
    ids=["blank", "long", "number", "page", "empty file", "six files"],
)
def test_bad_line_is_refused_with_words_and_nothing_is_kept(booking, teacher_client, data, said):
    response = send(teacher_client, booking, **data)

    assert response.status_code == 422
    assert said in words(response)
    assert not Message.objects.exists()
    if "15021951940" in data.get("text", ""):
        assert "15021951940" not in words(response)


def test_file_above_the_limit_is_refused(booking, teacher_client, settings):
    settings.MESSAGE_FILE_MAX_BYTES = 1024 * 1024
    settings.UPLOAD_MAX_BYTES = 3 * 1024 * 1024

    for size in (2, 4):  # one that arrives, and one that is dropped on the way
        large = SimpleUploadedFile("stor.pdf", b"%PDF-1.7" + b"x" * size * 1024 * 1024)
        response = send(teacher_client, booking, attachments=[large])
        assert response.status_code == 422
        assert "at most 1 MB" in words(response)


def test_reader_of_the_partner_reads_but_does_not_write(booking, reader_client):
    line(booking, "school", "Hei dere")
    page = words(reader_client.get(at("booking", booking.pk)))

    assert "Hei dere" in page
    assert "Owners and editors of the partner answer." in page
    assert 'name="text"' not in page
    assert send(reader_client, booking).status_code == 403
    assert reader_client.post(at("booking_messages_read", booking.pk)).status_code == 403
    assert Message.objects.get().read_at is None


def test_coordinator_writes_for_the_school_and_colleagues_do_not_see_it(booking, teacher):
    coordinator = client_of(TeacherFactory(school=teacher.school, role="coordinator").user)
    colleague = client_of(TeacherFactory(school=teacher.school).user)

    assert send(coordinator, booking).status_code == 302
    assert Message.objects.get().side == "school"
    assert colleague.get(at("booking_messages", booking.pk)).status_code == 404
    assert send(colleague, booking).status_code == 404


def test_looking_marks_nothing_and_the_button_does(booking, teacher_client):
    written = line(booking)
    page = at("booking", booking.pk)

    assert "I have read this" in words(teacher_client.get(page))
    written.refresh_from_db()
    assert written.read_at is None

    answer = teacher_client.post(at("booking_messages_read", booking.pk), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (200, b"")
    written.refresh_from_db()
    assert written.read_at
    assert "I have read this" not in words(teacher_client.get(page))


def test_new_messages_stand_on_my_page_until_they_are_read(booking, teacher_client):
    line(booking)
    line(booking, text="Ta med skift")

    page = words(teacher_client.get(at("my_page")))
    assert "2 new messages from Nordlys Robotikk" in page
    assert f'href="{booking.get_absolute_url()}#talk"' in page

    send(teacher_client, booking)
    assert "new messages" not in words(teacher_client.get(at("my_page")))


def test_bookings_with_new_messages_can_be_listed(booking, session, owner_client):
    line(booking, "school")
    silent = BookingFactory(session=session)
    bookings = reverse("schools:partner_bookings", args=[session.activity.partner_id])

    listed = words(owner_client.get(f"{bookings}?status=unread"))
    assert booking.get_absolute_url() in listed
    assert silent.get_absolute_url() not in listed


def test_text_is_shown_as_it_was_written_and_links_can_be_followed(booking, owner_client, teacher_client):
    send(owner_client, booking, "<b>Ikke fet</b>\nhttps://video.example.no/rom")
    page = teacher_client.get(at("booking", booking.pk)).content.decode()

    assert "&lt;b&gt;Ikke fet&lt;/b&gt;<br>" in page
    assert re.search(r'<a href="https://video\.example\.no/rom" rel="nofollow"', page)


def test_too_many_messages_are_told_to_wait(booking, teacher_client, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "booking_message": (1, 3600)}

    assert send(teacher_client, booking).status_code == 302
    response = send(teacher_client, booking, "En til")
    assert response.status_code == 429
    assert "En til" in words(response)
    assert Message.objects.count() == 1


def test_page_asks_as_much_for_one_line_as_for_three(booking, teacher_client, owner_client, django_assert_num_queries):
    send(owner_client, booking, attachments=[pdf()])
    page = at("booking_messages", booking.pk)
    teacher_client.get(page)
    with CaptureQueriesContext(connection) as one:
        teacher_client.get(page)
    asked = len(one)
    for number in range(2):
        send(owner_client, booking, f"Linje {number}", attachments=[pdf()])
    with django_assert_num_queries(asked):
        assert words(teacher_client.get(page)).count("Kart over hallen.pdf") == 3


def test_owner_of_another_partner_finds_nothing(booking):
    stranger = client_of(MembershipFactory().user)

    assert stranger.get(at("booking_messages", booking.pk)).status_code == 404
    assert send(stranger, booking).status_code == 404
