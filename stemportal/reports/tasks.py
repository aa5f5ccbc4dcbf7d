"""Building reports, one task a report, and the sweep that finds what was lost on the way."""

from celery import shared_task

from stemportal.reports import services


@shared_task
def build(report_id: int) -> None:
    """Build one report; one that is not waiting any more is left alone."""
    services.build_report(report_id)


@shared_task
def sweep() -> None:
    """Every minute: reports whose worker died, or that never reached a worker."""
    services.sweep()
