"""Sending newsletters turn by turn, and the sweep that starts what is due and goes on after a crash."""

from celery import shared_task

from stemportal.newsletters.services import editing, lanes, retention, returns, sending


@shared_task
def take_turn(newsletter_id: int, lane: int, ticket: str) -> None:
    """A few seconds of one lane."""
    lanes.take_turn(newsletter_id, lane, ticket)


@shared_task
def sweep() -> None:
    """Every few seconds: what is due, what stopped half way, and what a dead worker left."""
    sending.sweep()


@shared_task
def read_return_mailbox() -> None:
    """Every few minutes: mails that came back, complaints, and wishes to leave."""
    returns.read_return_mailbox()


@shared_task
def forget_old() -> None:
    """Every night: addresses nobody confirmed, proofs and deliveries whose time is over."""
    retention.forget_old()


@shared_task(ignore_result=True)
def count_click(link_id: int) -> None:
    """One click on a link of a newsletter that counts them."""
    editing.count_click(link_id)
