"""When an offer on request can be asked for: what the hours allow, and the next times that fit."""

from __future__ import annotations

import html
from datetime import date, time, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from stemportal.activities.models import Activity, Availability
from stemportal.activities.services.availability import (
    MOST_ROWS,
    Hours,
    add_availability,
    hours_of,
    in_words,
    next_times,
    objection,
)
from stemportal.activities.session_rules import local_start
from stemportal.activities.tests.conftest import at
from stemportal.places.models import SchoolHoliday
from stemportal.testing.factories import SessionFactory

pytestmark = pytest.mark.django_db

TUESDAY, THURSDAY = 1, 3


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-22 12:00", tick=False):
        yield


@pytest.fixture
def activity(offer, partner):
    return offer(partner=partner, policy=Activity.Policy.ON_REQUEST, duration_minutes=120)


@pytest.fixture
def tuesdays(activity):
    add_availability(activity=activity, hours=[Hours(TUESDAY, time(9), time(14))])
    return activity


def moment(day: str, clock: str = "09:00"):
    return local_start(date.fromisoformat(day), time.fromisoformat(clock))


def words(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


# --- What can be asked for


def test_without_hours_everything_goes(activity):
    assert objection(activity, moment("2026-12-25", "03:00")) == ""
    assert next_times(activity, None) == []


@pytest.mark.parametrize(
    ("day", "clock", "words_"),
    [
        ("2026-12-01", "09:00", ""),
        ("2026-12-01", "12:00", ""),
        ("2026-12-01", "12:15", "Possible: Tuesday 09:00–14:00."),
        ("2026-12-01", "08:59", "Possible: Tuesday 09:00–14:00."),
        ("2026-12-01", "23:30", "Possible: Tuesday 09:00–14:00."),
        ("2026-12-02", "10:00", "Possible: Tuesday 09:00–14:00."),
    ],
)
def test_visit_must_lie_within_the_hours_and_end_in_them(tuesdays, day, clock, words_):
    found = objection(tuesdays, moment(day, clock))

    assert words_ in found
    assert bool(found) == bool(words_)


def test_public_holiday_is_refused_by_name(tuesdays):
    add_availability(activity=tuesdays, hours=[Hours(THURSDAY, time(9), time(14))])

    assert objection(tuesdays, moment("2027-05-06")) == "Thursday 6 May 2027 is a public holiday (Ascension Day)."


def test_season_counts_also_where_no_hours_are_named(activity):
    Activity.objects.filter(pk=activity.pk).update(season_months=[1, 2])
    activity.refresh_from_db()

    assert objection(activity, moment("2026-12-01")) == "It is only offered in these months: January, February."
    assert objection(activity, moment("2027-01-05")) == ""


def test_part_of_the_year_counts(activity):
    add_availability(activity=activity, hours=[Hours(TUESDAY, time(9), time(14), date(2027, 1, 1), date(2027, 2, 28))])

    assert in_words(hours_of(activity)) == [
        "Tuesday 09:00–14:00, from Friday 1 January 2027 to Sunday 28 February 2027"
    ]
    assert objection(activity, moment("2026-12-01"))
    assert objection(activity, moment("2027-03-02"))
    assert not objection(activity, moment("2027-02-23"))
    with time_machine.travel("2027-03-01 12:00", tick=False):
        assert hours_of(activity) == [], "what is over says nothing any more"


# --- What is suggested


def test_next_times_are_ten_and_pass_by_holidays_and_agreed_dates(tuesdays, django_assert_num_queries):
    county = tuesdays.municipality.county
    SchoolHoliday.objects.create(
        county=county, school_year=2026, code="christmas", first_day="2026-12-21", last_day="2027-01-02", name_nb="Jul"
    )
    start = moment("2026-12-08", "09:30")
    SessionFactory(activity=tuesdays, starts_at=start, ends_at=start + timedelta(hours=2))

    with django_assert_num_queries(3):
        found = [timezone.localtime(when) for when in next_times(tuesdays, county)]

    assert [f"{when:%d.%m %H:%M}" for when in found][:5] == [
        "24.11 09:00", "01.12 09:00", "15.12 09:00", "05.01 09:00", "12.01 09:00",
    ]  # fmt: skip
    assert len(found) == 10
    assert {when.utcoffset() for when in found} == {timedelta(hours=1)}
    assert all(not objection(tuesdays, when) for when in found)


def test_next_time_is_later_that_day_where_the_first_is_taken_and_there_is_room(activity):
    add_availability(activity=activity, hours=[Hours(TUESDAY, time(9), time(15))])
    start = moment("2026-12-01", "09:00")
    SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(hours=2))

    found = next_times(activity, None, limit=2)

    assert [f"{timezone.localtime(when):%d.%m %H:%M}" for when in found] == ["24.11 09:00", "01.12 11:00"]


