"""Changing who comes, and the same class twice at the same time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Session
from stemportal.outbox.models import Mail
from stemportal.schools.errors import BadTime, GroupTooLarge, SessionFull, TooLate, TooManyPupils
from stemportal.schools.models import Booking
from stemportal.schools.services import answering, waiting
from stemportal.schools.services.booking import book_session, propose_date
from stemportal.schools.services.groups import change_group
from stemportal.schools.services.places_taken import count_places, count_pupils
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import ActivityFactory, SchoolClassFactory, SessionFactory, TeacherFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]

Status = Booking.Status


@pytest.fixture
def requested(session, teacher) -> Booking:
    return book(session, teacher, "9A")


@pytest.fixture
def confirmed(requested, session) -> Booking:
    return answering.confirm_booking(booking=requested, by=owner_of(session))


def book(session, teacher, name: str, pupils: int = 20, **facts) -> Booking:
    return book_session(
        session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name=name, grade=9, pupils=pupils,
        **facts,
    )  # fmt: skip


def changed(booking: Booking, **facts) -> object:
    wanted = {"group_name": booking.group_name, "grade": 9, "pupils": booking.pupils, **facts}
    return change_group(booking=Booking.objects.with_facts().get(pk=booking.pk), by=booking.teacher, **wanted)


def agrees(session: Session) -> bool:
    session.refresh_from_db()
    return (session.places_taken, session.pupils_taken) == (count_places(session), count_pupils(session))


def test_page_changes_the_group_and_tells_the_partner(teacher_client, confirmed, session):
    page = teacher_client.get(at("booking_group", confirmed.pk))
    assert page.context["form"]["pupils"].value() == 20
    assert "The visit stays agreed, as long as there is room." in words(page)

    form = {"group_name": "9A", "grade": 9, "pupils": 25, "adults": 3, "travel": "public", "needs": "Rullestol"}
    page = teacher_client.post(at("booking_group", confirmed.pk), form, follow=True)

    assert "Changed. The partner has been told who comes." in words(page)
    booking = Booking.objects.get(pk=confirmed.pk)
    assert (booking.pupils, booking.adults, booking.travel, booking.needs) == (25, 3, "public", "Rullestol")
    assert booking.status == Status.CONFIRMED
    assert agrees(session)
    assert session.pupils_taken == 25
    mail = Mail.objects.get(template="group_changed_to_partner")
    assert "Before: 9A, 20 pupils." in mail.text
    assert "Rullestol" not in mail.text
    assert "SEQUENCE:1" in mail.calendar
    assert "The school changed the group; it was 9A, 20 pupils" in words(page)


def test_page_offers_the_classes_and_keeps_the_chosen_one(teacher_client, teacher, session):
    school_class = SchoolClassFactory(school=teacher.school, name="9A", grade=9, pupils=20)
    other = SchoolClassFactory(school=teacher.school, name="9B", grade=9, pupils=24)
    booking = book(session, teacher, "9A", school_class=school_class)

    page = teacher_client.get(at("booking_group", booking.pk))
    assert page.context["form"]["school_class"].value() == school_class.pk
    teacher_client.post(at("booking_group", booking.pk), {"school_class": other.pk, "pupils": 24})

    booking.refresh_from_db()
    assert (booking.group_name, booking.school_class, booking.pupils) == ("9B", other, 24)


def test_class_of_another_school_is_refused(teacher_client, school_class, requested):
    foreign = SchoolClassFactory(name="9X")

    page = teacher_client.post(at("booking_group", requested.pk), {"school_class": foreign.pk, "pupils": 24})

    assert page.status_code == 200
    assert "valid choice" in words(page)
    assert Booking.objects.get(pk=requested.pk).school_class is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"pupils": 0}, "At least one pupil must come."),
        ({"pupils": -3}, "At least one pupil must come."),
        ({"pupils": 10_000}, "Please divide the group."),
        ({"pupils": "mange"}, "Write the number of pupils in digits."),
        ({"pupils": 29}, "This activity takes groups of up to 28 pupils."),
        ({"grade": 13}, "This activity is for"),
        ({"adults": -1}, "Write 0 or more."),
        ({"adults": 5000}, "That is more than 100 adults."),
        ({"travel": "romskip"}, "valid choice"),
    ],
)
def test_page_says_what_cannot_be_and_changes_nothing(teacher_client, teacher, session, requested, typed, said):
    Activity.objects.filter(pk=session.activity_id).update(group_max=28, grade_to=10)
    teacher.school.grade_to = 13
    teacher.school.save()

    page = teacher_client.post(
        at("booking_group", requested.pk), {"group_name": "9A", "grade": 9, "pupils": 20, **typed}
    )

    assert page.status_code == 200
    assert said in words(page)
    assert Booking.objects.get(pk=requested.pk).pupils == 20
    assert requested.events.count() == 1


def test_larger_group_needs_room_in_pupils_and_places(teacher):
    session = SessionFactory(capacity=50, activity__kind__unit=Kind.Unit.PUPILS, activity__group_max=60)
    first = book(session, teacher, "9A", pupils=20)
    book(session, teacher, "9B", pupils=20)

    with pytest.raises(SessionFull, match="only 30 places"):
        changed(first, pupils=31)
    changed(first, pupils=30)
    assert agrees(session)
    assert session.places_taken == 50


def test_larger_group_needs_room_where_pupils_are_limited(teacher):
    limited = SessionFactory(capacity=3, pupil_capacity=45)
    third = book(limited, teacher, "9A", pupils=20, same_time_reason="To grupper")
    book(limited, teacher, "9B", pupils=20, same_time_reason="To grupper")
    with pytest.raises(TooManyPupils, match="25 more pupils"):
        changed(third, pupils=26)
    assert agrees(limited)


def test_confirmed_group_beyond_the_limit_of_the_activity_is_refused(confirmed, session):
    Activity.objects.filter(pk=session.activity_id).update(group_max=25)

    with pytest.raises(GroupTooLarge):
        changed(confirmed, pupils=26)
    # What was agreed before the limit came may still change its other facts.
    Activity.objects.filter(pk=session.activity_id).update(group_max=15)
    assert changed(confirmed, adults=2) is not None


def test_smaller_group_lets_in_who_waits(teacher):
    session = SessionFactory(capacity=30, activity__kind__unit=Kind.Unit.PUPILS)
    first = book(session, teacher, "9A", pupils=25)
    other = TeacherFactory()
    waits = waiting.join_waiting_list(
        session_id=session.pk, school=other.school, teacher=other.user, group_name="10C", grade=10, pupils=12
    )

    changed(first, pupils=18)

    assert Booking.objects.get(pk=waits.pk).status == Status.OFFERED
    assert agrees(session)


def test_group_that_waits_keeps_its_place_and_moves_in_when_it_fits(teacher):
    session = SessionFactory(capacity=30, activity__kind__unit=Kind.Unit.PUPILS)
    book(session, teacher, "9A", pupils=25)
    waits = waiting.join_waiting_list(
        session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name="9B", grade=9, pupils=20
    )
    with pytest.raises(GroupTooLarge):
        changed(waits, pupils=31)

    changed(waits, pupils=18)
    assert Booking.objects.get(pk=waits.pk).status == Status.WAITLISTED
    changed(Booking.objects.get(pk=waits.pk), pupils=5)

    assert Booking.objects.get(pk=waits.pk).status == Status.OFFERED
    assert agrees(session)


def test_nothing_changed_tells_nobody(teacher_client, requested):
    page = teacher_client.post(
        at("booking_group", requested.pk), {"group_name": "9A", "grade": 9, "pupils": 20}, follow=True
    )

    assert "Nothing was changed." in words(page)
    assert requested.events.count() == 1


def test_change_after_the_beginning_or_the_end_is_refused(teacher_client, confirmed, session):
    start = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))
    with pytest.raises(BadTime):
        changed(confirmed, pupils=21)
    answering.complete_booking(Booking.objects.get(pk=confirmed.pk), by=None)
    with pytest.raises(TooLate):
        changed(confirmed, pupils=21)


# --- The same class at the same time


def test_same_class_at_the_same_time_is_warned_of_and_allowed_with_a_reason(teacher_client, requested, session):
    another = SessionFactory(
        activity__title="Bygg en bro", starts_at=session.starts_at + timedelta(minutes=30),
        ends_at=session.ends_at + timedelta(hours=1),
    )  # fmt: skip
    form = {"session": another.pk, "group_name": "9A", "grade": 9, "pupils": 20, "message": "Hei"}

    page = teacher_client.post(at("book", another.pk), form)

    assert "This class has another visit at that time" in words(page)
    assert 'name="same_time_reason"' in page.content.decode()
    assert "Hei" in words(page)
    assert Booking.objects.count() == 1
    page = teacher_client.post(at("book", another.pk), {**form, "same_time_reason": "Vi deler klassen"}, follow=True)
    assert "Sent to" in words(page)
    assert Booking.objects.get(session=another).same_time_reason == "Vi deler klassen"


def test_same_time_is_asked_for_proposed_dates_and_waiting_lists_too(teacher_client, teacher, requested, session):
    activity = ActivityFactory(policy=Activity.Policy.ON_REQUEST)
    local = timezone.localtime(session.starts_at)
    form = {"day": local.date().isoformat(), "clock": local.strftime("%H:%M")}
    group = {"group_name": "9A", "grade": 9, "pupils": 20}

    page = teacher_client.post(at("propose", activity.pk), {**form, **group})
    assert "This class has another visit at that time" in words(page)

    full = SessionFactory(starts_at=session.starts_at, ends_at=session.ends_at, capacity=1)
    book(full, TeacherFactory(), "8A")
    page = teacher_client.post(at("waiting_join", full.pk), group)
    assert "This class has another visit at that time" in words(page)


def test_same_time_of_another_class_school_or_day_is_no_matter(teacher, requested, session):
    at_once = SessionFactory(starts_at=session.starts_at, ends_at=session.ends_at, capacity=5)
    book(at_once, teacher, "9B")
    book(at_once, TeacherFactory(), "9A")
    after = SessionFactory(starts_at=session.ends_at, ends_at=session.ends_at + timedelta(hours=2))
    book(after, teacher, "9A")
    answering.withdraw_booking(booking=requested, by=teacher.user)
    book(at_once, teacher, "9A")

    assert Booking.objects.count() == 5


def test_same_time_as_a_proposed_date_counts_its_length(teacher):
    activity = ActivityFactory(policy=Activity.Policy.ON_REQUEST, duration_minutes=120)
    start = timezone.now() + timedelta(days=30)
    propose_date(
        activity=activity, proposed_at=start, school=teacher.school, teacher=teacher.user, group_name="9A", grade=9,
        pupils=20,
    )  # fmt: skip
    inside = SessionFactory(starts_at=start + timedelta(minutes=119), ends_at=start + timedelta(hours=4))
    outside = SessionFactory(starts_at=start + timedelta(minutes=121), ends_at=start + timedelta(hours=4))

    page = client_of(teacher.user).post(
        at("book", inside.pk), {"session": inside.pk, "group_name": "9a", "grade": 9, "pupils": 20}
    )
    assert "This class has another visit at that time" in words(page)
    book(outside, teacher, "9A")
