"""Two schools in one bus: who is proposed, what each pays, and what happens when one leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from stemportal.outbox.models import Mail
from stemportal.schools.models import Booking
from stemportal.schools.services import answering, grants
from stemportal.schools.services.bus_sharing import NoBusTogether, rides_for, share_bus, split, travel_alone
from stemportal.schools.services.grants import GrantMoved
from stemportal.schools.states import Side
from stemportal.schools.tests.transport_scene import ask, numbers, visit
from stemportal.testing.factories import (
    GrantPotFactory,
    SchoolFactory,
    SessionFactory,
    TransportRateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
WHERE = {"activity__latitude": 69.97, "activity__longitude": 24.2}


@pytest.fixture(autouse=True)
def coach():
    """3,000 kr for 50 km there and back, 50 seats."""
    return TransportRateFactory()


@pytest.fixture
def session(db):
    return SessionFactory(capacity=9, places_taken=2, **WHERE)


@pytest.fixture
def mine(session):
    return ask(visit(session=session), people=30)


def other(session, *, people: int = 20, **facts):
    return ask(visit(session=session, **facts), people=people, why="Liten buss")


def later(session, **shift):
    """Another offer of another partner at the same place, at a shifted time."""
    start = session.starts_at + timedelta(**shift)
    return SessionFactory(starts_at=start, ends_at=start + timedelta(hours=2), places_taken=1, **WHERE)


def test_school_that_goes_the_same_way_is_proposed_without_names(session, mine):
    theirs = other(session, school=SchoolFactory(name="Nabo skole"))

    [ride] = rides_for(mine)

    assert (ride.other, ride.ore, ride.mine_ore, ride.others_ore) == (theirs, 300_000, 180_000, 120_000)
    assert ride.school == "Nabo skole, Alta"


def test_nearby_goal_of_another_partner_counts_too(session, mine):
    theirs = other(later(session, minutes=60))
    assert [ride.other for ride in rides_for(mine)] == [theirs]


def test_nobody_is_proposed_who_goes_elsewhere_or_at_another_time(session, mine):
    far = {"latitude": 69.97, "longitude": 26.0}
    other(later(session, hours=3))
    other(later(session, days=1))
    other(session, school=SchoolFactory(**far))
    other(
        SessionFactory(starts_at=session.starts_at, activity__latitude=69.3, activity__longitude=21.0, places_taken=1)
    )
    other(session, school=mine.booking.school)
    other(session, people=21)
    assert rides_for(mine) == []


def test_school_on_the_way_is_picked_up(session):
    mine = ask(visit(session=session, school=SchoolFactory(latitude=69.97, longitude=23.0)), people=30, km=70)
    theirs = other(session, school=SchoolFactory(latitude=69.97, longitude=23.7))
    assert [ride.other for ride in rides_for(mine)] == [theirs]


def test_shared_bus_is_paid_by_the_number_of_people_and_both_schools_are_told(session, mine):
    theirs = other(session, school=SchoolFactory(name="Nabo skole"))

    share_bus(grant_id=mine.pk, other_id=theirs.pk)

    for grant, companion, ore in ((mine, theirs, 180_000), (theirs, mine, 120_000)):
        grant.refresh_from_db()
        assert (grant.shares_with, grant.applied_ore, grant.reasonable_ore) == (companion, ore, ore)
    mails = {mail.to_email: mail.subject + mail.text for mail in Mail.objects.filter(template="grant_bus_shared")}
    assert set(mails) == {mine.booking.teacher.email, theirs.booking.teacher.email}
    text = mails[mine.booking.teacher.email]
    assert "Nabo skole" in text
    assert str(theirs.booking.teacher) not in text, "no person is named"


def test_third_school_and_oneself_find_no_place(session, mine):
    theirs, third = other(session), other(session)
    share_bus(grant_id=mine.pk, other_id=theirs.pk)

    for one, two in ((third, mine), (mine, third), (mine, mine)):
        with pytest.raises((NoBusTogether, GrantMoved)):
            share_bus(grant_id=one.pk, other_id=two.pk)


def test_application_that_is_answered_shares_no_more(session, mine):
    theirs = other(session)
    grants.approve_grant(grant_id=theirs.pk, pot_id=GrantPotFactory().pk, ore=1_000, by=UserFactory())
    assert rides_for(mine) == []
    with pytest.raises(GrantMoved):
        share_bus(grant_id=mine.pk, other_id=theirs.pk)


def test_either_school_can_go_alone_again(session, mine):
    theirs = other(session)
    share_bus(grant_id=mine.pk, other_id=theirs.pk)

    travel_alone(grant_id=theirs.pk)

    for grant in (mine, theirs):
        grant.refresh_from_db()
        assert (grant.shares_with, grant.applied_ore) == (None, 300_000)
    assert [mail.to_email for mail in Mail.objects.filter(template="grant_bus_lost")] == [mine.booking.teacher.email]
    with pytest.raises(GrantMoved):
        travel_alone(grant_id=theirs.pk)


def test_cancellation_leaves_the_other_school_with_its_approval_and_whoever_decided_is_told(session, mine):
    theirs, pot = other(session), GrantPotFactory()
    share_bus(grant_id=mine.pk, other_id=theirs.pk)
    grants.approve_grant(grant_id=mine.pk, pot_id=pot.pk, ore=180_000, by=UserFactory())
    booking = Booking.objects.with_facts().get(pk=theirs.booking_id)

    with transaction.atomic():
        answering.cancel_booking(booking=booking, by=booking.teacher, side=Side.SCHOOL, note="Syke")

    mine.refresh_from_db()
    assert (mine.shares_with, mine.status, mine.approved_ore, mine.applied_ore) == (None, "approved", 180_000, 300_000)
    assert Mail.objects.filter(template="grant_needs_more").count() == 1
    grants.adjust_grant(grant_id=mine.pk, ore=300_000, by=UserFactory())
    assert numbers(pot) == (300_000, 0, 700_000)


def test_no_to_one_school_frees_the_other(session, mine):
    theirs = other(session)
    share_bus(grant_id=mine.pk, other_id=theirs.pk)
    grants.decline_grant(grant_id=mine.pk, by=UserFactory(), reply="Nei")
    theirs.refresh_from_db()
    assert (theirs.shares_with, theirs.applied_ore) == (None, 300_000)


@given(ore=st.integers(1, 10**8), mine=st.integers(1, 500), theirs=st.integers(1, 500))
def test_split_is_the_whole_price_and_fair_to_the_ore(ore, mine, theirs):
    first, second = split(ore, mine, theirs)
    assert first + second == ore
    assert abs(first - ore * mine / (mine + theirs)) <= 0.5 + 1e-6


def test_rides_ask_the_same_number_of_questions_for_one_as_for_three(session, mine, django_assert_num_queries):
    for several in (1, 3):
        while len(rides_for(mine)) < several:
            other(session)
        found = type(mine).objects.with_facts().get(pk=mine.pk)
        with django_assert_num_queries(2):
            assert len(rides_for(found)) == several
