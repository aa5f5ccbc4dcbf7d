"""What tests about money for journeys share: an application, its answer, and the pots that must add up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from stemportal.activities.models import Session
from stemportal.schools.models import Booking, GrantPot, TransportGrant
from stemportal.schools.services import grants, pots
from stemportal.testing.factories import (
    BookingFactory,
    GrantPotFactory,
    SchoolFactory,
    SessionFactory,
    TransportRateFactory,
    UserFactory,
)

# About 50 km east of the schools in Alta that factories make.
EAST = {"activity__latitude": 69.97, "activity__longitude": 24.2}


def visit(**facts: Any) -> Booking:
    """A confirmed visit in two weeks, some 50 km away."""
    if "session" not in facts:
        facts["session"] = SessionFactory(places_taken=1, **EAST)
    facts.setdefault("school", SchoolFactory())
    return BookingFactory(status=Booking.Status.CONFIRMED, **facts)


def ask(booking: Booking, **facts: Any) -> TransportGrant:
    """An application through the service, at the price of the rates unless it says otherwise."""
    asked = {"km": 50, "people": 28, "mode": "coach", **facts}
    return grants.apply_for_grant(
        booking=booking, by=booking.teacher or UserFactory(), application=grants.Application(**asked)
    )


def approved(ore: int = 300_000, *, pot: GrantPot | None = None) -> TransportGrant:
    """An approved application of a new visit."""
    if not TransportRateFactory._meta.model.objects.exists():
        TransportRateFactory()
    pot = pot or GrantPotFactory()
    grant = ask(visit())
    return grants.approve_grant(grant_id=grant.pk, pot_id=pot.pk, ore=min(ore, grant.applied_ore), by=UserFactory())


def let_the_day_come(booking: Booking, *, days: int = 1) -> None:
    """The visit was so many days ago."""
    start = timezone.now() - timedelta(days=days)
    Session.objects.filter(pk=booking.session_id).update(starts_at=start, ends_at=start + timedelta(hours=2))


def claimed(ore: int = 250_000, *, pot: GrantPot | None = None) -> TransportGrant:
    """An approved application whose receipt has come."""
    grant = approved(pot=pot)
    let_the_day_come(grant.booking)
    return grants.claim_grant(booking=grant.booking, ore=ore, content=b"%PDF-1.7 kvittering", extension="pdf")


def numbers(pot: GrantPot) -> tuple[int, int, int]:
    """What is (reserved, paid, left) in the pot now; the ledger must say the same."""
    pot.refresh_from_db()
    assert pots.adds_up(pot)
    return pot.reserved_ore, pot.paid_ore, pot.left_ore
