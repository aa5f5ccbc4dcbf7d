"""Capacity in pupils besides groups: what is booked, what is said, and what comes back."""

from __future__ import annotations

import pytest

from stemportal.activities.models import Activity, Session
from stemportal.schools.emails import facts
from stemportal.schools.errors import TooManyPupils
from stemportal.schools.models import Booking
from stemportal.schools.queries.bookings import other_sessions
from stemportal.schools.services import answering
from stemportal.schools.services import booking as service
from stemportal.schools.services.places_taken import count_pupils
from stemportal.schools.tests.conftest import at, words
from stemportal.testing.factories import KindFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(session):
    """Five groups, but 50 pupils in all; the teacher's partner is the one of the usual session."""
    Session.objects.filter(pk=session.pk).update(capacity=5, pupil_capacity=50)
    session.refresh_from_db()
    return session


def book(session, teacher, name, pupils) -> Booking:
    return service.book_session(
        session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name=name, grade=9, pupils=pupils
    )


def test_pupils_are_counted_beside_groups_and_come_back(session, teacher):
    first = book(session, teacher, "9A", 20)
    book(session, teacher, "9B", 25)
    session.refresh_from_db()
    assert (session.places_taken, session.pupils_taken, session.pupils_left) == (2, 45, 5)

    answering.withdraw_booking(booking=first, by=teacher.user)

    session.refresh_from_db()
    assert (session.places_taken, session.pupils_taken) == (1, 25)
    assert session.pupils_taken == count_pupils(session)


def test_group_that_does_not_fit_is_told_how_many_do(session, teacher):
    book(session, teacher, "9A", 28)

    with pytest.raises(TooManyPupils) as refusal:
        book(session, teacher, "9B", 23)

    assert refusal.value.pupils_left == 22
    session.refresh_from_db()
    assert (session.places_taken, session.pupils_taken) == (1, 28)
    book(session, teacher, "9B", 22)


def test_page_of_booking_says_how_many_pupils_there_is_room_for_and_keeps_what_was_typed(
    session, teacher, teacher_client
):
    book(session, teacher, "9A", 28)
    assert "room for 22 pupils" in words(teacher_client.get(at("book", session.pk)))

    data = {"session": session.pk, "group_name": "9C", "grade": 9, "pupils": 25, "message": "Vi gleder oss"}
    text = words(teacher_client.post(at("book", session.pk), data))

    assert "There is room for 22 more pupils in this session." in text
    assert "Vi gleder oss" in text
    assert Booking.objects.count() == 1


def test_session_with_all_its_pupils_is_full_for_everybody(session, teacher):
    for name in ("9A", "9B"):
        book(session, teacher, name, 25)

    session.refresh_from_db()
    assert session.places_left == 0
    assert not Session.objects.with_places_left().filter(pk=session.pk).exists()
    assert not other_sessions(session.activity, pupils=1).exists()


def test_session_whose_places_are_pupils_has_no_other_limit(teacher):
    kind = KindFactory(code="homework_help", unit="pupils")
    session = SessionFactory(activity__kind=kind, capacity=10)

    book(session, teacher, "9A", 6)

    session.refresh_from_db()
    assert (session.places_taken, session.pupils_taken, session.pupils_left) == (6, 6, None)


def test_proposal_that_is_confirmed_counts_its_pupils(session, teacher):
    Activity.objects.update(policy=Activity.Policy.ON_REQUEST)
    session.activity.refresh_from_db()
    booking = service.propose_date(
        activity=session.activity, proposed_at=session.starts_at, school=teacher.school, teacher=teacher.user,
        group_name="9A", grade=9, pupils=24,
    )  # fmt: skip

    answering.confirm_booking(booking=booking, by=UserFactory())

    assert booking.session.pupils_taken == 24 == count_pupils(booking.session)


@pytest.mark.parametrize(
    ("format", "where", "said"),
    [
        ("hybrid", "video", "https://video.example.no/rom"),
        ("hybrid", "partner", "Porten"),
        ("hybrid", "school", "Alta ungdomsskole"),
        ("at_school", "partner", "Porten"),
        ("at_school", "", "Alta ungdomsskole"),
        ("digital", "", "https://video.example.no/rom"),
        ("on_site", "", "Porten"),
    ],
)
def test_mail_and_calendar_say_where_this_date_is_held(session, teacher, format, where, said):
    Activity.objects.update(format=format)
    Session.objects.update(where=where, place="Porten", link="https://video.example.no/rom")
    booking = Booking.objects.with_facts().get(pk=book(session, teacher, "9A", 20).pk)

    assert facts.where(booking) == said
    assert said in facts.calendar_entry(booking, teacher.user).replace("\r\n ", "")
