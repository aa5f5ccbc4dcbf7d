"""Reading offers and their dates outside of a search: for the pages of an offer, a partner and the front page."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from django.db.models import (
    Case,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.utils import timezone

from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.filters import USUAL_RADIUS
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity, Goal, Session, Subject
from stemportal.activities.models.session import FREE_PLACES
from stemportal.activities.search.criteria import Criteria, Near
from stemportal.activities.search.engine import run_search
from stemportal.activities.search.similar import similar_ids
from stemportal.activities.search.store import SearchNotReady


def offers_with_free_places(*, near: Place | None = None, limit: int = 6) -> list[Activity]:
    """Return cards for the front page: offers with free places that a school at the place can have, near ones first."""
    where = Near(2 * USUAL_RADIUS, near.point, near.county_id) if near else None
    with suppress(SearchNotReady):
        found = run_search(Criteria(near=where, free=True), count=(), now=timezone.now())
        return cards_of(found.ids[:limit], near=near)
    return []


def similar_offers(
    activity: Activity, *, subjects: Iterable[Subject], goals: Iterable[Goal], limit: int = 3
) -> list[Activity]:
    """Return cards of offers about the same, in the same county or for everybody; see ``search.similar``. One query.

    ``subjects`` and ``goals`` are the activity's.
    """
    pks, codes = [subject.pk for subject in subjects], [goal.code for goal in goals]
    with suppress(SearchNotReady):
        return cards_of(similar_ids(activity, subjects=pks, goals=codes, limit=limit))
    return []


def offers_of_partner(partner_id: int, *, limit: int = 12) -> list[Activity]:
    """Return cards of a partner's published offers, those with free places first. Two queries."""
    offers = Activity.objects.published().filter(partner_id=partner_id)
    ordered = offers.order_by(F("next_free_at").asc(nulls_last=True), "title", "pk")
    return cards_of(list(ordered.values_list("pk", flat=True)[:limit]))


def goals_of(activity: Activity) -> list[Goal]:
    """Return the activity's competence goals with their curricula and what came after them."""
    return list(activity.goals.for_reading())


def coming_sessions(activity: Activity, *, after: datetime | None = None, limit: int = 30) -> list[Session]:
    """Return the open sessions still to come, soonest first, full ones included: people see that there is interest."""
    return list(activity.sessions.open(after=after).order_by("starts_at", "pk")[:limit])


def listings_of(partner_id: int) -> QuerySet[Activity]:
    """Return a partner's activities for its room, drafts first, with ``next_session_at`` and ``free_places``."""
    coming = Session.objects.filter(activity=OuterRef("pk")).open()
    free = coming.values("activity").annotate(left=Sum(FREE_PLACES)).order_by().values("left")
    order = Case(
        When(status=Activity.Status.DRAFT, then=Value(0)),
        When(status=Activity.Status.PUBLISHED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return (
        Activity.objects.filter(partner_id=partner_id)
        .select_related("kind")
        .annotate(
            next_session_at=Subquery(coming.order_by("starts_at").values("starts_at")[:1]),
            free_places=Subquery(free[:1]),
        )
        .order_by(order, "-updated_at", "-pk")
    )
