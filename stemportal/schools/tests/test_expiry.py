"""What nobody answered while there was time comes to an end; places are free again and the teacher is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.schools.models import Booking
from stemportal.schools.services import expiry, proposals
from stemportal.schools.services.booking import book_session, propose_date
from stemportal.schools.services.waiting import join_waiting_list
from stemportal.schools.tests.conftest import owner_of
from stemportal.testing.factories import BookingFactory, SessionFactory, TeacherFactory

pytestmark = pytest.mark.django_db
Status = Booking.Status


def book(session, teacher, name="9A") -> Booking:
    facts = {"school": teacher.school, "teacher": teacher.user, "grade": 9, "pupils": 20}
    return book_session(session_id=session.pk, group_name=name, **facts)


def status_of(booking) -> str:
    booking.refresh_from_db()
    return booking.status


def told(template: str) -> list[str]:
    return list(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def test_request_expires_when_its_visit_would_have_begun(session, teacher):
    booking = book(session, teacher)
    with time_machine.travel(session.starts_at - timedelta(minutes=1), tick=False):
        assert expiry.expire_due() == 0
    SessionFactory(activity__title="Bygg en bro", starts_at=session.starts_at + timedelta(days=3))
    with time_machine.travel(session.starts_at, tick=False):
        assert expiry.expire_due() == 1
        assert expiry.expire_due() == 0
    assert status_of(booking) == Status.EXPIRED
    session.refresh_from_db()
    assert session.places_taken == 0
    assert told("booking_expired_to_teacher") == [teacher.user.email]
    assert told("booking_expired_to_partner") == [owner_of(session).email]
    assert "Bygg en bro" in Mail.objects.get(template="booking_expired_to_teacher").text


def test_proposed_date_expires_when_it_has_passed(session, teacher):
    when = timezone.now() + timedelta(days=10)
    booking = propose_date(
        activity=session.activity,
        proposed_at=when,
        school=teacher.school,
        teacher=teacher.user,
        group_name="9A",
        grade=9,
        pupils=20,
    )
    with time_machine.travel(when + timedelta(minutes=1), tick=False):
        assert expiry.expire_due() == 1
    assert status_of(booking) == Status.EXPIRED


def test_time_on_offer_expires_when_the_school_lets_it_pass(session, teacher):
    booking = book(session, teacher)
    other = SessionFactory(activity=session.activity, starts_at=session.starts_at + timedelta(days=20))
    proposals.offer_time(booking=booking, by=owner_of(session), time=proposals.Time(session_id=other.pk))
    with time_machine.travel(booking.offer_until - timedelta(minutes=1), tick=False):
        assert expiry.expire_due() == 0
    with time_machine.travel(booking.offer_until + timedelta(minutes=1), tick=False):
        assert expiry.expire_due() == 1
    assert status_of(booking) == Status.EXPIRED
    other.refresh_from_db()
    assert other.places_taken == 0


def test_waiting_list_ends_when_the_session_begins(teacher):
    session = SessionFactory(capacity=1)
    book(session, teacher)
    other = TeacherFactory()
    waits = join_waiting_list(
        session_id=session.pk, school=other.school, teacher=other.user, group_name="9B", grade=9, pupils=20
    )
    with time_machine.travel(session.starts_at + timedelta(minutes=1), tick=False):
        expiry.expire_due()
    assert status_of(waits) == Status.EXPIRED
    assert other.user.email in told("booking_expired_to_teacher")


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.DECLINED, Status.COMPLETED, Status.EXPIRED])
def test_what_is_settled_does_not_expire(status):
    booking = BookingFactory(status=status, session__starts_at=timezone.now() - timedelta(days=1))
    assert expiry.expire_due() == 0
    assert status_of(booking) == status
