"""Counting views and keeping the order of lists fresh, outside of anybody's request."""

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from stemportal.activities import services

logger = structlog.get_logger(__name__)


@shared_task
def count_view(activity_id: int) -> None:
    """Count one look at an activity."""
    services.count_view(activity_id)


@shared_task
def refresh_availability(activity_ids: list[int] | None = None) -> None:
    """Bring next free dates and booked places up to date; beat does it for all every few minutes."""
    services.refresh_availability(activity_ids)


def announce_view(activity_id: int) -> None:
    """Have a look counted. A page is shown also when Valkey is away; then the look is not counted."""
    try:
        count_view.delay(activity_id)
    except (BrokerError, RedisError, OSError):
        logger.warning("view_not_counted", activity=activity_id)
