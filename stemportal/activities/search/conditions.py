"""What a search asks for as queries of the index: filters, choices in facets, and the levels of the order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.utils import timezone
from tantivy import FieldType, Occur, Query

from stemportal.activities.models import Activity
from stemportal.activities.search import schema as fields
from stemportal.activities.search.cells import EDGE, ROUGH, circle
from stemportal.activities.search.criteria import Criteria, Near
from stemportal.activities.search.text import TextQuery
from stemportal.lib.geo import Point

# Near, farther, far: within a band the distance is no reason to prefer one offer to another.
BANDS_KM = (10, 30, 60)
FAR_BAND_KM = BANDS_KM[-1]
# Rings around the place, as shares of the radius, from which the nearest offers are taken.
RINGS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1)
BOOKABLE = 4
# Days that are told apart when offers of a later period are ordered by time.
MOST_DAYS = 400
YEAR = 366


def filters(criteria: Criteria, text: TextQuery, now: datetime) -> Query:
    """Return everything but the facets: words, place, dates and the rest."""
    return all_of([*_filters(criteria, now), *([text.needed] if text.needed else [])])


def _filters(criteria: Criteria, now: datetime) -> Iterator[Query]:
    if criteria.only is not None:
        yield Query.term_set_query(fields.schema(), "id", list(criteria.only))
    if criteria.near:
        yield _near(criteria.near)
    if criteria.grade:
        yield number("grade", criteria.grade)
    if criteria.language in fields.LANGUAGES:
        yield number("language", fields.LANGUAGES[criteria.language])
    if criteria.goals:
        yield any_of(word("goal", code) for code in criteria.goals)
    if criteria.accessible:
        yield word("flag", "accessible")
    if criteria.published_from:
        yield _between("published", criteria.published_from.toordinal(), None)
    yield from _times(criteria, timezone.localtime(now).date())


def chosen(facets: Mapping[str, Sequence[int]]) -> list[Query]:
    """Return the choices in facets: any of the values of each, or all of them (``schema.ALL_HOLD``)."""
    return [
        (all_of if name in fields.ALL_HOLD else any_of)(number(name, value) for value in values)
        for name, values in facets.items()
    ]


def as_text(facets: Mapping[str, Sequence[int]], *, without: str = "") -> str:
    """Return the choices as tantivy's filter aggregation wants them, ``kind:IN [3 4]``; "" for none.

    Where all chosen values must hold, another tick narrows: the choices of such a facet count for itself as well.
    """
    parts: list[str] = []
    for name, values in facets.items():
        if name in fields.ALL_HOLD:
            parts += [f"{name}:IN [{int(value)}]" for value in values]
        elif name != without:
            parts.append(f"{name}:IN [{' '.join(str(int(value)) for value in values)}]")
    return " AND ".join(parts)


def _near(near: Near) -> Query:
    """What a school there can have: near enough, or coming to it, or digital."""
    ways = [word("comes", "everywhere")]
    if near.county_id is not None:
        ways.append(word("comes", f"county{near.county_id}"))
    if near.point:
        ways.append(within(near.point, near.km))
    elif near.county_id is not None:
        ways.append(number("county", near.county_id))
    return any_of(ways)


def _times(criteria: Criteria, today: date) -> Iterator[Query]:
    """Dates, places for the group, and free places belong together: one session must answer all of them."""
    pupils = criteria.pupils
    if not (criteria.first_day or criteria.last_day):
        if criteria.free:
            yield _at_least("free_room", pupils or 1)
        elif pupils:
            yield _at_least("room", pupils)
        return
    first = max(criteria.first_day or today, today).toordinal()
    last = criteria.last_day.toordinal() if criteria.last_day else None
    sessions = _places(first, last, pupils or 1) if pupils or criteria.free else _between("day", first, last)
    if criteria.free:
        yield sessions
    else:
        on_request = [_in_season(first, last), *([_at_least("room", pupils)] if pupils else [])]
        yield any_of([sessions, all_of(on_request)])


def _in_season(first: int, last: int | None) -> Query:
    """What can be asked for in a month of the period: it has these months in the index, and nothing else has any."""
    last = min(last or first + YEAR, first + YEAR)
    begin, end = date.fromordinal(first), date.fromordinal(last)
    months = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
    return any_of(number("month", month) for month in sorted({month % 12 + 1 for month in months}))


def _places(first: int, last: int | None, pupils: int) -> Query:
    """Sessions between the days that still take so many pupils."""
    if pupils == 1:
        upper = None if last is None else fields.session_places(last, fields.MOST_PUPILS)
        return _between("places", fields.session_places(first, 1), upper)
    last = min(first + MOST_DAYS, last or first + MOST_DAYS)
    days = range(first, last + 1)
    most = fields.MOST_PUPILS
    return any_of(
        _between("places", fields.session_places(day, pupils), fields.session_places(day, most)) for day in days
    )


# Order


def begins_later(criteria: Criteria, now: datetime) -> bool:
    """Whether the dates leave out the coming days, so that an offer's next free session may not count."""
    return bool(criteria.first_day and criteria.first_day > timezone.localtime(now).date())


