"""Until when a partner is to answer: working days, holidays, and the visit itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.places.models import SchoolHoliday
from stemportal.places.school_calendar import add_working_days_of
from stemportal.schools.models import BookingRules, booking_rules
from stemportal.schools.services.deadlines import reply_deadline
from stemportal.testing.factories import SchoolFactory

pytestmark = pytest.mark.django_db

OSLO = timezone.get_default_timezone()
FAR = datetime(2028, 1, 1, 10, tzinfo=OSLO)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("2027-03-01T10:00", date(2027, 3, 8)),  # a Monday: the Monday after
        ("2027-03-05T23:30", date(2027, 3, 12)),  # Friday evening
        ("2027-03-22T10:00", date(2027, 4, 1)),  # Easter: Thursday 25 March to Monday 29 March are free
        ("2027-05-12T10:00", date(2027, 5, 20)),  # Whit Monday and 17 May are the same day in 2027
        ("2027-05-03T10:00", date(2027, 5, 11)),  # Ascension Day
        ("2026-12-22T10:00", date(2026, 12, 30)),  # Christmas
        ("2026-12-30T10:00", date(2027, 1, 7)),  # New Year
    ],
)
def test_deadline_is_five_working_days_on(asked, until):
    with time_machine.travel(at(asked), tick=False):
        assert reply_deadline(FAR, SchoolFactory()) == until


def test_deadline_leaves_the_school_holidays_of_the_county_out():
    school, elsewhere = SchoolFactory(), SchoolFactory(municipality=None, latitude=78.2, longitude=15.6)
    SchoolHoliday.objects.create(
        county=school.municipality.county,
        school_year=2026,
        code="winter",
        name_nb="Vinterferie",
        first_day=date(2027, 3, 8),
        last_day=date(2027, 3, 12),
    )
    with time_machine.travel(at("2027-03-04T10:00"), tick=False):
        assert reply_deadline(FAR, school) == date(2027, 3, 18)
        assert reply_deadline(FAR, elsewhere) == date(2027, 3, 11)


def test_deadline_is_before_the_visit_and_never_before_today():
    with time_machine.travel(at("2027-03-01T10:00"), tick=False):
        assert reply_deadline(at("2027-03-04T09:00"), SchoolFactory()) == date(2027, 3, 3)
        assert reply_deadline(at("2027-03-01T14:00"), SchoolFactory()) == date(2027, 3, 1)


def test_deadline_follows_the_rules_that_staff_have_set():
    BookingRules.objects.create(pk=1, reply_working_days=2)
    booking_rules.forget()
    with time_machine.travel(at("2027-03-01T10:00"), tick=False):
        assert reply_deadline(FAR, SchoolFactory()) == date(2027, 3, 3)


def test_deadline_asks_the_database_nothing_once_it_knows_the_county(django_assert_num_queries):
    school = SchoolFactory()
    reply_deadline(timezone.now() + timedelta(days=60), school)
    with django_assert_num_queries(0):
        reply_deadline(timezone.now() + timedelta(days=60), school)


def test_working_days_of_a_county_may_cross_the_summer(db):
    school = SchoolFactory()
    SchoolHoliday.objects.create(
        county=school.municipality.county,
        school_year=2026,
        code="summer",
        name_nb="Sommerferie",
        first_day=date(2027, 6, 21),
        last_day=date(2027, 8, 15),
    )
    assert add_working_days_of(date(2027, 6, 17), 3, school.municipality.county_id) == date(2027, 8, 17)
