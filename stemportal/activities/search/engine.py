"""The search engine: what is looked for goes in, ordered identities and counts come out.

The index finds and counts. Its scores are whole levels (how well the words match, whether it can be booked, how near it
is), times a factor that lets offers with few bookings come first within a level. That is exact enough to choose the
offers that can be shown (MOST_SHOWN); these are then put in order exactly, by the values that the index holds of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import tantivy

from stemportal.activities.search import conditions as make
from stemportal.activities.search.cells import km_between
from stemportal.activities.search.criteria import Criteria
from stemportal.activities.search.schema import ROUNDING
from stemportal.activities.search.store import reader
from stemportal.activities.search.text import TextQuery, text_queries

# Nobody reads further; whoever needs more narrows the search.
MOST_SHOWN = 1_200
FACET_VALUES = 1_000


# Where fewer offers have all words, those with some of them follow.
FEW = 5


@dataclass
class Found:
    """What the engine found. ``ids`` are in order, at most MOST_SHOWN; ``total`` and ``numbers`` count everything.

    ``matched`` says how the words matched: ``all`` of them, ``either`` of two, words that look ``alike``, ``some`` of
    them, or ``more``: the few that have all of them, then those with some. ``numbers`` are offers by (facet, value),
    each facet under all other filters. ``total`` counts formats and ``map`` municipalities under all filters, the
    latter of offers that have a place.
    """

    ids: list[int] = field(default_factory=list)
    total: int = 0
    matched: str = "all"
    numbers: Mapping[tuple[str, int], int] = field(default_factory=dict)


def run_search(criteria: Criteria, *, count: Sequence[str], now: datetime) -> Found:
    """Find, count the facets that ``count`` names, and order. Raises SearchNotReady where there is no index.

    ``count`` may name what stands in ``schema.COUNTED``, and ``map``.
    """
    searcher = reader.searcher()
    texts = text_queries(searcher, criteria.text)
    if not texts:
        return Found()
    strict, *loose = texts
    search = _Search(searcher, criteria, strict, count, now)
    matched = strict.matched
    if loose and criteria.only is None and search.total < FEW:
        # Before the facets narrow: a tick in one of them must not change what the words mean.
        number = len(searcher.search(search.base, limit=FEW, count=False).hits)
        if number < FEW:
            search = _Search(searcher, criteria, loose[0], count, now)
            matched = "more" if number else "some"
    return Found(search.ids(), search.total, matched, search.numbers)


class _Search:
    """One query: counted first, for how much there is decides how the offers to show are chosen."""

    def __init__(
        self, searcher: tantivy.Searcher, criteria: Criteria, text: TextQuery, count: Sequence[str], now: datetime
    ) -> None:
        self.searcher, self.criteria, self.text, self.now = searcher, criteria, text, now
        self.point = criteria.near.point if criteria.near else None
        self.base = make.filters(criteria, text, now)
        self.numbers, self.total = self._count(count)

    # Counts

    def _count(self, count: Sequence[str]) -> tuple[dict[tuple[str, int], int], int]:
        """Count each facet under the choices in all the others, in one pass over what the base query finds."""
        facets = self.criteria.facets
        everything = make.as_text(facets)
        wanted = {name: (name, make.as_text(facets, without=name)) for name in count}
        wanted["total"] = ("format", everything)
        if "map" in wanted:
            wanted["map"] = ("on_map", everything)
        # Facets under the same choices are counted together: narrowing is what costs.
        columns: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for name, narrowed in wanted.values():
            columns[narrowed][name] = {"terms": {"field": name, "size": FACET_VALUES}}
        # Every offer is of one kind, so kinds add up to all of them.
        columns[everything]["kind"] = {"terms": {"field": "kind", "size": FACET_VALUES}}
        answer = self.searcher.aggregate(self.base, _narrowed(columns))
        numbers = {
            (facet, int(bucket["key"])): int(bucket["doc_count"])
            for facet, (name, narrowed) in wanted.items()
            for bucket in _buckets(answer, narrowed, name)
        }
        return numbers, sum(int(bucket["doc_count"]) for bucket in _buckets(answer, everything, "kind"))

    # Order

    def ids(self) -> list[int]:
        """Return the offers that can be shown, in their exact order."""
        if not self.total:
            return []
        hits = self._hits_by_level() if self._by_column is None else self._hits_by_column(*self._by_column)
        self.scores = [score for score, _address in hits]
        self.addresses = [address for _score, address in hits]
        rows = zip(self._first(), self._values("fair"), self._values("id"), strict=True)
        return [int(pk) for _first, _fair, pk in sorted(rows, key=_fairly)]

    def _first(self) -> list[float]:
        """Return what puts the hits in order before fairness does, the lowest first."""
        if self._by_column is not None:
            name, order = self._by_column
            values = self._values(name)
            return values if order == tantivy.Order.Asc else [-value for value in values]
        return self._distances() if self._by_distance else self._levels()

    @property
    def _by_column(self) -> tuple[str, tantivy.Order] | None:
        """A column of the index that the offers are ordered by, and in which direction."""
        if self.criteria.sort == "newest":
            return "published_at", tantivy.Order.Desc
        if self.criteria.sort == "soonest" and not make.begins_later(self.criteria, self.now):
            return "next_free", tantivy.Order.Asc
        return None

    @property
    def _by_distance(self) -> bool:
        return self.criteria.sort == "nearest" and self.point is not None

    @property
    def _all_are_shown(self) -> bool:
        return self.total <= MOST_SHOWN

    def _hits_by_column(self, name: str, order: tantivy.Order) -> list[tuple[Any, Any]]:
        wanted = make.all_of([self.base, *make.chosen(self.criteria.facets)])
        return self.searcher.search(wanted, limit=MOST_SHOWN, count=False, order_by_field=name, order=order).hits

    def _hits_by_level(self) -> list[tuple[Any, Any]]:
        """Where everything can be shown, only the words need a score: the rest is worked out in ``_levels``."""
        levels = make.levels(self.criteria, self.now) if not self._all_are_shown else []
        if self.criteria.sort == "best":
            levels += self.text.scores
        wanted = make.scored([self.base, *make.chosen(self.criteria.facets)], levels)
        return self.searcher.search(wanted, limit=MOST_SHOWN, count=False, weight_by_field="fairness").hits

    def _levels(self) -> list[float]:
        """Return what puts the hits in order, the best first: minus the level, the whole part of the score."""
        levels = [int(score + ROUNDING) for score in self.scores]
        if not self._all_are_shown:
            return [-level for level in levels]
        bookable = self._values("bookable")
        bands = self._bands() if self.point else [0] * len(levels)
        return [
            -(level + make.BOOKABLE * can_be + band)
            for level, can_be, band in zip(levels, bookable, bands, strict=True)
        ]

    def _bands(self) -> list[int]:
        """Return how many bands around the place each hit lies in; what has no distance is as good as the widest."""
        return [sum(km <= limit for limit in make.BANDS_KM) if km < math.inf else 1 for km in self._distances()]

    def _values(self, name: str) -> list[float]:
        """Every offer has a value in these columns."""
        return [value or 0 for value in self.searcher.fast_field_values(name, self.addresses)]

    def _distances(self) -> list[float]:
        assert self.point is not None
        latitudes = self.searcher.fast_field_values("latitude", self.addresses)
        longitudes = self.searcher.fast_field_values("longitude", self.addresses)
        return [
            math.inf if latitude is None or longitude is None else km_between(self.point, latitude, longitude)
            for latitude, longitude in zip(latitudes, longitudes, strict=True)
        ]


def _narrowed(columns: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Ask for the columns of each narrowing: those of none (``""``) at the top, the others under a filter."""
    asked = dict(columns.get("", {}))
    return asked | {f"of {text}": {"filter": text, "aggs": inner} for text, inner in columns.items() if text}


def _buckets(answer: dict[str, Any], narrowed: str, name: str) -> list[dict[str, Any]]:
    return list((answer[f"of {narrowed}"] if narrowed else answer)[name]["buckets"])


def _fairly(row: tuple[float, float, float]) -> tuple[float, float, float]:
    """By the visitor's order, then few bookings and the newest first, then the newest row."""
    first, fair, pk = row
    return first, -fair, -pk
