"""How far it is, and what the cheapest reasonable way there costs."""

from __future__ import annotations

from datetime import date

import pytest

from stemportal.lib.geo import Point, kilometres_between
from stemportal.schools import journeys
from stemportal.schools.models import TransportRate
from stemportal.schools.services.rates import load_rates, quotes
from stemportal.testing.factories import (
    BookingFactory,
    MunicipalityFactory,
    SchoolFactory,
    SessionFactory,
    TransportRateFactory,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)


def test_distance_of_oslo_and_bergen_is_right():
    assert kilometres_between(Point(59.9139, 10.7522), Point(60.3913, 5.3221)) == pytest.approx(305, abs=3)


def test_vehicles_are_as_many_as_the_group_fills_and_go_there_and_back():
    TransportRateFactory(seats=50, start_ore=100_000, per_km_ore=2_000)

    [one] = quotes(km=30, people=50, on=DAY)
    [two] = quotes(km=30, people=51, on=DAY)

    assert (one.vehicles, one.ore) == (1, 100_000 + 60 * 2_000)
    assert (two.vehicles, two.seats, two.ore) == (2, 100, 2 * one.ore)


def test_cheapest_way_comes_first_and_each_way_once():
    TransportRateFactory(mode="coach", start_ore=300_000, per_km_ore=3_000)
    TransportRateFactory(mode="coach", start_ore=900_000)
    TransportRateFactory(mode="public", seats=35, start_ore=0, per_km_ore=0, per_person_ore=6_000)

    found = quotes(km=10, people=20, on=DAY)

    assert [(quote.mode, quote.ore) for quote in found] == [("public", 120_000), ("coach", 360_000)]


def test_rate_is_not_for_longer_ways_larger_groups_in_traffic_or_other_days():
    TransportRateFactory(mode="public", seats=35, per_person_ore=6_000, longest_km=15)
    TransportRateFactory(mode="boat", valid_to=date(2026, 11, 30))
    TransportRateFactory(mode="minibus", valid_from=date(2026, 12, 2))

    assert quotes(km=16, people=20, on=DAY) == []
    assert quotes(km=10, people=36, on=DAY) == []
    assert [quote.mode for quote in quotes(km=15, people=35, on=DAY)] == ["public"]


@pytest.mark.parametrize(
    ("format", "where", "goes"),
    [
        ("on_site", "", True),
        ("digital", "", False),
        ("at_school", "", False),
        ("at_school", "partner", True),
        ("hybrid", "video", False),
        ("hybrid", "", True),
    ],
)
def test_class_travels_only_to_a_place(format, where, goes):
    booking = BookingFactory(session=SessionFactory(activity__format=format, where=where))

    assert journeys.travels(booking) is goes


def test_way_is_reckoned_by_road_from_the_offers_point_or_its_municipality(settings):
    settings.TRANSPORT_ROAD_PERCENT = 140
    school = SchoolFactory(latitude=60.0, longitude=10.0)
    booking = BookingFactory(school=school, session=SessionFactory(activity__latitude=60.0, activity__longitude=10.9))
    straight = kilometres_between(Point(60.0, 10.0), Point(60.0, 10.9))

    assert journeys.distance(booking) == pytest.approx(straight * 1.4, abs=1)
    booking.activity.latitude = None
    booking.activity.municipality = MunicipalityFactory(number="3301", latitude=60.0, longitude=10.0)
    assert journeys.distance(booking) == 1
    booking.activity.municipality = booking.activity.partner.municipality = None
    assert journeys.distance(booking) is None


def test_example_rates_are_marked_and_loaded_once():
    assert load_rates() == TransportRate.objects.filter(is_example=True).count() > 3
    assert load_rates() == 0
    for km in (5, 40, 140, 390):
        assert quotes(km=km, people=28, on=DAY), km
    assert quotes(km=10, people=28, on=DAY)[0].mode == "public"
    assert quotes(km=300, people=28, on=DAY)[0].mode == "coach"
