"""Money for journeys as lists: a partner's, the secretariat's, and the bars of a pot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from stemportal.lib.school_year import current_school_year
from stemportal.partners.models import Partner
from stemportal.schools.models import GrantPot, TransportGrant

Status = TransportGrant.Status
WAITING = (Status.APPLIED, Status.CLAIMED)
# A partner that has not answered after so long is helped by the secretariat.
PARTNER_ALONE = timedelta(days=7)


@dataclass(frozen=True)
class Bar:
    """One part of a pot: its name's key, øre, and the pot's whole amount in øre."""

    name: str
    ore: int
    of_ore: int


def bars(pot: GrantPot) -> list[Bar]:
    """Return what is paid, reserved and left."""
    parts = [("paid", pot.paid_ore), ("reserved", pot.reserved_ore), ("left", pot.left_ore)]
    return [Bar(name, ore, max(pot.amount_ore, 1)) for name, ore in parts]


def pots_of_partner(partner: Partner) -> QuerySet[GrantPot]:
    """Return the partner's pots of this year and later, and older ones that still hold money."""
    current = Q(school_year__gte=current_school_year()) | Q(reserved_ore__gt=0)
    return GrantPot.objects.filter(current, partner=partner).select_related("county").order_by("school_year", "name")


def grants_of_partner(partner: Partner) -> QuerySet[TransportGrant]:
    """Return what schools ask for out of the partner's pots: what waits first, the oldest on top."""
    waits = Case(When(status__in=WAITING, then=Value(0)), default=Value(1), output_field=IntegerField())
    return TransportGrant.objects.filter(pot__partner=partner).with_facts().order_by(waits, "applied_at", "pk")


def count_waiting(partner: Partner) -> tuple[int, int]:
    """Return how many (applications, receipts) wait for the partner's answer. One query."""
    counts = TransportGrant.objects.filter(pot__partner=partner).aggregate(
        applied=Count("pk", filter=Q(status=Status.APPLIED)), claimed=Count("pk", filter=Q(status=Status.CLAIMED))
    )
    return counts["applied"], counts["claimed"]


def for_secretariat(status: str) -> QuerySet[TransportGrant]:
    """Return grants of this status that the secretariat should work on: all but those a partner still has time for."""
    since = "applied_at" if status == Status.APPLIED else "claimed_at"
    late = Q(**{f"{since}__lt": timezone.now() - PARTNER_ALONE})
    return TransportGrant.objects.filter(Q(pot=None) | Q(pot__partner=None) | late, status=status)
