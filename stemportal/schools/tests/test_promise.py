"""The reply promise: reminders before the deadline, help when it has passed, each once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking, BookingRules, Reminder, booking_rules
from stemportal.schools.services import answering, promise
from stemportal.schools.services.booking import book_session
from stemportal.schools.tests.conftest import at as address
from stemportal.schools.tests.conftest import client_of, owner_of, words
from stemportal.testing.factories import ActivityFactory, BookingFactory, SessionFactory, StaffFactory

pytestmark = pytest.mark.django_db
OSLO = timezone.get_default_timezone()
MONDAY = "2027-03-01T10:00"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


def at(text: str) -> time_machine.travel:
    return time_machine.travel(moment(text), tick=False)


@pytest.fixture
def asked(session, teacher) -> Booking:
    """Asked on a Monday, to be answered by the next; the visit is five weeks later."""
    session.starts_at, session.ends_at = moment("2027-04-07T09:00"), moment("2027-04-07T11:00")
    session.save()
    with at(MONDAY):
        booking = book_session(
            session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name="9A", grade=9, pupils=20
        )
    assert booking.reply_by == date(2027, 3, 8)
    Mail.objects.all().delete()
    return booking


def mails(template: str) -> list[Mail]:
    return list(Mail.objects.filter(template=template))


@pytest.mark.parametrize(
    ("now", "count"),
    [
        ("2027-03-04T10:00", 0),  # Thursday
        ("2027-03-05T06:30", 0),  # Friday, before anybody is at work
        ("2027-03-05T07:30", 1),
        ("2027-03-06T10:00", 0),  # Saturday
        ("2027-03-08T07:30", 1),
        ("2027-03-09T07:30", 0),  # too late for that
    ],
)
def test_partner_is_reminded_one_working_day_before_the_deadline(asked, session, now, count):
    with at(now):
        promise.remind_before_deadlines()
    assert [mail.to_email for mail in mails("reply_soon")] == [owner_of(session).email] * count


def test_partner_is_reminded_once_a_deadline(asked):
    for now in ("2027-03-05T07:30", "2027-03-05T12:00", "2027-03-08T08:00"):
        with at(now):
            promise.keep_promises()
    assert len(mails("reply_soon")) == 1

    Booking.objects.filter(pk=asked.pk).update(reply_by=date(2027, 3, 10))
    with at("2027-03-09T08:00"):
        promise.keep_promises()
    assert len(mails("reply_soon")) == 2


def test_reminder_comes_earlier_where_staff_say_so(asked):
    BookingRules.objects.create(pk=1, remind_working_days_before=3)
    booking_rules.forget()
    with at("2027-03-03T08:00"):
        promise.keep_promises()
    assert len(mails("reply_soon")) == 1


def test_what_was_asked_today_is_not_reminded_of_today(asked):
    Booking.objects.update(reply_by=date(2027, 3, 2))
    with at("2027-03-01T15:00"):
        assert promise.remind_before_deadlines() == 0


@pytest.mark.parametrize(
    ("deadline", "too_early", "late"),
    [
        ("2027-03-08", "2027-03-08T23:50", "2027-03-09T07:05"),
        ("2027-03-05", "2027-03-07T12:00", "2027-03-08T07:05"),  # over a weekend
        ("2027-03-24", "2027-03-29T12:00", "2027-03-30T07:05"),  # over Easter
        ("2027-05-14", "2027-05-17T12:00", "2027-05-18T07:05"),  # over 17 May
        ("2026-12-23", "2026-12-27T12:00", "2026-12-28T07:05"),  # over Christmas
    ],
)
def test_teacher_is_told_on_the_working_day_after_the_deadline(asked, session, deadline, too_early, late):
    session.starts_at, session.ends_at = moment("2027-06-07T09:00"), moment("2027-06-07T11:00")
    session.save()
    Booking.objects.update(reply_by=deadline)
    with at(too_early):
        assert promise.tell_late() == 0
    with at(late):
        assert promise.tell_late() == 1
        assert promise.tell_late() == 0
    assert [mail.to_email for mail in mails("reply_late_to_teacher")] == [asked.teacher.email]
    assert [mail.to_email for mail in mails("reply_late_to_partner")] == [owner_of(session).email]


def test_teacher_is_told_in_the_afternoon_when_the_visit_is_tomorrow(asked, session):
    session.starts_at, session.ends_at = moment("2027-03-09T09:00"), moment("2027-03-09T11:00")
    session.save()
    with at("2027-03-08T15:00"):
        assert promise.tell_late() == 0
    with at("2027-03-08T16:05"):
        assert promise.tell_late() == 1


def test_answered_request_gets_no_reminder(asked, session):
    with at("2027-03-04T10:00"):
        answering.confirm_booking(booking=asked, by=owner_of(session))
    for now in ("2027-03-05T08:00", "2027-03-09T08:00"):
        with at(now):
            assert promise.keep_promises() == 0
    assert not Reminder.objects.exists()


def test_late_answer_is_still_accepted(asked, session):
    with at("2027-03-12T10:00"):
        promise.tell_late()
        answering.confirm_booking(booking=asked, by=owner_of(session))
    asked.refresh_from_db()
    assert asked.status == Booking.Status.CONFIRMED


def test_late_mail_names_what_has_room(asked):
    other = free("Bygg en bro", "2027-04-08T10:00")
    with at("2027-03-09T08:00"):
        promise.tell_late()
    text = mails("reply_late_to_teacher")[0].text
    assert "Bygg en bro" in text
    assert str(other.activity.partner) in text
    assert "#alternatives" in text


def test_one_broken_booking_does_not_keep_the_others(asked, monkeypatch):
    other = BookingFactory(
        reply_by=date(2027, 3, 8), created_at=moment(MONDAY), session__starts_at=moment("2027-04-09T09:00")
    )
    send = promise.mails.reply_late

    def break_for_one(booking, alternatives):
        if booking.pk == asked.pk:
            raise ValueError("broken")
        send(booking, alternatives)

    monkeypatch.setattr(promise.mails, "reply_late", break_for_one)
    with at("2027-03-09T08:00"):
        assert promise.tell_late() == 1
    assert list(Reminder.objects.values_list("booking_id", flat=True)) == [other.pk]


def page_of(booking, person) -> str:
    response = client_of(person).get(address("booking", booking.pk))
    assert response.status_code == 200
    return words(response)


def test_page_of_a_late_request_offers_dates_with_room(asked):
    free("Bygg en bro", "2027-04-08T10:00")
    with at("2027-03-08T10:00"):
        assert "Bygg en bro" not in page_of(asked, asked.teacher)
    with at("2027-03-09T10:00"):
        page = page_of(asked, asked.teacher)
    assert "An answer was promised by Monday 8 March" in page
    assert "Bygg en bro" in page


def test_partner_sees_no_alternatives(asked, session):
    free("Bygg en bro", "2027-04-08T10:00")
    with at("2027-03-09T10:00"):
        assert "Bygg en bro" not in page_of(asked, owner_of(session))


def test_secretariat_reminds_the_partner_once_a_day(asked, session):
    staff = StaffFactory()
    with at("2027-03-03T10:00"):
        promise.remind_now(booking=asked, by=staff)
        with pytest.raises(promise.JustReminded):
            promise.remind_now(booking=asked, by=staff)
    assert [mail.to_email for mail in mails("reply_asked_by_secretariat")] == [owner_of(session).email]
    with at("2027-03-04T10:05"):
        promise.remind_now(booking=asked, by=staff)
    assert len(mails("reply_asked_by_secretariat")) == 2


def test_secretariat_reminds_of_nothing_that_is_answered(asked, session):
    with at("2027-03-03T10:00"):
        answering.decline_booking(booking=asked, by=owner_of(session), reply="Nei")
        with pytest.raises(TooLate):
            promise.remind_now(booking=asked, by=StaffFactory())


def free(title: str, starts: str, **activity: object) -> object:
    start = moment(starts)
    return SessionFactory(
        activity=ActivityFactory(title=title, **activity), starts_at=start, ends_at=start + timedelta(hours=2)
    )
