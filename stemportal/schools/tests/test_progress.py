"""Pledged, published, booked and delivered, counted against bookings made by hand, in every unit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stemportal.activities.models import Activity, Kind, Session
from stemportal.activities.services.seeding import load_kinds
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking
from stemportal.schools.progress import PledgeLine, offers_in_year, pledge_progress, sessions_in_year, share_gone
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    PartnerFactory,
    PledgeFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db

YEAR = 2025
OSLO = ZoneInfo("Europe/Oslo")
Status = Booking.Status


@pytest.fixture
def kinds() -> dict[str, Kind]:
    load_kinds()
    return {kind.code: kind for kind in Kind.objects.all()}


@pytest.fixture
def partner(kinds) -> Partner:
    return PartnerFactory()


def when(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=OSLO)


AUTUMN = when(YEAR, 10, 14)


def offer(partner: Partner, kind: Kind, **facts) -> Activity:
    facts.setdefault("published_at", when(YEAR - 1, 3, 1))
    return ActivityFactory(partner=partner, kind=kind, **facts)


def booking(activity: Activity, status: str, *, places: int = 1, at: datetime = AUTUMN, capacity: int = 1) -> Booking:
    session = SessionFactory(activity=activity, starts_at=at, capacity=max(capacity, places), places_taken=places)
    return BookingFactory(session=session, status=status, places=places)


def line_of(partner: Partner, code: str, *, today: date = date(YEAR, 11, 1), year: int = YEAR) -> PledgeLine:
    return next(line for line in pledge_progress(partner, year, today=today) if line.kind.code == code)


def figures(line: PledgeLine) -> tuple[int, int, int, int]:
    return line.pledged, line.published, line.booked, line.delivered


# --- Units


def test_visits_are_bookings_of_groups(partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["company_visit"], school_year=YEAR, quantity=4)
    activity = offer(partner, kinds["company_visit"])
    for status in (Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED, Status.COMPLETED):
        booking(activity, status)
    SessionFactory(activity=activity, starts_at=AUTUMN, capacity=3)

    line = line_of(partner, "company_visit")

    assert figures(line) == (4, 4 + 3, 4, 2)
    assert (line.waiting, line.agreed, line.delivered) == (1, 1, 2)


def test_places_are_pupils(partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["job_shadow"], school_year=YEAR, quantity=10)
    activity = offer(partner, kinds["job_shadow"])
    booking(activity, Status.COMPLETED, places=3, capacity=5)
    booking(activity, Status.CONFIRMED, places=2, capacity=2)
    SessionFactory(activity=activity, starts_at=AUTUMN, capacity=6)

    assert figures(line_of(partner, "job_shadow")) == (10, 13, 5, 3)


def test_kroner_are_places_times_what_the_offer_names(partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["transport_grant"], school_year=YEAR, quantity=20_000)
    named = offer(partner, kinds["transport_grant"], grant_amount=5_000, policy="on_request")
    unnamed = offer(partner, kinds["transport_grant"], grant_amount=None, policy="on_request")
    booking(named, Status.COMPLETED)
    booking(named, Status.CONFIRMED)
    booking(unnamed, Status.COMPLETED)
    SessionFactory(activity=named, starts_at=AUTUMN, capacity=2)

    assert figures(line_of(partner, "transport_grant")) == (20_000, 4 * 5_000, 10_000, 5_000)


def test_published_offers_are_delivered_by_being_published(partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["film"], school_year=YEAR, quantity=2)
    offer(partner, kinds["film"])
    offer(partner, kinds["film"], published_at=when(YEAR, 12, 5))
    offer(partner, kinds["film"], status=Activity.Status.DRAFT)
    offer(partner, kinds["film"], published_at=when(YEAR + 1, 8, 1, 0))

    line = line_of(partner, "film")

    assert figures(line) == (2, 2, 2, 2)
    assert not line.is_bookable
    assert [month.delivered for month in line.months] == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]


def test_visits_of_a_kind_that_counts_pupils_are_bookings(partner, kinds):
    """Staff may choose to have job shadowing pledged in visits."""
    Kind.objects.filter(code="job_shadow").update(pledge_unit="visits")
    activity = offer(partner, kinds["job_shadow"])
    booking(activity, Status.COMPLETED, places=3)
    booking(activity, Status.CONFIRMED, places=2)

    assert figures(line_of(partner, "job_shadow")) == (0, 2, 2, 1)


# --- What counts


@pytest.mark.parametrize(
    "status", [Status.DECLINED, Status.WITHDRAWN, Status.CANCELLED_BY_SCHOOL, Status.CANCELLED_BY_PARTNER]
)
def test_what_came_to_nothing_counts_nowhere(partner, kinds, status):
    PledgeFactory(partner=partner, kind=kinds["workshop"], school_year=YEAR)
    activity = offer(partner, kinds["workshop"])
    session = SessionFactory(activity=activity, starts_at=AUTUMN, status=Session.Status.CANCELLED)
    BookingFactory(session=session, status=status)

    line = line_of(partner, "workshop")

    assert figures(line) == (4, 0, 0, 0)
    assert {(month.delivered, month.agreed) for month in line.months} == {(0, 0)}


def test_others_bookings_and_pledges_count_nowhere(partner, kinds):
    booking(offer(PartnerFactory(), kinds["workshop"]), Status.COMPLETED)
    PledgeFactory(kind=kinds["workshop"], school_year=YEAR)
    PledgeFactory(partner=partner, kind=kinds["workshop"], school_year=YEAR - 1)

    assert pledge_progress(partner, YEAR) == []


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (when(YEAR, 7, 31, 23, 59), 0),
        (when(YEAR, 8, 1, 0), 1),
        (when(YEAR + 1, 7, 31, 23, 59), 1),
        (when(YEAR + 1, 8, 1, 0), 0),
    ],
)
def test_year_begins_and_ends_on_1_august_in_norway(partner, kinds, at, counts):
    PledgeFactory(partner=partner, kind=kinds["workshop"], school_year=YEAR)
    booking(offer(partner, kinds["workshop"]), Status.COMPLETED, at=at)

    line = line_of(partner, "workshop")

    assert (line.published, line.delivered) == (counts, counts)
    assert line.months[-1].delivered == counts


def test_proposed_time_decides_while_there_is_no_session(partner, kinds):
    activity = offer(partner, kinds["workshop"], policy="on_request")
    asked = BookingFactory(session=None, activity=activity, proposed_at=when(YEAR, 9, 3), status=Status.REQUESTED)

    assert line_of(partner, "workshop").booked == 1

    asked.session = SessionFactory(activity=activity, starts_at=when(YEAR + 1, 9, 3))
    asked.status = Status.CONFIRMED
    asked.save()
    assert line_of(partner, "workshop").booked == 0
    assert line_of(partner, "workshop", year=YEAR + 1).agreed == 1


def test_offers_on_request_without_a_date_are_counted_by_themselves(partner, kinds):
    offer(partner, kinds["workshop"], policy="on_request")
    offer(partner, kinds["workshop"], policy="on_request", status=Activity.Status.DRAFT)
    dated = offer(partner, kinds["workshop"], policy="on_request")
    SessionFactory(activity=dated, starts_at=AUTUMN, capacity=2)

    line = line_of(partner, "workshop")

    assert (line.published, line.on_request) == (2, 1)


def test_offer_taken_down_keeps_the_places_that_are_taken(partner, kinds):
    activity = offer(partner, kinds["workshop"], status=Activity.Status.ARCHIVED)
    booking(activity, Status.COMPLETED, capacity=3)
    SessionFactory(activity=activity, starts_at=AUTUMN, capacity=3)

    assert figures(line_of(partner, "workshop")) == (0, 1, 1, 1)


def test_delivered_without_a_pledge_is_shown(partner, kinds):
    booking(offer(partner, kinds["workshop"]), Status.COMPLETED)

    line = line_of(partner, "workshop", today=date(YEAR + 1, 6, 20))

    assert (line.pledged, line.delivered, line.is_behind, line.is_done) == (0, 1, False, False)


def test_months_add_up(partner, kinds):
    activity = offer(partner, kinds["workshop"])
    booking(activity, Status.COMPLETED, at=when(YEAR, 8, 31, 23, 30))
    booking(activity, Status.COMPLETED, at=when(YEAR, 12, 1, 0, 15))
    booking(activity, Status.CONFIRMED, at=when(YEAR + 1, 2, 3))

    months = line_of(partner, "workshop").months

    assert [month.delivered for month in months] == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]
    assert [month.agreed for month in months] == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert (months[0].first_day, months[-1].first_day) == (date(YEAR, 8, 1), date(YEAR + 1, 7, 1))


def test_rows_behind_published_come_to_the_figure(partner, kinds):
    activity = offer(partner, kinds["company_visit"])
    booking(activity, Status.COMPLETED)
    SessionFactory(activity=activity, starts_at=AUTUMN, capacity=3)
    offer(partner, kinds["film"])
    rows = sessions_in_year(partner, YEAR).filter(activity__kind__code="company_visit")

    assert sum(session.counted for session in rows) == line_of(partner, "company_visit").published == 4
    assert offers_in_year(partner, YEAR).filter(kind__code="film").count() == line_of(partner, "film").published == 1


# --- The plan


@pytest.mark.parametrize(
    ("day", "share"),
    [
        (date(YEAR, 7, 31), 0),
        (date(YEAR, 8, 1), 0),
        (date(YEAR, 8, 2), 1 / 323),
        (date(YEAR + 1, 6, 19), 322 / 323),
        (date(YEAR + 1, 6, 20), 1),
        (date(YEAR + 1, 7, 31), 1),
    ],
)
def test_plan_goes_from_1_august_to_20_june(day, share):
    assert share_gone(YEAR, day) == pytest.approx(share)


@pytest.mark.parametrize(
    ("quantity", "done", "today", "behind"),
    [
        (4, 0, date(YEAR, 8, 2), False),  # nobody is behind in the first days
        (4, 0, date(YEAR, 10, 14), True),
        (4, 1, date(YEAR, 10, 14), False),
        (1, 0, date(YEAR, 12, 1), False),  # half a visit is not due yet
        (1, 0, date(YEAR + 1, 1, 15), True),
        (4, 3, date(YEAR + 1, 6, 20), True),
        (4, 4, date(YEAR + 1, 6, 20), False),
        (4, 0, date(YEAR - 1, 12, 1), False),  # next year's plan has not begun
    ],
)
def test_behind_plan_is_short_of_the_line(partner, kinds, quantity, done, today, behind):
    PledgeFactory(partner=partner, kind=kinds["workshop"], school_year=YEAR, quantity=quantity)
    activity = offer(partner, kinds["workshop"])
    for number in range(done):
        # What is agreed counts as much as what is held.
        booking(activity, Status.COMPLETED if number % 2 else Status.CONFIRMED, at=AUTUMN + timedelta(days=number))
    booking(activity, Status.REQUESTED)

    assert line_of(partner, "workshop", today=today).is_behind is behind


def test_kroner_are_not_behind_by_a_few(partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["transport_grant"], school_year=YEAR, quantity=20_000)

    assert not line_of(partner, "transport_grant", today=date(YEAR, 8, 20)).is_behind
    assert line_of(partner, "transport_grant", today=date(YEAR, 9, 15)).is_behind


# --- Cost


def test_progress_asks_four_times_whatever_there_is(partner, kinds, django_assert_num_queries):
    with django_assert_num_queries(4):
        assert pledge_progress(partner, YEAR) == []
    for kind in kinds.values():
        PledgeFactory(partner=partner, kind=kind, school_year=YEAR)
        for month in (9, 10, 11):
            booking(offer(partner, kind, grant_amount=5_000), Status.COMPLETED, at=when(YEAR, month, 3))

    with django_assert_num_queries(4):
        lines = pledge_progress(partner, YEAR)

    assert len(lines) == len(kinds)
    assert [line.kind.order for line in lines] == sorted(line.kind.order for line in lines)
