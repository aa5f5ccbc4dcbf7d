"""What a report says about one year: the figures.

A count of pupils under five is never shown outside the school (domain rule for minors). It is hidden before figures are
made (``protection``), so that no page or file can show it by mistake: a hidden count is ``None``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from stemportal.lib.periods import Period
from stemportal.reports.figures.hiding import FEWEST, shown

__all__ = ["FEW", "FEWEST", "HIDDEN", "MOST", "SHOWN", "UNTOLD", "Figures", "shown"]

# Why the number of girls is shown or not.
SHOWN = "shown"
FEW = "few"  # fewer than five girls
MOST = "most"  # fewer than five who are not girls, which would tell the same about them
HIDDEN = "hidden"  # another small count could be worked out from it
UNTOLD = "untold"  # no school told


@dataclass(frozen=True)
class Figures:
    """Figures of one partner or of the programme for one year. ``None``: hidden (few pupils) or nothing to tell of.

    Each field is defined in ``definitions.FIGURES`` (what counts, formula, source, rounding) and docs/figures.md.
    Rows of breakdowns have ``visits`` and ``pupils``: kinds {nb, nn, en}, months {month: "2025-08"}, regions {name or
    None, schools}, grades {grade}. places: {unit: "groups" | "pupils", offered, booked, used}; pledges: {nb, nn, en,
    unit, pledged, delivered}, school years of a partner only; meetings: {starts_at, nb, nn, en, people}, a partner
    only; points: {lat, lon, visits}. Money in øre. ``own_...`` is the partner's own word: shown apart, always.
    """

    period_kind: str
    year: int
    # How much: visits that schools have confirmed.
    visits: int = 0
    pupils: int | None = 0
    girls: int | None = None
    girls_share: int | None = None  # percent of the pupils of the visits that told
    girls_state: str = UNTOLD
    girls_visits: int = 0  # visits that told how many girls came
    groups: int = 0
    schools: int = 0
    municipalities: int = 0
    counties: int = 0
    partners: int = 0
    companies: int = 0
    # What was given.
    sessions: int = 0
    hours: float = 0
    pupil_hours: int | None = 0
    people_hours: float = 0
    role_models: int = 0
    places: list[dict[str, Any]] = field(default_factory=list)
    homework_places: int = 0
    film_plays: int = 0
    meetings: list[dict[str, Any]] = field(default_factory=list)
    pledges: list[dict[str, Any]] = field(default_factory=list)
    # How it was to ask.
    enquiries: int = 0
    answered: int = 0
    median_days: float | None = None
    cancelled_by_partner: int = 0
    cancelled_by_school: int = 0
    no_shows: int = 0
    # What came of it.
    rating: float | None = None
    ratings: int = 0
    pulse_before: float | None = None
    pulse_after: float | None = None
    pulse_change: float | None = None
    pulse_visits: int = 0
    # Money for transport, in øre.
    paid_ore: int = 0
    travel_ore: int = 0
    # By the partner's own word; no school has confirmed it.
    own_visits: int = 0
    own_pupils: int | None = 0
    own_girls: int | None = None
    own_hours: float = 0
    # The visits broken down.
    kinds: list[dict[str, Any]] = field(default_factory=list)
    months: list[dict[str, Any]] = field(default_factory=list)
    regions: list[dict[str, Any]] = field(default_factory=list)
    grades: list[dict[str, Any]] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)

    @property
    def period(self) -> Period:
        """The year they are of."""
        return Period(self.period_kind, self.year)

    def as_json(self) -> dict[str, Any]:
        """Return what is stored with a report."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Figures:
        """Read a stored report; fields of later versions are left out, missing ones take their default."""
        known = {item.name for item in fields(cls)}
        return cls(**{"period_kind": "school", "year": 0, **{key: data[key] for key in known & data.keys()}})
