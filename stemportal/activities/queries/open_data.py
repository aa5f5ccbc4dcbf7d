"""Reading offers for programs: feeds, the open data, what search engines and other web sites show.

Everything here is what a visitor sees on the public pages. The number of queries never follows the number of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q
from django.utils import timezone

from stemportal.activities import search_index
from stemportal.activities.finding.cards import midnight
from stemportal.activities.finding.filters import ActivityFilter, period
from stemportal.activities.finding.places import Place
from stemportal.activities.models import Activity, Goal, RoleModel, Session
from stemportal.activities.search.engine import Found, run_search
from stemportal.activities.search.store import SearchNotReady
from stemportal.partners.models import Partner

# What a feed and a calendar hold.
FEED_ENTRIES = 30
CALENDAR_ENTRIES = 300
CALENDAR_DAYS = 180

LONG_TEXTS = (
    "description",
    "learning",
    "preparation",
    "follow_up",
    "programme",
    "bring",
    "safety",
    "getting_there",
    "practical",
    "accessibility",
    "transcript",
)


def find(search: ActivityFilter, *, near: Place | None, sort: str = "") -> Found:
    """Search without counting facets; ``sort`` is one of the search's own, before what was asked.

    Raises SearchNotReady without an index.
    """
    criteria = search.criteria(search.values, near)
    if sort:
        criteria = replace(criteria, sort=sort)
    try:
        return run_search(criteria, count=(), now=timezone.now())
    except SearchNotReady:
        search_index.announce_missing()
        raise


def published_activities(ids: Sequence[int]) -> list[Activity]:
    """Return those of these activities that are published, in this order, with what the open data tells. 4 queries.

    Their long texts are not loaded.
    """
    rows = (
        Activity.objects.published()
        .filter(pk__in=ids)
        .select_related("partner", "kind", "municipality__county")
        .prefetch_related(
            "subjects", "serves", Prefetch("goals", Goal.objects.select_related("plan").only("code", "plan__code"))
        )
        .defer(*LONG_TEXTS)
        .order_by()
    )
    found = {activity.pk: activity for activity in rows}
    return [found[pk] for pk in ids if pk in found]


def published_activity(pk: int) -> Activity | None:
    """Return an activity with its texts, goals and the role models that are shown now, or None. 5 queries."""
    shown = RoleModel.objects.published().only("full_name", "job_title", "partner")
    goals = Goal.objects.select_related("plan", "successor").order_by("plan__code", "code")
    return (
        Activity.objects.published()
        .filter(pk=pk)
        .select_related("partner", "kind", "municipality__county")
        .prefetch_related("subjects", "serves", Prefetch("goals", goals), Prefetch("role_models", shown))
        .first()
    )


def are_published(ids: Sequence[int]) -> bool:
    """Whether all of these activities are published now. One query."""
    return Activity.objects.published().filter(pk__in=ids).count() == len(ids)


def next_sessions(ids: Sequence[int]) -> Mapping[int, Session]:
    """Return the next date with free places of each of these activities that has one, by activity. One query."""
    free = Session.objects.filter(activity_id__in=ids).open().with_places_left()
    return {row.activity_id: row for row in free.order_by("activity_id", "starts_at", "pk").distinct("activity_id")}


def newest_of(ids: Sequence[int]) -> list[Activity]:
    """Return the newest of these activities for a feed, the last published first. One query."""
    rows = Activity.objects.published().filter(pk__in=ids).select_related("partner", "kind", "municipality")
    return list(rows.defer(*LONG_TEXTS).order_by("-published_at", "-pk")[:FEED_ENTRIES])


def calendar_of(ids: Sequence[int], *, values: Mapping[str, Any] | None = None) -> list[Session]:
    """Return the dates of these activities in the coming months for a calendar, cancelled ones too. One query.

    A calendar that has an entry already must hear that it is off. ``values`` of a search limit the dates to its period,
    and to free places where only those were asked for.
    """
    values = values or {}
    begin, end = _calendar_days(values)
    rows = Session.objects.filter(
        activity_id__in=ids,
        activity__status=Activity.Status.PUBLISHED,
        activity__partner__status=Partner.Status.APPROVED,
        starts_at__gt=begin,
        starts_at__lt=end,
    )
    if values.get("free"):
        free = Session.objects.all().with_places_left().values("pk")
        rows = rows.filter(Q(status=Session.Status.CANCELLED) | Q(pk__in=free))
    rows = rows.select_related("activity__partner", "activity__kind", "activity__municipality")
    return list(rows.order_by("starts_at", "pk")[:CALENDAR_ENTRIES])


def _calendar_days(values: Mapping[str, Any]) -> tuple[datetime, datetime]:
    first, last = period(values)
    begin = timezone.now()
    if first:
        begin = max(begin, midnight(first))
    end = begin + timedelta(days=CALENDAR_DAYS)
    return begin, min(end, midnight(last + timedelta(days=1))) if last else end
