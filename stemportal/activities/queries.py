"""Reading activities: the search behind one small interface, cards for every list, and similar offers.

``search_activities`` asks the index which offers, how many and in what order, and PostgreSQL for the rows of the page:
what the index still holds but is no longer published is left out there, and the page filled up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.lookups import LessThan
from django.utils import timezone

from stemportal.activities import search_index
from stemportal.activities.filters import USUAL_RADIUS, ActivityFilter, FacetOption, sessions_in, sessions_within
from stemportal.activities.models import Activity, Goal, Session
from stemportal.activities.places_nearby import Place
from stemportal.activities.search import schema
from stemportal.activities.search.cells import km_between
from stemportal.activities.search.conditions import BANDS_KM, begins_later
from stemportal.activities.search.engine import MOST_SHOWN, run_search
from stemportal.activities.search.words import words_of
from stemportal.lib.geo import Point, distance_km, within_box

PER_PAGE = 24


@dataclass
class SearchResult:
    """What a search found. ``matched`` says how the words did (``search.engine.Found``).

    ``ids`` are all offers that can be shown, in order, for maps and feeds; load them with ``cards_of``, which leaves
    out what is no longer published.
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


class KnownPaginator(Paginator):
    """A paginator that is told how many there are, and that ends at a last page."""

    def __init__(self, count: int) -> None:
        super().__init__([], PER_PAGE)
        self.count = min(count, MOST_SHOWN)  # Django's is a cached property: set, it is not computed


def search_activities(search: ActivityFilter, *, near: Place | None = None, page: Any = 1) -> SearchResult:
    """Find published activities; see ``ActivityFilter`` for the fields. Raises SearchNotReady without an index.

    ``near`` is the visitor's place: with a point it limits on-site offers to the radius, with a county to that county.
    What is digital, or comes to every school, is found for every place. ``page`` may be anything. One query, and one
    more for offers of a later period in the order of time.
    """
    values = search.values
    criteria = search.criteria(values, near)
    now = timezone.now()
    found = run_search(criteria, count=search.facets, now=now)
    ids = found.ids
    if criteria.sort == "soonest" and begins_later(criteria, now):
        ids = _by_first_session(ids, values)
    number = min(_page_number(page), KnownPaginator(found.total).num_pages)
    cards = _filled_page(ids, number, values=values, near=near)
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
        loaded = cards_of(chosen, values=values, near=near)
        gone += set(chosen) - {card.pk for card in loaded}
        cards += loaded
    if gone:
        search_index.refresh_search(gone)
    return cards


def near_place(queryset: QuerySet[Activity], near: Place | None, km: int) -> QuerySet[Activity]:
    """Limit to what a school at the place can have: near enough, or coming to it, or digital."""
    if near is None:
        return queryset
    comes = Q(format__in=[Activity.Format.DIGITAL, Activity.Format.HYBRID]) | Q(
        format=Activity.Format.AT_SCHOOL, reach=Activity.Reach.NATIONAL
    )
    if near.county_id is not None:
        comes |= Q(
            format=Activity.Format.AT_SCHOOL, reach=Activity.Reach.COUNTY, municipality__county_id=near.county_id
        )
    if near.point is None:
        return queryset.filter(comes | Q(municipality__county_id=near.county_id))
    distance = distance_km(near.point)
    return queryset.alias(km=distance).filter(comes | (within_box(near.point, km) & Q(km__lte=km)))


def _bands(point: Point) -> Case:
    """Near, farther, far: within a band the distance is no reason to prefer one offer to another."""
    distance = distance_km(point)
    bands = [
        When(Q(format=Activity.Format.DIGITAL), then=Value(2)),
        *(When(LessThan(distance, Value(float(km))), then=Value(n)) for n, km in enumerate(BANDS_KM)),
    ]
    return Case(*bands, default=Value(len(BANDS_KM)), output_field=IntegerField())


def cards_of(
    ids: Sequence[int], *, values: Mapping[str, Any] | None = None, near: Place | None = None
) -> list[Activity]:
    """Load those of these activities that are published for cards, in this order. One query; see ``for_cards``."""
    if not ids:
        return []
    published = Activity.objects.published().filter(pk__in=ids)
    cards = {card.pk: card for card in for_cards(published, values=values, near=near)}
    return [cards[pk] for pk in ids if pk in cards]


