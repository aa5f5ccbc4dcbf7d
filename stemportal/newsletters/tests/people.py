"""Subscribers and newsletters for tests; a test names only what it is about."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.utils import timezone

from stemportal.newsletters.models import Block, Delivery, Interest, Newsletter, Subscriber
from stemportal.newsletters.services import lanes

_number = count()


def subscriber(**facts: Any) -> Subscriber:
    """Return somebody who confirmed and gets the newsletter."""
    defaults = {
        "email": f"leser{next(_number)}@example.org",
        "status": Subscriber.Status.ACTIVE,
        "confirmed_at": timezone.now(),
        "consent_text": "Ja takk.",
        "consent_source": "/newsletter/",
    }
    return Subscriber.objects.create(**defaults | facts)


def newsletter(**facts: Any) -> Newsletter:
    """Return a draft in bokmål with one block of text."""
    made = Newsletter.objects.create(**{"subject_nb": "Nytt om roboter"} | facts)
    Block.objects.create(newsletter=made, text_nb="Kom og **se**. [Alle tilbud](/activities/)")
    return made


def interest(slug: str) -> Interest:
    """Return something that can be chosen."""
    return Interest.objects.create(slug=slug, name_nb=slug.capitalize(), name_nn=slug.capitalize(), name_en=slug)


def delivered(to: Subscriber, issue: Newsletter | None = None, **facts: Any) -> Delivery:
    """Return a newsletter that was handed over to a subscriber's mail server."""
    defaults = {"status": Delivery.Status.SENT, "sent_at": timezone.now()}
    return Delivery.objects.create(newsletter=issue or newsletter(), subscriber=to, **defaults | facts)


def send_all(issue: Newsletter) -> None:
    """Do what the lanes do, in this process, as far as it goes now."""
    while lanes.send(issue.pk, seconds=30):
        pass
    issue.refresh_from_db()
