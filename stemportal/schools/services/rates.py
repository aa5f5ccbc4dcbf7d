"""What the cheapest reasonable way to a visit costs by the programme's rates.

A vehicle costs its start and every kilometre there and back, and a group takes as many as it fills. In public transport
each person has a return ticket, and ``seats`` is the largest group that travels together there. A rate whose
``longest_km`` is shorter than the way is no reasonable one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db.models import Q

from stemportal.schools.models import TransportRate

RATES = Path(__file__).resolve().parents[1] / "data" / "transport_rates.json"
Mode = TransportRate.Mode


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a group's journey costs one way of travelling: vehicles (1 in public transport), seats in all, whole øre."""

    mode: str
    vehicles: int
    seats: int
    ore: int

    @property
    def label(self) -> str:
        return str(Mode(self.mode).label)


def rates_on(day: date) -> list[TransportRate]:
    """Return the rates of a day. One query."""
    valid = TransportRate.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)
    return list(valid.order_by("pk"))


def quotes(*, km: int, people: int, on: date) -> list[Quote]:
    """Return what each reasonable way of travelling costs on that day, the cheapest first. One query."""
    return quotes_by(rates_on(on), km=km, people=people)


def quotes_by(rates: Iterable[TransportRate], *, km: int, people: int) -> list[Quote]:
    """Return what each reasonable way of travelling costs by these rates, the cheapest first."""
    cheapest: dict[str, Quote] = {}
    for rate in rates:
        quote = _quote(rate, km, people)
        if quote and (quote.mode not in cheapest or quote.ore < cheapest[quote.mode].ore):
            cheapest[quote.mode] = quote
    return sorted(cheapest.values(), key=lambda quote: quote.ore)


def _quote(rate: TransportRate, km: int, people: int) -> Quote | None:
    """What the journey costs by one rate; None where the rate is not for it."""
    if people < 1 or rate.seats < 1 or (rate.longest_km is not None and km > rate.longest_km):
        return None
    vehicles = math.ceil(people / rate.seats)
    if rate.mode == Mode.PUBLIC:
        if vehicles > 1:
            return None
        ore = people * (rate.per_person_ore + 2 * km * rate.per_km_ore) + rate.start_ore
    else:
        ore = vehicles * (rate.start_ore + 2 * km * rate.per_km_ore) + people * rate.per_person_ore
    return Quote(mode=rate.mode, vehicles=vehicles, seats=vehicles * rate.seats, ore=ore)


def load_rates() -> int:
    """Create the example rates of ``data/transport_rates.json`` where there are none at all; return how many.

    Rates that are there belong to the staff.
    """
    if TransportRate.objects.exists():
        return 0
    data = json.loads(RATES.read_text(encoding="utf-8"))
    begin = date.fromisoformat(data["valid_from"])
    rates = [TransportRate(valid_from=begin, is_example=True, **row) for row in data["rates"]]
    return len(TransportRate.objects.bulk_create(rates))
