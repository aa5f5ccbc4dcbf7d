"""What stands behind each figure is what it counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from datetime import timedelta

import pytest

from stemportal.activities.models import FilmPlays, OwnWord
from stemportal.lib.periods import Period
from stemportal.reports.figures.counting import count_partners, partner_figures
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.rows import ROWS, narrowed, rows
from stemportal.reports.tests.visits import YEAR, moment, visit
from stemportal.schools.models import Booking, Feedback, LedgerEntry, Pulse, PulseCount
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    GrantPotFactory,
    KindFactory,
    PartnerFactory,
    PledgeFactory,
    RoleModelFactory,
    SessionFactory,
    TransportGrantFactory,
)
from stemportal.testing.network_factories import MeetingFactory, RsvpFactory

pytestmark = pytest.mark.django_db

PERIOD = Period("school", YEAR)


@pytest.fixture
def partner():
    """One with something of everything, in the year and beside it."""
    partner = PartnerFactory()
    role_model = RoleModelFactory(partner=partner)
    activity = ActivityFactory(partner=partner)
    activity.role_models.add(role_model)
    RoleModelFactory(partner=partner)
    visits = [
        visit(activity=activity, at="2024-10-01 09:00", pupils=20, girls=8),
        visit(partner, at="2025-02-01 09:00", pupils=25, girls=None),
        visit(partner, at="2023-10-01 09:00"),
    ]
    Feedback.objects.create(booking=visits[0], side="school", rating=5)
    Feedback.objects.create(booking=visits[0], side="partner", rating=4)
    for booking, number in zip(visits[:2], (6, 4), strict=True):
        pulse = Pulse.objects.create(booking=booking, closes_at=moment("2025-07-01 12:00"))
        for when in ("before", "after"):
            PulseCount.objects.create(pulse=pulse, moment=when, question=1, answer=4, number=number)
    _ask(activity)
    _homework(partner)
    _pay(partner, visits[0])
    FilmPlays.objects.create(activity=activity, day=dt.date(2024, 8, 1), number=7)
    FilmPlays.objects.create(activity=activity, day=dt.date(2024, 7, 31), number=9)
    for day, pupils in ((dt.date(2025, 7, 31), 40), (dt.date(2025, 8, 1), 50)):
        facts = {"kind": activity.kind, "title": "Stand", "hours": 2}
        OwnWord.objects.create(partner=partner, held_on=day, pupils=pupils, girls=10, **facts)
    PledgeFactory(partner=partner, kind=activity.kind, school_year=YEAR)
    meeting = MeetingFactory(starts_at=moment("2024-10-03 10:00"))
    RsvpFactory(meeting=meeting, partner=partner, status="attending", came=2)
    RsvpFactory(meeting=meeting, partner=partner, status="attending", came=0)
    visit()
    return partner


def _ask(activity) -> None:
    """One request answered, one not, one withdrawn; one visit of each sorry end."""
    asked_at = moment("2024-11-01 12:00")
    session = SessionFactory(activity=activity, starts_at=moment("2024-12-01 09:00"), capacity=9)
    facts = {"session": session, "created_at": asked_at, "reply_by": asked_at.date()}
    BookingFactory(**facts, status=Booking.Status.CONFIRMED, answered_at=asked_at + timedelta(days=2))
    BookingFactory(**facts, status=Booking.Status.REQUESTED)
    BookingFactory(**facts, status=Booking.Status.WITHDRAWN)
    for status in ("partner_cancel", "school_cancel", "no_show"):
        BookingFactory(session=session, status=status)


def _homework(partner) -> None:
    activity = ActivityFactory(partner=partner, kind=KindFactory(code="homework_help"))
    SessionFactory(activity=activity, starts_at=moment("2025-01-10 15:00"), capacity=12)


def _pay(partner, booking) -> None:
    grant = TransportGrantFactory(booking=booking, pot=GrantPotFactory(partner=partner))
    facts = {"pot": grant.pot, "grant": grant, "kind": LedgerEntry.Kind.PAY}
    LedgerEntry.objects.create(**facts, ore=5000, at=moment("2024-10-20 12:00"))
    LedgerEntry.objects.create(**facts, ore=700, at=moment("2025-10-20 12:00"))


def test_every_figure_has_its_rows():
    about_the_year = {"period_kind", "year", "girls_state"}
    assert set(ROWS) == {field.name for field in fields(Figures)} - about_the_year


def test_rows_are_what_the_figures_count(partner):
    counted = count_partners(PERIOD, [partner.pk])[partner.pk]

    def of(key):
        return list(rows(key, period=PERIOD, partner=partner))

    assert len(of("visits")) == counted["visits"] == 2
    assert sum(row.pupils for row in of("pupils")) == counted["pupils"] == 45
    assert sum(row.girls for row in of("girls")) == counted["girls"] == 8
    assert len(of("girls_visits")) == counted["girls_visits"] == 1
    assert len({row.school_id for row in of("schools")}) == counted["schools"]
    assert len({row.session_id for row in of("sessions")}) == counted["sessions"]
    assert len(of("role_models")) == counted["role_models"] == 1
    assert sum(row.capacity for row in of("places")) == sum(row["offered"] for row in counted["places"].values())
    assert sum(row.capacity for row in of("homework_places")) == counted["homework_places"] == 12
    assert len(of("enquiries")) == counted["enquiries"] == 2
    assert len(of("answered")) == counted["answered"] == 1
    for key in ("cancelled_by_partner", "cancelled_by_school", "no_shows"):
        assert len(of(key)) == counted[key] == 1
    assert len(of("ratings")) == counted["ratings"] == 1
    assert len(of("pulse_visits")) == counted["pulse_visits"] == 1
    assert sum(row.ore for row in of("paid_ore")) == counted["paid_ore"] == 5000
    assert sum(row.ore for row in of("travel_ore")) == counted["travel_ore"] == 5000
    assert len(of("pledges")) == len(counted["pledges"]) == 1
    assert sum(row.number for row in of("film_plays")) == counted["film_plays"] == 7
    assert sum(row.pupils for row in of("own_pupils")) == counted["own_pupils"] == 40
    assert sum(row.came for row in of("meetings")) == sum(row["people"] for row in counted["meetings"]) == 2


def test_rows_of_the_programme_are_everybodys(partner):
    assert rows("visits", period=PERIOD).count() == partner_figures(period=PERIOD).visits == 3


def test_parts_of_a_table_lead_to_their_visits(partner):
    figures = partner_figures(period=PERIOD, partner=partner)
    for key, name in (("kinds", "nb"), ("months", "month"), ("regions", "name"), ("grades", "grade")):
        found = rows(key, period=PERIOD, partner=partner)
        parts = [row for row in getattr(figures, key) if row["visits"]]
        assert parts
        for row in parts:
            assert narrowed(key, found, str(row[name])).count() == row["visits"]


@pytest.mark.parametrize(("key", "part"), [("months", "2024-1x"), ("months", "x"), ("grades", "ni"), ("kinds", "?")])
def test_a_part_that_is_none_has_no_rows(partner, key, part):
    assert not narrowed(key, rows(key, period=PERIOD, partner=partner), part).exists()
