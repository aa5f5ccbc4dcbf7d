"""Writing a newsletter's mails batch by batch, and the sweep that goes on after a crash."""

from celery import shared_task

from stemportal.newsletters import services
from stemportal.outbox.services import hand_over


@shared_task
def write_mails(newsletter_id: int) -> None:
    """Write one batch and hand the next one over, so that other work gets its turn in between."""
    if services.write_batch(newsletter_id) == services.BATCH:
        hand_over(lambda: write_mails.delay(newsletter_id), newsletter=newsletter_id)


@shared_task
def sweep() -> None:
    """Every minute: newsletters that stopped half way."""
    services.sweep()
