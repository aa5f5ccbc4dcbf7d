"""Every offer gets its turn: among equals those with free places and few enquiries come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemportal.activities.models import Activity, Session
from stemportal.activities.search import writer
from stemportal.activities.search.criteria import Criteria
from stemportal.activities.search.engine import run_search
from stemportal.activities.search_index import refresh_search
from stemportal.activities.tests.conftest import session_in

pytestmark = pytest.mark.django_db

EQUALS = 50
# What a visitor looks at, and how many days of bookings are played.
LOOKED_AT, DAYS, BOOKINGS_A_DAY = 10, 25, 3


def found(text: str = "") -> list[int]:
    return run_search(Criteria(text=text), count=(), now=timezone.now()).ids


@pytest.fixture
def equals(offer) -> Callable[[int], list[Activity]]:
    """Make offers that differ in nothing but their identity, each with places enough."""

    def make(number: int) -> list[Activity]:
        first = offer("Besøk", days=60)
        same = ("partner", "kind", "title", "summary", "languages", "status", "published_at")
        facts = {name: getattr(first, name) for name in same}
        copies = Activity.objects.bulk_create(Activity(**facts) for _ in range(number - 1))
        offers = [first, *copies]
        for activity in copies:
            session_in(activity, 60)
        Session.objects.update(capacity=500)
        refresh_search(None)
        return offers

    return make


demand = st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans())


@pytest.fixture
def dozen(equals) -> list[int]:
    return [activity.pk for activity in equals(12)]


@given(facts=st.lists(demand, min_size=12, max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_among_equals_free_places_then_few_enquiries_and_bookings_come_first(dozen, facts):
    wanted = dict(zip(dozen, facts, strict=True))
    for pk, (enquiries, booked, free) in wanted.items():
        Activity.objects.filter(pk=pk).update(enquiries_count=enquiries, booked_places=booked)
        Session.objects.filter(activity=pk).update(places_taken=0 if free else 500)
    writer.update(dozen)
    order = found("besøk")
    assert sorted(order) == sorted(dozen)
    for before, after in pairwise(wanted[pk] for pk in order):
        (asked, booked, free), (asked_later, booked_later, free_later) = before, after
        assert (not free, asked + booked) <= (not free_later, asked_later + booked_later)


def test_what_fits_better_comes_first_however_often_it_was_asked_for(offer):
    offer("Bygg en drone", enquiries_count=500, days=5)
    offer("Noe annet", description="Her er det en drone i hjørnet.", enquiries_count=0, days=5)
    titles = dict(Activity.objects.values_list("pk", "title"))
    assert [titles[pk] for pk in found("drone")] == ["Bygg en drone", "Noe annet"]


def gini(numbers: list[int]) -> float:
    """How unequally something is shared out: 0 when all have the same, nearly 1 when one has everything."""
    ordered = sorted(numbers)
    weighted = sum(place * number for place, number in enumerate(ordered, 1))
    return 2 * weighted / (len(ordered) * sum(ordered)) - (len(ordered) + 1) / len(ordered)


def test_exposure_of_fifty_equal_offers_evens_out_over_days_of_bookings(equals):
    """Visitors look at the first ten, the likelier the higher, and book some of them; then the next day comes."""
    offers = equals(EQUALS)
    chance = Random(4)
    places = range(LOOKED_AT)
    likelier = [1 / (place + 1) for place in places]
    shown: Counter[int] = Counter()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for day in range(DAYS):
            first = found("besøk")[:LOOKED_AT]
            if not day:
                unchanging = [int(activity.pk in first) for activity in offers]
            shown.update(first)
            booked = Counter(first[place] for place in chance.choices(places, likelier, k=BOOKINGS_A_DAY))
            for pk, number in booked.items():
                Activity.objects.filter(pk=pk).update(enquiries_count=F("enquiries_count") + number)
            writer.update(list(booked))
            clock.shift(timedelta(days=1))
    exposure = [shown[activity.pk] for activity in offers]
    # Did nothing change the order, ten of fifty would be shown every day and forty never.
    assert gini(unchanging) == pytest.approx(0.8)
    assert gini(exposure) < 0.4
    assert min(exposure) > 0
    bookings = list(Activity.objects.values_list("enquiries_count", flat=True))
    assert gini(bookings) < 0.3
    assert max(bookings) - min(bookings) <= 3
