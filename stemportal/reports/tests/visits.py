"""Visits that took place, for tests; a test names only what it is about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.partners.models import Partner
from stemportal.schools.models import Booking
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    MembershipFactory,
    PartnerFactory,
    SessionFactory,
    UserFactory,
)

# The school year of the tests; no test depends on today's.
YEAR = 2024


def moment(text: str) -> datetime:
    """Return "2024-10-01 09:00" as a moment in Norway."""
    return timezone.make_aware(datetime.fromisoformat(text))


def visit(
    partner: Partner | None = None,
    *,
    at: str = "2024-10-01 09:00",
    hours: float = 2,
    pupils: int = 20,
    girls: int | None = 9,
    activity: Activity | None = None,
    **facts: Any,
) -> Booking:
    """Return a completed booking with attendance; without a session in ``facts`` it has one of its own."""
    if "session" not in facts:
        activity = activity or ActivityFactory(partner=partner or PartnerFactory())
        starts_at = moment(at)
        facts["session"] = SessionFactory(
            activity=activity, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours)
        )
    booking = BookingFactory(status=Booking.Status.COMPLETED, pupils=pupils, **facts)
    AttendanceFactory(booking=booking, pupils=pupils, girls=girls)
    return booking


def partner_with_owner(**facts: Any) -> Partner:
    """Return an approved partner whose owner reads mail."""
    partner = PartnerFactory(**facts)
    MembershipFactory(partner=partner, user=UserFactory())
    return partner
