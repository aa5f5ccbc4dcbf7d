"""The same class twice at the same time: warned of, and allowed with a reason."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable

from stemportal.activities.session_rules import LONGEST_DAYS
from stemportal.schools.emails.proposals import moment_words
from stemportal.schools.errors import SameTime
from stemportal.schools.models import Booking, School

# Bookings that have or keep a place at their time; who waits in a line may well have another plan meanwhile.
LONGEST = timedelta(days=LONGEST_DAYS)
COUNTING = (Booking.Status.REQUESTED, Booking.Status.OFFERED, Booking.Status.CONFIRMED)
# A time, or where a query finds it.
Moment = datetime | Combinable


def check_same_time(
    *,
    school: School,
    group_name: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    besides_session: int | None = None,
    besides_key: uuid.UUID | None = None,
) -> None:
    """Raise SameTime, naming the other visit, when the group has one that overlaps, and no reason is given.

    The session asked for, and what the same form has booked, are other questions. One query.
    """
    if reason:
        return
    other = at_the_same_time(
        school=school,
        group_name=group_name,
        starts_at=starts_at,
        ends_at=ends_at,
        besides_session=besides_session,
        besides_key=besides_key,
    )
    if other is not None:
        raise SameTime(f"{other.activity.title}, {moment_words(other.starts_at)}")


def overlapping(
    *, school_id: int, group_name: str, starts_at: Moment, ends_at: Moment, asked_from: Moment
) -> QuerySet[Booking]:
    """Return the group's bookings in sessions that overlap with a time, and dates it asked for that may.

    How long the latter last says their offer; none that begin before ``asked_from`` can.
    """
    sure = Q(session__starts_at__lt=ends_at, session__ends_at__gt=starts_at)
    maybe = Q(session=None, proposed_at__lt=ends_at, proposed_at__gt=asked_from)
    return Booking.objects.filter(sure | maybe, school_id=school_id, group_name__iexact=group_name, status__in=COUNTING)


def at_the_same_time(
    *,
    school: School,
    group_name: str,
    starts_at: datetime,
    ends_at: datetime,
    besides_session: int | None = None,
    besides_key: uuid.UUID | None = None,
) -> Booking | None:
    """Return the first booking of the school's group that overlaps with a time, or None. One query."""
    found = overlapping(
        school_id=school.pk,
        group_name=group_name,
        starts_at=starts_at,
        ends_at=ends_at,
        asked_from=starts_at - LONGEST,
    )
    if besides_session is not None:
        found = found.exclude(session=besides_session)
    if besides_key is not None:
        found = found.exclude(request_key=besides_key)
    for booking in found.select_related("activity", "session").order_by("pk"):
        asked = booking.proposed_at
        if booking.session is not None or asked is None or booking.activity.end_after(asked) > starts_at:
            return booking
    return None
