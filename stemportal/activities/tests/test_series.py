"""Sessions that repeat: which dates a rule gives, what is left out, and what a rule may never do."""

from __future__ import annotations

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemportal.activities.models import Activity, Kind, Session, SessionSeries
from stemportal.activities.services.series import (
    MOST_DATES,
    Plan,
    SeriesError,
    create_series,
    cut_series,
    dates_of,
    extend_series,
    longer_plan,
    more_occurrences,
    occurrences,
)
from stemportal.activities.session_rules import SessionErrors, local_start
from stemportal.places.models import SchoolHoliday
from stemportal.testing.factories import SessionFactory

pytestmark = pytest.mark.django_db

TUESDAY, THURSDAY, SUNDAY = 1, 3, 6


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-22 12:00", tick=False):
        yield


@pytest.fixture
def activity(offer, partner):
    return offer(partner=partner, duration_minutes=120)


def plan(**facts) -> Plan:
    usual = {
        "weekdays": (TUESDAY,),
        "first_day": date(2026, 12, 1),
        "last_day": date(2027, 1, 19),
        "begins": time(9),
        "minutes": 120,
        "capacity": 2,
    }
    return Plan(**{**usual, **facts})


def holiday(activity, first: str, last: str, **facts) -> SchoolHoliday:
    names = {"name_nb": "Juleferie", "name_nn": "Juleferie", "name_en": "Christmas holiday"}
    return SchoolHoliday.objects.create(
        county=activity.municipality.county,
        school_year=2026,
        code="x",
        first_day=first,
        last_day=last,
        **names,
        **facts,
    )


def reasons(found) -> dict[str, str]:
    return {item.day.isoformat(): item.reason for item in found if item.reason}


# --- What a rule gives


def test_rule_gives_its_weekdays_and_leaves_holidays_out_with_the_reason(activity):
    holiday(activity, "2026-12-21", "2027-01-02")

    found = occurrences(activity, plan(weekdays=(TUESDAY, THURSDAY), first_day=date(2026, 12, 15)))

    assert [item.day.weekday() for item in found] == [1, 3] * 5 + [1]
    assert reasons(found) == dict.fromkeys(("2026-12-22", "2026-12-24", "2026-12-29", "2026-12-31"), "school_holiday")
    left_out = next(item for item in found if item.reason)
    assert left_out.words == "Christmas holiday in Finnmark"
    assert not left_out.is_checked
    assert left_out.may_be_held


def test_public_holidays_are_left_out_by_themselves_and_kept_when_asked(activity):
    may = {"weekdays": (THURSDAY,), "first_day": date(2027, 5, 1), "last_day": date(2027, 5, 31)}

    assert reasons(occurrences(activity, plan(**may))) == {"2027-05-06": "public_holiday"}
    assert reasons(occurrences(activity, plan(**may, not_on_holidays=False))) == {}


def test_holidays_of_another_county_do_not_count(activity, oslo):
    SchoolHoliday.objects.create(
        county=oslo.county, school_year=2026, code="x", name_nb="x", first_day="2026-12-01", last_day="2027-06-01"
    )

    assert reasons(occurrences(activity, plan())) == {}


def test_season_and_what_is_there_already_are_left_out(activity):
    Activity.objects.filter(pk=activity.pk).update(season_months=[12])
    activity.refresh_from_db()
    start = local_start(date(2026, 12, 8), time(9))
    SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(hours=2))

    found = {item.day.isoformat(): item for item in occurrences(activity, plan())}

    assert found["2026-12-08"].reason == "taken"
    assert not found["2026-12-08"].may_be_held
    assert found["2027-01-05"].reason == "season"
    assert found["2026-12-01"].reason == ""


def test_clock_stays_the_same_when_the_clocks_change(activity):
    series = create_series(
        activity=activity,
        plan=(spring := plan(first_day=date(2027, 3, 9), last_day=date(2027, 4, 20), school_weeks_only=False)),
        days=dates_of(spring),
    )

    starts = [timezone.localtime(session.starts_at) for session in series.sessions.all()]
    assert {start.strftime("%H:%M") for start in starts} == {"09:00"}
    assert {start.utcoffset() for start in starts} == {timedelta(hours=1), timedelta(hours=2)}
    assert {session.ends_at - session.starts_at for session in series.sessions.all()} == {timedelta(hours=2)}


def test_time_that_the_clocks_skip_is_left_out_that_day_only(activity):
    night = plan(weekdays=(SUNDAY,), begins=time(2, 30), first_day=date(2027, 3, 15), last_day=date(2027, 4, 11))

    found = occurrences(activity, night)

    assert reasons(found) == {"2027-03-28": "clocks"}
    assert not any(item.may_be_held for item in found if item.reason)


def test_session_through_the_night_of_the_change_lasts_its_real_minutes(activity):
    night = plan(
        weekdays=(SUNDAY,), begins=time(1), minutes=180, first_day=date(2027, 10, 31), last_day=date(2027, 10, 31)
    )

    series = create_series(activity=activity, plan=night, days=[date(2027, 10, 31)])

    assert timezone.localtime(series.sessions.get().ends_at).strftime("%H:%M") == "03:00"


