"""Booking a session: who gets the place, what everybody is told, and what is refused."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, Session
from stemportal.outbox.models import Mail
from stemportal.schools.errors import (
    AlreadyBooked,
    BadTime,
    BookingError,
    GroupTooLarge,
    SessionClosed,
    SessionFull,
    TooLate,
    WrongGrade,
)
from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.services import answering
from stemportal.schools.services import booking as service
from stemportal.schools.services.attendance import confirm_attendance
from stemportal.schools.services.places_taken import count_places
from stemportal.schools.services.sessions import Change, cancel_session, change_session
from stemportal.schools.states import Side
from stemportal.testing.factories import (
    ActivityFactory,
    KindFactory,
    MembershipFactory,
    SessionFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher():
    return TeacherFactory()


@pytest.fixture
def session():
    session = SessionFactory(capacity=2)
    MembershipFactory(partner=session.activity.partner, user__language="nn")
    return session


def book(session, teacher, **facts):
    facts = {"group_name": "9A", "grade": 9, "pupils": 28, **facts}
    return service.book_session(session_id=session.pk, school=teacher.school, teacher=teacher.user, **facts)


def agrees(session) -> bool:
    session.refresh_from_db()
    return session.places_taken == count_places(session)


def test_booking_takes_a_place_and_asks_the_partner(session, teacher):
    booking = book(session, teacher, message="Vi gleder oss")

    assert booking.status == Booking.Status.REQUESTED
    assert booking.reply_by > timezone.localdate()
    assert agrees(session)
    assert session.places_left == 1
    to_partner = Mail.objects.get(template="booking_requested_to_partner")
    assert to_partner.language == "nn"
    assert "Vi gleder oss" in to_partner.text
    assert f"/bookings/{booking.pk}/" in to_partner.text
    assert Mail.objects.filter(template="booking_requested_to_teacher", to_email=teacher.user.email).exists()
    assert [event.to_status for event in booking.events.all()] == ["requested"]


def test_booking_instant_is_confirmed_with_a_calendar_entry_for_both(teacher):
    session = SessionFactory(activity__policy=Activity.Policy.INSTANT)
    MembershipFactory(partner=session.activity.partner)

    booking = book(session, teacher)

    assert booking.status == Booking.Status.CONFIRMED
    mails = Mail.objects.filter(template__startswith="booking_confirmed")
    assert mails.count() == 2
    assert all("METHOD:REQUEST" in mail.calendar for mail in mails)


@pytest.mark.parametrize("model", [Booking, BookingEvent, Session])
def test_what_a_booking_writes_is_not_under_history(model):
    """Prepared statements write it, and those say to nobody who did it (``lib.statements``)."""
    assert not hasattr(model, "changes")


def test_booking_full_session_is_refused_and_nothing_is_written(session, teacher):
    book(session, teacher, group_name="9A")
    book(session, teacher, group_name="9B")

    with pytest.raises(SessionFull):
        book(session, teacher, group_name="9C")

    assert agrees(session)
    assert Booking.objects.count() == 2


def test_booking_counts_pupils_where_the_kind_does(teacher):
    kind = KindFactory(code="job_shadow", unit="pupils")
    session = SessionFactory(activity__kind=kind, capacity=10)

    book(session, teacher, pupils=7)
    session.refresh_from_db()

    assert session.places_left == 3
    with pytest.raises(SessionFull, match="3 places left"):
        book(session, teacher, group_name="9B", pupils=4)


def test_booking_sent_twice_is_one_booking(session, teacher):
    key = uuid.uuid4()

    first = book(session, teacher, request_key=key)
    second = book(session, teacher, request_key=key)

    assert first.pk == second.pk
    assert agrees(session)
    assert Mail.objects.filter(template="booking_requested_to_teacher").count() == 1


def test_booking_same_group_twice_is_refused(session, teacher):
    book(session, teacher)

    with pytest.raises(AlreadyBooked):
        book(session, teacher)

    assert agrees(session)


@pytest.mark.parametrize(
    ("facts", "error"),
    [({"pupils": 31}, GroupTooLarge), ({"grade": 11}, WrongGrade)],
)
def test_booking_group_the_activity_is_not_for_is_refused(teacher, facts, error):
    session = SessionFactory(activity__grade_from=8, activity__grade_to=10)

    with pytest.raises(error):
        book(session, teacher, **facts)

    assert agrees(session)


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": timezone.now() - timedelta(days=1)},
        {"status": Session.Status.CANCELLED},
        {"activity__status": Activity.Status.ARCHIVED},
        {"activity__partner__status": "paused"},
    ],
)
def test_booking_closed_session_is_refused(teacher, change):
    with pytest.raises(SessionClosed):
        book(SessionFactory(**change), teacher)


def test_confirm_tells_both_in_their_language(session, teacher):
    booking = book(session, teacher)
    partner_person = UserFactory()

    answering.confirm_booking(booking=booking, by=partner_person, reply="Velkommen!")

    booking.refresh_from_db()
    assert booking.status == Booking.Status.CONFIRMED
    mail = Mail.objects.get(template="booking_confirmed_to_teacher")
    assert "Velkommen!" in mail.text
    assert "METHOD:REQUEST" in mail.calendar
    assert Mail.objects.get(template="booking_confirmed_to_partner").language == "nn"
    assert [e.to_status for e in booking.events.all()] == ["requested", "confirmed"]


def test_decline_gives_the_place_back(session, teacher):
    booking = book(session, teacher)

    answering.decline_booking(booking=booking, by=UserFactory(), reply="Vi er på messe")

    assert agrees(session)
    assert session.places_left == 2
    assert "Vi er på messe" in Mail.objects.get(template="booking_declined").text


def test_moves_happen_once(session, teacher):
    booking = book(session, teacher)
    stale = Booking.objects.get(pk=booking.pk)
    answering.withdraw_booking(booking=booking, by=teacher.user)

    with pytest.raises(TooLate):
        answering.confirm_booking(booking=stale, by=UserFactory())

    assert agrees(session)
    assert session.places_left == 2


@pytest.mark.parametrize("side", [Side.SCHOOL, Side.PARTNER])
def test_cancel_takes_the_calendar_entry_away(session, teacher, side):
    booking = book(session, teacher)
    answering.confirm_booking(booking=booking, by=UserFactory())

    answering.cancel_booking(booking=booking, by=teacher.user, side=side, note="Læreren er syk")

    mails = Mail.objects.filter(template__startswith="booking_cancelled")
    assert mails.count() == 2
    assert all("METHOD:CANCEL" in mail.calendar and "SEQUENCE:1" in mail.calendar for mail in mails)
    assert agrees(session)
    assert session.places_left == 2


def test_propose_makes_a_session_when_the_partner_confirms(teacher):
    activity = ActivityFactory(policy=Activity.Policy.ON_REQUEST, duration_minutes=90)
    start = timezone.now() + timedelta(days=20)
    booking = service.propose_date(
        activity=activity,
        proposed_at=start,
        school=teacher.school,
        teacher=teacher.user,
        group_name="9A",
        grade=9,
        pupils=20,
    )

    assert booking.session is None
    answering.confirm_booking(booking=booking, by=UserFactory())

    booking.refresh_from_db()
    assert booking.session.starts_at == start
    assert booking.session.ends_at == start + timedelta(minutes=90)
    assert agrees(booking.session)
    assert booking.session.places_left == 0


@pytest.mark.parametrize("days", [-1, 5000])
def test_propose_absurd_time_is_refused(teacher, days):
    with pytest.raises(BadTime):
        service.propose_date(
            activity=ActivityFactory(policy=Activity.Policy.ON_REQUEST),
            proposed_at=timezone.now() + timedelta(days=days),
            school=teacher.school,
            teacher=teacher.user,
            group_name="9A",
            grade=9,
            pupils=20,
        )


def test_move_session_replaces_the_calendar_entry(session, teacher):
    booking = book(session, teacher)
    answering.confirm_booking(booking=booking, by=UserFactory())
    start = session.starts_at + timedelta(days=1)

    change = Change(starts_at=start, ends_at=start + timedelta(hours=1), capacity=2, place="Porten")
    change_session(session_id=session.pk, change=change, by=UserFactory())

    mail = Mail.objects.get(template="session_moved_to_teacher")
    assert "SEQUENCE:1" in mail.calendar
    assert f"UID:booking-{booking.pk}@" in mail.calendar
    assert "Porten" in mail.text


def test_session_cannot_get_fewer_places_than_are_booked(session, teacher):
    book(session, teacher, group_name="9A")
    book(session, teacher, group_name="9B")

    with pytest.raises(BookingError, match="2 places"):
        change_session(
            session_id=session.pk,
            change=Change(starts_at=session.starts_at, ends_at=session.ends_at, capacity=1),
            by=UserFactory(),
        )


def test_cancel_session_tells_every_group(session, teacher):
    first = book(session, teacher, group_name="9A")
    answering.confirm_booking(booking=first, by=UserFactory())
    book(session, teacher, group_name="9B")

    assert cancel_session(session_id=session.pk, by=UserFactory(), note="Maskinen er i stykker").groups == 2
    assert cancel_session(session_id=session.pk, by=UserFactory(), note="Maskinen er i stykker").groups == 0

    assert set(Booking.objects.values_list("status", flat=True)) == {"partner_cancel", "declined"}
    # Only who had an entry in the calendar is told to take it away.
    assert "METHOD:CANCEL" in Mail.objects.get(template="booking_cancelled_to_teacher").calendar
    assert Mail.objects.get(template="booking_declined").calendar == ""
    assert "Maskinen er i stykker" in Mail.objects.get(template="booking_declined").text
    assert agrees(session)
    assert session.places_taken == 0


def test_confirm_is_refused_once_the_day_has_passed(session, teacher):
    booking = book(session, teacher)
    past = timezone.now() - timedelta(hours=5)
    Session.objects.filter(pk=session.pk).update(starts_at=past, ends_at=past + timedelta(hours=2))

    with pytest.raises(BadTime, match="passed"):
        answering.confirm_booking(booking=Booking.objects.with_facts().get(pk=booking.pk), by=UserFactory())


def test_attendance_completes_the_visit_and_can_be_corrected(session, teacher):
    booking = book(session, teacher)
    answering.confirm_booking(booking=booking, by=UserFactory())
    with pytest.raises(BookingError, match="begun"):
        confirm_attendance(booking=booking, by=teacher.user, pupils=26, girls=12)
    Session.objects.filter(pk=session.pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1)
    )
    booking = Booking.objects.with_facts().get(pk=booking.pk)

    confirm_attendance(booking=booking, by=teacher.user, pupils=26, girls=12)
    confirm_attendance(booking=booking, by=teacher.user, pupils=25, girls=None)

    booking.refresh_from_db()
    assert booking.status == Booking.Status.COMPLETED
    assert (booking.attendance.pupils, booking.attendance.girls) == (25, None)
    assert agrees(session)
