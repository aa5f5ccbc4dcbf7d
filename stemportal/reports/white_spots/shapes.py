"""The outlines of the kommuner for the map, as SVG paths: from Kartverket, simplified (places/data/SOURCES.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FILE = Path(settings.BASE_DIR) / "stemportal" / "places" / "data" / "municipality_shapes.json"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Around a county that is drawn alone, as a part of its longer side.
MARGIN = 0.04


@dataclass(frozen=True)
class Frame:
    """What of the map is shown, as an SVG's viewBox: whole units, so that no language writes a decimal comma."""

    left: int
    top: int
    width: int
    height: int

    @property
    def view_box(self) -> str:
        return f"{self.left} {self.top} {self.width} {self.height}"


@cache
def shapes() -> dict[str, str]:
    """Return the path of each kommune by its number. Read once a process."""
    paths: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    return paths


@cache
def whole() -> Frame:
    """Return the frame of the whole country."""
    return frame(shapes())


def frame(numbers: Collection[str]) -> Frame:
    """Return the smallest frame around these kommuner, with a margin; of the whole country when none has a shape."""
    known = [number for number in numbers if number in shapes()]
    if not known:
        return whole()
    xs, ys = [], []
    for number in known:
        values = [float(value) for value in NUMBER.findall(shapes()[number])]
        xs += values[::2]
        ys += values[1::2]
    margin = max(2.0, MARGIN * max(max(xs) - min(xs), max(ys) - min(ys)))
    left, top = int(min(xs) - margin), int(min(ys) - margin)
    return Frame(left, top, int(max(xs) + margin) + 1 - left, int(max(ys) + margin) + 1 - top)
