"""One pot, many hands: real threads on real transactions, and the ledger adds up after whatever they do."""

from __future__ import annotations

import random

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemportal.schools import states
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking, GrantPot, TransportGrant
from stemportal.schools.services import answering, bus_sharing, grants
from stemportal.schools.services.pots import PotEmpty
from stemportal.schools.tests.transport_scene import EAST, ask, let_the_day_come, numbers, visit
from stemportal.testing.factories import GrantPotFactory, SessionFactory, TransportRateFactory, UserFactory
from stemportal.testing.together import at_once

THREADS = 8
COACH = 300_000

pytestmark = pytest.mark.django_db(transaction=True)


def applications(many: int) -> list[TransportGrant]:
    """Of as many schools, all on one day; each asks for 3,000 kr, and two would fit into one bus."""
    TransportRateFactory()
    return [ask(visit(session=SessionFactory(places_taken=1, **EAST)), people=20) for _n in range(many)]


def test_race_without_the_lock_overdraws_and_only_the_constraint_is_left():
    """Check, then write, without the lock: this is what the lock is for; it must be seen to fail."""
    pot = GrantPotFactory(amount_ore=COACH)

    def careless(n: int) -> str:
        try:
            with transaction.atomic():
                seen = GrantPot.objects.get(pk=pot.pk)
                if seen.left_ore < 100_000:
                    return "empty"
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.1)")
                seen.reserved_ore += 100_000
                seen.save(update_fields=["reserved_ore"])
        except IntegrityError:
            return "caught"
        return "approved"

    assert at_once(careless, THREADS).count("approved") > 3


def test_race_for_one_pot_never_approves_beyond_it():
    found = applications(THREADS)
    pot = GrantPotFactory(amount_ore=3 * COACH + 1)
    by = UserFactory()

    def careful(n: int) -> str:
        try:
            grants.approve_grant(grant_id=found[n].pk, pot_id=pot.pk, ore=COACH, by=by)
        except PotEmpty:
            return "empty"
        return "approved"

    assert sorted(at_once(careful, THREADS)) == ["approved"] * 3 + ["empty"] * (THREADS - 3)
    assert numbers(pot) == (3 * COACH, 0, 1)


def test_race_for_one_application_has_one_answer():
    [grant] = applications(1)
    pot = GrantPotFactory()
    by = UserFactory()

    def answer(n: int) -> str:
        try:
            if n % 2:
                grants.decline_grant(grant_id=grant.pk, by=by, reply="Nei")
                return "declined"
            grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=COACH, by=by)
        except grants.GrantMoved:
            return "late"
        return "approved"

    outcomes = at_once(answer, THREADS)

    assert outcomes.count("late") == THREADS - 1
    grant.refresh_from_db()
    assert grant.status in outcomes
    assert numbers(pot)[0] == (COACH if grant.status == "approved" else 0)


def test_race_of_settling_pays_once():
    [grant] = applications(1)
    pot = GrantPotFactory()
    by = UserFactory()
    grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=COACH, by=by)
    let_the_day_come(grant.booking)
    grants.claim_grant(booking=grant.booking, ore=200_000, content=b"%PDF-1.7", extension="pdf")

    def settle(n: int) -> str:
        try:
            grants.settle_grant(grant_id=grant.pk, ore=100_000 + n, by=by)
        except grants.GrantMoved:
            return "late"
        return "paid"

    assert at_once(settle, THREADS).count("paid") == 1
    grant.refresh_from_db()
    assert numbers(pot)[:2] == (0, grant.settled_ore)


def test_race_of_a_first_application_makes_one():
    TransportRateFactory()
    booking = visit()

    assert at_once(lambda n: str(ask(booking, km=50 + n).booking_id), THREADS) == [str(booking.pk)] * THREADS
    assert TransportGrant.objects.count() == 1


def test_race_of_schools_for_one_bus_makes_pairs():
    """Everybody may share with everybody: whoever is left alone is told, and no bus has three schools."""
    found = applications(THREADS)

    def share(n: int) -> str:
        for other in (found[(n + step) % THREADS] for step in range(1, THREADS)):
            try:
                bus_sharing.share_bus(grant_id=found[n].pk, other_id=other.pk)
            except BookingError:
                continue
            return "shares"
        return "alone"

    at_once(share, THREADS)

    pairs = dict(TransportGrant.objects.exclude(shares_with=None).values_list("pk", "shares_with"))
    assert pairs
    assert all(pairs[other] == one for one, other in pairs.items())


STEPS = ["approve", "decline", "adjust", "receipt", "return", "settle", "cancel", "ask", "share", "alone"]


@given(seed=st.integers(min_value=0, max_value=10**6), amount=st.integers(min_value=1, max_value=5 * COACH))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ledger_adds_up_after_whatever_eight_people_do_at_once(seed, amount):
    if not TransportRateFactory._meta.model.objects.exists():
        TransportRateFactory()
    pot = GrantPotFactory(amount_ore=amount)
    found = [ask(visit(session=SessionFactory(places_taken=1, **EAST)), people=20) for _n in range(5)]
    by = UserFactory()

    def work(n: int) -> str:
        dice = random.Random(seed * THREADS + n)
        for _step in range(8):
            grant, other = dice.sample(found, 2)
            _one_step(dice.choice(STEPS), grant.pk, other.pk, pot, dice.randint(1, COACH), by)
        return "done"

    assert at_once(work, THREADS) == ["done"] * THREADS
    reserved, paid, left = numbers(pot)
    assert min(reserved, paid, left) >= 0
    assert reserved + paid + left == amount
    for grant in TransportGrant.objects.filter(pk__in=[one.pk for one in found]):
        entries = list(grant.entries.values_list("kind", "ore"))
        held = sum(ore if kind == "reserve" else -ore for kind, ore in entries)
        assert held == (grant.approved_ore if grant.status in TransportGrant.HOLDING else 0)
        assert sum(ore for kind, ore in entries if kind == "pay") == (grant.settled_ore or 0)


def _one_step(step: str, pk: int, other: int, pot: GrantPot, ore: int, by) -> None:
    """Try one step; a refusal is an answer, anything else a fault."""
    booking = Booking.objects.with_facts().get(grant=pk)
    try:
        match step:
            case "approve":
                grants.approve_grant(grant_id=pk, pot_id=pot.pk, ore=ore, by=by)
            case "decline":
                grants.decline_grant(grant_id=pk, by=by, reply="Nei")
            case "adjust":
                grants.adjust_grant(grant_id=pk, ore=ore, by=by)
            case "receipt":
                let_the_day_come(booking)
                grants.claim_grant(booking=booking, ore=ore, content=b"%PDF-1.7", extension="pdf")
            case "return":
                grants.return_receipt(grant_id=pk, by=by, reply="Utydelig")
            case "settle":
                grants.settle_grant(grant_id=pk, ore=ore, by=by)
            case "cancel":
                answering.cancel_booking(booking=booking, by=by, side=states.Side.SCHOOL, note="Syke")
            case "ask":
                ask(booking, people=20)
            case "share":
                bus_sharing.share_bus(grant_id=pk, other_id=other)
            case "alone":
                bus_sharing.travel_alone(grant_id=pk)
    except BookingError:
        return
