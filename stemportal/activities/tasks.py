"""Counting views, keeping the order of lists fresh and the search index true, outside of anybody's request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from celery import shared_task

from stemportal.activities import search_index
from stemportal.activities.search import writer
from stemportal.activities.search.store import SearchNotReady
from stemportal.activities.services import activities, asking, film_plays, saved
from stemportal.activities.services.curriculum import import_grep
from stemportal.lib.grep import GrepAway
from stemportal.outbox.services import hand_over

logger = structlog.get_logger(__name__)

if TYPE_CHECKING:
    from celery import Task

# A rebuild holds the lock for seconds on a small portal and minutes on a very large one; changes wait for it.
RETRY_SECONDS, RETRIES = 5, 120
# A task is short, so that others get their turn; what is left of an import waits a little for the next one.
IMPORT_SECONDS, IMPORT_PAUSE = 120.0, 30


@shared_task
def count_view(activity_id: int) -> None:
    """Count one look at an activity."""
    activities.count_view(activity_id)


@shared_task
def count_play(activity_id: int) -> None:
    """Count one start of a film."""
    film_plays.count_play(activity_id)


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


@shared_task
def mail_saved_searches() -> None:
    """Mail what is new to those who saved a search; without an index the next run does it."""
    try:
        saved.mail_saved_searches()
    except SearchNotReady:
        rebuild_search.delay(if_missing=True)


@shared_task
def forget_who_asked() -> None:
    """Take people out of what was asked for long ago."""
    asking.forget_who_asked()


@shared_task
def import_curriculum(plans: list[str] | None = None) -> None:
    """Bring curricula and goals up to date from Grep; without an answer everything stays until next month."""
    try:
        report = import_grep(plans=plans or (), seconds=IMPORT_SECONDS)
    except GrepAway as away:
        logger.warning("grep_import_failed", trouble=str(away))
        return
    # Only what there was no time for: a register that fails is not asked for ever.
    if report.left and not report.failed:
        import_curriculum.apply_async(args=(report.left,), countdown=IMPORT_PAUSE)


def announce_play(activity_id: int) -> None:
    """Have a start of a film counted. It plays also when Valkey is away; then it is not counted."""
    hand_over(lambda: count_play.delay(activity_id), play_of=activity_id)


def announce_view(activity_id: int) -> None:
    """Have a look counted. A page is shown also when Valkey is away; then the look is not counted."""
    hand_over(lambda: count_view.delay(activity_id), view_of=activity_id)
