"""The programme's targets and how far it has come with each: from where it began to where it is to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import floor

from stemportal.lib.periods import Period, PeriodKind
from stemportal.reports.figures.measures import measured
from stemportal.reports.models import Target, TargetValue

Values = Mapping[str, float | None]
SHARES = {Target.Measure.GIRLS_SHARE, Target.Measure.REMOTE_SHARE}
HUNDRED = 100


@dataclass(frozen=True)
class TargetLine:
    """A target in one year, in no language and JSON-able.

    ``title`` is {nb, nn, en}; ``year`` the year that ``value`` and ``source`` are of, ``before`` the value of the year
    before it. ``done`` is how much of the way is behind us in whole percent, from 0 to 100, None without a value.
    """

    title: dict[str, str]
    measure: str
    unit: str
    period_kind: str
    year: int
    value: float | None
    source: str
    before: float | None
    baseline: float | None
    baseline_year: int | None
    goal: float
    goal_source: str
    due_year: int
    done: int | None

    @property
    def period(self) -> Period:
        """The year of the value."""
        return Period(self.period_kind, self.year)

    @property
    def is_share(self) -> bool:
        """Whether the numbers are percentages that the portal measures."""
        return self.measure in SHARES

    @property
    def is_entered(self) -> bool:
        """Whether the secretariat entered the value."""
        return self.measure == Target.Measure.ENTERED


def way_done(value: float | None, *, baseline: float | None, goal: float) -> int | None:
    """Return how much of the way from the baseline (or nothing) to the goal is behind us: whole percent, 0 to 100.

    Rounded down, so that only a goal that is reached says 100. The goal may lie below the baseline.
    """
    if value is None:
        return None
    start = baseline or 0
    if goal == start:
        return HUNDRED if value >= goal else 0
    return min(max(floor(HUNDRED * (value - start) / (goal - start)), 0), HUNDRED)


def year_for(kind: str, period: Period) -> Period:
    """Return the year of a target's kind that belongs to a report: the same, or the last one that ended within it.

    The report of the school year 2025/26 has the calendar year 2025, the one of 2025 the school year 2024/25.
    """
    if kind == period.kind:
        return period
    return Period(str(PeriodKind.CALENDAR), period.year) if period.is_school_year else Period(kind, period.year - 1)


def lines_of_report(period: Period, values: Values, before: Values | None = None) -> list[TargetLine]:
    """Return the public targets for a report on ``period``, whose own ``values`` are counted already.

    before: values of the year before as they were published; without them they are counted.
    """
    known = {period: values} if before is None else {period: values, period.previous: before}
    return _lines(Target.objects.public(), lambda kind: year_for(kind, period), known)


def lines_now(*, public: bool = True) -> list[TargetLine]:
    """Return the targets with the values of the years that go on today."""
    targets = Target.objects.public() if public else Target.objects.order_by("order", "pk")
    return _lines(targets, Period.current, {})


def _lines(
    targets: Iterable[Target], year_of: Callable[[str], Period], known: Mapping[Period, Values]
) -> list[TargetLine]:
    found = list(targets)
    values = _Values(found, known)
    return [_line(target, year_of(target.period_kind), values) for target in found]


class _Values:
    """Values of targets by year: those that were entered, and measured ones, counted once a year."""

    def __init__(self, targets: list[Target], known: Mapping[Period, Values]) -> None:
        self.measures = {target.measure for target in targets}
        self.counted = dict(known)
        entered = TargetValue.objects.filter(target__in=[target.pk for target in targets])
        self.entered = {(row.target_id, row.year): row for row in entered}

    def of(self, target: Target, period: Period) -> tuple[float | None, str]:
        """Return value and source."""
        if target.measure == Target.Measure.ENTERED:
            row = self.entered.get((target.pk, period.year))
            return (_plain(row.value), row.source) if row else (None, "")
        if period not in self.counted:
            self.counted[period] = measured(period, self.measures)
        return self.counted[period][target.measure], ""


def _line(target: Target, period: Period, values: _Values) -> TargetLine:
    value, source = values.of(target, period)
    before, _source = values.of(target, period.previous)
    baseline = None if target.baseline is None else _plain(target.baseline)
    goal = _plain(target.goal)
    return TargetLine(
        title={"nb": target.title_nb, "nn": target.title_nn, "en": target.title_en},
        measure=target.measure,
        unit=target.unit,
        period_kind=period.kind,
        year=period.year,
        value=value,
        source=source,
        before=before,
        baseline=baseline,
        baseline_year=target.baseline_year,
        goal=goal,
        goal_source=target.source,
        due_year=target.due_year,
        done=way_done(value, baseline=baseline, goal=goal),
    )


def _plain(value: Decimal) -> float:
    """A whole number where it is one, so that JSON and people read it so."""
    return int(value) if value == value.to_integral_value() else float(value)
