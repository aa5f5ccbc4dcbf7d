"""What the tests of the day and afterwards share: agreed visits around a moment, and the mails about them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.schools.models import Booking
from stemportal.testing.factories import BookingFactory, MembershipFactory, SessionFactory

LONG_AGO = timedelta(days=60)


def oslo(*when: int) -> datetime:
    """A moment on the wall clock in Norway."""
    return timezone.make_aware(datetime(*when))  # type: ignore[arg-type]


def agreed_visit(starts_at: datetime, *, agreed_at: datetime | None = None, hours: int = 2, **facts) -> Booking:
    """A confirmed visit of a partner with one owner, agreed long before unless said otherwise."""
    activity = {f"activity__{name}": facts.pop(name) for name in ("title", "place", "partner") if name in facts}
    session = facts.pop("session", None) or SessionFactory(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), places_taken=1, **activity
    )
    if not session.activity.partner.memberships.exists():
        MembershipFactory(partner=session.activity.partner)
    moment = agreed_at or starts_at - LONG_AGO
    facts = {"status": Booking.Status.CONFIRMED, "created_at": moment, "answered_at": moment, **facts}
    return BookingFactory(session=session, **facts)


def mails_of(booking: Booking) -> list[str]:
    """The names of the mails about a booking, in the order in which they were written."""
    return list(Mail.objects.about(f"booking:{booking.pk}").order_by("pk").values_list("template", flat=True))