def levels(criteria: Criteria, now: datetime) -> list[Query]:
    """Return queries that each add their score to the level of what they find; the words add theirs. See ``scored``."""
    point = criteria.near.point if criteria.near else None
    if criteria.sort == "nearest" and criteria.near and point:
        return [worth(within(point, criteria.near.km * share, ROUGH), 1) for share in RINGS]
    if criteria.sort == "soonest":
        return [_by_day(criteria, timezone.localtime(now).date())]
    return [worth(word("flag", "bookable"), BOOKABLE), *(_bands(point) if point else [])]


def _bands(point: Point) -> list[Query]:
    """Each band that an offer lies in adds one; what is digital counts as far, but not as farther than that."""
    bands = [within(point, km, ROUGH) for km in BANDS_KM]
    digital = number("format", fields.FORMATS[Activity.Format.DIGITAL])
    return [worth(band, 1) for band in bands[:-1]] + [worth(any_of([bands[-1], digital]), 1)]


def _by_day(criteria: Criteria, today: date) -> Query:
    """The earlier the first free session in the period, the higher the level."""
    first = max(criteria.first_day or today, today).toordinal()
    last = min(criteria.last_day.toordinal() if criteria.last_day else first + MOST_DAYS, first + MOST_DAYS)
    days = [
        worth(_between("places", fields.session_places(day, 1), fields.session_places(day, fields.MOST_PUPILS)), score)
        for day, score in zip(range(first, last + 1), range(last - first + 1, 0, -1), strict=True)
    ]
    return Query.disjunction_max_query(days)


def scored(wanted: Sequence[Query], levels: Sequence[Query]) -> Query:
    """Return a query for what fulfils everything wanted, with a level of 1 plus what the levels add."""
    return Query.boolean_query([(Occur.Must, worth(all_of(wanted), 1)), *((Occur.Should, level) for level in levels)])


# Building blocks


def number(name: str, value: int) -> Query:
    """Return a query for a value of a numeric field."""
    return Query.term_query(fields.schema(), name, value, "basic")


def word(name: str, value: str) -> Query:
    """Return a query for a code in a field of codes."""
    return Query.term_query(fields.schema(), name, value, "basic")


def within(point: Point, km: float, edge: float = EDGE) -> Query:
    """Return a query for what lies in a circle."""
    return Query.term_set_query(fields.schema(), "cell", list(circle(point, km, edge)))


def all_of(queries: Iterable[Query]) -> Query:
    """Return a query for what all of these find; for everything, if there are none."""
    found = list(queries)
    return Query.boolean_query([(Occur.Must, query) for query in found]) if found else Query.all_query()


def any_of(queries: Iterable[Query]) -> Query:
    """Return a query for what any of these finds; their scores add up."""
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def worth(query: Query, score: int) -> Query:
    """Return the query with a score of its own."""
    return Query.const_score_query(query, float(score))


def _at_least(name: str, value: int) -> Query:
    return Query.range_query(fields.schema(), name, FieldType.Unsigned, lower_bound=value)


def _between(name: str, lower: int, upper: int | None) -> Query:
    """Values of a field with many values an offer, by its terms and not by reading a column."""
    return Query.range_query(
        fields.schema(), name, FieldType.Unsigned, lower_bound=lower, upper_bound=upper, use_inverted_index=True
    )
