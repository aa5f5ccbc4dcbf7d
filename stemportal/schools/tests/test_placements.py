"""Work weeks and job shadow: places by week, the law's two conditions, and the agreement to print."""

from __future__ import annotations

import uuid
from datetime import date, time, timedelta

import pytest
import time_machine
from django.utils import timezone, translation
from django.utils.formats import date_format

from stemportal.activities.models import Session
from stemportal.activities.session_rules import local_start
from stemportal.places.models import SchoolHoliday
from stemportal.schools import agreement
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking
from stemportal.schools.placements import NoRiskAssessment, NotOrientation, check_placement
from stemportal.schools.services.weeks import coming_weeks, set_places_by_week
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    KindFactory,
    MembershipFactory,
    SessionFactory,
    TeacherFactory,
)
from stemportal.testing.pdfs import check_pdf

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 1, 11)
EARLY = time(8, 30)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-22 12:00", tick=False):
        yield


@pytest.fixture
def kind(db):
    return KindFactory(
        code="work_week",
        name_en="Work week",
        unit="pupils",
        pledge_unit="places",
        guards={"min_grade": 9, "risk_assessment": True},
    )


@pytest.fixture
def activity(kind):
    activity = ActivityFactory(
        kind=kind,
        partner__display_name="Nordlys Robotikk",
        duration_minutes=5 * 450,
        grade_from=9,
        risk_assessed_on=date(2026, 9, 1),
    )
    MembershipFactory(partner=activity.partner)
    return activity


@pytest.fixture
def owner(activity):
    return activity.partner.memberships.get().user


@pytest.fixture
def booking(activity):
    start = local_start(MONDAY, EARLY)
    session = SessionFactory(
        activity=activity, starts_at=start, ends_at=start + timedelta(days=4, hours=7), capacity=6, places_taken=4
    )
    teacher = TeacherFactory(school__name="Alta ungdomsskole", user__full_name="Kari Prøve")
    return BookingFactory(
        session=session,
        activity=activity,
        school=teacher.school,
        teacher=teacher.user,
        group_name="9A",
        pupils=4,
        places=4,
        status="confirmed",
        pupil_wishes=[{"interest": "Roboter", "pupils": 3}, {"interest": "Økonomi", "pupils": 1}],
    )


def set_places(activity, owner, places):
    return set_places_by_week(activity=activity, places=places, begins=EARLY, by=owner)


def week_of(activity, monday=MONDAY):
    return next(week for week in coming_weeks(activity) if week.monday == monday)


def test_weeks_get_places_from_monday_to_friday(activity, owner):
    assert set_places(activity, owner, {MONDAY: 4}) == 1

    session = Session.objects.get()
    assert timezone.localtime(session.starts_at) == local_start(MONDAY, EARLY)
    assert timezone.localtime(session.ends_at).date() == MONDAY + timedelta(days=4)
    assert (session.capacity, week_of(activity).number, week_of(activity).places) == (4, 2, 4)


def test_weeks_said_again_change_nothing(activity, owner):
    set_places(activity, owner, {MONDAY: 4})

    assert set_places(activity, owner, {MONDAY: 4}) == 0
    assert Session.objects.count() == 1


def test_week_with_a_holiday_is_shorter(activity, owner):
    """Easter Monday 2027 is 29 March: the week begins on Tuesday and still ends on Friday."""
    easter = date(2027, 3, 29)

    set_places(activity, owner, {easter: 2})

    session = Session.objects.get()
    assert timezone.localtime(session.starts_at).date() == date(2027, 3, 30)
    assert timezone.localtime(session.ends_at).date() == date(2027, 4, 2)


def test_week_of_a_school_holiday_says_so(activity):
    SchoolHoliday.objects.create(
        county=activity.partner.municipality.county,
        school_year=2026,
        first_day=MONDAY,
        last_day=MONDAY + timedelta(days=4),
        name_nb="Vinterferie",
        name_nn="Vinterferie",
        name_en="Winter break",
    )

    assert "Winter break" in week_of(activity).closed.words
    assert week_of(activity, MONDAY + timedelta(weeks=1)).closed is None


def test_week_cannot_have_fewer_places_than_are_booked(activity, owner, booking):
    with pytest.raises(BookingError, match="Week 2: 4 places are already booked"):
        set_places(activity, owner, {MONDAY: 3, MONDAY + timedelta(weeks=1): 9})

    assert Session.objects.count() == 1, "everything happens, or nothing"


def test_week_with_pupils_is_not_called_off_by_an_empty_field(activity, owner, booking):
    with pytest.raises(BookingError, match="pupils have booked"):
        set_places(activity, owner, {MONDAY: 0})


def test_week_without_pupils_is_called_off_by_an_empty_field(activity, owner):
    set_places(activity, owner, {MONDAY: 4})

    assert set_places(activity, owner, {MONDAY: 0}) == 1
    assert Session.objects.get().status == Session.Status.CANCELLED
    assert week_of(activity).places == 0


def test_weeks_page_saves_what_is_typed(activity, owner):
    client = client_of(owner)
    page = client.get(at("weeks", activity.pk))
    answer = client.post(at("weeks", activity.pk), {"begins": "08:30", f"week-{MONDAY}": "4"}, follow=True)

    assert "Places in week 2" in words(page)
    assert "1 week is changed." in words(answer)
    assert Session.objects.get().capacity == 4


