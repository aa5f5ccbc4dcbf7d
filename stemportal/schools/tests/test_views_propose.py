"""Proposing a date for an activity on request."""

from __future__ import annotations

import uuid
from datetime import date, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Activity, Availability
from stemportal.activities.session_rules import local_start
from stemportal.outbox.models import Mail
from stemportal.places.models import SchoolHoliday
from stemportal.schools.errors import BadTime
from stemportal.schools.models import Booking
from stemportal.schools.services.booking import propose_date
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import ActivityFactory, MembershipFactory, TeacherFactory


@pytest.fixture
def activity(db):
    activity = ActivityFactory(policy=Activity.Policy.ON_REQUEST, partner__display_name="Nordlys Robotikk")
    MembershipFactory(partner=activity.partner)
    return activity


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def send(client, activity, **changes):
    data = {"day": day(20), "clock": "09:30", "group_name": "9A", "grade": 9, "pupils": 28, "message": "Passer det?"}
    return client.post(at("propose", activity.pk), {**data, **changes})


def test_proposal_waits_for_the_partner_at_the_time_that_was_typed(teacher_client, activity):
    response = send(teacher_client, activity)

    booking = Booking.objects.get()
    assert response["Location"] == at("booking", booking.pk)
    assert booking.status == Booking.Status.REQUESTED
    assert booking.session is None
    assert timezone.localtime(booking.proposed_at).strftime("%Y-%m-%d %H:%M") == f"{day(20)} 09:30"
    text = words(teacher_client.get(at("booking", booking.pk)))
    assert "Waiting for Nordlys Robotikk" in text
    assert "09:30" in text
    assert Mail.objects.filter(template="booking_requested_to_partner").count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"day": day(-1)}, "Choose a time in the future."),
        ({"day": "0001-01-01"}, "Choose a time in the future."),
        ({"day": "9999-12-31"}, "Choose a time within the next two years."),
        ({"day": day(800)}, "Choose a time within the next two years."),
        ({"day": "2027-02-30"}, "Write the day as for example"),
        ({"day": "i morgen"}, "Write the day as for example"),
        ({"day": ""}, "This field is required."),
        ({"clock": "25:99"}, "Write the time as for example"),
        ({"clock": ""}, "This field is required."),
        ({"pupils": "-1"}, "At least one pupil must come."),
        ({"pupils": "31"}, "groups of up to 30 pupils"),
    ],
)
def test_bad_input_is_told_and_nothing_typed_is_lost(teacher_client, activity, changes, message):
    response = send(teacher_client, activity, **changes)

    assert response.status_code == 200
    assert message in words(response)
    assert "Passer det?" in words(response)
    assert not Booking.objects.exists()


def test_day_as_norwegians_write_it_is_understood(teacher_client, activity):
    wanted = timezone.localdate() + timedelta(days=30)

    client = teacher_client
    response = client.post(
        f"/activities/{activity.pk}/propose/",
        {"day": f"{wanted:%d.%m.%Y}", "clock": "09:30", "group_name": "9A", "grade": 9, "pupils": 28},
    )

    assert response.status_code == 302
    assert timezone.localdate(Booking.objects.get().proposed_at) == wanted


