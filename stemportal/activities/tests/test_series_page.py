"""The rule on the page where dates are added, the list of its dates, and the page of a series."""

from __future__ import annotations

import html
from datetime import date, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Availability, RoleModel, Session, SessionSeries
from stemportal.activities.session_rules import local_start
from stemportal.activities.tests.conftest import at
from stemportal.partners import extensions
from stemportal.places.models import SchoolHoliday
from stemportal.testing.factories import ActivityFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-22 12:00", tick=False):
        yield


@pytest.fixture
def activity(offer, partner):
    found = offer(partner=partner, format="hybrid", duration_minutes=120)
    SchoolHoliday.objects.create(
        county=found.municipality.county, school_year=2026, code="christmas", first_day="2026-12-21",
        last_day="2027-01-02", name_nb="Juleferie", name_nn="Juleferie", name_en="Christmas holiday",
    )  # fmt: skip
    return found


def rule(step="preview", **changes) -> dict:
    fields = {
        "weekdays": [1],
        "every": "1",
        "first_day": "2026-12-01",
        "last_day": "2027-01-12",
        "times": "",
        "begins": "09:00",
        "minutes": "120",
        "capacity": "2",
        "pupil_capacity": "50",
        "where": "video",
        "school_weeks_only": "on",
        "not_on_holidays": "on",
        **changes,
    }
    return {"repeat": step, **{f"r-{name}": value for name, value in fields.items()}}


def words(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def test_dates_are_shown_first_and_made_when_they_are_chosen(member, activity):
    page = member.post(at("session_add", activity.pk), rule())
    text = words(page)

    assert "5 dates are ticked." in text
    assert "Tuesday 22 December – left out: Christmas holiday in Finnmark" in " ".join(
        text.replace('<span class="p-muted">', "").split()
    )
    assert "are the usual weeks; nobody has compared them" in text
    assert not Session.objects.exists()

    chosen = ["2026-12-01", "2026-12-15", "2026-12-22"]
    done = member.post(at("session_add", activity.pk), rule("create") | {"days": chosen}, follow=True)

    series = SessionSeries.objects.get()
    assert done.redirect_chain[-1][0] == at("series", series.pk)
    assert "3 sessions added. Teachers can book now." in words(done)
    assert [timezone.localdate(s.starts_at).isoformat() for s in series.sessions.all()] == chosen
    first = series.sessions.first()
    assert (first.capacity, first.pupil_capacity, first.where) == (2, 50, "video")
    assert "Tuesday at 09:00, every week" in words(done)
    assert "Left out by you" in words(done)
    assert "0 of 50 pupils" in words(done)


def test_what_was_typed_travels_with_the_dates_and_back_again(member, activity):
    page = words(member.post(at("session_add", activity.pk), rule(weekdays=[1, 3], not_on_holidays="")))

    for field in ('name="r-weekdays" value="1"', 'name="r-weekdays" value="3"', 'name="r-begins" value="09:00"'):
        assert field in page
    back = member.post(at("session_add", activity.pk), rule("back", weekdays=[1, 3], not_on_holidays="False"))
    form = back.context["repeating"]
    assert form["weekdays"].value() == ["1", "3"]
    assert not form["not_on_holidays"].value()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"last_day": ""}, "A series cannot go on without end."),
        ({"last_day": "", "times": "100000"}, "A series has at most 100 dates."),
        ({"last_day": "", "times": "9" * 400}, "A series has at most 100 dates."),
        ({"times": "5"}, "Choose either a last day or a number of times"),
        ({"last_day": "9999-12-31"}, "Choose a time within the next five years."),
        ({"last_day": "2026-11-30"}, "The last day is before the first."),
        ({"first_day": "0001-01-01"}, "Choose a time within the next five years."),
        ({"first_day": "2026-11-01"}, "Choose a day that is still to come."),
        ({"weekdays": []}, "This field is required."),
        ({"weekdays": ["9"]}, "Select a valid choice"),
        ({"weekdays": ["x; DROP TABLE"]}, "Select a valid choice"),
        ({"every": "0"}, "Choose between 1 and 26 weeks."),
        ({"every": "9" * 30}, "Choose between 1 and 26 weeks."),
        ({"begins": "25:99"}, "Enter a valid time."),
        ({"minutes": "-60"}, "It must last at least 15 minutes."),
        ({"minutes": "9" * 20}, "It can last 14 days at most."),
        ({"capacity": "1000000"}, "Is it a typing error?"),
        ({"pupil_capacity": "0"}, "There must be room for at least one pupil."),
        ({"pupil_capacity": "-4"}, "There must be room for at least one pupil."),
        ({"where": "moon"}, "Select a valid choice"),
        ({"link": "javascript:alert(1)"}, "Enter a valid URL."),
    ],
)
@pytest.mark.parametrize("step", ["preview", "create"])
def test_bad_rule_is_told_kindly_and_nothing_is_made(member, activity, step, changes, message):
    page = member.post(at("session_add", activity.pk), rule(step, **changes) | {"days": ["2026-12-01"]})

    assert page.status_code == 422
    assert message in words(page)
    assert "data-error-summary" in words(page)
    assert not Session.objects.exists()


@pytest.mark.parametrize("days", [[], ["2026-12-02"], ["<script>"], ["2026-12-01", "9999-99-99"], ["2030-12-03"]])
def test_forged_dates_make_nothing(member, activity, days):
    page = member.post(at("session_add", activity.pk), rule("create") | {"days": days})

    assert page.status_code == 422
    assert not Session.objects.exists()


