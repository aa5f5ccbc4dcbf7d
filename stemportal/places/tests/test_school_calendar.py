"""Which days schools are open, and how the secretariat keeps the counties' holidays."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from stemportal.places.holiday_proposals import load_school_holidays, propose_school_year
from stemportal.places.models import County, SchoolHoliday
from stemportal.places.school_calendar import (
    counties_without_calendar,
    is_school_day,
    left_out,
    public_holiday,
    unchecked_holidays,
)
from stemportal.places.services import load_places
from stemportal.testing.factories import CountyFactory, StaffFactory
from stemportal.views.dashboard import queues

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def finnmark():
    return CountyFactory()


def holiday(county, first="2026-10-05", last="2026-10-09", **facts) -> SchoolHoliday:
    facts = {"code": "autumn", "school_year": 2026, "name_nb": "Høstferie", "name_nn": "Haustferie", **facts}
    return SchoolHoliday.objects.create(
        county=county, first_day=first, last_day=last, **{"name_en": "Autumn holiday", **facts}
    )


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2027-03-25", "Maundy Thursday"),
        ("2028-04-17", "Easter Monday"),
        ("2027-05-06", "Ascension Day"),
        ("2026-05-17", "17 May"),
        ("2027-05-17", "17 May, Whit Monday"),
        ("2027-05-18", ""),
    ],
)
def test_public_holidays_are_known_also_those_that_move(day, name):
    assert public_holiday(date.fromisoformat(day)) == name


def test_public_holiday_is_named_in_the_language_of_the_page():
    with translation.override("nb"):
        assert "; " not in public_holiday(date(2027, 5, 17))


@pytest.mark.parametrize(
    ("day", "is_open", "why"),
    [
        ("2026-10-07", False, "Autumn holiday in Finnmark"),
        ("2026-10-12", True, ""),
        ("2026-10-17", False, "weekend"),
        ("2026-12-25", False, "Christmas Day"),
    ],
)
def test_day_is_open_or_says_why_not(finnmark, day, is_open, why):
    holiday(finnmark)

    assert is_school_day(finnmark, date.fromisoformat(day)) == (is_open, why)


def test_holiday_of_one_county_is_a_school_day_in_another(finnmark):
    holiday(finnmark)
    oslo = CountyFactory(number="03", name="Oslo")

    assert is_school_day(oslo, date(2026, 10, 7)) == (True, "")
    assert is_school_day(None, date(2026, 10, 7)) == (True, "")


def test_many_days_cost_one_query_and_tell_what_nobody_has_checked(finnmark, django_assert_num_queries):
    holiday(finnmark)
    holiday(finnmark, "2027-03-08", "2027-03-12", code="winter", name_en="Winter holiday", is_checked=True)
    days = [date(2026, 9, 1) + timedelta(days=n) for n in range(250)]

    with django_assert_num_queries(1):
        closed = left_out(days, finnmark)

    assert closed[date(2026, 10, 5)].is_checked is False
    assert closed[date(2027, 3, 8)].is_checked is True
    with django_assert_num_queries(0):
        assert date(2026, 10, 5) not in left_out(days, finnmark, school=False)
        assert left_out([], finnmark) == {}


# --- Loading and proposing


def test_every_county_has_both_years_and_what_staff_changed_is_kept():
    load_places()
    assert load_school_holidays() == 150

    SchoolHoliday.objects.filter(code="autumn", school_year=2026, county__number="56").update(
        first_day="2026-09-28", last_day="2026-10-02", is_checked=True
    )
    SchoolHoliday.objects.filter(code="winter", school_year=2027, county__number="03").delete()

    assert load_school_holidays() == 0
    autumn = SchoolHoliday.objects.get(code="autumn", school_year=2026, county__number="56")
    assert autumn.first_day == date(2026, 9, 28)
    assert not SchoolHoliday.objects.filter(code="winter", school_year=2027, county__number="03").exists()


def test_loaded_holidays_lie_where_they_belong():
    load_places()
    load_school_holidays()

    easter = SchoolHoliday.objects.filter(code="easter", school_year=2026)
    assert set(easter.values_list("first_day", "last_day")) == {(date(2027, 3, 22), date(2027, 3, 29))}
    for row in SchoolHoliday.objects.filter(code__in=["autumn", "winter"]):
        assert (row.first_day.weekday(), row.last_day.weekday()) == (0, 4)
        assert row.first_day.isocalendar().week in ({40, 41} if row.code == "autumn" else {8, 9, 10})
    assert not SchoolHoliday.objects.filter(is_checked=True).exists()


def test_next_year_is_proposed_from_the_weeks_of_the_year_before(finnmark):
    holiday(finnmark, is_checked=True)
    holiday(finnmark, "2027-03-22", "2027-03-29", code="easter")
    holiday(finnmark, "2026-12-21", "2027-01-02", code="christmas")

    with time_machine.travel("2027-02-01 12:00", tick=False):
        assert list(counties_without_calendar()) == [finnmark]
        call_command("propose_school_holidays", stdout=StringIO())
        assert not counties_without_calendar().exists()

    rows = {row.code: row for row in SchoolHoliday.objects.filter(school_year=2027)}
    assert rows["autumn"].first_day.isocalendar()[:2] == (2027, 41)
    assert (rows["easter"].first_day, rows["easter"].last_day) == (date(2028, 4, 10), date(2028, 4, 17))
    assert (rows["christmas"].first_day, rows["christmas"].last_day) == (date(2027, 12, 21), date(2028, 1, 2))
    assert not any(row.is_checked for row in rows.values())
    assert propose_school_year(2027) == []


# --- The secretariat


@pytest.fixture
def staff():
    client = Client()
    client.force_login(StaffFactory())
    return client


def test_staff_mark_holidays_as_compared_and_the_queue_gets_shorter(staff, finnmark):
    row = holiday(finnmark, "2027-03-08", "2027-03-12", code="winter")
    address = reverse("admin:places_schoolholiday_changelist")
    with time_machine.travel("2026-11-22 12:00", tick=False):
        assert list(unchecked_holidays()) == [row]
        page = staff.get(f"{address}?compare=yes").content.decode()
        assert "Usual weeks, not compared with the county" in page

        staff.post(address, {"action": "mark_checked", "_selected_action": [row.pk]})

        assert not unchecked_holidays().exists()
    assert "Compared with the county" in staff.get(address).content.decode()


def test_staff_propose_the_coming_year_for_chosen_counties(staff, finnmark):
    holiday(finnmark)
    address = reverse("admin:places_county_changelist")
    with time_machine.travel("2026-11-22 12:00", tick=False):
        assert "Finnmark" in staff.get(f"{address}?holidays=missing").content.decode()
        data = {"action": "propose_holidays", "_selected_action": [finnmark.pk]}
        page = staff.post(address, data, follow=True).content.decode()
        assert "1 school holiday proposed for 2027/28" in page
        assert "Nothing to propose" in staff.post(address, data, follow=True).content.decode()
    assert County.objects.count() == 1


def test_front_page_of_the_secretariat_counts_both_queues(staff, finnmark):
    holiday(finnmark, "2027-03-08", "2027-03-12", code="winter")
    with time_machine.travel("2026-11-22 12:00", tick=False):
        found = {queue.url.partition("?")[2]: queue for queue in queues(StaffFactory())}
        page = staff.get("/en/admin/").content.decode()

    assert (found["compare=yes"].count, found["holidays=missing"].count) == (1, 1)
    assert "School holidays to compare" in page
