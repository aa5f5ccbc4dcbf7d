"""Typing errors: the word of the index that a word without any match was probably meant to be."""

from __future__ import annotations

import tantivy

from stemportal.activities.search.schema import ANYWHERE

# One error is looked for in terms of so many letters, two in longer ones.
ONE_ERROR, TWO_ERRORS = 4, 6
# The first letter is believed, else every word of the index would have to be looked at.
BELIEVED = 1
# Terms with the same beginning that are compared, the most frequent ones: keeps the work bounded.
MOST_COMPARED = 10_000


def closest_term(searcher: tantivy.Searcher, term: str) -> str:
    """Return the term that differs least from this one, the most frequent of several; "" where none is close."""
    if len(term) < ONE_ERROR or not term.isalpha():
        return ""
    errors = 2 if len(term) >= TWO_ERRORS else 1
    best = (errors + 1, 0, "")
    for beginning in dict.fromkeys([term[:BELIEVED], term[BELIEVED : 2 * BELIEVED]]):
        for other, frequency in searcher.terms_with_prefix(ANYWHERE, beginning, limit=MOST_COMPARED):
            if abs(len(other) - len(term)) <= errors:
                best = min(best, (distance(term, other, best[0] + 1), -frequency, other))
    return best[2] if best[0] <= errors else ""


def distance(one: str, other: str, limit: int) -> int:
    """Return how many letters are missing, too many, wrong or swapped with their neighbour; ``limit`` if not fewer."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        further, before, row = before, row, [i]
        for j, facing in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, further[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit and (not before or min(before) >= limit):
            return limit
    return min(row[-1], limit)
