"""What is done about the network outside of anybody's request."""

from __future__ import annotations

from celery import shared_task

from stemportal.network.services import (
    group_documents,
    group_news,
    hearings,
    input_telling,
    meeting_mails,
    meetings,
    posts,
    stories,
)
from stemportal.outbox.services import hand_over


@shared_task
def mail_meeting(meeting_id: int) -> None:
    """Write the mails that are due about a meeting."""
    meeting_mails.mail_meeting(meeting_id)


@shared_task
def sweep_meeting_mails() -> None:
    """Every minute: find meetings about which something is to be mailed, by the clock or because a worker died."""
    meeting_mails.sweep()


@shared_task
def forget_meetings() -> None:
    """Every night: dietary needs and names of guests, and later who did not come."""
    meetings.forget_details()
    meetings.forget_who_did_not_come()


# Input, hearings and recommendations


@shared_task
def tell_input(input_id: int) -> None:
    """Write the mails of what happened to an input."""
    input_telling.tell(input_id)


@shared_task
def sweep_inputs() -> None:
    """Every minute: find history of input whose mails nobody wrote."""
    input_telling.sweep()


@shared_task
def tell_hearings() -> None:
    """Every minute: mail partners that a hearing opened or closes soon, batch by batch."""
    if hearings.tell_hearings():
        hand_over(tell_hearings.delay)


# Working groups


@shared_task
def tell_groups() -> None:
    """Every minute: mail what was written and shared some minutes ago to members who want to hear of each."""
    group_news.sweep()


@shared_task
def mail_groups_daily() -> None:
    """Every quarter of an hour: the daily mails of this morning, and those that were missed."""
    group_news.write_daily_mails()


@shared_task
def forget_removed_of_groups() -> None:
    """Every night: what was taken away from working groups long ago."""
    posts.delete_removed()
    group_documents.delete_removed()


# Stories


@shared_task
def forget_stories() -> None:
    """Every night: stories that were not published for a year, with their pictures."""
    stories.forget_unpublished()
