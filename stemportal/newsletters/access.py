"""Who may see a subscriber's choices: whoever holds the link that was mailed, and the person who is logged in."""

from __future__ import annotations

from django.http import Http404

from stemportal.newsletters import links
from stemportal.newsletters.models import Subscriber


def get_subscriber_of_link(token: str) -> tuple[Subscriber, bool]:
    """Return whose choices a mailed link opens, and whether it has run out. Http404 for what we did not make."""
    choices = links.read_choices_token(token)
    if choices is None:
        raise Http404
    subscriber = Subscriber.objects.filter(pk=choices.subscriber_id).first()
    if subscriber is None:
        raise Http404
    return subscriber, choices.has_run_out
