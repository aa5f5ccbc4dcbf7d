"""A quiet map of Norway with a dot for each school, as SVG: the same drawing in the PDF and on the page.

The outline is the one of the search map, from Kartverket. It is drawn in Lambert's azimuthal projection, so that areas
are true and the north is not blown up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from math import cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from stemportal.reports.documents import words
from stemportal.reports.figures.figures import Figures

OUTLINE = Path(settings.BASE_DIR) / "static" / "geo" / "no_counties.geojson"
# The middle of the country, and the scale: units of the drawing, each about 3.5 kilometres.
MIDDLE = (65.0, 16.0)
RADIUS = 6371 / 3.5
# Rings that are smaller than this square are islets nobody would see.
LEAST_AREA = 6
EDGE = 12
# Dots, by visits: area grows with them.
SMALLEST, LARGEST = 4.0, 15.0
LAND, BORDER, DOT, RIM = "#d3e3e7", "#ffffff", "#005a70", "#ffffff"


@dataclass(frozen=True)
class SchoolMap:
    """A drawing with its text for those who do not see it, and whose map it is."""

    svg: str
    alt: str
    credit: str


@dataclass(frozen=True)
class Outline:
    """The counties as one SVG path in a box from (left, top), ``width`` by ``height``."""

    path: str
    left: int
    top: int
    width: int
    height: int


def place(lat: float, lon: float) -> tuple[float, float]:
    """Return where a point stands in the drawing: x to the east, y to the south."""
    phi, phi0, beside = radians(lat), radians(MIDDLE[0]), radians(lon - MIDDLE[1])
    k = sqrt(2 / (1 + sin(phi0) * sin(phi) + cos(phi0) * cos(phi) * cos(beside)))
    x = k * cos(phi) * sin(beside)
    y = k * (cos(phi0) * sin(phi) - sin(phi0) * cos(phi) * cos(beside))
    return RADIUS * x, -RADIUS * y


@cache
def outline() -> Outline:
    """Read and draw the counties, once a process."""
    data = json.loads(OUTLINE.read_text())
    rings = [
        drawn
        for feature in data["features"]
        for ring in _rings(feature["geometry"])
        if _area(drawn := _drawn(ring)) >= LEAST_AREA
    ]
    xs, ys = [x for ring in rings for x, _y in ring], [y for ring in rings for _x, y in ring]
    path = "".join(f"M{' '.join(f'{x} {y}' for x, y in ring)}Z" for ring in rings)
    left, top = min(xs) - EDGE, min(ys) - EDGE
    return Outline(path, left, top, max(xs) + EDGE - left, max(ys) + EDGE - top)


def _rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [shape[0] for shape in shapes]


def _drawn(ring: list[list[float]]) -> list[tuple[int, int]]:
    """A ring in whole units, without points that fall on the one before."""
    drawn: list[tuple[int, int]] = []
    for lon, lat in ring:
        x, y = place(lat, lon)
        point = (round(x), round(y))
        if not drawn or drawn[-1] != point:
            drawn.append(point)
    return drawn


def _area(ring: list[tuple[int, int]]) -> float:
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def school_map(figures: Figures) -> SchoolMap | None:
    """Return the map of the schools reached, a dot each by its visits; None when no school has a point.

    Points outside the drawing (Svalbard) stand in the table of counties only.
    """
    land = outline()
    most = max((point["visits"] for point in figures.points), default=0)
    dots = []
    for point in sorted(figures.points, key=lambda point: (-point["visits"], point["lat"], point["lon"])):
        x, y = place(point["lat"], point["lon"])
        if land.left <= x <= land.left + land.width and land.top <= y <= land.top + land.height:
            size = max(SMALLEST, LARGEST * sqrt(point["visits"] / most) * (0.5 if most == 1 else 1))
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"/>')
    if not dots:
        return None
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{land.left} {land.top} {land.width} {land.height}" '
        f'width="{land.width}" height="{land.height}">'
        f'<path class="map-land" d="{land.path}" fill="{LAND}" stroke="{BORDER}" stroke-width="1.5"/>'
        f'<g class="map-dots" fill="{DOT}" fill-opacity="0.82" stroke="{RIM}" stroke-width="1">'
        f"{''.join(dots)}</g></svg>"
    )
    regions = ", ".join(f"{words.county(row['name'])} {words.visits(row['visits'])}" for row in figures.regions)
    alt = _("Map of Norway with a dot for each school that was reached, larger for more visits: %(regions)s.")
    return SchoolMap(svg, alt % {"regions": regions}, _("© Kartverket, CC BY 4.0, simplified"))
