"""How many pupils, in wide steps: no single number is shown of a small area, and none can be worked out.

A step is a range such as "under 25" or "100–249". Beside steps somebody may know the exact sum of them, from a report
of the programme. Of a part of 1 to 4 pupils this tells its count only when the sum leaves no choice: when every part
stands at the lowest end of its step, so that a part "under 25" can only be 1. (From above nothing is ever known: its
step goes on to 24. And where there is one pupil more to share out, a part of 1 may be 2, and one of 2 to 4 may be 1.)
Then none of these parts gets a step; all are "some".
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.utils import formats
from django.utils.translation import gettext as _

LOWEST = (1, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Step:
    """From ``low`` to ``high`` pupils, both included; no ``high`` is without end."""

    low: int
    high: int | None

    def __str__(self) -> str:
        if self.high is None:
            return _("%(number)s or more") % {"number": _grouped(self.low)}
        if self.low == LOWEST[0]:
            return _("under %(number)s") % {"number": _grouped(self.high + 1)}
        return f"{_grouped(self.low)}–{_grouped(self.high)}"


def _grouped(number: int) -> str:
    return formats.number_format(number, force_grouping=True)


def step_of(count: int) -> Step:
    """Return the step of a count of at least one."""
    place = sum(low <= count for low in LOWEST) - 1
    return Step(LOWEST[place], LOWEST[place + 1] - 1 if place + 1 < len(LOWEST) else None)


def leaves_no_choice(parts: Collection[int]) -> bool:
    """Whether the steps of the parts (noughts left out) and their exact sum tell that one of them is 1."""
    counts = [count for count in parts if count]
    return len(counts) > 1 and 1 in counts and all(count in LOWEST for count in counts)


def steps(areas: Mapping[Name, Mapping[int, int]], kind: int | None) -> dict[Name, Step | None]:
    """Return the step of each area that met pupils; None where only "some" may be said.

    areas: pupils by kind (its id) of each area, all areas of one whole. kind: the one asked for, or None for all.
    Looked at are two sums: the areas are parts of the whole, and the kinds of an area are parts of it.
    """
    counts = {name: kinds.get(kind, 0) if kind else sum(kinds.values()) for name, kinds in areas.items()}
    together = leaves_no_choice(counts.values())
    return {
        name: None if together or leaves_no_choice(areas[name].values()) else step_of(count)
        for name, count in counts.items()
        if count
    }
