"""How soon a partner usually answers: shown once five requests are answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.queries.reply_time import reply_time
from stemportal.schools.tests.conftest import at as address
from stemportal.schools.tests.conftest import client_of, owner_of, words
from stemportal.testing.factories import BookingFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
MONDAY = datetime(2027, 3, 1, 10, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def three_weeks_later():
    with time_machine.travel(MONDAY + timedelta(days=21), tick=False):
        yield


def answered(session, *, days: float, to: str = "confirmed", by=None, asked: datetime = MONDAY) -> Booking:
    booking = BookingFactory(session=session, status=to, created_at=asked)
    event(booking, "", "requested", asked)
    event(booking, "requested", to, asked + timedelta(days=days), by=by)
    return booking


def event(booking, origin: str, target: str, at: datetime, by=None) -> None:
    BookingEvent.objects.create(booking=booking, from_status=origin, to_status=target, at=at, told_at=at, by=by)


def test_nothing_is_said_before_the_fifth_answer(session):
    for _ in range(4):
        answered(session, days=2)
    assert reply_time(session.activity.partner_id).words == ""
    answered(session, days=2)
    assert reply_time(session.activity.partner_id).words == "Usually answers within 2 working days"


def test_typical_is_the_median_and_counts_every_kind_of_answer(session):
    for days, to in ((0, "confirmed"), (1, "declined"), (2, "offered"), (3, "declined"), (16, "confirmed")):
        answered(session, days=days, to=to)
    assert reply_time(session.activity.partner_id).days == 2


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (0.1, "Usually answers on the same day"),
        (1, "Usually answers within 1 working day"),
        (7, "Usually answers within 5 working days"),  # a weekend between
        (18, "Usually answers within 3 weeks"),
    ],
)
def test_reply_time_in_words(session, days, sentence):
    for _ in range(5):
        answered(session, days=days)
    assert reply_time(session.activity.partner_id).words == sentence


def test_easter_is_no_time_to_wait(session):
    before_easter = datetime(2027, 3, 24, 10, tzinfo=MONDAY.tzinfo)
    with time_machine.travel(before_easter + timedelta(days=30), tick=False):
        for _ in range(5):
            answered(session, days=6, asked=before_easter)
        assert reply_time(session.activity.partner_id).days == 1


def test_answer_is_counted_from_the_schools_last_proposal(session):
    for _ in range(5):
        booking = BookingFactory(session=session, created_at=MONDAY)
        event(booking, "", "requested", MONDAY)
        event(booking, "requested", "offered", MONDAY + timedelta(hours=1))
        event(booking, "offered", "requested", MONDAY + timedelta(days=9))
        event(booking, "requested", "requested", MONDAY + timedelta(days=9, hours=1))
        event(booking, "requested", "confirmed", MONDAY + timedelta(days=10))
    found = reply_time(session.activity.partner_id)
    assert (found.answers, found.days) == (10, 1)


def test_what_is_no_answer_of_the_partner_does_not_count(session):
    staff, long_ago = StaffFactory(), MONDAY - timedelta(days=400)
    answered(session, days=0, by=staff)  # on behalf of the partner
    answered(session, days=0, to="withdrawn")
    answered(session, days=0, to="expired")
    answered(session, days=0, asked=long_ago)
    instant = BookingFactory(session=session, status="confirmed")
    event(instant, "", "confirmed", MONDAY)
    BookingFactory()  # another partner's
    answered(session, days=1, by=UserFactory())
    assert reply_time(session.activity.partner_id).answers == 1


def test_reply_time_is_one_query(session, django_assert_num_queries):
    for _ in range(3):
        answered(session, days=1)
    with django_assert_num_queries(1):
        reply_time(session.activity.partner_id)


def test_teachers_see_it_with_the_offer_and_on_the_partners_page(client, session):
    for _ in range(5):
        answered(session, days=2)
    activity, partner = session.activity, session.activity.partner
    for page in (activity.get_absolute_url(), reverse("partners:detail", args=[partner.slug])):
        assert "Usually answers within 2 working days" in words(client.get(page))
    activity.policy = "instant"
    activity.save()
    assert "Usually answers" not in words(client.get(activity.get_absolute_url()))


def test_partner_sees_its_own_and_what_is_missing(session):
    client, page = client_of(owner_of(session)), address("partner_today", session.activity.partner_id)
    for _ in range(3):
        answered(session, days=2)
    assert "After 2 more answers, teachers see" in words(client.get(page))
    for _ in range(2):
        answered(session, days=2)
    assert "Usually answers within 2 working days." in words(client.get(page))