def test_nothing_suits_in_the_season_that_is_over(tuesdays):
    Activity.objects.filter(pk=tuesdays.pk).update(season_months=[7])
    tuesdays.refresh_from_db()

    assert next_times(tuesdays, None) == []


# --- Keeping the hours


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        (Hours(TUESDAY, time(14), time(9)), "ends"),
        (Hours(TUESDAY, time(9), time(9)), "ends"),
        (Hours(TUESDAY, time(9), time(10)), "ends"),
        (Hours(TUESDAY, time(9), time(14), date(2027, 2, 1), date(2027, 1, 1)), "last_day"),
        (Hours(TUESDAY, time(9), time(14), None, date(2026, 1, 1)), "last_day"),
        (Hours(TUESDAY, time(9), time(14), date(9999, 1, 1), None), "first_day"),
    ],
)
def test_hours_that_cannot_be_are_refused(activity, hours, code):
    with pytest.raises(ValidationError) as refusal:
        add_availability(activity=activity, hours=[Hours(THURSDAY, time(9), time(14)), hours])

    assert refusal.value.code == code
    assert not Availability.objects.exists()


def test_hours_stand_once_and_have_a_maximum(tuesdays):
    assert add_availability(activity=tuesdays, hours=[Hours(TUESDAY, time(9), time(14))] * 2) == 0
    many = [Hours(day, time(hour), time(hour + 3)) for day in range(7) for hour in range(6, 12)]

    with pytest.raises(ValidationError, match=str(MOST_ROWS)):
        add_availability(activity=tuesdays, hours=many)

    assert Availability.objects.count() == 1


def test_page_adds_and_takes_away(member, activity):
    data = {"weekdays": [1, 3], "begins": "09:00", "ends": "14:00"}

    page = member.post(at("availability", activity.pk), data, follow=True)

    assert "2 times added." in words(page)
    assert "Tuesday 09:00–14:00" in words(page)
    row = Availability.objects.get(weekday=3)
    page = member.post(at("availability", activity.pk), {"remove": row.pk}, follow=True)
    assert "Requests that were sent already stand." in words(page)
    assert list(Availability.objects.values_list("weekday", flat=True)) == [1]


@pytest.mark.parametrize(
    "changes",
    [
        {"weekdays": []},
        {"weekdays": ["7"]},
        {"begins": "x"},
        {"ends": "08:00"},
        {"first_day": "9999-12-31"},
        {"last_day": "2026-01-01"},
    ],
)
def test_page_tells_bad_input(member, activity, changes):
    data = {"weekdays": [1], "begins": "09:00", "ends": "14:00", **changes}

    page = member.post(at("availability", activity.pk), data)

    assert page.status_code == 422
    assert "data-error-summary" in words(page)
    assert not Availability.objects.exists()


def test_hours_of_another_offer_cannot_be_taken_away(member, activity, offer):
    foreign = offer(policy=Activity.Policy.ON_REQUEST)
    add_availability(activity=foreign, hours=[Hours(TUESDAY, time(9), time(14))])
    row = Availability.objects.get()

    for forged in (row.pk, "x", "9" * 50, "-1"):
        member.post(at("availability", activity.pk), {"remove": forged})

    assert Availability.objects.filter(pk=row.pk).exists()


def test_teacher_reads_the_hours_on_the_page_of_the_offer(stranger, tuesdays):
    text = words(stranger.get(tuesdays.get_absolute_url()))

    assert "They can be asked for these times:" in text
    assert "Tuesday 09:00–14:00" in text
