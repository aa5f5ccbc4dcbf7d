"""What a report says about one year: the figures, and the rule that hides small counts.

A count of pupils under five is never shown outside the school (domain rule for minors). It is hidden here, before it is
stored, so that no page or file can show it by mistake: a hidden count is ``None``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from stemportal.lib.periods import Period

FEWEST = 5

# Why the number of girls is shown or not.
SHOWN = "shown"
FEW = "few"  # fewer than five girls
MOST = "most"  # fewer than five who are not girls, which would tell the same about them
UNTOLD = "untold"  # no school told


@dataclass(frozen=True)
class Figures:
    """Figures over completed visits whose session began in the year. ``None`` means fewer than five pupils.

    hours: of the sessions held, each counted once however many groups came. pupil_hours: pupils times hours.
    girls and girls_share (percent) count only the ``girls_visits`` visits that told how many girls came.
    enquiries: requests made in the year that asked for an answer and were not withdrawn before one came;
    median_days: from request to answer. Breakdowns are lists of rows with ``visits`` and ``pupils``. meetings: those
    of the network to which the partner's people came, with ``people``; empty for the whole programme.
    """

    period_kind: str
    year: int
    visits: int = 0
    pupils: int | None = 0
    girls: int | None = None
    girls_share: int | None = None
    girls_state: str = UNTOLD
    girls_visits: int = 0
    sessions: int = 0
    hours: float = 0
    pupil_hours: int | None = 0
    schools: int = 0
    municipalities: int = 0
    counties: int = 0
    partners: int = 0
    enquiries: int = 0
    answered: int = 0
    median_days: float | None = None
    kinds: list[dict[str, Any]] = field(default_factory=list)
    months: list[dict[str, Any]] = field(default_factory=list)
    regions: list[dict[str, Any]] = field(default_factory=list)
    grades: list[dict[str, Any]] = field(default_factory=list)
    meetings: list[dict[str, Any]] = field(default_factory=list)

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


def shown(count: int | None) -> int | None:
    """Return the count, or None when it is above zero and under five."""
    return None if count is None or 0 < count < FEWEST else count


def protect(period: Period, counted: dict[str, Any]) -> Figures:
    """Make figures from raw counts (see queries.COUNT): small counts hidden, months without visits filled in."""
    girls, told = counted["girls"] or 0, counted["girls_of_pupils"] or 0
    state = _girls_state(counted["girls_visits"], girls, told)
    return Figures(
        period_kind=period.kind,
        year=period.year,
        visits=counted["visits"],
        pupils=shown(counted["pupils"]),
        girls=girls if state == SHOWN else None,
        girls_share=round(100 * girls / told) if state == SHOWN and told else None,
        girls_state=state,
        girls_visits=counted["girls_visits"],
        sessions=counted["sessions"],
        hours=round(float(counted["hours"]), 1),
        pupil_hours=None if shown(counted["pupils"]) is None else round(float(counted["pupil_hours"])),
        schools=counted["schools"],
        municipalities=counted["municipalities"],
        counties=counted["counties"],
        partners=counted["partners"],
        enquiries=counted["enquiries"],
        answered=counted["answered"],
        median_days=None if counted["median_days"] is None else round(float(counted["median_days"]), 1),
        kinds=_rows(counted["kinds"]),
        months=_months(period, _rows(counted["months"])),
        regions=_rows(counted["regions"]),
        grades=_rows(counted["grades"]),
        meetings=counted["meetings"],
    )


def _girls_state(visits: int, girls: int, told: int) -> str:
    if not visits:
        return UNTOLD
    if girls < FEWEST:
        return FEW
    return MOST if 0 < told - girls < FEWEST else SHOWN


def _rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "pupils": shown(row["pupils"])} for row in rows]


def _months(period: Period, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All twelve months in order, so that quiet months are seen too."""
    known = {row["month"]: row for row in rows}
    return [known.get(name, {"month": name, "visits": 0, "pupils": 0}) for name in period.months]
