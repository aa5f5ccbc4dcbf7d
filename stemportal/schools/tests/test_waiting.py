"""The waiting list: joining, the order, freed places with a deadline, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Session
from stemportal.outbox.models import Mail
from stemportal.schools.errors import GroupTooLarge, SessionClosed, StillRoom, WaitingListFull
from stemportal.schools.models import Booking
from stemportal.schools.services import answering, sessions, waiting
from stemportal.schools.services.booking import book_session
from stemportal.schools.services.expiry import expire_due
from stemportal.schools.services.groups import change_group
from stemportal.schools.services.places_taken import count_places, count_pupils
from stemportal.schools.states import Side
from stemportal.schools.tasks import sweep_waiting
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import MembershipFactory, SessionFactory, TeacherFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]

Status = Booking.Status


@pytest.fixture
def full(db) -> Session:
    """One place, and somebody has it."""
    session = SessionFactory(capacity=1, activity__policy=Activity.Policy.CONFIRM)
    MembershipFactory(partner=session.activity.partner)
    return session


@pytest.fixture
def first(full) -> Booking:
    return book(full, "8A")


def facts(name: str, pupils: int = 20) -> dict:
    teacher = TeacherFactory()
    return {"school": teacher.school, "teacher": teacher.user, "group_name": name, "grade": 9, "pupils": pupils}


def book(session: Session, name: str, pupils: int = 20) -> Booking:
    return book_session(session_id=session.pk, **facts(name, pupils))


def wait(session: Session, name: str, pupils: int = 20) -> Booking:
    return waiting.join_waiting_list(session_id=session.pk, **facts(name, pupils))


def status(booking: Booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


def agrees(session: Session) -> bool:
    session.refresh_from_db()
    return (session.places_taken, session.pupils_taken) == (count_places(session), count_pupils(session))


def fresh(booking: Booking) -> Booking:
    return Booking.objects.with_facts().get(pk=booking.pk)


def test_page_of_a_full_session_offers_the_list_with_the_number(teacher_client, first, full):
    wait(full, "8B")

    text = words(teacher_client.get(at("book", full.pk)))
    assert "On the waiting list you would be number 2." in text
    page = teacher_client.post(at("waiting_join", full.pk), {"group_name": "9A", "grade": 9, "pupils": 28}, follow=True)

    assert "You are number 2 on the waiting list." in words(page)
    assert "Leave the waiting list" in words(page)
    assert agrees(full)
    assert full.places_taken == 1
    assert "number 2 on the waiting list" in Mail.objects.filter(template="waiting_joined").latest("pk").text


def test_page_of_an_offer_leads_to_the_list_of_a_full_date(teacher_client, first, full):
    page = teacher_client.get(full.activity.get_absolute_url())

    assert at("waiting_join", full.pk) in page.content.decode()


def test_book_form_for_a_session_that_filled_up_leads_on_without_losing_a_word(teacher_client, first, full):
    form = {"session": full.pk, "group_name": "9A", "grade": 9, "pupils": 28, "message": "Vi gleder oss"}

    page = teacher_client.post(at("book", full.pk), form)

    assert "On the waiting list you would be number 1." in words(page)
    assert "Vi gleder oss" in words(page)
    assert f'formaction="{at("waiting_join", full.pk)}"' in page.content.decode()


def test_join_where_there_is_room_leads_to_booking(teacher_client, full):
    with pytest.raises(StillRoom):
        wait(full, "9A")

    page = teacher_client.post(at("waiting_join", full.pk), {"group_name": "9A", "grade": 9, "pupils": 28})

    assert "A place has just become free. You can book it now." in words(page)
    assert at("book", full.pk) in page.content.decode()


def test_join_is_refused_for_what_could_never_be(full, first):
    Session.objects.filter(pk=full.pk).update(pupil_capacity=25)
    with pytest.raises(GroupTooLarge):
        wait(full, "9A", pupils=26)
    Session.objects.filter(pk=full.pk).update(status=Session.Status.CANCELLED)
    with pytest.raises(SessionClosed):
        wait(full, "9A")


def test_join_ends_where_the_line_is_too_long(full, first, monkeypatch):
    monkeypatch.setattr(waiting, "LONGEST_LINE", 2)
    wait(full, "9A")
    wait(full, "9B")

    with pytest.raises(WaitingListFull):
        wait(full, "9C")


def test_freed_place_goes_to_the_first_in_line_and_then_to_the_partner(first, full):
    second, third = wait(full, "9A"), wait(full, "9B")

    answering.withdraw_booking(booking=fresh(first), by=first.teacher)

    assert (status(second), status(third)) == (Status.OFFERED, Status.WAITLISTED)
    assert agrees(full)
    mail = Mail.objects.get(template="waiting_place_offered")
    assert mail.to_email == second.teacher.email
    assert "the place goes to the next on the list" in mail.text
    client = client_of(second.teacher)
    assert "A place is free for your class" in words(client.get(at("booking", second.pk)))
    assert "Take the place" in words(client.get(at("my_page")))
    page = client.post(at("booking_accept", second.pk), follow=True)
    assert "The place is yours as soon as" in words(page)
    assert status(second) == Status.REQUESTED
    assert agrees(full)
    answering.confirm_booking(booking=fresh(second), by=owner_of(full))
    assert status(second) == Status.CONFIRMED


def test_freed_place_of_an_instant_offer_is_agreed_at_once(full):
    Activity.objects.filter(pk=full.activity_id).update(policy=Activity.Policy.INSTANT)
    first = book(full, "8A")
    second = wait(full, "9A")
    answering.cancel_booking(booking=fresh(first), by=first.teacher, side=Side.SCHOOL, note="Syke")

    client_of(second.teacher).post(at("booking_accept", second.pk))

    assert status(second) == Status.CONFIRMED
    assert agrees(full)


def test_no_to_a_freed_place_offers_it_to_the_next_and_bothers_no_partner(first, full):
    second, third = wait(full, "9A"), wait(full, "9B")
    answering.withdraw_booking(booking=fresh(first), by=first.teacher)
    told = Mail.objects.filter(template="booking_withdrawn").count()

    page = client_of(second.teacher).post(at("booking_withdraw", second.pk), follow=True)

    assert "The place goes to the next on the waiting list." in words(page)
    assert (status(second), status(third)) == (Status.WITHDRAWN, Status.OFFERED)
    assert agrees(full)
    assert Mail.objects.filter(template="booking_withdrawn").count() == told


def test_freed_place_that_nobody_answers_goes_on_after_its_deadline(first, full):
    second, third = wait(full, "9A"), wait(full, "9B")
    answering.withdraw_booking(booking=fresh(first), by=first.teacher)
    until = fresh(second).offer_until
    assert timezone.now() + timedelta(days=1) < until < full.starts_at

    with time_machine.travel(until - timedelta(minutes=1), tick=False):
        sweep_waiting()
        assert status(second) == Status.OFFERED
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        sweep_waiting()
        expire_due()
        sweep_waiting()

    assert (status(second), status(third)) == (Status.EXPIRED, Status.OFFERED)
    assert agrees(full)


def test_freed_place_shortly_before_the_visit_leaves_half_of_the_time(first, full):
    second = wait(full, "9A")

    with time_machine.travel(full.starts_at - timedelta(hours=10), tick=False):
        answering.withdraw_booking(booking=fresh(first), by=first.teacher)
        assert fresh(second).offer_until == full.starts_at - timedelta(hours=5)


def test_place_goes_to_the_first_group_that_fits(full):
    """A large group keeps its place in the line while a smaller one behind it takes what is free."""
    Session.objects.filter(pk=full.pk).update(pupil_capacity=25, capacity=2)
    book(full, "8A", pupils=20)
    large, small = wait(full, "9A", pupils=25), wait(full, "9B", pupils=15)

    change_group(
        booking=fresh(Booking.objects.get(group_name="8A")), by=owner_of(full), group_name="8A", grade=9, pupils=10
    )

    assert (status(large), status(small)) == (Status.WAITLISTED, Status.OFFERED)
    assert agrees(full)


def test_more_places_are_offered_in_order(first, full):
    second, third, fourth = wait(full, "9A"), wait(full, "9B"), wait(full, "9C")
    change = sessions.Change(starts_at=full.starts_at, ends_at=full.ends_at, capacity=3)

    sessions.change_session(session_id=full.pk, change=change, by=owner_of(full))

    assert [status(b) for b in (second, third, fourth)] == [Status.OFFERED, Status.OFFERED, Status.WAITLISTED]
    assert agrees(full)


def test_places_added_by_hand_are_found_by_the_sweep(first, full):
    second = wait(full, "9A")
    Session.objects.filter(pk=full.pk).update(capacity=2)

    sweep_waiting()

    assert status(second) == Status.OFFERED
    assert agrees(full)


def test_places_in_pupils_go_to_groups_that_fit(db):
    session = SessionFactory(capacity=30, activity__kind__unit=Kind.Unit.PUPILS)
    first = book(session, "8A", pupils=25)
    second, third = wait(session, "9A", pupils=20), wait(session, "9B", pupils=10)

    answering.withdraw_booking(booking=fresh(first), by=first.teacher)

    assert (status(second), status(third)) == (Status.OFFERED, Status.OFFERED)
    assert agrees(session)
    assert session.places_taken == 30


def test_leaving_the_list_moves_the_others_up(first, full):
    second, third = wait(full, "9A"), wait(full, "9B")

    page = client_of(second.teacher).post(at("booking_withdraw", second.pk), follow=True)

    assert "You are no longer on the waiting list." in words(page)
    assert "You are number 1 on the waiting list" in words(client_of(third.teacher).get(at("booking", third.pk)))


def test_cancelled_session_offers_nothing_to_those_who_wait(first, full):
    second = wait(full, "9A")

    sessions.cancel_session(session_id=full.pk, by=owner_of(full), note="Vi flytter")

    assert (status(first), status(second)) == (Status.DECLINED, Status.DECLINED)
    assert not Mail.objects.filter(template="waiting_place_offered").exists()
    assert "Vi flytter" in Mail.objects.filter(template="booking_declined", to_email=second.teacher.email).get().text


def test_list_is_closed_when_the_session_begins(first, full):
    second = wait(full, "9A")

    with time_machine.travel(full.starts_at + timedelta(minutes=1), tick=False):
        expire_due()
        sweep_waiting()

    assert status(second) == Status.EXPIRED


def test_same_form_sent_twice_gives_one_place_in_the_line(teacher_client, first, full):
    key = "5c0a8a53-4ad6-4c5e-9d0e-0f0a5c1b2d3e"
    form = {"group_name": "9A", "grade": 9, "pupils": 28, "request_key": key}

    teacher_client.post(at("waiting_join", full.pk), form)
    teacher_client.post(at("waiting_join", full.pk), form)

    assert Booking.objects.filter(status=Status.WAITLISTED).count() == 1


def test_today_tells_the_partner_how_many_wait(first, full):
    wait(full, "9A")
    wait(full, "9B")

    text = words(client_of(owner_of(full)).get(at("partner_today", full.activity.partner_id)))

    assert f"2 groups wait for a place: {full.activity.title}" in text
