"""What is done about bookings outside of anybody's request."""

from __future__ import annotations

from celery import shared_task

from stemportal.schools.services import telling


@shared_task
def tell(booking_id: int) -> None:
    """Write the mails of what happened to a booking."""
    telling.tell(booking_id)


@shared_task
def sweep_untold() -> None:
    """Find history whose mails nobody wrote."""
    telling.sweep()
