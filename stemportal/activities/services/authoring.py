"""How an offer comes about: what saves itself while somebody writes, copies of earlier offers."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, ActivityFile, Availability, PendingEdit
from stemportal.activities.search_index import refresh_search
from stemportal.activities.services import files, pictures
from stemportal.activities.services.activities import (
    EDITABLE,
    MANY_TO_MANY,
    ChangedMeanwhile,
    check_drafts,
    lock_activity,
    set_point,
    update_activity,
)

# Somebody must look at these again before pupils come: they are not true of next year by themselves.
NOT_COPIED = {"risk_assessed_on", "police_certificate_seen_by", "police_certificate_seen_on"}


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stands in an editor: ``facts`` for the offer, ``values`` as they were typed, and what the page came from.

    ``revision`` and ``seen`` are those of the saved offer on which it was typed, ``pending`` the stamp of the
    unpublished change that the page shows, empty when it shows none.
    """

    facts: Mapping[str, Any]
    values: Mapping[str, list[str]]
    revision: int
    seen: str
    pending: str = ""


@transaction.atomic
def save_typed(*, activity: Activity, typed: Typed, by: User) -> tuple[Activity, PendingEdit | None]:
    """Keep what was typed without showing it to anybody: in the draft, or beside a published offer.

    Raises ChangedMeanwhile when somebody else has saved since; nothing is overwritten then.
    """
    current = lock_activity(activity.pk)
    if not current.is_published:
        return update_activity(activity=current, facts=typed.facts, revision=typed.revision), None
    pending = pending_of(current)
    if (pending.saved_at.isoformat() if pending else "") != typed.pending:
        raise ChangedMeanwhile
    pending = pending or PendingEdit(activity=current)
    # What cannot be read yet, a date half typed, keeps its last good value.
    kept = pending.data.get("values", {})
    pending.data = {"values": {**kept, **typed.values}, "seen": typed.seen}
    pending.based_on, pending.saved_at, pending.saved_by = typed.revision, timezone.now(), by
    pending.save()
    return current, pending


def pending_of(activity: Activity) -> PendingEdit | None:
    """Return the change of a published offer that waits, or None."""
    return PendingEdit.objects.select_related("saved_by").filter(activity=activity).first()


@transaction.atomic
def publish_typed(*, activity: Activity, typed: Typed) -> Activity:
    """Write what was typed into the offer; the unpublished change that the page showed has then served.

    One that somebody else has begun meanwhile stays. Raises ChangedMeanwhile and CannotPublish as ``update_activity``.
    """
    current = update_activity(activity=activity, facts=typed.facts, revision=typed.revision)
    pending = pending_of(current)
    if pending is not None and pending.saved_at.isoformat() == typed.pending:
        pending.delete()
    return current


@transaction.atomic
def discard_pending(*, activity: Activity, stamp: str) -> bool:
    """Throw away the unpublished change that the page showed. Return whether it was still that one."""
    pending = pending_of(lock_activity(activity.pk))
    if pending is None or pending.saved_at.isoformat() != stamp:
        return False
    pending.delete()
    return True


def with_facts(activity: Activity, facts: Mapping[str, Any]) -> Activity:
    """Return a copy of the object as the activity would be with these facts; nothing is written."""
    changed = copy(activity)
    for name in EDITABLE:
        if name in facts:
            setattr(changed, name, facts[name])
    set_point(changed)
    # Where prefetch_related puts its rows: whatever asks the offer for them gets these.
    rows: dict[str, Any] = {}
    for name in MANY_TO_MANY:
        if name in facts:
            model: Any = Activity._meta.get_field(name).related_model
            rows[name] = model.objects.filter(pk__in=[item.pk for item in facts[name]])
    changed._prefetched_objects_cache = rows  # type: ignore[attr-defined]
    return changed


def copy_activity(*, activity: Activity) -> Activity:
    """Return a new draft with everything of an offer but its sessions, and what must be looked at anew each year.

    Dates of risk assessments and police certificates are left out, and the file of the assessment with them. Pictures
    and other files are copied, so that removing one leaves the other. Raises TooManyDrafts.
    """
    with transaction.atomic():
        check_drafts(activity.partner)
        facts = {name: getattr(activity, name) for name in EDITABLE if name not in NOT_COPIED}
        new = Activity(partner=activity.partner, kind=activity.kind, copied_from=activity, **facts)
        new.latitude, new.longitude = activity.latitude, activity.longitude
        new.save()
        for name in MANY_TO_MANY:
            related = getattr(activity, name).all()
            if name == "role_models":
                related = related.published()
            getattr(new, name).set(related)
        # Weekly hours hold next year too; those for a part of a year do not.
        Availability.objects.bulk_create(
            Availability(activity=new, weekday=hours.weekday, begins=hours.begins, ends=hours.ends)
            for hours in activity.availability.filter(first_day__isnull=True, last_day__isnull=True)
        )
        for image in activity.images.all():
            pictures.copy_picture(image=image, to=new)
        for file in activity.files.exclude(purpose=ActivityFile.Purpose.RISK):
            files.copy_file(file=file, to=new)
        refresh_search([new.pk])
    return new
