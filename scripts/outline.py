#!/usr/bin/env python3
"""Make the outline of the counties for the map of offers: `scripts/outline.py municipalities.topojson`.

Reads a TopoJSON file with one object, whose geometries have a municipality's number (``kommunenummer``). Its first two
digits are the county's, so the borders between municipalities of one county are left out. Writes
static/geo/no_counties.geojson: WGS84, three decimals (about a hundred metres), one feature a county.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "static" / "geo" / "no_counties.geojson"
ATTRIBUTION = "© Kartverket, CC BY 4.0, simplified"
# Islands and lakes with fewer corners are left out: nobody would see them.
FEWEST_CORNERS = 5
Point = tuple[float, float]
Line = list[Point]


def arcs_of(topology: dict[str, Any]) -> list[Line]:
    """Return the arcs as points: each is written as steps from the one before, in whole steps of a grid."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        columns, rows = (accumulate(steps) for steps in zip(*arc, strict=True))
        points = zip(columns, rows, strict=True)
        found.append([(round(x * scale_x + move_x, 3), round(y * scale_y + move_y, 3)) for x, y in points])
    return found


def used_arcs(shape: dict[str, Any]) -> Iterator[int]:
    """Yield the arcs around a municipality; a negative number is an arc read backwards."""
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    for polygon in polygons:
        for ring in polygon:
            yield from ring


def outer(arcs: list[int]) -> list[int]:
    """Return the arcs that are used once: the others lie between two municipalities of the county."""
    uses: dict[int, int] = defaultdict(int)
    for arc in arcs:
        uses[max(arc, ~arc)] += 1
    return [arc for arc in arcs if uses[max(arc, ~arc)] == 1]


def rings(arcs: list[int], lines: list[Line]) -> Iterator[Line]:
    """Join the arcs, end to beginning, to closed rings."""
    parts = [lines[arc] if arc >= 0 else lines[~arc][::-1] for arc in arcs]
    starting: dict[Point, list[Line]] = defaultdict(list)
    for part in parts:
        starting[part[0]].append(part)
    for part in parts:
        if part not in starting[part[0]]:
            continue
        starting[part[0]].remove(part)
        ring = list(part)
        while ring[-1] != ring[0] and starting[ring[-1]]:
            ring += starting[ring[-1]].pop()[1:]
        if ring[-1] == ring[0] and len(ring) > FEWEST_CORNERS:
            yield [point for number, point in enumerate(ring) if number == 0 or point != ring[number - 1]]


def main(arguments: list[str]) -> int:
    """Convert one file."""
    topology = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    lines = arcs_of(topology)
    (collection,) = topology["objects"].values()
    counties: dict[str, list[int]] = defaultdict(list)
    for shape in collection["geometries"]:
        counties[shape["properties"]["kommunenummer"][:2]] += used_arcs(shape)
    features = [
        {
            "type": "Feature",
            "properties": {"number": number},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings(outer(arcs), lines)]},
        }
        for number, arcs in sorted(counties.items())
    ]
    outline = {"type": "FeatureCollection", "attribution": ATTRIBUTION, "features": features}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(outline, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(features)} counties, {TARGET.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
