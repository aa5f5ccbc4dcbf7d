"""The race for the last place: it happens without the lock, and is gone with it. Real threads, real transactions."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction

from stemportal.activities.models import Session
from stemportal.schools.errors import SessionFull
from stemportal.schools.models import Booking
from stemportal.schools.services.booking import book_session
from stemportal.schools.services.places_taken import count_places
from stemportal.testing.factories import SessionFactory, TeacherFactory

THREADS = 12
PLACES = 5

pytestmark = pytest.mark.django_db(transaction=True)


def run_at_once(work) -> list[str]:
    """Run ``work(n)`` in THREADS threads that start together; return what each came to."""
    barrier = threading.Barrier(THREADS)

    def one(n: int) -> str:
        try:
            barrier.wait(timeout=20)
            return work(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_race_without_the_lock_loses_bookings():
    """Check, then write, without the lock: the kept number of places is no longer what the bookings hold.

    This is what the lock is for; it must be seen to fail. A pause makes the gap between check and write wide.
    """
    session = SessionFactory(capacity=PLACES)
    teacher = TeacherFactory()

    def careless(n: int) -> str:
        with transaction.atomic():
            seen = Session.objects.get(pk=session.pk)
            if seen.places_left < 1:
                return "full"
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
            Booking.objects.create(
                activity=session.activity,
                session=session,
                school=teacher.school,
                teacher=teacher.user,
                group_name=f"9-{n}",
                grade=9,
                pupils=20,
            )
            seen.places_taken += 1
            seen.save(update_fields=["places_taken"])
        return "booked"

    outcomes = run_at_once(careless)

    assert outcomes.count("booked") > PLACES
    assert count_places(session) > PLACES


def test_race_with_the_lock_sells_every_place_once():
    session = SessionFactory(capacity=PLACES)
    teacher = TeacherFactory()

    def careful(n: int) -> str:
        try:
            book_session(
                session_id=session.pk,
                school=teacher.school,
                teacher=teacher.user,
                group_name=f"9-{n}",
                grade=9,
                pupils=20,
            )
        except SessionFull:
            return "full"
        return "booked"

    outcomes = run_at_once(careful)

    assert sorted(outcomes) == ["booked"] * PLACES + ["full"] * (THREADS - PLACES)
    session.refresh_from_db()
    assert session.places_taken == PLACES == count_places(session)


def test_race_is_caught_by_the_constraint_even_if_the_code_forgets():
    session = SessionFactory(capacity=PLACES)

    with pytest.raises(IntegrityError, match="never_oversold"):
        Session.objects.filter(pk=session.pk).update(places_taken=PLACES + 1)