def test_every_third_week_a_number_of_times(activity):
    found = dates_of(plan(every=3, last_day=None, times=4))

    assert found == [date(2026, 12, 1) + timedelta(weeks=3 * n) for n in range(4)]


# --- What a rule may never do


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"last_day": None}, "last_day", "cannot go on without end"),
        ({"last_day": None, "times": 100_000}, "times", "at most 100 dates"),
        ({"last_day": None, "times": 0}, "times", "at least once"),
        ({"last_day": None, "times": -5}, "times", "at least once"),
        ({"weekdays": tuple(range(7)), "last_day": date(2031, 1, 1)}, "last_day", "at most 100 dates"),
        ({"last_day": date(2026, 11, 30)}, "last_day", "before the first"),
        ({"last_day": date(2026, 12, 1), "weekdays": (SUNDAY,)}, "last_day", "None of these weekdays"),
        ({"last_day": date(9999, 12, 31)}, "last_day", "within the next five years"),
        ({"last_day": date(2031, 12, 1), "every": 4}, "last_day", "within the next five years"),
        ({"last_day": None, "times": 100, "every": 26}, "times", "within the next five years"),
        ({"first_day": date(9999, 12, 1), "last_day": date(9999, 12, 31)}, "first_day", "within the next five years"),
        ({"first_day": date(1, 1, 1)}, "first_day", "still to come"),
        ({"first_day": date(2026, 11, 21)}, "first_day", "still to come"),
        ({"weekdays": ()}, "weekdays", "at least one weekday"),
        ({"weekdays": (9,)}, "weekdays", "at least one weekday"),
        ({"every": 0}, "every", "between 1 and 26"),
        ({"every": 10**9}, "every", "between 1 and 26"),
    ],
)
def test_rule_that_cannot_be_is_told_at_its_field_and_makes_nothing(activity, facts, field, words):
    begun = stopwatch.perf_counter()

    with pytest.raises(SeriesError) as refusal:
        create_series(activity=activity, plan=plan(**facts), days=[date(2026, 12, 1)])

    assert (refusal.value.field, words in refusal.value.words) == (field, True)
    assert stopwatch.perf_counter() - begun < 1, "nothing is generated"
    assert not SessionSeries.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"minutes": 0},
        {"minutes": -90},
        {"minutes": 10**12},
        {"capacity": 0},
        {"capacity": 10**9},
        {"pupil_capacity": 0},
        {"pupil_capacity": 10**9},
        {"place": "x" * 201},
        {"link": "javascript:alert(1)"},
        {"where": "moon"},
    ],
)
def test_absurd_session_of_a_series_is_refused(activity, facts):
    with pytest.raises(SessionErrors) as refusal:
        create_series(activity=activity, plan=plan(**facts), days=[date(2026, 12, 1)])

    assert set(refusal.value.by_session[0]) == set(facts)
    assert not Session.objects.filter(activity=activity).exists()


def test_days_that_the_rule_does_not_give_are_refused(activity):
    for days in ([date(2026, 12, 2)], [date(2026, 12, 1), date(2030, 1, 1)], []):
        with pytest.raises(SeriesError):
            create_series(activity=activity, plan=plan(), days=days)
    assert not Session.objects.filter(activity=activity).exists()


def test_archived_activity_takes_no_series(offer):
    with pytest.raises(SeriesError, match="archive"):
        create_series(activity=offer(status="archived"), plan=plan(), days=[date(2026, 12, 1)])


WEEKS = st.integers(min_value=-5, max_value=400)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    weekdays=st.sets(st.integers(min_value=-1, max_value=7), max_size=7),
    every=st.integers(min_value=-2, max_value=30) | st.just(10**12),
    first=WEEKS,
    length=WEEKS | st.none(),
    times=st.integers(min_value=-3, max_value=150) | st.none() | st.just(10**15),
    begins=st.times(),
    minutes=st.integers(min_value=-10, max_value=20_200),
)
def test_whatever_the_rule_it_gives_few_good_dates_or_says_why_not(
    activity, weekdays, every, first, length, times, begins, minutes
):
    today = timezone.localdate()
    start = today + timedelta(weeks=first)
    end = None if length is None else start + timedelta(weeks=length)
    facts = {"weekdays": tuple(weekdays), "every": every, "first_day": start, "last_day": end, "times": times}
    wanted = plan(**facts, begins=begins.replace(second=0, microsecond=0), minutes=minutes)

    try:
        found = occurrences(activity, wanted)
    except (SeriesError, SessionErrors) as refusal:
        said = refusal.messages
    else:
        said = []
    if said:
        return

    assert 1 <= len(found) <= MOST_DATES
    days = [item.day for item in found]
    assert days == sorted(set(days))
    assert {day.weekday() for day in days} <= weekdays
    assert start <= days[0]
    assert days[-1] <= today + timedelta(days=5 * 365)
    for item in found:
        if item.starts_at:
            assert timezone.localtime(item.starts_at).replace(tzinfo=None) == datetime.combine(item.day, wanted.begins)
        else:
            assert item.reason == "clocks"
    # The stored rule gives the same days to every program that reads RFC 5545.
    again = rrulestr(wanted.rule, dtstart=datetime.combine(start, time()))
    assert [moment.date() for moment in again] == days


