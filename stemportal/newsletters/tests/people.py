"""Subscribers and newsletters for tests; a test names only what it is about."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.utils import timezone

from stemportal.newsletters.models import Newsletter, Subscriber

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
    """Return a draft in bokmål."""
    defaults = {"subject_nb": "Nytt om roboter", "body_nb": "Kom og **se**. [Alle tilbud](/activities/)"}
    return Newsletter.objects.create(**defaults | facts)
