"""Who comes to a meeting: places, guests, the waiting list, and what people hear."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemportal.network.models import Meeting, Rsvp
from stemportal.network.services.meetings import TooFewPlaces, cancel_meeting, change_meeting
from stemportal.network.services.rsvp import (
    AnswersClosed,
    TooManyGuests,
    count_places,
    release_answers,
    say_no,
    say_yes,
    take_off_list,
)
from stemportal.outbox.models import Mail
from stemportal.testing.factories import UserFactory
from stemportal.testing.network_factories import MeetingFactory, RsvpFactory
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db

THREADS = 8
PLACES = 5


def subjects(user) -> list[str]:
    return list(Mail.objects.filter(to_email=user.email).order_by("pk").values_list("subject", flat=True))


def resize(meeting: Meeting, capacity: int | None) -> None:
    meeting.refresh_from_db()
    meeting.capacity = capacity
    change_meeting(meeting=meeting, fields=["capacity"])


def statuses(meeting: Meeting) -> dict[int, str]:
    return dict(Rsvp.objects.filter(meeting=meeting).values_list("user_id", "status"))


@pytest.fixture
def person():
    return UserFactory(language="en")


def test_yes_takes_a_place_for_the_person_and_the_guests(person):
    meeting = MeetingFactory(capacity=5, guests_at_most=2)

    rsvp = say_yes(meeting_id=meeting.pk, user=person, guests=2, guest_names="Ylva og Pål")

    meeting.refresh_from_db()
    assert rsvp.status == Rsvp.Status.ATTENDING
    assert (meeting.places_taken, meeting.places_left) == (3, 2)
    mail = Mail.objects.get(to_email=person.email)
    assert mail.subject == f"You have a place: {meeting.title_en}"
    assert "METHOD:REQUEST" in mail.calendar
    assert f"UID:meeting-{meeting.pk}@" in mail.calendar
    # What is said about people stands in no mail.
    assert "Ylva" not in mail.text + mail.html + mail.calendar


def test_yes_twice_is_one_answer_and_one_mail(person):
    meeting = MeetingFactory(capacity=5)

    for _click in range(2):
        say_yes(meeting_id=meeting.pk, user=person)

    meeting.refresh_from_db()
    assert meeting.places_taken == 1
    assert len(subjects(person)) == 1


def test_full_meeting_puts_people_on_the_waiting_list_in_their_order(person):
    meeting = MeetingFactory(capacity=1)
    say_yes(meeting_id=meeting.pk, user=UserFactory())
    second = UserFactory()

    assert say_yes(meeting_id=meeting.pk, user=person).status == Rsvp.Status.WAITING
    say_yes(meeting_id=meeting.pk, user=second)

    assert [rsvp.user for rsvp in Rsvp.objects.filter(meeting=meeting).in_line()] == [person, second]
    assert subjects(person) == [f"You are on the waiting list: {meeting.title_en}"]


def test_no_gives_the_place_to_the_first_that_fits(person):
    meeting = MeetingFactory(capacity=2, guests_at_most=1)
    going, pair = UserFactory(language="en"), UserFactory()
    say_yes(meeting_id=meeting.pk, user=going)
    say_yes(meeting_id=meeting.pk, user=UserFactory())
    say_yes(meeting_id=meeting.pk, user=pair, guests=1)
    say_yes(meeting_id=meeting.pk, user=person)

    say_no(meeting_id=meeting.pk, user=going)

    assert statuses(meeting)[pair.pk] == Rsvp.Status.WAITING
    assert statuses(meeting)[person.pk] == Rsvp.Status.ATTENDING
    assert subjects(person)[-1] == f"There is a place for you: {meeting.title_en}"
    gone = Mail.objects.filter(to_email=going.email).latest("pk")
    assert "METHOD:CANCEL" in gone.calendar


def test_no_forgets_what_was_told_with_the_yes(person):
    meeting = MeetingFactory(guests_at_most=1, asks_diet=True)
    say_yes(meeting_id=meeting.pk, user=person, guests=1, guest_names="Ola", diet="nøtter")

    rsvp = say_no(meeting_id=meeting.pk, user=person)

    rsvp.refresh_from_db()
    assert (rsvp.guests, rsvp.guest_names, rsvp.diet) == (0, "", "")


def test_diet_is_not_kept_where_nobody_asks(person):
    assert say_yes(meeting_id=MeetingFactory().pk, user=person, diet="nøtter").diet == ""


def test_more_guests_than_there_is_room_for_leave_the_answer_as_it_was(person):
    meeting = MeetingFactory(capacity=2, guests_at_most=3)
    say_yes(meeting_id=meeting.pk, user=person)
    say_yes(meeting_id=meeting.pk, user=UserFactory())

    with pytest.raises(TooManyGuests) as refused:
        say_yes(meeting_id=meeting.pk, user=person, guests=1)

    assert refused.value.most == 0
    assert Rsvp.objects.get(meeting=meeting, user=person).guests == 0


def test_party_larger_than_the_whole_room_is_refused_and_does_not_wait_in_vain(person):
    meeting = MeetingFactory(capacity=2, guests_at_most=5)

    with pytest.raises(TooManyGuests) as refused:
        say_yes(meeting_id=meeting.pk, user=person, guests=2)

    assert refused.value.most == 1
    assert not Rsvp.objects.filter(meeting=meeting).exists()


def test_fewer_guests_give_places_to_those_who_wait(person):
    meeting = MeetingFactory(capacity=3, guests_at_most=2)
    say_yes(meeting_id=meeting.pk, user=person, guests=2)
    waits = UserFactory()
    say_yes(meeting_id=meeting.pk, user=waits)

    say_yes(meeting_id=meeting.pk, user=person, guests=1)

    assert statuses(meeting)[waits.pk] == Rsvp.Status.ATTENDING


def test_more_places_call_those_who_wait_and_fewer_than_promised_are_refused():
    meeting = MeetingFactory(capacity=1)
    people = UserFactory.create_batch(3)
    for user in people:
        say_yes(meeting_id=meeting.pk, user=user)

    resize(meeting, 2)

    assert [statuses(meeting)[user.pk] for user in people] == ["attending", "attending", "waiting"]
    with pytest.raises(TooFewPlaces):
        resize(meeting, 1)
    resize(meeting, None)
    assert set(statuses(meeting).values()) == {"attending"}


@pytest.mark.parametrize("when", ["after the last day", "after the beginning", "called off"])
def test_closed_meeting_takes_no_yes(person, when):
    meeting = MeetingFactory(rsvp_until=timezone.now() + timedelta(days=14))
    days = {"after the last day": 15, "after the beginning": 22, "called off": 0}[when]
    if when == "called off":
        cancel_meeting(meeting_id=meeting.pk, reason="Storm")

    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False), pytest.raises(AnswersClosed):
        say_yes(meeting_id=meeting.pk, user=person)


def test_place_can_be_given_back_after_the_last_day_for_answers(person):
    meeting = MeetingFactory(capacity=1, rsvp_until=timezone.now() + timedelta(days=14))
    say_yes(meeting_id=meeting.pk, user=person)
    waits = UserFactory()
    say_yes(meeting_id=meeting.pk, user=waits)

    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        say_no(meeting_id=meeting.pk, user=person)

    assert statuses(meeting)[waits.pk] == Rsvp.Status.ATTENDING


def test_person_who_is_taken_off_is_told_and_the_next_one_comes(person):
    meeting = MeetingFactory(capacity=1)
    rsvp = say_yes(meeting_id=meeting.pk, user=person)
    waits = UserFactory()
    say_yes(meeting_id=meeting.pk, user=waits)

    assert take_off_list(rsvp_id=rsvp.pk)
    assert not take_off_list(rsvp_id=rsvp.pk)

    assert statuses(meeting) == {person.pk: "declined", waits.pk: "attending"}
    assert subjects(person)[-1] == f"You are not on the list any more: {meeting.title_en}"


def test_people_who_leave_give_their_places_to_others(person):
    meeting = MeetingFactory(capacity=1)
    rsvp = say_yes(meeting_id=meeting.pk, user=person)
    waits = UserFactory()
    say_yes(meeting_id=meeting.pk, user=waits)
    held_before = RsvpFactory(user=person, status="attending", meeting__starts_at=timezone.now() - timedelta(days=1))

    assert release_answers([rsvp, held_before]) == 1

    assert statuses(meeting)[waits.pk] == Rsvp.Status.ATTENDING
    held_before.refresh_from_db()
    assert held_before.status == Rsvp.Status.ATTENDING


WORDS = st.one_of(
    st.tuples(st.just("yes"), st.integers(0, 4), st.integers(0, 3)),
    st.tuples(st.just("no"), st.integers(0, 4), st.just(0)),
    st.tuples(st.just("size"), st.just(0), st.one_of(st.none(), st.integers(0, 8))),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(WORDS, min_size=4, max_size=14))
def test_places_always_add_up_whatever_people_say(steps):
    with transaction.atomic():
        meeting = MeetingFactory(capacity=3, guests_at_most=3)
        people = UserFactory.create_batch(5)
        for word, who, number in steps:
            try:
                if word == "yes":
                    say_yes(meeting_id=meeting.pk, user=people[who], guests=number)
                elif word == "no":
                    say_no(meeting_id=meeting.pk, user=people[who])
                else:
                    resize(meeting, number)
            except (TooManyGuests, TooFewPlaces):
                pass
            meeting.refresh_from_db()
            assert meeting.places_taken == count_places(meeting)
            assert meeting.capacity is None or meeting.places_taken <= meeting.capacity
            # Nobody waits while there is room enough for the whole party.
            waiting = Rsvp.objects.filter(meeting=meeting).in_line()
            assert all(meeting.places_left is not None and rsvp.places > meeting.places_left for rsvp in waiting)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_race_for_places_is_lost_without_the_lock_and_won_with_it():
    careless, careful = MeetingFactory(capacity=PLACES), MeetingFactory(capacity=PLACES)
    people = UserFactory.create_batch(THREADS)

    def without_lock(n: int) -> str:
        with transaction.atomic():
            seen = Meeting.objects.get(pk=careless.pk)
            if not seen.places_left:
                return "waiting"
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
            Rsvp.objects.create(meeting=seen, user=people[n], status="attending")
        return "attending"

    def with_lock(n: int) -> str:
        return say_yes(meeting_id=careful.pk, user=people[n]).status

    assert at_once(without_lock, THREADS).count("attending") > PLACES
    assert sorted(at_once(with_lock, THREADS)) == ["attending"] * PLACES + ["waiting"] * (THREADS - PLACES)
    careful.refresh_from_db()
    assert careful.places_taken == PLACES == count_places(careful)
