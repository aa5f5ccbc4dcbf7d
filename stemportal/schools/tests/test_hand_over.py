"""Bookings that go to a colleague: handed over, when somebody leaves, and when an account is deleted."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from stemportal.accounts.deletion import delete_account
from stemportal.outbox.models import Mail
from stemportal.schools import states
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking, Teacher
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services import handover
from stemportal.schools.services.teachers import (
    add_teacher,
    end_teacher,
    make_coordinator,
    settle_teacher,
)
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import (
    BookingFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)
from stemportal.views.dashboard import queues

pytestmark = pytest.mark.django_db
Status = Teacher.Status


@pytest.fixture
def coordinator(teacher) -> Teacher:
    return TeacherFactory(school=teacher.school, role="coordinator", user__full_name="Kari Koordinator")


@pytest.fixture
def client(coordinator):
    """The coordinator's browser."""
    return client_of(coordinator.user)


@pytest.fixture
def pending(teacher) -> Teacher:
    return TeacherFactory(
        school=teacher.school,
        status="pending",
        verified_how="",
        verified_at=None,
        asked_at=timezone.now(),
        user__full_name="Jonas Vik",
        user__language="en",
    )


@pytest.fixture
def booking(teacher, session) -> Booking:
    type(session).objects.filter(pk=session.pk).update(places_taken=1)
    return BookingFactory(teacher=teacher.user, school=teacher.school, session=session, status="confirmed")


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def mails(template: str) -> set[str]:
    return set(Mail.objects.filter(template=template).values_list("to_email", flat=True))


# --- Handing over


def hand_over(client, booking, to, **more):
    return client.post(at("booking_hand_over", booking.pk), {"to": to.pk, **more}, follow=True)


def calendar_of(mail: Mail):
    entry = Calendar.from_ical(mail.calendar)
    (event,) = entry.walk("VEVENT")
    return str(entry["METHOD"]), str(event["UID"]), int(event["SEQUENCE"])


def test_booking_goes_to_a_colleague_with_its_calendar_entry(teacher, teacher_client, booking, session):
    colleague = TeacherFactory(school=teacher.school, user__full_name="Tora Ny")
    sequence = booking.calendar_sequence

    page = hand_over(teacher_client, booking, colleague, note="Jeg er i permisjon")

    assert "Tora Ny has the booking now" in words(page)
    assert fresh(booking).teacher == colleague.user
    taken = Mail.objects.get(template="booking_handed_over_to_new")
    given = Mail.objects.get(template="booking_handed_over_to_old")
    partner = Mail.objects.get(template="booking_handed_over_to_partner")
    assert (taken.to_email, given.to_email, partner.to_email) == (
        colleague.user.email,
        teacher.user.email,
        owner_of(session).email,
    )
    assert "Jeg er i permisjon" in taken.text
    assert "Tora Ny" in partner.subject
    assert calendar_of(taken)[0] == "REQUEST"
    assert calendar_of(given)[0] == "CANCEL"
    assert calendar_of(taken)[1:] == calendar_of(given)[1:]
    assert calendar_of(given)[2] == sequence + 1
    event = booking.events.get()
    assert (event.move, event.by, event.to_status) == ("hand_over", teacher.user, "confirmed")


def test_booking_is_out_of_the_hands_of_whoever_gave_it_away(teacher, teacher_client, booking):
    hand_over(teacher_client, booking, TeacherFactory(school=teacher.school))

    assert teacher_client.get(booking.get_absolute_url()).status_code == 404


def test_request_goes_over_without_a_calendar_entry(teacher, teacher_client, session):
    booking = BookingFactory(teacher=teacher.user, school=teacher.school, session=session, status="requested")

    hand_over(teacher_client, booking, TeacherFactory(school=teacher.school))

    assert not Mail.objects.exclude(calendar="").exists()


def test_coordinator_hands_somebody_elses_booking_over(client, coordinator, teacher, booking):
    colleague = TeacherFactory(school=teacher.school)

    page = hand_over(client, booking, colleague)

    assert page.redirect_chain[-1][0] == booking.get_absolute_url()
    assert fresh(booking).teacher == colleague.user
    assert "The school handed the booking over to a colleague" in words(page)


def test_booking_goes_to_nobody_of_another_school(teacher, teacher_client, booking, pending):
    inactive = TeacherFactory(school=teacher.school, user__is_active=False)
    for wrong in (TeacherFactory(), pending, inactive, teacher):
        page = hand_over(teacher_client, booking, wrong)
        assert page.status_code == 200
        assert fresh(booking).teacher == teacher.user
        with pytest.raises(handover.NoColleague):
            handover.hand_over(booking=booking, to=TeacherFactory().user, by=teacher.user)


@pytest.mark.parametrize("status", ["completed", "declined", "withdrawn", "school_cancel", "expired", "no_show"])
def test_booking_that_is_over_stays_where_it_is(teacher, teacher_client, session, status):
    booking = BookingFactory(teacher=teacher.user, school=teacher.school, session=session, status=status)

    page = hand_over(teacher_client, booking, TeacherFactory(school=teacher.school))

    assert "This booking is over" in words(page)
    assert fresh(booking).teacher == teacher.user


