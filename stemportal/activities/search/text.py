"""From the words of a visitor to a query over the texts of the index, with whole numbers as scores.

The score says how well the words match: TEXT_LEVELS for a query whose every word stands in the title, the summary and
the long texts. Offers that match equally well get the same number, so that something else may decide between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import tantivy
from tantivy import Occur, Query

from stemportal.activities.search.schema import ANYWHERE, TEXTS, schema
from stemportal.activities.search.typos import closest_term
from stemportal.activities.search.units import Unit, Way, units_of, ways_of

TEXT_LEVELS = 60
# What a match in a field is worth.
FIELDS = dict(zip(TEXTS, (0.5, 0.25, 0.17, 0.08), strict=True))
# Words of a phrase stand together by chance in a long text, so a phrase is looked for in short ones; and in these alone
# a mere beginning of a word counts in the order.
SHORT_TEXTS = ("title", "head")
# What a word that only looks alike is worth, and one that need not be found.
ALIKE = 0.5
OPTIONAL = 0.3
# Levels for an offer that has both, where either of two words would do.
TOGETHER = 6
# Where a word finds fewer offers than this, wider ways to match it are taken too.
FEW = 10
# A level of the text is worth more than everything else together (``conditions.levels``).
TEXT_STEP = 8


@dataclass(frozen=True)
class TextQuery:
    """What the texts must have (None: anything), what scores them, and how the words matched.

    ``all`` words, ``either`` of words that "og" or "eller" joins, words that look ``alike``, or ``some`` of the words;
    then those with all of them come first.
    """

    needed: Query | None = None
    scores: Sequence[Query] = ()
    matched: str = "all"


def text_queries(searcher: tantivy.Searcher, text: str) -> list[TextQuery]:
    """Return how to match the text: strictly, and for several words also loosely; [] for a text without words."""
    if not text:
        return [TextQuery()]
    units = units_of(text)
    shares = _shares(searcher, units)
    matches = [_Match(searcher, unit, share) for unit, share in zip(units, shares, strict=True)]
    if not matches:
        return []
    groups: list[list[_Match]] = []
    for match in matches:
        if match.unit.either and groups and not match.unit.optional:
            groups[-1].append(match)
        elif not match.unit.optional:
            groups.append([match])
    scores = [match.score() for match in matches]
    both = [_levels(_all([match.query for match in group]), TOGETHER) for group in groups if len(group) > 1]
    matched = "alike" if any(match.is_alike for match in matches) else "either" if both else "all"
    needed = _all([_any([match.query for match in group]) for group in groups])
    strict = TextQuery(needed, [*scores, *both], matched)
    if len(groups) == 1:
        return [strict]
    # Those that have all words come before those that have some of them.
    some = _any([match.query for group in groups for match in group])
    return [strict, TextQuery(some, [*scores, _levels(needed, TEXT_LEVELS)], "some")]


def _any(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _all(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])


def _shares(searcher: tantivy.Searcher, units: Sequence[Unit]) -> list[int]:
    """Share TEXT_LEVELS out among the units: a rare word says more about what somebody wants."""
    number = searcher.num_docs + 1
    rare = [math.log(1 + number / (1 + searcher.doc_freq(ANYWHERE, unit.term))) for unit in units]
    wanted = [weight * (OPTIONAL if unit.optional else 1) for unit, weight in zip(units, rare, strict=True)]
    levels = TEXT_LEVELS - TOGETHER * sum(unit.either for unit in units)
    return [max(int(levels * weight / sum(wanted)), 1) for weight in wanted]


class _Match:
    """One unit as a query; by wider ways where it finds little, by a word that looks alike where it finds nothing."""

    def __init__(self, searcher: tantivy.Searcher, unit: Unit, share: int) -> None:
        self.searcher = searcher
        self.unit = unit
        self.share = float(share)
        self.is_alike = False
        number = self._take(unit.ways)
        if not number and unit.is_word and not unit.optional and (term := closest_term(searcher, unit.term)):
            self.is_alike = True
            self.share *= ALIKE
            number = self._take(list(ways_of((term,), term)))
        if not number:
            self._use(unit.ways)

    def _take(self, ways: Sequence[Way]) -> int:
        """Use these ways, the wide ones too where it finds few; return how many it finds, at most FEW."""
        self._use([way for way in ways if way.kind != "wide"])
        if self.unit.optional:
            return FEW
        number = self.searcher.doc_freq(ANYWHERE, self.ways[0].terms[0][0]) if len(self.ways[0].terms) == 1 else 0
        if number < FEW:
            number = len(self.searcher.search(self.query, limit=FEW, count=False).hits)
        if 0 < number < FEW:
            self._use(ways)
        return number

    def _use(self, ways: Sequence[Way]) -> None:
        self.ways = ways
        self.query = _any([query for way in ways for query in _found_by(way)])

    def score(self) -> Query:
        """Return a query whose score says where the unit was found; what it is found in adds up over the fields."""
        in_fields = []
        for name, worth in FIELDS.items():
            ways = [way for way in self.ways if _counts_in(way, name)]
            if ways:
                scored = [self._scored(_in_field(way, name), worth * way.worth) for way in ways]
                in_fields.append((Occur.Should, Query.disjunction_max_query(scored)))
        together = [Query.boolean_query(in_fields)] if in_fields else []
        # The parts of a compound, or the words of an own phrase, may stand in different texts of an offer.
        scattered = [self._scattered(way) for way in self.ways if way.kind == "words" and len(way.terms) > 1]
        queries = [*together, *scattered]
        return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries)

    def _scattered(self, way: Way) -> Query:
        share = way.worth / len(way.terms)
        slots = [
            [(Occur.Should, self._scored(_any_of(name, terms), worth * share)) for name, worth in FIELDS.items()]
            for terms in way.terms
        ]
        return _all([Query.boolean_query(slot) for slot in slots])

    def _scored(self, query: Query, worth: float) -> Query:
        return _levels(query, max(round(self.share * worth), 1))


def _levels(query: Query, levels: int) -> Query:
    return Query.const_score_query(query, float(levels * TEXT_STEP))


def _counts_in(way: Way, name: str) -> bool:
    """Whether the way may match in this field alone."""
    if way.kind == "beginning" or (way.kind == "phrase" and len(way.terms) > 1):
        return name in SHORT_TEXTS
    return len(way.terms) == 1


def _found_by(way: Way) -> list[Query]:
    """Return queries, of which any finds the offers that match in this way."""
    names = SHORT_TEXTS if way.kind == "phrase" and len(way.terms) > 1 else (ANYWHERE,)
    return [_in_field(way, name) for name in names]


def _in_field(way: Way, name: str) -> Query:
    if way.kind == "beginning":
        return _beginning(name, way.terms[0][0])
    return _all([_any_of(name, others) for others in way.terms])


@lru_cache(maxsize=2_000)
def _beginning(name: str, beginning: str) -> Query:
    """Building the automaton takes longer than asking it, and the same word is asked in several fields, twice."""
    return Query.regex_query(schema(), name, f"{beginning}.*")


def _any_of(name: str, terms: Sequence[str]) -> Query:
    if len(terms) == 1:
        return Query.term_query(schema(), name, terms[0], "basic")
    return Query.term_set_query(schema(), name, list(terms))
