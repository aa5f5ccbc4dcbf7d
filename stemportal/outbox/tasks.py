"""Sending mail, one task a mail, and the sweep that finds what was lost on the way."""

from celery import shared_task

from stemportal.outbox import services


@shared_task
def send_mail(mail_id: int) -> None:
    """Send one mail; a mail that is not due any more is left alone."""
    services.deliver(mail_id)


@shared_task
def sweep() -> None:
    """Every few seconds: mails whose worker died, or that never reached a worker."""
    services.sweep()
