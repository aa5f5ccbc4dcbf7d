"""Dates of an activity. Places taken, moving and cancelling belong to schools.services, where the bookings are."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from stemportal.activities.models import Activity, Session
from stemportal.activities.search_index import refresh_availability
from stemportal.activities.services.activities import lock_activity
from stemportal.activities.services.series import session_row
from stemportal.activities.session_rules import NewSession, check_sessions


@transaction.atomic
def add_sessions(*, activity: Activity, sessions: Sequence[NewSession]) -> list[Session]:
    """Add all sessions or none. Raises SessionErrors, which says what is wrong in which of them."""
    current = lock_activity(activity.pk)
    if current.status == Activity.Status.ARCHIVED:
        raise ValidationError("archived activities take no sessions", code="archived")
    check_sessions(current, sessions)
    created = Session.objects.bulk_create(session_row(current, item) for item in sessions)
    refresh_availability([current.pk])
    return created
