"""What people keep, read for their pages: favourites and saved searches."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from stemportal.accounts.models import User
from stemportal.activities.finding.cards import cards_of
from stemportal.activities.models import Activity, Favourite, SavedSearch


def kept_ids(user: User | AnonymousUser, activity_ids: Collection[int]) -> set[int]:
    """Return which of these activities the person keeps. One query, none for visitors."""
    if not user.is_authenticated or not activity_ids:
        return set()
    kept = Favourite.objects.filter(user=user, activity_id__in=activity_ids)
    return set(kept.values_list("activity_id", flat=True))


def favourites_of(user: User) -> QuerySet[Favourite]:
    """Return what the person keeps, the last one first, with the activity and its partner."""
    return Favourite.objects.filter(user=user).select_related("activity__partner").order_by("-added_at", "-pk")


def with_cards(favourites: Collection[Favourite]) -> list[tuple[Favourite, Activity | None]]:
    """Return each favourite with its card, or None where the offer is no longer published. One query."""
    cards = {card.pk: card for card in cards_of([favourite.activity_id for favourite in favourites])}
    return [(favourite, cards.get(favourite.activity_id)) for favourite in favourites]


def saved_searches_of(user: User) -> QuerySet[SavedSearch]:
    """Return the searches that the person saved, the last one first."""
    return SavedSearch.objects.filter(user=user)


def saved_as(user: User | AnonymousUser, query: str) -> SavedSearch | None:
    """Return the person's saved search with this query string, if there is one. One query, none for visitors."""
    return SavedSearch.objects.filter(user=user, query=query).first() if user.is_authenticated else None
