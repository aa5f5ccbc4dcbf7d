"""Adding sessions in rows."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Session
from stemportal.activities.tests.conftest import at, session_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity(offer, partner):
    return offer(partner=partner, format="hybrid", duration_minutes=120)


def rows(*filled: dict, total: int = 3) -> dict:
    data = {"s-TOTAL_FORMS": str(total), "s-INITIAL_FORMS": "0"}
    for number in range(total):
        values = {"date": "", "time": "", "minutes": "120", "capacity": "1", "place": "", "link": ""}
        if number < len(filled):
            values |= {"date": day(10 + number), "time": "09:00", **filled[number]}
        data |= {f"s-{number}-{name}": value for name, value in values.items()}
    return data


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_filled_rows_become_sessions(member, activity):
    response = member.post(at("session_add", activity.pk), rows({}, {"capacity": "4", "minutes": "90"}), follow=True)
    html = response.content.decode()
    first, second = Session.objects.all()
    assert timezone.localtime(first.starts_at).strftime("%H:%M") == "09:00"
    assert (second.capacity, second.ends_at - second.starts_at) == (4, timedelta(minutes=90))
    assert "2 sessions added. Teachers can book now." in html
    assert "0 of 4 places taken" in html


def test_no_rows_is_told(member, activity):
    response = member.post(at("session_add", activity.pk), rows())
    assert response.status_code == 422
    assert "Fill in at least one date." in response.content.decode()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"date": day(-1)}, "Choose a time in the future."),
        ({"date": "0001-01-01"}, "Choose a time within the next five years."),
        ({"date": "9999-12-31"}, "Choose a time within the next five years."),
        ({"date": "2027-02-30"}, "Enter a valid date."),
        ({"date": "2027-03-28", "time": "02:30"}, "the clocks go forward"),
        ({"time": ""}, "This field is required."),
        ({"time": "25:99"}, "Enter a valid time."),
        ({"minutes": "-60"}, "It must last at least 15 minutes."),
        ({"minutes": "9" * 5000}, "Enter a whole number."),
        ({"minutes": "99999999999999999999"}, "It can last 14 days at most."),
        ({"capacity": "-1"}, "There must be at least one place."),
        ({"capacity": "1000000"}, "Is it a typing error?"),
        ({"link": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"place": "x" * 201}, "at most 200 characters"),
    ],
)
def test_bad_row_is_told_and_nothing_is_lost(member, activity, row, message):
    response = member.post(at("session_add", activity.pk), rows({}, {"place": "Hangar 4", **row}))
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert "data-error-summary" in html
    assert day(10) in html
    assert not Session.objects.exists()


def test_same_time_twice_is_told_at_the_second_row(member, activity):
    html = member.post(at("session_add", activity.pk), rows({"date": day(10)}, {"date": day(10)})).content.decode()
    assert "There is a session at this time already." in html
    assert 'href="#id_s-1-date"' in html


def test_forged_number_of_rows_is_bounded(member, activity):
    response = member.post(at("session_add", activity.pk), rows({}) | {"s-TOTAL_FORMS": "100000"})
    assert response.status_code == 422
    assert not Session.objects.exists()
    assert member.post(at("session_add", activity.pk), {}).status_code == 422


@pytest.mark.parametrize("wanted", ["10", "-4", "x", "999999"])
def test_number_of_rows_can_be_chosen_within_reason(member, activity, wanted):
    html = member.get(at("session_add", activity.pk) + f"?rows={wanted}").content.decode()
    assert 1 <= len(re.findall(r'name="s-\d+-date"', html)) <= 60


def test_work_week_has_a_last_day(member, offer, partner):
    week = offer(partner=partner, kind="work_week", duration_minutes=2400)
    data = rows({"date": "2027-05-03", "minutes": "480", "capacity": "2"}) | {"s-0-last_day": "2027-05-07"}
    member.post(at("session_add", week.pk), data)
    session = Session.objects.get()
    assert timezone.localtime(session.ends_at).strftime("%Y-%m-%d %H:%M") == "2027-05-07 17:00"
    refused = member.post(at("session_add", week.pk), data | {"s-0-last_day": "2027-05-01"}).content.decode()
    assert "The last day is before the first." in refused


def test_planned_sessions_show_places_and_ways_to_change_them(member, activity):
    session_in(activity, 4, capacity=3, places_taken=2)
    html = member.get(at("session_add", activity.pk)).content.decode()
    assert "2 of 3 places taken" in html
    assert "Cancel the session on" in html


def test_archived_activity_takes_no_sessions(member, offer, partner):
    archived = offer(partner=partner, status="archived")
    response = member.get(at("session_add", archived.pk))
    assert response["Location"] == at("listings", partner.pk)


def test_page_asks_the_same_number_of_queries_for_one_and_three_sessions(
    member, activity, django_assert_max_num_queries, django_assert_num_queries
):
    session_in(activity, 4)
    with django_assert_max_num_queries(12) as first:
        member.get(at("session_add", activity.pk))
    for days in (5, 6):
        session_in(activity, days)
    with django_assert_num_queries(len(first)):
        member.get(at("session_add", activity.pk))
