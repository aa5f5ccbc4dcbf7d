"""Line charts as numbers for an inline SVG: whole user units, so that no language writes a decimal comma into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 96
LEFT, TOP, BASE = 6, 8, 84


@dataclass(frozen=True)
class LineChart:
    """``points`` of a polyline and where its last dot stands. The highest value touches the top, zero the base."""

    points: str
    last: tuple[int, int] | None
    highest: int
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE


def line_chart(values: Sequence[int]) -> LineChart:
    """Return the chart of a row of counts, evenly spaced; one value is a dot at the right, none is an empty chart."""
    highest = max(values, default=0)
    step = (WIDTH - 2 * LEFT) / max(len(values) - 1, 1)
    first = WIDTH - LEFT - step * (len(values) - 1)
    tall = (BASE - TOP) / max(highest, 1)
    dots = [(round(first + step * n), BASE - round(tall * value)) for n, value in enumerate(values)]
    return LineChart(" ".join(f"{x},{y}" for x, y in dots), dots[-1] if dots else None, highest)