def test_weeks_page_refuses_nonsense(activity, owner):
    answer = client_of(owner).post(at("weeks", activity.pk), {"begins": "08:30", f"week-{MONDAY}": "-3"})

    assert answer.status_code == 422
    assert not Session.objects.exists()


def test_weeks_page_is_only_for_offers_of_several_days(owner, activity):
    activity.duration_minutes = 120
    activity.save()

    assert client_of(owner).get(at("weeks", activity.pk)).status_code == 404


def test_pupils_go_only_as_part_of_vocational_orientation(activity):
    with pytest.raises(NotOrientation):
        check_placement(activity, orientation=False, on=MONDAY)
    check_placement(activity, orientation=True, on=MONDAY)


@pytest.mark.parametrize("assessed", [None, MONDAY + timedelta(days=1)])
def test_pupils_go_only_where_the_risk_has_been_assessed(activity, assessed):
    activity.risk_assessed_on = assessed

    with pytest.raises(NoRiskAssessment):
        check_placement(activity, orientation=True, on=MONDAY)


def test_agreement_is_for_everybody_and_to_last_in_the_schools_language(booking):
    with translation.override("nn"):
        check_pdf(agreement.make_pdf(booking), language="nn")


def test_agreement_names_the_sides_the_week_and_counts_but_no_pupils(booking):
    data = agreement.agreement_document(booking)
    said = str(data)

    assert data["wishes"] == [["Roboter", "3 pupils"], ["Økonomi", "1 pupil"]]
    assert data["pupils"] == 4
    assert "Alta ungdomsskole" in said
    assert "Kari Prøve" in said
    assert f"risk assessment, made on {date_format(date(2026, 9, 1), 'DATE_FORMAT')}" in said


def test_agreement_is_there_when_the_week_is_agreed(booking, owner):
    response = client_of(owner).get(at("agreement", booking.pk))

    assert response["Content-Type"] == "application/pdf"
    assert "agreement-9a.pdf" in response["Content-Disposition"]
    booking.status = "requested"
    booking.save()
    assert client_of(owner).get(at("agreement", booking.pk)).status_code == 404


def test_other_visits_have_no_agreement(owner, activity):
    session = SessionFactory(activity__partner=activity.partner)
    booking = BookingFactory(session=session, activity=session.activity, status="confirmed")

    assert client_of(owner).get(at("booking", booking.pk)).status_code == 200
    assert client_of(owner).get(at("agreement", booking.pk)).status_code == 404


@pytest.fixture
def session(activity):
    start = local_start(MONDAY, EARLY)
    return SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(days=4, hours=7), capacity=6)


@pytest.fixture
def teacher():
    return TeacherFactory(school__name="Alta ungdomsskole")


def asked(session, **facts):
    return {"session": session.pk, "group_name": "9A", "grade": 9, "pupils": 4, "request_key": uuid.uuid4(), **facts}


def test_booking_a_work_week_asks_for_the_schools_approval(teacher, session):
    client = client_of(teacher.user)
    page = client.get(at("book", session.pk))
    answer = client.post(at("book", session.pk), asked(session))

    assert "every pupil is 14 or older" in words(page)
    assert "only as part of the school's vocational orientation" in words(answer)
    assert not Booking.objects.exists()


def test_booking_a_work_week_keeps_the_wishes_as_counts(teacher, session):
    facts = asked(session, orientation="on", wish_1="Roboter", wish_1_pupils=3, wish_2="Økonomi", wish_2_pupils=1)
    answer = client_of(teacher.user).post(at("book", session.pk), facts, follow=True)

    booking = Booking.objects.get()
    assert booking.pupil_wishes == [{"interest": "Roboter", "pupils": 3}, {"interest": "Økonomi", "pupils": 1}]
    assert (booking.places, Session.objects.get().places_taken) == (4, 4)
    assert "Roboter: 3" in words(answer)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"wish_1": "Roboter"}, "Write how many pupils would like this."),
        ({"wish_1_pupils": 2}, "Write what they would like."),
        ({"wish_1": "Roboter", "wish_1_pupils": 9}, "More pupils have a wish than will come."),
        ({"wish_1": "Roboter", "wish_1_pupils": 0}, "greater than or equal to 1"),
    ],
)
def test_wishes_without_sense_are_told(teacher, session, wish, said):
    answer = client_of(teacher.user).post(at("book", session.pk), asked(session, orientation="on", **wish))

    assert said in words(answer)
    assert not Booking.objects.exists()


def test_booking_is_refused_without_a_risk_assessment(teacher, session, activity):
    """Somebody took it out of the offer after it was published."""
    activity.risk_assessed_on = None
    activity.save()

    answer = client_of(teacher.user).post(at("book", session.pk), asked(session, orientation="on"))

    assert "no written risk assessment" in words(answer)
    assert not Booking.objects.exists()


def test_other_visits_ask_nothing_about_work(teacher):
    page = client_of(teacher.user).get(at("book", SessionFactory().pk))

    assert "vocational orientation" not in words(page)
