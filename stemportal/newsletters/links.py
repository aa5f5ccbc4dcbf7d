"""Addresses of a subscriber's own pages, as they stand in mails.

The link to the choices shows what somebody wants to read, so it is signed and runs out. The link that unsubscribes is
good as long as the mail that carries it: a wish to leave is never refused.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.http import base36_to_int, int_to_base36

from stemportal.newsletters import signed
from stemportal.outbox.letters import absolute_url

PURPOSE = "choices"
DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Choices:
    """Whose choices a link opens, and whether it has run out."""

    subscriber_id: int
    has_run_out: bool


def choices_token(subscriber_id: int) -> str:
    """Return a token for the page of choices: who, the day, a signature. Letters, digits and hyphens only."""
    text = f"{int_to_base36(subscriber_id)}-{int_to_base36(int(time.time()) // DAY)}"
    return f"{text}-{signed.signature(PURPOSE, text)}"


def read_choices_token(token: str) -> Choices | None:
    """Return what a token says, or None when it is not ours."""
    text, _hyphen, signature = token.rpartition("-")
    if not signed.is_signed(PURPOSE, text, signature):
        return None
    who, day = (base36_to_int(part) for part in text.split("-"))
    return Choices(who, int(time.time()) // DAY > day + settings.NEWSLETTER_LINK_DAYS)


def choices_url(subscriber_id: int, language: str) -> str:
    """Return the full address of the page where a subscriber chooses what to get."""
    with translation.override(language):
        return absolute_url(reverse("newsletters:preferences", args=[choices_token(subscriber_id)]))


def leave_url(unsubscribe_token: str, language: str) -> str:
    """Return the full address of the page with the unsubscribe button."""
    with translation.override(language):
        return absolute_url(reverse("newsletters:unsubscribe", args=[unsubscribe_token]))
