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

MANY_TO_MANY = ("subjects", "goals", "serves", "role_models")
# More than anybody works on at once; whoever has more forgot them.
MOST_DRAFTS = 200
# Facts a person may write; status, counters and the search index have services of their own.
EDITABLE = (
    "title",
    "summary",
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
    "access_features",
    "format",
    "languages",
    "grade_from",
    "grade_to",
    "group_max",
    "duration_minutes",
    "place",
    "municipality",
    "reach",
    "season_months",
    "link",
    "captions",
    "transcript",
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


class ChangedMeanwhile(Exception):
    """Somebody else saved the offer after the person had opened it; nothing was written."""


class TooManyDrafts(Exception):
    """The partner has so many drafts that it should finish or put away some first."""


@transaction.atomic
def create_activity(*, partner: Partner, kind: Kind, facts: Mapping[str, Any]) -> Activity:
    """Save a draft. ``facts`` are values by field name (``EDITABLE``, and lists for ``MANY_TO_MANY``).

    Raises TooManyDrafts.
    """
    check_drafts(partner)
    activity = Activity(partner=partner, kind=kind)
    _apply(activity, facts)
    activity.save()
    set_lists(activity, facts)
    refresh_search([activity.pk])
    return activity


def check_drafts(partner: Partner) -> None:
    """Raise TooManyDrafts when no more fit. Two at the same moment may go one above: nothing depends on the number."""
    if partner.activities.filter(status=Activity.Status.DRAFT).count() >= MOST_DRAFTS:
        raise TooManyDrafts


@transaction.atomic
def update_activity(*, activity: Activity, facts: Mapping[str, Any], revision: int | None = None) -> Activity:
    """Change facts of an activity; one that is published must stay complete. Facts that are not given stay.

    ``revision`` is the one of the page on which the facts were written; without it the newer facts win.
    Raises ChangedMeanwhile, or CannotPublish when a published activity would lack something it needs; both change
    nothing.
    """
    current = lock_activity(activity.pk)
    if revision is not None and revision != current.revision:
        raise ChangedMeanwhile
    point = (current.latitude, current.longitude)
    changed = _apply(current, facts)
    if (current.latitude, current.longitude) != point:
        changed += ["latitude", "longitude"]
    if set_lists(current, facts) or changed:
        current.revision += 1
        current.save(update_fields=[*changed, "revision", "updated_at"])
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
    """Set the facts on the object and return the names of those that are new; the point follows the place."""
    changed = [name for name in EDITABLE if name in facts and getattr(activity, name) != facts[name]]
    home = (activity.format, activity.municipality_id)
    for name in changed:
        setattr(activity, name, facts[name])
    if activity.pk is None or (activity.format, activity.municipality_id) != home:
        set_point(activity)
    return changed


def set_point(activity: Activity) -> None:
    """Set the point on the map, on the object only: its municipality's, none for what is digital."""
    # A digital offer is everywhere, so it has no distance to anybody.
    municipality = None if activity.format == Activity.Format.DIGITAL else activity.municipality
    activity.latitude = municipality.latitude if municipality else None
    activity.longitude = municipality.longitude if municipality else None


def set_lists(activity: Activity, facts: Mapping[str, Any]) -> bool:
    """Write the lists among the facts; return whether anything in them is new."""
    changed = False
    for name in MANY_TO_MANY:
        if name in facts:
            related = getattr(activity, name)
            wanted = {getattr(item, "pk", item) for item in facts[name]}
            if set(related.values_list("pk", flat=True)) != wanted:
                related.set(wanted)
                changed = True
    return changed


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
    Activity.objects.published().filter(pk=activity_id).update(
        views_count=F("views_count") + 1, last_viewed_at=timezone.now()
    )
