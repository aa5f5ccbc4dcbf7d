"""What a search asks for, in the values of the index; made from the search form by ``activities.finding.filters``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from stemportal.lib.geo import Point


@dataclass(frozen=True)
class Near:
    """Where the school is: a point with a radius in kilometres, or only a county."""

    km: int
    point: Point | None = None
    county_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Everything is optional. ``facets`` holds the chosen values of each facet in which something is chosen.

    An offer has any of the values of a facet, but all of ``access`` (``schema.ACCESS``). ``sort`` is ``best``,
    ``nearest``, ``soonest`` or ``newest``. With ``only`` these offers alone are looked at, and must have all words.
    """

    text: str = ""
    facets: Mapping[str, Sequence[int]] = field(default_factory=dict)
    near: Near | None = None
    grade: int | None = None
    language: str = ""
    goals: Sequence[str] = ()
    first_day: date | None = None
    last_day: date | None = None
    pupils: int | None = None
    free: bool = False
    accessible: bool = False
    published_from: date | None = None
    sort: str = "best"
    only: Sequence[int] | None = None
