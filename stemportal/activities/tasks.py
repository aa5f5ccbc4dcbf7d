"""Counting views, keeping the order of lists fresh and the search index true, outside of anybody's request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import shared_task

from stemportal.activities import search_index
from stemportal.activities.search import writer
from stemportal.activities.search.store import SearchNotReady
from stemportal.activities.services import activities
from stemportal.outbox.services import hand_over

if TYPE_CHECKING:
    from celery import Task

# A rebuild holds the lock for seconds on a small portal and minutes on a very large one; changes wait for it.
RETRY_SECONDS, RETRIES = 5, 120


@shared_task
def count_view(activity_id: int) -> None:
    """Count one look at an activity."""
    activities.count_view(activity_id)


@shared_task
def refresh_availability(activity_ids: list[int] | None = None) -> None:
    """Bring next free dates and booked places up to date; beat does it for all every few minutes."""
    search_index.refresh_availability(activity_ids)


@shared_task(bind=True, max_retries=RETRIES, default_retry_delay=RETRY_SECONDS)
def index_activities(self: Task, activity_ids: list[int]) -> None:
    """Bring these activities in the search index up to date; build it where there is none."""
    try:
        writer.update(activity_ids)
    except writer.WriterBusy as busy:
        raise self.retry(exc=busy) from busy
    except SearchNotReady:
        rebuild_search.delay(if_missing=True)


@shared_task
def sweep_search() -> None:
    """Find changes that nobody told the search of, and an index that is missing or broken."""
    try:
        writer.sweep()
    except writer.WriterBusy:
        return
    except SearchNotReady:
        rebuild_search.delay(if_missing=True)


@shared_task
def rebuild_search(*, if_missing: bool = False) -> None:
    """Build the search index anew, unless another process is at it already."""
    if if_missing and not writer.is_missing():
        return
    try:
        writer.rebuild(wait_seconds=0)
    except writer.WriterBusy:
        return


def announce_view(activity_id: int) -> None:
    """Have a look counted. A page is shown also when Valkey is away; then the look is not counted."""
    hand_over(lambda: count_view.delay(activity_id), view_of=activity_id)