def for_cards(
    queryset: QuerySet[Activity], *, near: Place | None = None, values: Mapping[str, Any] | None = None
) -> list[Activity]:
    """Load activities with what a card shows, in two subqueries and no query a card.

    Adds ``next_session_at`` and ``next_session_places`` (the next free session, None without one) and ``km`` (distance
    from ``near`` in kilometres; None for digital offers and without a place).
    """
    free = sessions_within(values or {}).with_places_left().order_by("starts_at")
    cards: list[Activity] = list(
        queryset.defer(
            "search", "search_head", "description", "learning", "preparation", "follow_up", "practical", "accessibility"
        )
        .select_related("partner", "kind", "municipality")
        .annotate(
            next_session_at=Subquery(free.values("starts_at")[:1]),
            next_session_places=Subquery(free.annotate(left=F("capacity") - F("places_taken")).values("left")[:1]),
        )
    )
    point = near.point if near else None
    for card in cards:
        card.km = _km_between(point, card)  # type: ignore[attr-defined]
    return cards


def _km_between(point: Point | None, activity: Activity) -> float | None:
    if point is None or activity.format == Activity.Format.DIGITAL:
        return None
    if activity.latitude is None or activity.longitude is None:
        return None
    return km_between(point, activity.latitude, activity.longitude)


def offers_with_free_places(*, near: Place | None = None, limit: int = 6) -> list[Activity]:
    """Return cards for the front page: bookable offers that a school at the place can have, nearest bands first."""
    offers = near_place(Activity.objects.published(), near, 2 * USUAL_RADIUS).filter(next_free_at__gt=timezone.now())
    bands: list[Any] = [_bands(near.point)] if near and near.point else []
    order = [*bands, "booked_places", F("published_at").desc(nulls_last=True), "-pk"]
    return cards_of(list(offers.order_by(*order).values_list("pk", flat=True)[:limit]), near=near)


def similar_offers(activity: Activity, *, limit: int = 3) -> list[Activity]:
    """Return cards of offers that share a subject: same kind and county first, then the county, then digital ones.

    Each of these is a small group or is read in the order of an index and stops early, so that the page costs about the
    same among 300 offers and 100,000. Two queries.
    """
    through = Activity.subjects.through.objects
    subjects = through.filter(activity_id=activity.pk).values("subject_id")
    shares = through.filter(activity_id=OuterRef("pk"), subject_id__in=subjects)
    others = Activity.objects.published().exclude(pk=activity.pk).filter(Exists(shares))
    groups = [others.filter(format=Activity.Format.DIGITAL).order_by("-published_at", "-pk")]
    if activity.municipality:
        county = others.filter(municipality__county_id=activity.municipality.county_id)
        county = county.order_by("booked_places", F("published_at").desc(nulls_last=True), "-pk")
        groups = [county.filter(kind_id=activity.kind_id), county.exclude(kind_id=activity.kind_id), *groups]
    bands = [group.annotate(band=Value(n)).values_list("band", "pk")[:limit] for n, group in enumerate(groups)]
    found = bands[0].union(*bands[1:], all=True) if len(bands) > 1 else bands[0]
    # A digital offer of the county may stand in two groups. Sorting is stable, so each group keeps its order.
    ids = list(dict.fromkeys(pk for _band, pk in sorted(found, key=itemgetter(0))))[:limit]
    return cards_of(ids)


def offers_of_partner(partner_id: int, *, limit: int = 12) -> list[Activity]:
    """Return cards of a partner's published offers, those with free places first. Two queries."""
    offers = Activity.objects.published().filter(partner_id=partner_id)
    ordered = offers.order_by(F("next_free_at").asc(nulls_last=True), "title", "pk")
    return cards_of(list(ordered.values_list("pk", flat=True)[:limit]))


def goals_of(activity: Activity) -> list[Goal]:
    """Return the activity's competence goals with their curricula and what came after them."""
    return list(activity.goals.select_related("plan__successor").order_by("plan__code", "code"))


def coming_sessions(activity: Activity, *, after: datetime | None = None, limit: int = 30) -> list[Session]:
    """Return the open sessions still to come, soonest first, full ones included: people see that there is interest."""
    return list(Session.objects.filter(activity=activity).open(after=after).order_by("starts_at", "pk")[:limit])


def listings_of(partner_id: int) -> QuerySet[Activity]:
    """Return a partner's activities for its room, drafts first, with ``next_session_at`` and ``free_places``."""
    coming = Session.objects.filter(activity=OuterRef("pk")).open()
    free = coming.values("activity").annotate(left=Sum(F("capacity") - F("places_taken"))).order_by().values("left")
    order = Case(
        When(status=Activity.Status.DRAFT, then=Value(0)),
        When(status=Activity.Status.PUBLISHED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return (
        Activity.objects.filter(partner_id=partner_id)
        .defer("search", "search_head")
        .select_related("kind")
        .annotate(
            next_session_at=Subquery(coming.order_by("starts_at").values("starts_at")[:1]),
            free_places=Subquery(free[:1]),
        )
        .order_by(order, "-updated_at", "-pk")
    )
