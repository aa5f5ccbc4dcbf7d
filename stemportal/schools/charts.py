"""Small charts as numbers for an inline SVG: whole user units, so that no language writes a decimal comma into them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import formats

from stemportal.schools.progress import LAST_DAY, PledgeLine

WIDTH, HEIGHT = 320, 120
LEFT, TOP, BASE = 4, 10, 98
STEP, BAR = 26, 18
TEXT_AT = 114
# Below this nothing is seen.
LEAST = 2


@dataclass(frozen=True)
class Bar:
    """One month: delivered from the base up, agreed on top of it. ``is_coming``: it has not begun yet."""

    x: int
    is_coming: bool
    delivered_y: int
    delivered_height: int
    agreed_y: int
    agreed_height: int


@dataclass(frozen=True)
class Chart:
    """Twelve bars, the plan as the points of a line, and names under some of the months."""

    bars: list[Bar]
    plan: str
    names: list[tuple[int, str]]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE
    bar: int = BAR
    text_at: int = TEXT_AT

    @property
    def says_something(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.plan) or any(bar.delivered_height or bar.agreed_height for bar in self.bars)


def chart_of(line: PledgeLine, today: date) -> Chart:
    """Return delivered and agreed, cumulated by month, against the plan that ends at the pledge."""
    most = max(line.pledged, line.delivered + line.agreed, 1)

    def tall(number: int) -> int:
        return max(round((BASE - TOP) * number / most), LEAST) if number else 0

    bars = []
    for n, month in enumerate(line.months):
        delivered, agreed = tall(month.delivered), tall(month.agreed)
        top = BASE - delivered - agreed
        x = LEFT + STEP * n + (STEP - BAR) // 2
        bars.append(Bar(x, month.first_day > today, BASE - delivered, delivered, top, agreed))
    last_month, last_day = LAST_DAY
    end = LEFT + round(STEP * ((last_month - 8) % 12 + last_day / 30))
    level = BASE - tall(line.pledged)
    plan = f"{LEFT},{BASE} {end},{level} {LEFT + 12 * STEP},{level}" if line.pledged else ""
    return Chart(bars, plan, [_name(n, line.months[n].first_day) for n in (0, 3, 6, 9)])


def _name(n: int, day: date) -> tuple[int, str]:
    return LEFT + STEP * n + STEP // 2, formats.date_format(day, "M")
