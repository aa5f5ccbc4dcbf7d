"""Distances in an index that knows no geometry: every point lies in one cell on each level of a grid.

A level halves the sides of the one above it. A circle is the set of cells that fill it, large ones inside and small
ones at its edge; which small ones belong to it is decided by their middle, so the edge is true to a few hundredths of
the radius. Cells are numbers: level, column and row in one.
"""

from __future__ import annotations

import math
from functools import lru_cache

from stemportal.lib.geo import EARTH_RADIUS_KM, KM_PER_DEGREE, Point

COARSEST, FINEST = 5, 17
# The edge of a circle is drawn with cells of at most this share of its radius; ROUGH is for what only orders. Half as
# large cells are twice as many, and each of them is looked up.
EDGE, ROUGH = 1 / 15, 1 / 6


def cells_of(latitude: float, longitude: float) -> list[int]:
    """Return the cells that a point lies in, one a level."""
    column, row = _place(latitude, longitude, FINEST)
    return [
        _number(level, column >> (FINEST - level), row >> (FINEST - level)) for level in range(COARSEST, FINEST + 1)
    ]


@lru_cache(maxsize=2_000)
def circle(centre: Point, km: float, edge: float = EDGE) -> tuple[int, ...]:
    """Return the cells that fill a circle."""
    column, row = _place(centre.latitude, centre.longitude, COARSEST)
    shape = _Circle(centre, km, edge)
    columns = 1 << COARSEST
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            shape.fill(COARSEST, (column + dx) % columns, row + dy)
    return tuple(shape.found)


def km_between(here: Point, latitude: float, longitude: float) -> float:
    """Return the distance in kilometres as the crow flies."""
    a, b = math.radians(here.latitude), math.radians(latitude)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(math.radians(longitude - here.longitude))
    return EARTH_RADIUS_KM * math.acos(max(-1.0, min(1.0, cosine)))


class _Circle:
    """Fills a circle with cells, from the large to the small. On the scale of a circle the earth is flat."""

    def __init__(self, centre: Point, km: float, edge: float) -> None:
        self.centre, self.km = centre, km
        self.finest = FINEST
        while self.finest > COARSEST and 180 / (1 << (self.finest - 1)) * KM_PER_DEGREE <= km * edge:
            self.finest -= 1
        self.km_per_longitude = KM_PER_DEGREE * max(math.cos(math.radians(centre.latitude)), 0.05)
        self.found: list[int] = []

    def fill(self, level: int, column: int, row: int) -> None:
        width, height = 360 / (1 << level), 180 / (1 << level)
        west = (-180 + column * width - self.centre.longitude) * self.km_per_longitude
        south = (-90 + row * height - self.centre.latitude) * KM_PER_DEGREE
        east, north = west + width * self.km_per_longitude, south + height * KM_PER_DEGREE
        if math.hypot(max(west, -east, 0.0), max(south, -north, 0.0)) > self.km:
            return
        if math.hypot(max(-west, east), max(-south, north)) <= self.km:
            self.found.append(_number(level, column, row))
        elif level == self.finest:
            if math.hypot((west + east) / 2, (south + north) / 2) <= self.km:
                self.found.append(_number(level, column, row))
        else:
            for x in (2 * column, 2 * column + 1):
                for y in (2 * row, 2 * row + 1):
                    self.fill(level + 1, x, y)


def _place(latitude: float, longitude: float, level: int) -> tuple[int, int]:
    size = 1 << level
    column = int((longitude + 180) / 360 * size) % size
    return column, min(max(int((latitude + 90) / 180 * size), 0), size - 1)


def _number(level: int, column: int, row: int) -> int:
    return level << 40 | column << 20 | row
