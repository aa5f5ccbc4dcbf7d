"""Offers like another one, from the index: the page of an offer costs about the same among 300 offers and 100,000."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import tantivy
from tantivy import Occur, Query

from stemportal.activities.models import Activity
from stemportal.activities.search import conditions as make
from stemportal.activities.search import schema as fields
from stemportal.activities.search.store import reader
from stemportal.activities.search.words import index_text, stopwords

# What makes an offer like another one, and what it adds to its level: what it is about counts more than where it is.
SAME_GOAL, SAME_SUBJECT, SAME_WORD, SAME_KIND = 3, 4, 3, 2
SAME_COUNTY, EVERYWHERE = 4, 1
# Telling words of a title: the rarest that other offers have, and no more than a small share of them.
MOST_WORDS, COMMON = 4, 0.05
# So many are taken by their rough order, to be put in their exact one.
TAKEN = 100


def similar_ids(activity: Activity, *, subjects: Sequence[int], goals: Sequence[str], limit: int) -> list[int]:
    """Return offers about the same that a school near the activity can have, too; the most alike first.

    Alike are offers that share a subject, a competence goal or a telling word of the title; more so of the same kind.
    Those in the same county come first, and what is digital or comes to every school is there for remote ones. Equals
    are ordered fairly. Raises SearchNotReady where there is no index.
    """
    searcher = reader.searcher()
    alike = list(_alike(searcher, activity, subjects, goals))
    if not alike:
        return []
    within_reach = [make.worth(make.word("comes", "everywhere"), EVERYWHERE)]
    if activity.municipality:
        within_reach.append(make.worth(make.number("county", activity.municipality.county_id), SAME_COUNTY))
    parts = [
        (Occur.Must, make.any_of(alike)),
        (Occur.Must, make.any_of(within_reach)),
        (Occur.Should, make.worth(make.number("kind", activity.kind_id), SAME_KIND)),
        (Occur.MustNot, make.number("id", activity.pk)),
    ]
    hits = searcher.search(Query.boolean_query(parts), limit=TAKEN, count=False, weight_by_field="fairness").hits
    addresses = [address for _score, address in hits]
    fair, ids = (searcher.fast_field_values(name, addresses) for name in ("fair", "id"))
    rows = [
        (-int(score + fields.ROUNDING), -(share or 0), -(pk or 0))
        for (score, _address), share, pk in zip(hits, fair, ids, strict=True)
    ]
    return [int(-pk) for _level, _share, pk in sorted(rows)[:limit]]


def _alike(
    searcher: tantivy.Searcher, activity: Activity, subjects: Sequence[int], goals: Sequence[str]
) -> Iterator[Query]:
    if subjects:
        yield make.worth(make.any_of(make.number("subject", pk) for pk in subjects), SAME_SUBJECT)
    if goals:
        yield make.worth(make.any_of(make.word("goal", code) for code in goals), SAME_GOAL)
    for word in _telling_words(searcher, activity.title):
        yield make.worth(make.word("title", word), SAME_WORD)


def _telling_words(searcher: tantivy.Searcher, title: str) -> list[str]:
    """Return the rarest terms of the title that other titles have as well."""
    empty, optional = stopwords()
    terms = [term for term in index_text([title]).split() if term not in empty and term not in optional]
    numbers = {term: searcher.doc_freq("title", term) for term in terms}
    most = math.ceil(searcher.num_docs * COMMON) + 1
    return sorted((term for term in terms if 1 < numbers[term] <= most), key=lambda term: (numbers[term], term))[
        :MOST_WORDS
    ]
