"""The search engine: one PostgreSQL statement that finds, counts and orders.

It takes a queryset (words, place and plain filters applied), the conditions of the facets, and an order; it returns the
identities of one page, the total, and for every facet how many there would be if one chose a value too, under all other
filters. Rows are read once however much is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Case, Exists, F, Q, QuerySet, Value, When

from stemportal.activities.filters import FACETS, FORMATS, Choices
from stemportal.activities.models import Activity

# `hits` are the activities under everything but the facets, with one flag a facet: does it fulfil what is chosen there?
# `cells` are the same, counted: a few thousand at most, however many the hits are.
STATEMENT = """
WITH hits AS MATERIALIZED ({hits}),
cells AS MATERIALIZED (
    SELECT kind_id, format, county_id, fits_kind, fits_format, fits_subject, fits_county, count(*) AS n
      FROM hits GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT 'kind', kind_id::text, sum(n) FROM cells WHERE fits_format AND fits_subject AND fits_county GROUP BY 2
UNION ALL
SELECT 'format', format, sum(n) FROM cells WHERE fits_kind AND fits_subject AND fits_county GROUP BY 2
UNION ALL
SELECT 'county', county_id::text, sum(n) FROM cells WHERE fits_kind AND fits_format AND fits_subject
   AND county_id IS NOT NULL GROUP BY 2
UNION ALL
SELECT 'subject', x.subject_id::text, count(*) FROM hits JOIN activities_activity_subjects x ON x.activity_id = hits.id
 WHERE fits_kind AND fits_format AND fits_county GROUP BY x.subject_id
UNION ALL
SELECT 'total', format, sum(n) FROM cells WHERE fits_kind AND fits_format AND fits_subject AND fits_county GROUP BY 2
UNION ALL
SELECT 'anything', '', coalesce(sum(n), 0) FROM cells
UNION ALL
SELECT 'page', id::text, row_number() OVER ({order}) FROM (
    SELECT * FROM hits WHERE fits_kind AND fits_format AND fits_subject AND fits_county
    ORDER BY {order_columns} LIMIT {limit} OFFSET {offset}
) AS shown
"""


@dataclass(frozen=True)
class FacetOption:
    """One tick box: its value in the address, its name, how many offers it would show, whether it is chosen."""

    value: str
    name: str
    count: int
    chosen: bool


@dataclass
class Found:
    """What the engine found. ``anything`` is whether there are offers before the facets narrow them."""

    ids: list[int] = field(default_factory=list)
    total: int = 0
    digital: int = 0
    anything: bool = False
    numbers: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def options(self, facet: str, choices: Choices, chosen: Sequence[str]) -> list[FacetOption]:
        """Return the facet's tick boxes: those that would show something, and the chosen ones."""
        options = []
        for value, name, key in choices.named(facet):
            stored = FORMATS[value] if facet == "format" else (key,)
            number = sum(self.numbers.get((facet, each), 0) for each in stored)
            if number or value in chosen:
                options.append(FacetOption(value, name, number, value in chosen))
        return options


@dataclass(frozen=True)
class By:
    """One key of the order; what has no value comes last."""

    expression: Any
    descending: bool = False


def run_search(
    hits: QuerySet[Activity], conditions: Mapping[str, Q | Exists], order: Sequence[By], *, limit: int, offset: int = 0
) -> Found:
    """Run the one statement. ``conditions`` has an entry for each facet in which something is chosen."""
    flags = {f"fits_{facet}": _flag(conditions.get(facet)) for facet in FACETS}
    keys = {f"key_{number}": by.expression for number, by in enumerate(order)}
    rows = (
        hits.order_by()
        .annotate(county_id=F("municipality__county_id"), **flags, **keys)
        .values("id", "kind_id", "format", "county_id", *flags, *keys)
    )
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return Found()
    columns = ", ".join(
        f"key_{number} {'DESC' if by.descending else 'ASC'} NULLS LAST" for number, by in enumerate(order)
    )
    statement = STATEMENT.format(
        hits=sql, order=f"ORDER BY {columns}", order_columns=columns, limit=int(limit), offset=int(offset)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return _found(cursor.fetchall())


def _found(rows: Sequence[tuple[str, str, int]]) -> Found:
    numbers = {(name, key): int(number) for name, key, number in rows if name != "page"}
    totals = {key: number for (name, key), number in numbers.items() if name == "total"}
    place = {int(key): int(number) for name, key, number in rows if name == "page"}
    return Found(
        ids=sorted(place, key=lambda pk: place[pk]),
        total=sum(totals.values()),
        digital=sum(totals.get(stored, 0) for stored in FORMATS[Activity.Format.DIGITAL]),
        anything=numbers.get(("anything", ""), 0) > 0,
        numbers=numbers,
    )


def _flag(condition: Q | Exists | None) -> Any:
    if condition is None:
        return Value(True, output_field=BooleanField())
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
