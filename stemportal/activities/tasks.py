"""Counting views and keeping the order of lists fresh, outside of anybody's request."""

from celery import shared_task

from stemportal.activities import services
from stemportal.outbox.services import hand_over


@shared_task
def count_view(activity_id: int) -> None:
    """Count one look at an activity."""
    services.count_view(activity_id)


@shared_task
def refresh_availability(activity_ids: list[int] | None = None) -> None:
    """Bring next free dates and booked places up to date; beat does it for all every few minutes."""
    services.refresh_availability(activity_ids)


@shared_task
def refresh_search() -> None:
    """Write all search words anew, once a night: names of partners, kinds and subjects may have changed."""
    services.refresh_search()


def announce_view(activity_id: int) -> None:
    """Have a look counted. A page is shown also when Valkey is away; then the look is not counted."""
    hand_over(lambda: count_view.delay(activity_id), view_of=activity_id)
