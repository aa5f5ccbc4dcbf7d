"""Visits one by one, for a table that leaves the house: how many came is told in classes, or not at all.

What a partner's report hides of its visits is hidden here too, for school years and calendar years together: nobody
who has a report learns more from this table. All others are told in classes and not exactly, because the programme
publishes sums over all partners: from a sum, and the exact counts of all but one visit, that one would follow.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.periods import Period, PeriodKind
from stemportal.lib.school_year import school_year_of
from stemportal.reports.exports.tables.columns import CHUNK, Column, Row, Table, column
from stemportal.reports.figures.hiding import is_small
from stemportal.reports.figures.lines import hidden_of
from stemportal.schools.models import Visit

# Lowest number of each class, and how it is written; above the last there is no limit.
CLASSES = [(0, "0"), (5, "5-9"), (10, "10-19"), (20, "20-29"), (30, "30-49"), (50, "50+")]
PARTNERS_AT_A_TIME = 200


def size_class(pupils: int) -> str | None:
    """Return the class that a count of pupils is told in; None for 1 to 4."""
    return None if is_small(pupils) else next(words for lowest, words in reversed(CLASSES) if pupils >= lowest)


def years_with_visits() -> list[int]:
    """Return the school years in which there were visits, the first one first."""
    first, last = Visit.objects.aggregate(first=Min("starts_at"), last=Max("starts_at")).values()
    if first is None:
        return []
    days = [school_year_of(timezone.localdate(moment)) for moment in (first, last)]
    return list(range(days[0], days[1] + 1))


def _hidden_visits(year: int) -> set[int]:
    """Return the bookings whose visits in a school year are hidden in some report that counts them."""
    periods = [Period(PeriodKind.SCHOOL, year), *(Period(PeriodKind.CALENDAR, year + part) for part in (0, 1))]
    found: set[int] = set()
    for period in periods:
        partners = list(Visit.objects.in_period(period).order_by().values_list("partner", flat=True).distinct())
        for start in range(0, len(partners), PARTNERS_AT_A_TIME):
            for hidden in hidden_of(period, partners[start : start + PARTNERS_AT_A_TIME]).values():
                found |= hidden.lines
    return found


def _rows() -> Iterator[Row]:
    for year in years_with_visits():
        hidden = _hidden_visits(year)
        visits = Visit.objects.in_period(Period(PeriodKind.SCHOOL, year)).order_by("starts_at", "pk")
        facts = visits.values_list(
            *("pk", "partner_id", "activity_id", "session_id", "school_id", "kind__code", "school__number"),
            *("municipality__number", "county__number", "grade", "starts_at", "hours", "pupils"),
        )
        for *values, starts_at, hours, pupils in facts.iterator(chunk_size=CHUNK):
            told = None if values[0] in hidden else size_class(pupils)
            yield [*values, year, timezone.localdate(starts_at), round(hours, 2), told]


VISITS = Table(
    code="visits",
    title=_("Visits"),
    meaning=_("Visits that took place and of which the school has told how many came."),
    key=("booking_id",),
    columns=[
        column(Visit, "booking_id"),
        *(column(Visit, path) for path in ("partner_id", "activity_id", "session_id", "school_id", "kind__code")),
        *(column(Visit, path) for path in ("school__number", "municipality__number", "county__number", "grade")),
        Column(
            name="school_year",
            type="integer",
            meaning=_("school year starts in"),
            source="schools.Visit.starts_at",
        ),
        Column(name="day", type="date", meaning=_("day"), source="schools.Visit.starts_at"),
        column(Visit, "hours", unit=_("hours")),
        Column(
            name="pupils_class",
            type="string",
            meaning=_("How many pupils came, as a class; empty where it must not be told."),
            source="schools.Visit.pupils",
            unit=_("pupils"),
            codes=tuple((words, words) for _lowest, words in CLASSES),
        ),
    ],
    make_rows=_rows,
)