# --- What is kept, and a series that goes on


def test_series_remembers_its_rule_and_why_days_were_left_out(activity):
    holiday(activity, "2026-12-21", "2027-01-02")
    wanted = plan()
    days = [item.day for item in occurrences(activity, wanted) if not item.reason and item.day != date(2027, 1, 12)]

    series = create_series(activity=activity, plan=wanted, days=days)

    assert series.rule == "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;UNTIL=20270119"
    assert {item["day"]: item["reason"] for item in series.left_out} == {
        "2026-12-22": "school_holiday",
        "2026-12-29": "school_holiday",
        "2027-01-12": "chosen",
    }
    assert series.sessions.count() == 5
    activity.refresh_from_db()
    assert timezone.localdate(activity.next_free_at) == date(2026, 12, 1)


def test_holiday_is_held_where_the_partner_says_so(activity):
    holiday(activity, "2026-12-21", "2027-01-02")

    series = create_series(activity=activity, plan=plan(), days=[date(2026, 12, 22)])

    assert timezone.localdate(series.sessions.get().starts_at) == date(2026, 12, 22)


def test_series_goes_on_in_step(activity):
    wanted = plan(every=3, last_day=None, times=2, capacity=3, pupil_capacity=40, place="Hangar 4")
    series = create_series(activity=activity, plan=wanted, days=dates_of(wanted))
    longer = longer_plan(series, date(2027, 3, 1))

    added = extend_series(
        series=series, plan=longer, days=[item.day for item in more_occurrences(series, longer) if not item.reason]
    )

    starts = [timezone.localdate(session.starts_at) for session in series.sessions.all()]
    assert starts == [date(2026, 12, 1) + timedelta(weeks=3 * n) for n in range(5)]
    assert added == 3
    latest = series.sessions.last()
    assert (latest.capacity, latest.pupil_capacity, latest.place) == (3, 40, "Hangar 4")
    series.refresh_from_db()
    assert (series.last_day, series.rule.endswith("UNTIL=20270301")) == (date(2027, 3, 1), True)


@pytest.mark.parametrize("until", [date(2026, 12, 1), date(2027, 1, 19), date(2032, 1, 1), date(9999, 12, 31)])
def test_series_goes_on_to_a_day_that_makes_sense_only(activity, until):
    series = create_series(activity=activity, plan=plan(), days=[date(2026, 12, 1)])

    with pytest.raises(SeriesError):
        extend_series(series=series, plan=longer_plan(series, until), days=[until])

    assert Session.objects.count() == 1


def test_series_never_has_more_than_a_hundred_dates(activity):
    wanted = plan(
        weekdays=(0, 1, 2, 3, 4), first_day=date(2027, 1, 4), last_day=date(2027, 5, 7), school_weeks_only=False
    )
    series = create_series(
        activity=activity, plan=wanted, days=[item.day for item in occurrences(activity, wanted) if not item.reason]
    )
    assert series.sessions.count() > 80
    longer = longer_plan(series, date(2027, 7, 1))

    with pytest.raises(SeriesError, match="at most 100"):
        extend_series(
            series=series, plan=longer, days=[item.day for item in more_occurrences(series, longer) if not item.reason]
        )


def test_series_that_is_cut_ends_before_the_day(activity):
    series = create_series(activity=activity, plan=plan(), days=[date(2026, 12, 1)])

    cut_series(series=series, before=date(2026, 12, 15))

    series.refresh_from_db()
    assert series.last_day == date(2026, 12, 14)
    assert {item["day"] for item in series.left_out} == {"2026-12-08"}


def test_reading_the_dates_costs_two_queries(activity, django_assert_num_queries):
    activity = Activity.objects.select_related("kind", "municipality__county").get(pk=activity.pk)
    with django_assert_num_queries(2):
        occurrences(activity, plan(last_day=date(2027, 6, 20)))


def test_first_day_that_there_is_raises_no_error_of_the_machine():
    with pytest.raises(ValidationError):
        local_start(date(1, 1, 1), time(0, 30))
    assert local_start(date(2027, 1, 1), time(0, 30)) == datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def test_pupils_are_limited_only_where_places_are_groups(member, offer, partner):
    groups = offer(partner=partner, kind="company_visit")
    people = offer(partner=partner, kind="homework_help")
    assert (groups.kind.unit, people.kind.unit) == (Kind.Unit.GROUPS, Kind.Unit.PUPILS)
    assert "pupil_capacity" in member.get(f"/en/activities/{groups.pk}/sessions/add/").content.decode()
    assert "pupil_capacity" not in member.get(f"/en/activities/{people.pk}/sessions/add/").content.decode()