def test_page_of_the_booking_leads_to_the_hand_over(teacher_client, booking, owner_client):
    assert at("booking_hand_over", booking.pk) in words(teacher_client.get(booking.get_absolute_url()))
    assert at("booking_hand_over", booking.pk) not in words(owner_client.get(booking.get_absolute_url()))


# --- Leaving


def test_leaving_teacher_gives_all_open_bookings_to_a_colleague(teacher, teacher_client, session):
    colleague = TeacherFactory(school=teacher.school)
    mine = [
        BookingFactory(teacher=teacher.user, school=teacher.school, status=status)
        for status in ("requested", "offered", "waitlisted", "confirmed")
    ]
    held = BookingFactory(teacher=teacher.user, school=teacher.school, status="completed")
    elsewhere = BookingFactory(teacher=teacher.user)
    assert "4 bookings are open" in words(teacher_client.get(at("leave_school", teacher.pk)))

    teacher_client.post(at("leave_school", teacher.pk), {"to": colleague.pk})

    assert {fresh(booking).teacher for booking in mine} == {colleague.user}
    assert fresh(held).teacher == teacher.user
    assert fresh(elsewhere).teacher == teacher.user
    assert fresh(teacher).status == Status.ENDED
    assert teacher_record(teacher.user) is None


def test_bookings_go_to_a_coordinator_where_nobody_is_chosen(teacher, teacher_client, coordinator, booking):
    teacher_client.post(at("leave_school", teacher.pk))

    assert fresh(booking).teacher == coordinator.user


def test_bookings_that_nobody_has_are_in_the_secretariats_queue(teacher, teacher_client, booking):
    teacher_client.post(at("leave_school", teacher.pk))

    assert fresh(booking).teacher is None
    (queue,) = [
        queue for queue in queues(StaffFactory()) if queue.label == "Bookings that nobody at the school has any more"
    ]
    assert queue.count == 1
    staff = client_of(StaffFactory())
    assert booking.group_name in words(staff.get(queue.url))


def test_new_coordinator_takes_over_what_nobody_has(teacher, teacher_client, booking):
    teacher_client.post(at("leave_school", teacher.pk))
    colleague = TeacherFactory(school=teacher.school)

    make_coordinator(teacher=colleague, by=StaffFactory())

    assert fresh(booking).teacher == colleague.user


def test_mails_of_a_booking_without_a_teacher_go_to_the_coordinators(
    coordinator, teacher, booking, session, owner_client
):
    Booking.objects.filter(pk=booking.pk).update(teacher=None)

    owner_client.post(at("booking_cancel", booking.pk), {"note": "Maskinen er i stykker"})

    assert mails("booking_cancelled_to_teacher") == {coordinator.user.email}


def test_coordinator_notes_that_a_colleague_has_left(client, coordinator, teacher, booking):
    page = client.post(at("colleague_end", teacher.pk), {"to": coordinator.pk}, follow=True)

    assert "is no longer registered at" in words(page)
    assert fresh(booking).teacher == coordinator.user
    assert mails("teacher_ended") == {teacher.user.email}


def test_coordinator_leaving_alone_leaves_the_school_to_the_secretariat(coordinator, client, settings):
    assert "last coordinator" in words(client.get(at("leave_school", coordinator.pk)))

    client.post(at("leave_school", coordinator.pk))

    assert (fresh(coordinator).status, fresh(coordinator).role) == (Status.ENDED, "teacher")
    settle_teacher(teacher=add_teacher(user=UserFactory(), school=coordinator.school))
    assert mails("teacher_waits") == {settings.SECRETARIAT_EMAIL}


def test_whoever_left_may_come_back_and_waits_again(teacher):
    end_teacher(teacher=teacher, by=teacher.user)

    back = settle_teacher(teacher=add_teacher(user=teacher.user, school=teacher.school))

    assert (fresh(back).status, fresh(back).verified_how) == (Status.PENDING, "")
    assert mails("teacher_waits")


def test_deleted_accounts_bookings_go_to_a_coordinator(coordinator, teacher, booking):
    delete_account(user_pk=teacher.user.pk)

    assert fresh(booking).teacher == coordinator.user
    assert coordinator.user.email in mails("booking_handed_over_to_new")


def test_deleting_a_person_in_the_admin_keeps_the_visits(coordinator, teacher, booking):
    staff = client_of(StaffFactory())

    staff.post(reverse("admin:accounts_user_delete", args=[teacher.user.pk]), {"post": "yes"})

    assert not type(teacher.user).objects.filter(pk=teacher.user.pk).exists()
    assert fresh(booking).teacher == coordinator.user


def test_hand_over_of_what_has_moved_on_is_too_late(teacher, booking):
    colleague = TeacherFactory(school=teacher.school)
    Booking.objects.filter(pk=booking.pk).update(status="school_cancel")

    with pytest.raises(TooLate):
        handover.hand_over(booking=booking, to=colleague.user, by=teacher.user)

    assert fresh(booking).teacher == teacher.user
    assert not booking.events.exists()


def test_hand_over_is_a_move_of_every_open_state():
    assert set(states.HAND_OVER.origins) == set(states.OPEN_STATES)
    assert states.HAND_OVER.target is None
