"""The race for the last place: it happens without the lock, and is gone with it. Real threads, real transactions."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from stemportal.activities.models import Session
from stemportal.activities.services.series import Plan, create_series, dates_of
from stemportal.schools.errors import SessionFull, TooManyPupils
from stemportal.schools.models import Booking
from stemportal.schools.services.booking import book_session
from stemportal.schools.services.places_taken import count_places, count_pupils
from stemportal.schools.services.sessions import Change, change_session
from stemportal.testing.factories import ActivityFactory, SessionFactory, TeacherFactory, UserFactory
from stemportal.testing.together import at_once

THREADS = 12
PLACES = 5

pytestmark = pytest.mark.django_db(transaction=True)


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

    outcomes = at_once(careless, THREADS)

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

    outcomes = at_once(careful, THREADS)

    assert sorted(outcomes) == ["booked"] * PLACES + ["full"] * (THREADS - PLACES)
    session.refresh_from_db()
    assert session.places_taken == PLACES == count_places(session)


def test_race_for_the_last_pupils_never_lets_in_more_than_fit():
    """Places for all groups, but room for 50 pupils: two groups of 20 come, whoever is first."""
    session = SessionFactory(capacity=THREADS, pupil_capacity=50)
    teacher = TeacherFactory()

    def careful(n: int) -> str:
        facts = {"school": teacher.school, "teacher": teacher.user, "group_name": f"9-{n}", "grade": 9}
        try:
            book_session(session_id=session.pk, pupils=20, **facts)
        except TooManyPupils as refusal:
            return f"room for {refusal.pupils_left}"
        return "booked"

    outcomes = at_once(careful, THREADS)

    assert sorted(outcomes) == ["booked"] * 2 + ["room for 10"] * (THREADS - 2)
    session.refresh_from_db()
    assert session.pupils_taken == 40 == count_pupils(session)
    assert session.places_taken == 2 == count_places(session)


def test_race_of_pupils_is_caught_by_the_constraint_even_if_the_code_forgets():
    session = SessionFactory(capacity=PLACES, pupil_capacity=50)

    with pytest.raises(IntegrityError, match="pupils_fit"):
        Session.objects.filter(pk=session.pk).update(pupils_taken=51)


def test_race_between_a_booking_and_a_move_of_the_whole_series_ends_well():
    """Both take the same locks: every group that got a place is in its session, wherever that is now."""
    activity = ActivityFactory()
    first = timezone.localdate() + timedelta(days=30)
    plan = Plan(
        weekdays=(first.weekday(),), first_day=first, times=4, begins=time(9), minutes=60, capacity=THREADS,
        school_weeks_only=False, not_on_holidays=False,
    )  # fmt: skip
    series = create_series(activity=activity, plan=plan, days=dates_of(plan))
    ids = list(series.sessions.order_by("starts_at").values_list("pk", flat=True))
    teacher, by = TeacherFactory(), UserFactory()

    def work(n: int) -> str:
        if n % 4 == 0:
            session = Session.objects.get(pk=ids[0])
            later = session.starts_at + timedelta(hours=1)
            change = Change(starts_at=later, ends_at=later + timedelta(hours=1), capacity=THREADS)
            change_session(session_id=ids[0], change=change, by=by, following=True)
            return "moved"
        facts = {"school": teacher.school, "teacher": teacher.user, "group_name": f"9-{n}", "grade": 9}
        book_session(session_id=ids[-1 - n % 2], pupils=20, **facts)
        return "booked"

    outcomes = at_once(work, THREADS)

    assert outcomes.count("booked") == THREADS - THREADS // 4
    for session in Session.objects.filter(pk__in=ids):
        assert session.places_taken == count_places(session)
        assert session.pupils_taken == count_pupils(session)
    hours = {timezone.localtime(session.starts_at).hour for session in Session.objects.filter(pk__in=ids)}
    assert len(hours) == 1, "all of them moved, or none"


def test_race_is_caught_by_the_constraint_even_if_the_code_forgets():
    session = SessionFactory(capacity=PLACES)

    with pytest.raises(IntegrityError, match="never_oversold"):
        Session.objects.filter(pk=session.pk).update(places_taken=PLACES + 1)
