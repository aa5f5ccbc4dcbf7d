"""Building and publishing reports, and the sweeps that find what was lost on the way."""

from celery import shared_task

from stemportal.outbox.services import hand_over
from stemportal.reports.radar import weekly
from stemportal.reports.radar.days import note_day
from stemportal.reports.services import building, exports, programme, publishing


@shared_task
def build(report_ids: list[int]) -> None:
    """Build some reports; those that are not waiting any more are left alone."""
    building.build_reports(report_ids)


@shared_task
def publish(report_id: int) -> None:
    """Publish one report; one that nobody asked to have published is left alone."""
    publishing.publish_report(report_id)


@shared_task
def publish_programme(report_id: int) -> None:
    """Publish one report of the programme; one that is published, or that another worker is at, is left alone."""
    programme.publish_programme_report(report_id)


@shared_task
def note_fetch(report_id: int) -> None:
    """Note that the partner has fetched the report."""
    publishing.note_fetch(report_id)


@shared_task
def sweep() -> None:
    """Every minute: reports whose worker died, or that never reached a worker."""
    building.sweep()
    publishing.sweep()
    programme.sweep()
    exports.sweep()


@shared_task
def sweep_files() -> None:
    """Every night: files that no report has."""
    building.sweep_files()
    programme.sweep_files()


def announce_fetch(report_id: int) -> None:
    """Have a fetch noted. The file is handed out also when Valkey is away; then the room goes on pointing to it."""
    hand_over(lambda: note_fetch.delay(report_id), fetch_of=report_id)


@shared_task
def build_export(export_id: int) -> None:
    """Build one export; one that is not waiting any more is left alone."""
    exports.build_export(export_id)


@shared_task
def expire_exports() -> None:
    """Every hour: files of exports whose days are over."""
    exports.expire_exports()


@shared_task
def note_radar() -> None:
    """Every morning: how many of each matter stand on the radar."""
    note_day()


@shared_task
def mail_radar() -> None:
    """Every hour: the weekly mail, from Monday morning on, to those who have not had it."""
    weekly.mail_radar()
