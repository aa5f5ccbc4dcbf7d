"""Two schools in one bus: who goes the same way on the same day, and what each of them pays.

The price of the shared bus is divided by the number of people, to the øre. A pair is two applications that nobody has
answered yet, each pointing at the other; either school can go alone again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stemportal.lib.geo import Point, kilometres_between
from stemportal.schools import journeys
from stemportal.schools.emails import transport as mails
from stemportal.schools.models import Booking, TransportGrant, TransportRate
from stemportal.schools.services import grants, rates
from stemportal.schools.services.grants import CannotAsk, GrantMoved, Status, set_facts

# Both visits begin, and both end, within this time of each other.
APART = timedelta(minutes=90)
# Places that a bus can serve on one journey, in kilometres as the crow flies.
SAME_GOAL_KM = 15
SAME_START_KM = 20
# So much longer than its own way may be the way of the school that lives farther off.
DETOUR = 1.25
MOST_SHOWN = 5
MOST_LOOKED_AT = 200


class NoBusTogether(CannotAsk):
    """The two no longer fit together."""

    def __init__(self) -> None:
        super().__init__()
        self.args = (
            _("The other school has changed its journey or found another bus. Look at who goes your way now."),
        )


@dataclass(frozen=True)
class Ride:
    """A bus that two schools could share: the other's grant, the whole price, and what each pays, in øre."""

    other: TransportGrant
    mode: str
    vehicles: int
    ore: int
    mine_ore: int
    others_ore: int

    @property
    def school(self) -> str:
        """The other school and its place; no person is named."""
        school = self.other.booking.school
        return f"{school}, {school.place_name}"


def split(ore: int, people: int, others: int) -> tuple[int, int]:
    """Return what two groups pay of a price, by their number of people; together it is the whole price."""
    mine = (ore * people * 2 + people + others) // (2 * (people + others))
    return mine, ore - mine


def rides_for(grant: TransportGrant) -> list[Ride]:
    """Return the buses that this application could share, the cheapest for it first. Two queries."""
    if grant.status != Status.APPLIED or grant.shares_with_id is not None or not grants.may_apply(grant.booking):
        return []
    prices = rates.rates_on(journeys.visit_day(grant.booking))
    found = [ride for other in _same_time(grant) if (ride := _ride(grant, other, prices))]
    return sorted(found, key=lambda ride: (ride.mine_ore, ride.other.pk))[:MOST_SHOWN]


def _same_time(grant: TransportGrant) -> QuerySet[TransportGrant]:
    """Applications of other schools whose visits begin and end at about the same time."""
    session = grant.booking.session
    if session is None:
        return TransportGrant.objects.none()
    return (
        TransportGrant.objects.with_facts()
        .filter(
            status=Status.APPLIED,
            shares_with=None,
            booking__status__in=grants.MAY_ASK,
            booking__session__starts_at__range=(session.starts_at - APART, session.starts_at + APART),
            booking__session__ends_at__range=(session.ends_at - APART, session.ends_at + APART),
        )
        .exclude(booking__school=grant.booking.school_id)
        .order_by("pk")[:MOST_LOOKED_AT]
    )


def _ride(grant: TransportGrant, other: TransportGrant, prices: list[TransportRate]) -> Ride | None:
    """The bus of two schools; None when they do not go the same way, or one of them would pay more than alone."""
    mine, theirs = grant.booking, other.booking
    same_day = journeys.visit_day(mine) == journeys.visit_day(theirs)
    if not same_day or not journeys.travels(theirs) or not _same_way(mine, theirs):
        return None
    people = grant.people + other.people
    priced = rates.quotes_by(prices, km=max(grant.km, other.km), people=people)
    hired = next((quote for quote in priced if quote.mode != rates.Mode.PUBLIC), None)
    if hired is None:
        return None
    mine_ore, others_ore = split(hired.ore, grant.people, other.people)
    if not (0 < mine_ore < grant.reasonable_ore and 0 < others_ore < other.reasonable_ore):
        return None
    return Ride(other, hired.mode, hired.vehicles, hired.ore, mine_ore, others_ore)


def _same_way(mine: Booking, theirs: Booking) -> bool:
    """Whether the goals are one or near each other, and one school is near the other or on its way."""
    goal, other_goal = journeys.destination(mine), journeys.destination(theirs)
    if goal is None or other_goal is None:
        return False
    if mine.activity.partner_id != theirs.activity.partner_id and kilometres_between(goal, other_goal) > SAME_GOAL_KM:
        return False
    here, there = journeys.home(mine.school), journeys.home(theirs.school)
    between = kilometres_between(here, there)
    return between <= SAME_START_KM or _is_on_the_way(here, there, goal) or _is_on_the_way(there, here, goal)


def _is_on_the_way(start: Point, stop: Point, goal: Point) -> bool:
    detour = kilometres_between(start, stop) + kilometres_between(stop, goal)
    return detour <= DETOUR * kilometres_between(start, goal)


@transaction.atomic
def share_bus(*, grant_id: int, other_id: int) -> TransportGrant:
    """Put two applications into one bus; both schools are told what they pay now.

    Raises GrantMoved when one of them is answered, NoBusTogether when they do not fit (any more).
    """
    if grant_id == other_id:
        raise NoBusTogether
    found = {grant.pk: grant for grant in grants.lock_grants([grant_id, other_id], Status.APPLIED)}
    grant, other = found[grant_id], found[other_id]
    ride = next((ride for ride in rides_for(grant) if ride.other.pk == other_id), None)
    if ride is None:
        raise NoBusTogether
    for one, companion, ore in ((grant, other, ride.mine_ore), (other, grant, ride.others_ore)):
        set_facts(
            one, shares_with=companion, mode=ride.mode, vehicles=ride.vehicles, applied_ore=ore, reasonable_ore=ore
        )
    for one in (grant, other):
        mails.bus_shared(one, ride.ore)
    return grant


@transaction.atomic
def travel_alone(*, grant_id: int) -> TransportGrant:
    """End the sharing of a bus on behalf of one school. Raises GrantMoved when there is none, or it is settled."""
    grant = grants.lock_pair(grant_id)
    if grant is None or grant.shares_with_id is None or grant.status not in {Status.APPLIED, Status.APPROVED}:
        raise GrantMoved
    if journeys.has_begun(grant.booking):
        raise GrantMoved
    part_ways(grant)
    _reckon_alone(grant)
    return grant


def part_ways(grant: TransportGrant) -> None:
    """End the sharing of a locked grant whose companion is locked, too; the companion is told and reckoned anew."""
    other = TransportGrant.objects.with_facts().filter(pk=grant.shares_with_id or 0).first()
    set_facts(grant, shares_with=None)
    if other is None or other.shares_with_id != grant.pk:
        return
    set_facts(other, shares_with=None)
    if other.status in {Status.APPLIED, Status.APPROVED} and not journeys.has_begun(other.booking):
        _reckon_alone(other)
        mails.bus_lost(other)


def _reckon_alone(grant: TransportGrant) -> None:
    """Ask for what the journey costs alone. Where money is approved already, whoever decided is asked to look again."""
    found = rates.quotes(km=grant.km, people=grant.people, on=journeys.visit_day(grant.booking))
    if not found:
        return
    best = found[0]
    ore = min(best.ore, grants.MOST_ORE)
    set_facts(grant, mode=best.mode, vehicles=best.vehicles, reasonable_ore=ore, applied_ore=ore)
    if grant.status == Status.APPROVED:
        mails.needs_more(grant)
