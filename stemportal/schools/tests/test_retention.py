"""What must not be kept is gone in time: the needs of a group, and what was written about a booking."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from stemportal.lib.documents import Document
from stemportal.outbox.models import Mail
from stemportal.reports.partner_ties import bookings as copied_bookings
from stemportal.schools import tasks
from stemportal.schools.models import Attachment, Booking, BookingEvent, Message, Proposal
from stemportal.schools.services import messages, retention
from stemportal.schools.services.answering import cancel_booking, confirm_booking, decline_booking
from stemportal.schools.services.booking import book_session
from stemportal.schools.states import Side
from stemportal.testing.factories import BookingFactory, SessionFactory, StaffFactory

from .conftest import at, client_of, owner_of, words

pytestmark = pytest.mark.django_db
NEEDS = "Rullestol, og stille rom ved behov"
PDF = Document(name="Kart.pdf", content=b"%PDF-1.7 kart", extension="pdf")


@pytest.fixture
def booking(session, teacher) -> Booking:
    facts = {"group_name": "9A", "grade": 9, "pupils": 28, "needs": NEEDS, "message": "Vi gleder oss"}
    return book_session(session_id=session.pk, school=teacher.school, teacher=teacher.user, **facts)


def days_after(moment, days: float):
    return time_machine.travel(moment + timedelta(days=days), tick=False)


def write_a_line(booking: Booking) -> Message:
    return messages.write_message(
        booking=booking,
        by=booking.teacher,
        side=Message.Side.SCHOOL,
        text="Hvor er inngangen?",
        request_key=uuid.uuid4(),
        files=[PDF],
    )


# --- Needs


def test_needs_are_gone_thirty_days_after_the_visit(booking, session):
    confirm_booking(booking=booking, by=owner_of(session))

    with days_after(session.ends_at, 29.9):
        assert retention.delete_needs() == 0
    with days_after(session.ends_at, 30.1):
        tasks.forget_old_words()
        assert retention.delete_needs() == 0

    booking.refresh_from_db()
    assert booking.needs == ""
    assert booking.needs_deleted_at is not None
    assert booking.message == "Vi gleder oss"


@pytest.mark.parametrize("end", ["declined", "cancelled", "never answered"])
def test_needs_are_gone_thirty_days_after_a_booking_came_to_nothing(booking, session, end):
    now = timezone.now()
    over = now
    if end == "declined":
        decline_booking(booking=booking, by=owner_of(session), reply="Dessverre")
    elif end == "cancelled":
        confirm_booking(booking=booking, by=owner_of(session))
        cancel_booking(booking=booking, by=owner_of(session), side=Side.PARTNER, note="Syk")
    else:
        over = session.ends_at

    with days_after(over, 29.9):
        assert retention.delete_needs() == 0
    with days_after(over, 30.1):
        assert retention.delete_needs() == 1


def test_needs_of_a_visit_that_was_moved_are_kept_until_it_is_over(booking, session):
    confirm_booking(booking=booking, by=owner_of(session))
    later = session.ends_at + timedelta(days=60)
    type(session).objects.filter(pk=session.pk).update(starts_at=later - timedelta(hours=2), ends_at=later)

    with days_after(session.ends_at, 31):
        assert retention.delete_needs() == 0


def test_needs_are_in_no_mail_no_copy_and_no_history(booking, session):
    confirm_booking(booking=booking, by=owner_of(session), reply="Velkommen")
    write_a_line(booking)
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        messages.sweep()
    cancel_booking(booking=booking, by=owner_of(session), side=Side.PARTNER, note="Syk")

    mails = Mail.objects.about(f"booking:{booking.pk}")
    assert mails.filter(template="booking_messages").exists()
    assert not any("Rullestol" in f"{mail.text}{mail.html}{mail.calendar}" for mail in mails)
    assert "Rullestol" not in str(list(copied_bookings(session.activity.partner)))
    assert "Rullestol" not in str(list(BookingEvent.objects.values()))


def test_needs_are_shown_to_the_school_and_to_those_who_answer_only(
    booking, teacher_client, owner_client, reader_client
):
    page = at("booking", booking.pk)

    assert NEEDS in words(teacher_client.get(page))
    assert NEEDS in words(owner_client.get(page))
    assert NEEDS not in words(reader_client.get(page))
    today = at("partner_today", booking.activity.partner_id)
    assert NEEDS in words(owner_client.get(today))
    assert NEEDS not in words(reader_client.get(today))


def test_secretariat_sees_no_needs(booking):
    response = client_of(StaffFactory()).get(f"/en/admin/schools/booking/{booking.pk}/change/")

    assert response.status_code == 200
    assert "9A" in words(response)
    assert NEEDS not in words(response)


# --- Messages


def test_everything_written_is_gone_when_the_time_is_over(booking, session, settings):
    confirm_booking(booking=booking, by=owner_of(session), reply="Velkommen")
    Proposal.objects.create(booking=booking, side="school", starts_at=timezone.now(), note="Helst før mat")
    write_a_line(booking)
    stored = Attachment.objects.get().file.name
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        messages.sweep()
    kept = BookingFactory(session=SessionFactory(activity=session.activity), message="Vi vil også")

    with days_after(session.ends_at, settings.MESSAGE_RETENTION_DAYS - 0.1):
        assert retention.delete_messages() == 0
        assert default_storage.exists(stored)
    with days_after(session.ends_at, settings.MESSAGE_RETENTION_DAYS + 0.1):
        tasks.forget_old_words()

    booking.refresh_from_db()
    assert not Message.objects.exists()
    assert not Attachment.objects.exists()
    assert not default_storage.exists(stored)
    assert not Mail.objects.about(f"booking:{booking.pk}").exists()
    assert (booking.message, booking.reply, booking.messages_deleted_at is None) == ("", "", False)
    assert set(booking.events.values_list("note", flat=True)) == {""}
    assert set(booking.proposals.values_list("note", flat=True)) == {""}
    # The agreement and its history stay, and so does what is of another day.
    assert (booking.status, booking.pupils, booking.events.count()) == ("confirmed", 28, 2)
    kept.refresh_from_db()
    assert kept.messages_deleted_at is not None or kept.message == "Vi vil også"


def test_conversation_is_closed_when_its_time_is_over(booking, session, settings, teacher_client):
    confirm_booking(booking=booking, by=owner_of(session))
    page = at("booking", booking.pk)
    with days_after(session.ends_at, settings.MESSAGE_RETENTION_DAYS - 1):
        teacher_client.force_login(booking.teacher)
        assert "Only the school and the partner read this" in words(teacher_client.get(page))

    with days_after(session.ends_at, settings.MESSAGE_RETENTION_DAYS + 1):
        teacher_client.force_login(booking.teacher)
        assert "The conversation is closed." in words(teacher_client.get(page))
        response = teacher_client.post(at("booking_messages", booking.pk), {"text": "For sent"})
        assert response.status_code == 422
        with pytest.raises(messages.ConversationClosed):
            write_a_line(booking)
        retention.delete_messages()
        assert "was deleted" in words(teacher_client.get(page))
    assert not Message.objects.exists()


def test_trouble_with_some_does_not_keep_the_others(booking, session, monkeypatch):
    other = BookingFactory(needs="Trapper", session=session)
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    forget = retention._forget_needs

    def fails(pks):
        if booking.pk in pks:
            raise RuntimeError("no")
        forget(pks)

    fails.__name__ = "fails"
    monkeypatch.setattr(retention, "_forget_needs", fails)
    with days_after(session.ends_at, 31):
        assert retention.delete_needs() == 1

    other.refresh_from_db()
    assert other.needs == ""
    booking.refresh_from_db()
    assert booking.needs == NEEDS
