"""Distance in the database, in kilometres as the crow flies (haversine on a sphere of 6,371 km, error under 0.5 %)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db.models import F, FloatField, Func, Q, Value
from django.db.models.functions import ACos, Cos, Greatest, Least, Radians, Sin

EARTH_RADIUS_KM = 6371.0
KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Point:
    """Degrees WGS84."""

    latitude: float
    longitude: float


def distance_km(here: Point, latitude: str = "latitude", longitude: str = "longitude") -> Func:
    """Return an expression for the distance from ``here`` to the row's point; NULL where the row has none."""
    lat = Radians(F(latitude))
    cosine = Sin(lat) * Value(math.sin(math.radians(here.latitude))) + Cos(lat) * Value(
        math.cos(math.radians(here.latitude))
    ) * Cos(Radians(F(longitude)) - Value(math.radians(here.longitude)))
    # Rounding can lift the cosine of equal points a hair above 1.
    bounded = Least(Value(1.0), Greatest(Value(-1.0), cosine))
    return Func(ACos(bounded) * Value(EARTH_RADIUS_KM), template="(%(expressions)s)", output_field=FloatField())


def within_box(here: Point, km: float, latitude: str = "latitude", longitude: str = "longitude") -> Q:
    """Return a condition on a box around ``here``: what an index can answer before distances are computed."""
    d_lat = km / KM_PER_DEGREE
    d_lon = km / (KM_PER_DEGREE * max(math.cos(math.radians(here.latitude)), 0.05))
    return Q(
        **{
            f"{latitude}__range": (here.latitude - d_lat, here.latitude + d_lat),
            f"{longitude}__range": (here.longitude - d_lon, here.longitude + d_lon),
        }
    )


def kilometres_between(here: Point, there: Point) -> float:
    """Return the distance of two points as the crow flies, in kilometres."""
    lat1, lat2 = math.radians(here.latitude), math.radians(there.latitude)
    d_lon = math.radians(there.longitude - here.longitude)
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(d_lon / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, a)))
