"""An activity is written, published, taken down, put away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from stemportal.activities.models import Activity, Kind
from stemportal.activities.rules import Missing, missing_for_publishing
from stemportal.activities.search_index import refresh_availability, refresh_search
from stemportal.partners.models import Partner

MANY_TO_MANY = ("subjects", "goals")
# Facts a person may write; status, counters and the search index have services of their own.
EDITABLE = (
    "title",
    "summary",
    "description",
    "learning",
    "preparation",
    "follow_up",
    "practical",
    "accessibility",
    "format",
    "languages",
    "grade_from",
    "grade_to",
    "group_max",
    "duration_minutes",
    "place",
    "municipality",
    "reach",
    "link",
    "grant_amount",
    "policy",
    "risk_assessed_on",
    "police_certificate_seen_by",
    "police_certificate_seen_on",
)


class CannotPublish(Exception):
    """The activity lacks something; ``missing`` says what and why."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(", ".join(str(item.what) for item in missing))
        self.missing = list(missing)


@transaction.atomic
def create_activity(*, partner: Partner, kind: Kind, facts: Mapping[str, Any]) -> Activity:
    """Save a draft. ``facts`` are values by field name (``EDITABLE``, and lists for subjects and goals)."""
    activity = Activity(partner=partner, kind=kind)
    _apply(activity, facts)
    activity.save()
    _set_lists(activity, facts)
    refresh_search([activity.pk])
    return activity


@transaction.atomic
def update_activity(*, activity: Activity, facts: Mapping[str, Any]) -> Activity:
    """Change facts of an activity; one that is published must stay complete.

    Raises CannotPublish, and changes nothing, when a published activity would lack something it needs.
    """
    current = lock_activity(activity.pk)
    names = _apply(current, facts)
    current.save(update_fields=[*names, "latitude", "longitude", "updated_at"])
    _set_lists(current, facts)
    if current.is_published and (missing := [item for item in missing_for_publishing(current) if item.field]):
        raise CannotPublish(missing)
    refresh_search([current.pk])
    return current


def lock_activity(pk: int) -> Activity:
    """Return the row as it stands now, held until the transaction ends; bookings do not wait for it."""
    activity = Activity.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "kind", "partner", "municipality"
    )
    return activity.get(pk=pk)


def _apply(activity: Activity, facts: Mapping[str, Any]) -> list[str]:
    """Set the facts on the object and return the names of the fields that were set; the point follows the place."""
    names = [name for name in EDITABLE if name in facts]
    for name in names:
        setattr(activity, name, facts[name])
    set_point(activity)
    return names


def set_point(activity: Activity) -> None:
    """Set the point on the map, on the object only: its municipality's, none for what is digital."""
    # A digital offer is everywhere, so it has no distance to anybody.
    municipality = None if activity.format == Activity.Format.DIGITAL else activity.municipality
    activity.latitude = municipality.latitude if municipality else None
    activity.longitude = municipality.longitude if municipality else None


def _set_lists(activity: Activity, facts: Mapping[str, Any]) -> None:
    for name in MANY_TO_MANY:
        if name in facts:
            getattr(activity, name).set(facts[name])


@transaction.atomic
def publish_activity(*, activity: Activity) -> bool:
    """Show the activity to teachers; return False when it was published already.

    Raises CannotPublish with everything that is missing.
    """
    current = lock_activity(activity.pk)
    if current.is_published:
        return False
    if missing := missing_for_publishing(current):
        raise CannotPublish(missing)
    now = timezone.now()
    Activity.objects.filter(pk=current.pk).update(
        status=Activity.Status.PUBLISHED, published_at=current.published_at or now, updated_at=now
    )
    refresh_search([current.pk])
    refresh_availability([current.pk])
    activity.refresh_from_db(fields=["status", "published_at"])
    return True


def unpublish_activity(*, activity: Activity) -> bool:
    """Hide a published activity from teachers; agreements stand. Return whether it was published."""
    return _move(activity, {Activity.Status.PUBLISHED}, Activity.Status.DRAFT)


def archive_activity(*, activity: Activity) -> bool:
    """Put a draft or published activity away; agreements stand. Return whether anything changed."""
    return _move(activity, {Activity.Status.PUBLISHED, Activity.Status.DRAFT}, Activity.Status.ARCHIVED)


def restore_activity(*, activity: Activity) -> bool:
    """Take an archived activity out again, as a draft. Return whether it was archived."""
    return _move(activity, {Activity.Status.ARCHIVED}, Activity.Status.DRAFT)


def _move(activity: Activity, origins: Iterable[str], target: str) -> bool:
    moved = Activity.objects.filter(pk=activity.pk, status__in=origins).update(status=target, updated_at=timezone.now())
    if moved:
        activity.status = target
        refresh_search([activity.pk])
    return bool(moved)


def count_view(activity_id: int) -> None:
    """Count one look at a published activity; the time of change stays as it is."""
    Activity.objects.published().filter(pk=activity_id).update(views_count=F("views_count") + 1)
