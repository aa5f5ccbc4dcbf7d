"""From what a visitor types to a place on the map: a municipality, a postal code, a county, and what later apps add.

Schools come after activities in the story, so the app of schools registers what it knows when it is ready:
``places.register(resolver)`` and ``places.own_places.append(...)`` in ``AppConfig.ready``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, IntegerField, Value, When

from stemportal.accounts.models import User
from stemportal.lib.geo import Point
from stemportal.lib.memo import remember
from stemportal.places.models import County, Municipality, PostalCode

LONGEST_TEXT = 120
# Registers change once a year; a school that was just opened can wait a minute.
SECONDS = 60


@dataclass(frozen=True)
class Place:
    """Somewhere a visitor named. A county has no point: it is an area, not a distance."""

    label: str
    point: Point | None = None
    county_id: int | None = None


Resolver = Callable[[str], Place | None]
_resolvers: list[Resolver] = []
# Each returns the name of the place a person most likely means, as ``resolve_place`` understands it, or "".
own_places: list[Callable[[User], str]] = []


def register(resolver: Resolver) -> Resolver:
    """Ask this callable too, before municipalities and postal codes; it returns None for what it does not know."""
    if resolver not in _resolvers:
        _resolvers.append(resolver)
    return resolver


def own_place(user: User | AnonymousUser) -> str:
    """Return what a person who is logged in would type as its own place, a teacher's school; "" for none."""
    if not user.is_authenticated:
        return ""
    return next((place for ask in own_places if (place := ask(user))), "")


@remember(SECONDS, size=1_000)
def resolve_place(text: str) -> Place | None:
    """Return the place that the text names, or None. One query for a postal code, at most two plus the resolvers'."""
    text = " ".join(text.replace("\x00", "").split())[:LONGEST_TEXT].strip(" ,.")
    if not text:
        return None
    for resolve in (_postal_code, *_resolvers, _municipality, _county):
        if place := resolve(text):
            return place
    return None


def _of_municipality(municipality: Municipality, label: str = "") -> Place:
    point = Point(municipality.latitude, municipality.longitude)
    return Place(label or municipality.name, point, municipality.county_id)


def _postal_code(text: str) -> Place | None:
    """ "9510", "9510 Alta"."""
    found = re.match(r"(\d{4})\b", text)
    if not found:
        return None
    row = PostalCode.objects.select_related("municipality").filter(code=found[1]).first()
    if row is None or row.municipality is None:
        return None
    return _of_municipality(row.municipality, f"{row.code} {row.place.title()}")


def _municipality(text: str) -> Place | None:
    """The name in any case, or its beginning: "alta", "Alta kommune", "trondh"."""
    name = re.sub(r"\s+kommune$", "", text, flags=re.IGNORECASE)
    if len(name) < 2:
        return None
    exact_first = Case(When(name__iexact=name, then=Value(0)), default=Value(1), output_field=IntegerField())
    row = (
        Municipality.objects.filter(valid_to__isnull=True, name__istartswith=name)
        .order_by(exact_first, "name", "number")
        .first()
    )
    return _of_municipality(row) if row and (row.name.lower() == name.lower() or len(name) >= 3) else None


def _county(text: str) -> Place | None:
    name = re.sub(r"\s+fylke$", "", text, flags=re.IGNORECASE)
    row = County.objects.filter(valid_to__isnull=True, name__iexact=name).first() if len(name) >= 2 else None
    return Place(row.name, None, row.pk) if row else None
