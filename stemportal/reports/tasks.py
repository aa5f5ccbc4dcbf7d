"""Building reports, one task a report, and the sweep that finds what was lost on the way."""

from celery import shared_task

from stemportal.outbox.services import hand_over
from stemportal.reports.services import building


@shared_task
def build(report_id: int) -> None:
    """Build one report; one that is not waiting any more is left alone."""
    building.build_report(report_id)


@shared_task
def note_fetch(report_id: int) -> None:
    """Note that the partner has fetched the report."""
    building.note_fetch(report_id)


@shared_task
def sweep() -> None:
    """Every minute: reports whose worker died, or that never reached a worker."""
    building.sweep()


def announce_fetch(report_id: int) -> None:
    """Have a fetch noted. The file is handed out also when Valkey is away; then the room goes on pointing to it."""
    hand_over(lambda: note_fetch.delay(report_id), fetch_of=report_id)