def test_form_sent_twice_is_one_proposal(teacher_client, activity):
    key = uuid.uuid4()

    first, second = (send(teacher_client, activity, request_key=key) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1
    assert Mail.objects.filter(template="booking_requested_to_teacher").count() == 1


def test_form_that_somebody_else_has_sent_from_this_machine_is_ones_own(teacher_client, teacher, activity):
    key = uuid.uuid4()
    other = TeacherFactory()
    send(client_of(other.user), activity, request_key=key)

    response = send(teacher_client, activity, request_key=key)

    assert response["Location"] == at("booking", Booking.objects.get(teacher=teacher.user).pk)
    assert Booking.objects.count() == 2


def test_activity_with_sessions_takes_no_proposals(teacher_client):
    activity = ActivityFactory(policy=Activity.Policy.CONFIRM)

    assert teacher_client.get(at("propose", activity.pk)).status_code == 404
    assert send(teacher_client, activity).status_code == 404


def test_activity_that_is_not_published_is_not_found(teacher_client, activity):
    Activity.objects.update(status=Activity.Status.DRAFT)

    assert teacher_client.get(at("propose", activity.pk)).status_code == 404
    assert send(teacher_client, activity).status_code == 404


def test_teacher_who_waits_cannot_propose(activity):
    client = client_of(TeacherFactory(status="pending").user)

    assert "You can book as soon as your school is confirmed" in words(client.get(at("propose", activity.pk)))
    send(client, activity)

    assert not Booking.objects.exists()


def test_partner_confirms_and_the_proposal_becomes_a_visit(teacher_client, activity):
    send(teacher_client, activity)
    booking = Booking.objects.get()
    owner = client_of(activity.partner.memberships.get().user)

    owner.post(at("booking_confirm", booking.pk), {"reply": "Velkommen"})

    booking.refresh_from_db()
    assert booking.session is not None
    assert booking.session.places_left == 0
    assert "Nordlys Robotikk has confirmed your visit" in words(teacher_client.get(at("booking", booking.pk)))


# --- Where the partner has said when it can be asked


@pytest.fixture
def tuesdays(activity):
    """Asked for on Tuesdays from nine to two, two hours at a time; a winter day in November."""
    with time_machine.travel("2026-11-22 12:00", tick=False):
        Availability.objects.create(activity=activity, weekday=1, begins=time(9), ends=time(14))
        yield activity


def test_page_offers_the_next_times_and_says_when_they_can_be_asked(teacher_client, tuesdays):
    text = words(teacher_client.get(at("propose", tuesdays.pk)))

    assert "Tuesday 24 November, 09:00" in text
    assert "Another day or time" in text
    assert "Tuesday 09:00–14:00" in text
    assert text.count('name="slot"') == 11


def test_suggested_time_is_proposed_with_one_choice(teacher_client, tuesdays):
    send(teacher_client, tuesdays, slot="2026-12-01T09:00", day="", clock="")

    assert timezone.localtime(Booking.objects.get().proposed_at).strftime("%Y-%m-%d %H:%M") == "2026-12-01 09:00"


def test_time_of_ones_own_within_the_hours_is_accepted(teacher_client, tuesdays):
    send(teacher_client, tuesdays, slot="", day="2026-12-01", clock="11:30")

    assert timezone.localtime(Booking.objects.get().proposed_at).strftime("%H:%M") == "11:30"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"day": "2026-12-02"}, "They cannot be asked for this time. Possible: Tuesday 09:00–14:00."),
        ({"day": "2026-12-01", "clock": "13:00"}, "They cannot be asked for this time."),
        ({"slot": "2026-12-02T09:00"}, "This time is no longer free."),
        ({"slot": "<script>"}, "This time is no longer free."),
        ({"slot": "", "day": "", "clock": ""}, "This field is required."),
    ],
)
def test_time_outside_the_hours_is_refused_with_what_is_possible(teacher_client, tuesdays, changes, message):
    response = send(teacher_client, tuesdays, **changes)

    assert message in words(response)
    assert "Passer det?" in words(response)
    assert not Booking.objects.exists()


def test_public_holiday_and_season_are_refused(teacher_client, tuesdays):
    Availability.objects.create(activity=tuesdays, weekday=3, begins=time(9), ends=time(14))
    assert "is a public holiday (Ascension Day)" in words(send(teacher_client, tuesdays, day="2027-05-06"))

    Activity.objects.filter(pk=tuesdays.pk).update(season_months=[1])
    assert "only offered in these months: January" in words(send(teacher_client, tuesdays, day="2026-12-01"))
    assert not Booking.objects.exists()


def test_hours_are_asked_again_when_it_is_written(teacher, tuesdays):
    """Whatever the form let through: the service has the last word."""
    with pytest.raises(BadTime, match="Possible: Tuesday"):
        propose_date(
            activity=tuesdays,
            proposed_at=local_start(date(2026, 12, 2), time(9)),
            school=teacher.school,
            teacher=teacher.user,
            group_name="9A",
            grade=9,
            pupils=20,
        )


def test_holiday_of_the_teachers_own_county_is_only_a_warning(teacher_client, teacher, tuesdays):
    SchoolHoliday.objects.create(
        county=teacher.school.municipality.county, school_year=2026, code="winter", first_day="2027-03-08",
        last_day="2027-03-12", name_nb="Vinterferie", name_en="Winter holiday",
    )  # fmt: skip

    response = send(teacher_client, tuesdays, day="2027-03-09", slot="")

    assert Booking.objects.count() == 1
    text = words(teacher_client.get(response["Location"]))
    assert "You asked for Tuesday 9 March 2027: Winter holiday in Finnmark." in text