def test_nothing_sent_at_all_is_no_error(member, activity):
    assert member.post(at("session_add", activity.pk), {"repeat": "create"}).status_code == 422
    assert member.post(at("session_add", activity.pk), {"repeat": "x" * 5000}).status_code == 422


def needed_twice(activity) -> None:
    person = RoleModel.objects.create(
        partner=activity.partner, full_name="Sunniva Berg", email="sunniva@example.no", job_title="Ingeniør"
    )
    other = ActivityFactory(partner=activity.partner, title="Kveld med robotene")
    for one in (activity, other):
        one.role_models.add(person)
    start = local_start(date(2026, 12, 8), time(10))
    SessionFactory(activity=other, starts_at=start, ends_at=start + timedelta(hours=2))


def test_series_warns_when_a_role_model_is_needed_twice_and_asks(member, activity):
    needed_twice(activity)
    told = "Tuesday 8 December 09:00: Sunniva Berg also takes part in “Kveld med robotene”"
    assert told in words(member.post(at("session_add", activity.pk), rule()))

    create = rule("create") | {"days": ["2026-12-01", "2026-12-08"]}
    page = member.post(at("session_add", activity.pk), create)
    assert "Tick this if you want both." in words(page)
    assert not SessionSeries.objects.exists()

    member.post(at("session_add", activity.pk), create | {"overlap_ok": "1"})
    assert SessionSeries.objects.get().sessions.count() == 2


def test_series_without_the_date_that_overlaps_asks_nothing(member, activity):
    needed_twice(activity)

    member.post(at("session_add", activity.pk), rule("create") | {"days": ["2026-12-01"]})

    assert SessionSeries.objects.get().sessions.count() == 1


def test_rows_warn_of_a_role_model_who_is_needed_twice(member, activity):
    needed_twice(activity)
    row = {"date": "2026-12-08", "time": "11:00", "minutes": "60", "capacity": "1"}
    data = {"s-TOTAL_FORMS": "1", "s-INITIAL_FORMS": "0", **{f"s-0-{name}": value for name, value in row.items()}}

    page = member.post(at("session_add", activity.pk), data)
    assert page.status_code == 422
    assert "Sunniva Berg also takes part in “Kveld med robotene”" in words(page)
    assert 'value="2026-12-08"' in words(page), "nothing typed is lost"

    member.post(at("session_add", activity.pk), data | {"overlap_ok": "1"})
    assert Session.objects.filter(activity=activity).count() == 1


# --- A series that is there


@pytest.fixture
def series(member, activity) -> SessionSeries:
    member.post(at("session_add", activity.pk), rule("create") | {"days": ["2026-12-01", "2026-12-08", "2026-12-15"]})
    return SessionSeries.objects.get()


def test_page_of_a_series_shows_what_became_of_each_date(member, series):
    first, second, _third = series.sessions.order_by("starts_at")
    Session.objects.filter(pk=first.pk).update(status="cancelled")
    Session.objects.filter(pk=second.pk).update(starts_at=second.starts_at + timedelta(hours=1))

    text = words(member.get(at("series", series.pk)))

    assert "2 dates to come" in text
    assert "Called off" in text
    assert text.count(">Moved<") == 1
    assert "Tuesday 22 December: School holiday" in text


def test_series_goes_on_after_the_new_dates_were_seen(member, series):
    page = words(member.post(at("series", series.pk), {"until": "2027-02-02", "repeat": "preview"}))
    assert "These dates would be added" in page
    assert "3 dates are ticked." in page
    assert series.sessions.count() == 3

    data = {"until": "2027-02-02", "repeat": "create", "days": ["2027-01-26", "2027-02-02"]}
    done = member.post(at("series", series.pk), data, follow=True)

    assert "2 sessions added." in words(done)
    assert series.sessions.count() == 5


@pytest.mark.parametrize("until", ["", "x", "2026-12-01", "9999-12-31", "2032-01-01"])
def test_series_goes_on_to_a_sensible_day_only(member, series, until):
    page = member.post(at("series", series.pk), {"until": until, "repeat": "create", "days": [until]})

    assert page.status_code == 422
    assert series.sessions.count() == 3


def test_series_is_not_for_readers_and_unknown_to_strangers(reader, stranger, series):
    assert reader.get(at("series", series.pk)).status_code == 403
    assert stranger.get(at("series", series.pk)).status_code == 404
    assert stranger.get(at("series", 999_999)).status_code == 404


def test_teacher_sees_where_each_date_is_held_and_how_many_may_come(series, stranger):
    text = words(stranger.get(series.activity.get_absolute_url()))

    assert "By video link" in text
    assert "Room for 2 groups, 50 pupils in all" in text


def test_copy_of_the_data_has_the_rules_and_the_hours(series):
    Availability.objects.create(activity=series.activity, weekday=1, begins=time(9), ends=time(14))
    rows = {section.name: list(section.rows(series.activity.partner)) for section in extensions.data_sections}

    assert rows["series"][0]["rule"] == series.rule
    assert rows["availability"][0]["weekday"] == 2, "as ISO 8601 counts"
    assert {row["series"] for row in rows["sessions"]} == {series.pk}
    assert rows["sessions"][0]["pupils_at_most"] == 50
