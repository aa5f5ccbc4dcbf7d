"""Figures against rows counted by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stemportal.lib.periods import Period
from stemportal.reports.figures.counting import figures_of, partner_figures
from stemportal.reports.figures.figures import FEW, MOST, SHOWN, UNTOLD, Figures
from stemportal.reports.figures.rows import rows
from stemportal.reports.tests.visits import YEAR, moment, visit
from stemportal.schools.models import Booking
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    CountyFactory,
    KindFactory,
    MunicipalityFactory,
    PartnerFactory,
    SchoolFactory,
    SessionFactory,
)
from stemportal.testing.network_factories import MeetingFactory, RsvpFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner():
    return PartnerFactory()


def figures(partner) -> Figures:
    return partner_figures(period=Period("school", YEAR), partner=partner)


def test_teachers_who_came_to_training_are_no_pupils(partner):
    training = KindFactory(code="teacher_training", unit="pupils", for_pupils=False)
    visit(pupils=12, girls=7, places=12, activity=ActivityFactory(partner=partner, kind=training))
    visit(partner, pupils=20, girls=9)

    found = figures(partner)

    assert (found.visits, found.pupils, found.girls, found.girls_visits) == (2, 20, 9, 1)
    assert {row["unit"]: row["used"] for row in found.places} == {"groups": 1, "pupils": 12}


def test_figures_of_a_year_counted_by_hand(partner):
    oslo = MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))
    alta, hammerfest = MunicipalityFactory(), MunicipalityFactory(number="5603", name="Hammerfest")
    north, south = SchoolFactory(municipality=alta), SchoolFactory(municipality=oslo)
    role_model = ActivityFactory(partner=partner, kind=KindFactory(code="role_model", name_nb="Rollemodell"))
    shared = visit(partner, at="2024-09-10 09:00", hours=3, pupils=20, girls=8, school=north, grade=9).session
    visit(session=shared, pupils=25, girls=11, school=SchoolFactory(municipality=hammerfest), grade=10)
    visit(partner, at="2025-02-03 12:00", hours=1.5, pupils=30, girls=None, school=south, grade=9)
    visit(activity=role_model, at="2025-02-20 08:30", hours=1, pupils=12, girls=6, school=north, grade=11)

    counted = figures(partner)

    assert (counted.visits, counted.pupils, counted.sessions) == (4, 87, 3)
    # 3 h for the session with two classes, counted once, and 1.5 h and 1 h
    assert counted.hours == 5.5
    assert counted.pupil_hours == 20 * 3 + 25 * 3 + 30 * 1.5 + 12
    # 8 + 11 + 6 girls of the 20 + 25 + 12 pupils whose school told
    assert (counted.girls, counted.girls_share, counted.girls_visits) == (25, 44, 3)
    assert (counted.schools, counted.municipalities, counted.counties) == (3, 3, 2)
    assert [(row["nb"], row["visits"], row["pupils"]) for row in counted.kinds] == [
        ("Bedriftsbesøk", 3, 75),
        ("Rollemodell", 1, 12),
    ]
    assert [(row["name"], row["visits"], row["pupils"], row["schools"]) for row in counted.regions] == [
        ("Finnmark", 3, 57, 2),
        ("Oslo", 1, 30, 1),
    ]
    assert [(row["grade"], row["visits"], row["pupils"]) for row in counted.grades] == [
        (9, 2, 50),
        (10, 1, 25),
        (11, 1, 12),
    ]
    busy = {row["month"]: row["pupils"] for row in counted.months if row["visits"]}
    assert busy == {"2024-09": 45, "2025-02": 42}
    assert [row["month"] for row in counted.months][:2] == ["2024-08", "2024-09"]
    assert len(counted.months) == 12


def test_school_year_ends_at_midnight_in_norway(partner):
    visit(partner, at="2024-07-31 23:59")
    inside = [visit(partner, at="2024-08-01 00:00"), visit(partner, at="2025-07-31 23:59")]
    visit(partner, at="2025-08-01 00:00")

    assert figures(partner).visits == 2
    assert [row.booking for row in rows("visits", period=Period("school", YEAR), partner=partner)] == inside


@pytest.mark.parametrize("status", [status for status in Booking.Status if status != Booking.Status.COMPLETED])
def test_only_visits_that_took_place_count(partner, status):
    session = SessionFactory(activity=ActivityFactory(partner=partner), starts_at=moment("2024-10-01 09:00"))
    BookingFactory(session=session, status=status)

    assert figures(partner).visits == 0
    assert not rows("visits", period=Period("school", YEAR), partner=partner).exists()


def test_visit_without_attendance_does_not_count_yet(partner):
    session = SessionFactory(activity=ActivityFactory(partner=partner), starts_at=moment("2024-10-01 09:00"))
    BookingFactory(session=session, status=Booking.Status.COMPLETED)

    assert figures(partner).visits == 0
    assert not rows("visits", period=Period("school", YEAR), partner=partner).exists()


def test_other_partners_visits_do_not_count(partner):
    visit()

    assert figures(partner) == Figures("school", YEAR, months=figures(partner).months)
    assert partner_figures(period=Period("school", YEAR)).visits == 1


def test_school_on_svalbard_counts_though_it_has_no_municipality(partner):
    school = SchoolFactory()
    school.municipality = None
    school.save()
    visit(partner, school=school)

    counted = figures(partner)

    assert (counted.visits, counted.schools, counted.counties) == (1, 1, 0)
    assert counted.regions[0]["name"] is None


@pytest.mark.parametrize(
    ("told", "state", "girls", "share"),
    [
        ([(20, None)], UNTOLD, None, None),
        ([(20, 0)], FEW, None, None),
        ([(20, 4)], FEW, None, None),
        ([(20, 5)], SHOWN, 5, 25),
        ([(20, 3), (20, 2)], SHOWN, 5, 13),
        ([(20, 3), (30, None)], FEW, None, None),
        ([(20, 17)], MOST, None, None),
        ([(20, 20)], SHOWN, 20, 100),
    ],
)
def test_girls_are_shown_only_when_nobody_can_be_recognised(partner, told, state, girls, share):
    for pupils, count in told:
        visit(partner, pupils=pupils, girls=count)

    counted = figures(partner)

    assert (counted.girls_state, counted.girls, counted.girls_share) == (state, girls, share)


def test_few_pupils_are_hidden_everywhere(partner):
    visit(partner, pupils=3, girls=None)

    counted = figures(partner)

    assert counted.visits == 1
    assert counted.pupils is None
    assert counted.pupil_hours is None
    assert {row["pupils"] for row in [*counted.kinds, *counted.regions, *counted.grades]} == {None}
    assert [row["pupils"] for row in counted.months if row["visits"]] == [None]


def test_time_to_answer_is_the_median_of_requests_that_were_answered(partner):
    asked_at = moment("2024-11-01 12:00")
    session = SessionFactory(activity=ActivityFactory(partner=partner), starts_at=moment("2024-12-01 09:00"))
    facts = {"session": session, "created_at": asked_at, "reply_by": asked_at.date()}
    for days in (1, 2, 6):
        BookingFactory(**facts, status=Booking.Status.CONFIRMED, answered_at=asked_at + timedelta(days=days))
    BookingFactory(**facts, status=Booking.Status.REQUESTED)
    BookingFactory(**facts, status=Booking.Status.WITHDRAWN)
    BookingFactory(**facts | {"reply_by": None}, status=Booking.Status.CONFIRMED)  # confirmed at once

    counted = figures(partner)

    assert (counted.enquiries, counted.answered, counted.median_days) == (4, 3, 2.0)


def test_many_partners_cost_as_many_queries_as_one(partner, django_assert_max_num_queries):
    period = Period("school", YEAR)
    others = [visit().activity.partner_id for _number in range(3)]
    with CaptureQueriesContext(connection) as one:
        partner_figures(period=period, partner=partner)

    with django_assert_max_num_queries(len(one)):
        counted = figures_of(period, [partner.pk, *others])

    assert [counted[pk].visits for pk in [partner.pk, *others]] == [0, 1, 1, 1]


def test_figures_survive_being_stored(partner):
    visit(partner)
    counted = figures(partner)

    assert Figures.from_json(counted.as_json()) == counted
    assert Figures.from_json({"visits": 3, "of_tomorrow": 1}).visits == 3


def test_meetings_count_for_the_partner_whose_people_came(partner):
    meeting = MeetingFactory(starts_at=moment("2024-10-03 10:00"), title_nb="Nettverksmøtet")
    RsvpFactory(meeting=meeting, partner=partner, status="attending", came=2)
    RsvpFactory(meeting=meeting, partner=partner, status="invited", came=1)
    RsvpFactory(meeting=meeting, partner=partner, status="attending", came=0)
    RsvpFactory(meeting=meeting, partner=partner, status="attending")
    RsvpFactory(meeting=meeting, partner=PartnerFactory(), status="attending", came=5)
    RsvpFactory(meeting__starts_at=moment("2025-10-03 10:00"), partner=partner, came=1)
    RsvpFactory(meeting__starts_at=moment("2024-10-03 10:00"), meeting__status="cancelled", partner=partner, came=1)

    counted = figures(partner)

    assert [(row["nb"], row["people"]) for row in counted.meetings] == [("Nettverksmøtet", 3)]
    assert partner_figures(period=Period("school", YEAR)).meetings == []
