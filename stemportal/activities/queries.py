"""Reading activities: the search behind one small interface, cards for every list, and similar offers.

``search_activities`` asks a constant number of statements whatever is found: one that finds, counts and orders, one for
the rows of the page. Where the words find nothing it tries some of the words, then words that look alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.contrib.postgres.search import SearchRank
from django.core.paginator import Page, Paginator
from django.db import connection, transaction
from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Round
from django.db.models.lookups import LessThan
from django.utils import timezone

from stemportal.activities.filters import FACETS, USUAL_RADIUS, ActivityFilter, sessions_within
from stemportal.activities.models import Activity, Goal, Session
from stemportal.activities.places_nearby import Place
from stemportal.activities.search_engine import By, FacetOption, Found, run_search
from stemportal.activities.words import text_query, words_of
from stemportal.lib.geo import EARTH_RADIUS_KM, Point, distance_km, within_box

PER_PAGE = 24
# Nobody reads further; whoever needs more narrows the search.
LAST_PAGE = 50
# Similarity of a title's words to the typed ones (pg_trgm, 0 to 1) that still counts as a typing error.
TYPING_ERROR = 0.45


@dataclass
class SearchResult:
    """What a search found. ``matched`` says how: ``all`` words, ``some`` of them, or words that look ``alike``."""

    page: Page[Activity]
    total: int
    digital: int
    facets: dict[str, list[FacetOption]]
    values: Mapping[str, Any]
    near: Place | None = None
    words: list[str] = field(default_factory=list)
    matched: str = "all"


class KnownPaginator(Paginator):
    """A paginator that is told how many there are, and that ends at a last page."""

    def __init__(self, count: int) -> None:
        super().__init__([], PER_PAGE)
        self.count = min(count, PER_PAGE * LAST_PAGE)  # Django's is a cached property: set, it is not computed


def search_activities(search: ActivityFilter, *, near: Place | None = None, page: Any = 1) -> SearchResult:
    """Find published activities; see ``ActivityFilter`` for the fields.

    ``near`` is the visitor's place: with a point it limits on-site offers to the radius, with a county to that county.
    What is digital, or comes to every school, is found for every place. ``page`` may be anything.
    """
    values = search.values
    conditions = search.facet_conditions(values)
    base = near_place(search.narrow(Activity.objects.published(), values), near, int(values["radius"] or USUAL_RADIUS))
    words = words_of(values["q"])
    number = _page_number(page)
    found, matched = Found(), "all"
    for matched in _attempts(values["q"], words):
        order = _order(values, near, words if matched != "alike" else [], match_all=matched == "all")
        # The threshold of likeness is set for one transaction only.
        with transaction.atomic() if matched == "alike" else nullcontext():
            hits = _with_words(base, words, matched)
            found = run_search(hits, conditions, order, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
            last = KnownPaginator(found.total).num_pages
            if number > last:
                number = last
                found = run_search(hits, conditions, order, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        if found.anything:
            break
    facets = {facet: found.options(facet, search.choices, values.get(facet) or []) for facet in FACETS}
    shown = Page(cards_of(found.ids, values=values, near=near), number, KnownPaginator(found.total))
    return SearchResult(shown, found.total, found.digital, facets, values, near, words, matched)


def _attempts(text: str, words: list[str]) -> list[str]:
    """Ways to match, the strictest first; none for a text without words ("🤖"), which nothing can match."""
    if not text:
        return ["all"]
    if not words:
        return []
    return ["all", *(["some"] if len(words) > 1 else []), "alike"]


def _page_number(page: Any) -> int:
    try:
        return min(max(int(page), 1), LAST_PAGE)
    except (TypeError, ValueError):
        return 1


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


def _with_words(base: QuerySet[Activity], words: list[str], matched: str) -> QuerySet[Activity]:
    if not words:
        return base
    if matched == "alike":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(TYPING_ERROR)])
        return base.filter(title__trigram_word_similar=" ".join(words))
    return base.filter(search=text_query(words, match_all=matched == "all"))


def _order(values: Mapping[str, Any], near: Place | None, words: list[str], *, match_all: bool) -> list[By]:
    """Order as the visitor chose; equals are ordered so that offers with free places and few bookings come first."""
    now = timezone.now()
    bookable = By(
        Case(
            When(Q(next_free_at__gt=now) | Q(policy=Activity.Policy.ON_REQUEST), then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
    )
    fair = [By(F("booked_places")), By(F("published_at"), descending=True), By(F("pk"), descending=True)]
    point = near.point if near else None
    if values["sort"] == "nearest" and point:
        on_site = Case(When(~Q(format=Activity.Format.DIGITAL), then=distance_km(point)), output_field=FloatField())
        return [By(on_site), bookable, *fair]
    if values["sort"] == "soonest":
        return [By(_soonest(values, now)), bookable, *fair]
    rank = []
    if words:
        matching = SearchRank(F("search_head"), text_query(words, match_all=match_all))
        rank = [By(Round(matching, precision=1), descending=True)]
    return [*rank, bookable, *_bands(point), *fair]


def _soonest(values: Mapping[str, Any], now: datetime) -> Any:
    """The next free session; where days were chosen, the first of those days."""
    if values.get("date_from") or values.get("date_to"):
        return Subquery(sessions_within(values).order_by("starts_at").values("starts_at")[:1])
    return Case(When(next_free_at__gt=now, then=F("next_free_at")))


def _bands(point: Point | None) -> list[By]:
    """Near, farther, far: within a band the distance is no reason to prefer one offer to another."""
    if point is None:
        return []
    distance = distance_km(point)
    bands = [
        When(Q(format=Activity.Format.DIGITAL), then=Value(2)),
        *(When(LessThan(distance, Value(float(km))), then=Value(n)) for n, km in enumerate((10, 30, 60))),
    ]
    return [By(Case(*bands, default=Value(3), output_field=IntegerField()))]


def cards_of(
    ids: Sequence[int], *, values: Mapping[str, Any] | None = None, near: Place | None = None
) -> list[Activity]:
    """Load these activities for cards, in this order. One query; see ``for_cards``."""
    if not ids:
        return []
    cards = {card.pk: card for card in for_cards(Activity.objects.filter(pk__in=ids), values=values, near=near)}
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
    here, there = math.radians(point.latitude), math.radians(activity.latitude)
    cosine = math.sin(here) * math.sin(there) + math.cos(here) * math.cos(there) * math.cos(
        math.radians(activity.longitude - point.longitude)
    )
    return EARTH_RADIUS_KM * math.acos(max(-1.0, min(1.0, cosine)))


def offers_with_free_places(*, near: Place | None = None, limit: int = 6) -> list[Activity]:
    """Return cards for the front page: bookable offers that a school at the place can have, nearest bands first."""
    offers = near_place(Activity.objects.published(), near, 2 * USUAL_RADIUS).filter(next_free_at__gt=timezone.now())
    bands = [by.expression for by in _bands(near.point if near else None)]
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
