"""Reading activities: the search behind one small interface, cards for every list, and similar offers.

``search_activities`` asks the index which offers, how many and in what order, and PostgreSQL for the rows of the page:
what the index still holds but is no longer published is left out there, and the page filled up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Min,
)
from django.utils import timezone

from stemportal.activities import search_index
from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.filters import ActivityFilter, FacetOption, period, sessions_in
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity
from stemportal.activities.search import schema
from stemportal.activities.search.conditions import begins_later
from stemportal.activities.search.engine import MOST_SHOWN, run_search
from stemportal.activities.search.store import SearchNotReady
from stemportal.activities.search.words import words_of

PER_PAGE = 24


@dataclass
class SearchResult:
    """What a search found. ``matched`` says how the words did (``search.engine.Found``).

    ``ids`` are all offers that can be shown, in order, for maps and feeds; load them with ``cards_of``, which leaves
    out what is no longer published. ``by_municipality`` is filled where it was asked for: offers with a place, by the
    identity of its municipality, under all filters.
    """

    page: Page[Activity]
    total: int
    digital: int
    facets: dict[str, list[FacetOption]]
    values: Mapping[str, Any]
    near: Place | None = None
    words: list[str] = field(default_factory=list)
    matched: str = "all"
    ids: list[int] = field(default_factory=list)
    by_municipality: dict[int, int] = field(default_factory=dict)


class KnownPaginator(Paginator):
    """A paginator that is told how many there are, and that ends at a last page."""

    def __init__(self, count: int) -> None:
        super().__init__([], PER_PAGE)
        self.count = min(count, MOST_SHOWN)  # Django's is a cached property: set, it is not computed


def search_activities(
    search: ActivityFilter,
    *,
    near: Place | None = None,
    page: Any = 1,
    by_municipality: bool = False,
    with_cards: bool = True,
) -> SearchResult:
    """Find published activities; see ``ActivityFilter`` for the fields. Raises SearchNotReady without an index.

    ``near`` is the visitor's place: with a point it limits on-site offers to the radius, with a county to that county.
    What is digital, or comes to every school, is found for every place. ``page`` may be anything. ``by_municipality``
    has the offers with a place counted for a map, which needs no cards (``with_cards``): the page is empty then. One
    query for the cards, and one more for offers of a later period in the order of time.
    """
    values = search.values
    criteria = search.criteria(values, near)
    now = timezone.now()
    try:
        found = run_search(criteria, count=(*search.facets, *(["map"] if by_municipality else [])), now=now)
    except SearchNotReady:
        search_index.announce_missing()
        raise
    ids = found.ids
    if criteria.sort == "soonest" and begins_later(criteria, now):
        ids = _by_first_session(ids, values)
    number = min(_page_number(page), KnownPaginator(found.total).num_pages)
    cards = _filled_page(ids, number, values=values, near=near) if with_cards else []
    digital = found.numbers.get(("total", schema.FORMATS[Activity.Format.DIGITAL]), 0)
    return SearchResult(
        page=Page(cards, number, KnownPaginator(found.total)),
        total=found.total,
        digital=digital,
        facets={facet: search.options(facet, values, found.numbers) for facet in search.facets},
        values=values,
        near=near,
        words=words_of(values["q"]),
        matched=found.matched,
        ids=ids,
        by_municipality={pk: number for (facet, pk), number in found.numbers.items() if facet == "map"},
    )


def _page_number(page: Any) -> int:
    try:
        return max(int(page), 1)
    except (TypeError, ValueError):
        return 1


def _by_first_session(ids: Sequence[int], values: Mapping[str, Any]) -> list[int]:
    """Put offers in the order of their first free session in the period; those without one stay last."""
    free = sessions_in(values).filter(activity_id__in=ids).with_places_left().order_by()
    first = dict(free.values_list("activity_id").annotate(first=Min("starts_at")))
    return sorted(ids, key=lambda pk: (pk not in first, first.get(pk, timezone.now())))


def _filled_page(ids: Sequence[int], number: int, *, values: Mapping[str, Any], near: Place | None) -> list[Activity]:
    """Load the cards of a page. Offers that are no longer published are left out, the next ones take their place,
    and the index is told of them."""
    cards: list[Activity] = []
    gone: list[int] = []
    start = (number - 1) * PER_PAGE
    while len(cards) < PER_PAGE and start < len(ids):
        chosen = ids[start : start + PER_PAGE - len(cards)]
        start += len(chosen)
        loaded = cards_of(chosen, days=period(values), near=near)
        gone += set(chosen) - {card.pk for card in loaded}
        cards += loaded
    if gone:
        search_index.refresh_search(gone)
    return cards
