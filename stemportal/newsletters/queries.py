"""What holds a newsletter up, for its editor: why it is not all out yet. How many got it is in ``statistics``."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q

from stemportal.newsletters.models import Delivery, Newsletter
from stemportal.newsletters.services import rests
from stemportal.newsletters.services.rests import Rest


@dataclass(frozen=True, kw_only=True)
class HeldUp:
    """What a newsletter waits for."""

    # Receivers whose server refused it for now, and what one of them said.
    retried: int
    answer: str
    # What the mail server said when it refused one receiver after the other, and the newsletter was paused for that.
    refusal: str
    # Receivers of whom nobody knows, until somebody decides.
    unsure: int
    # The mail server does not answer: until when it is left alone, and why. Only while the newsletter is on its way.
    rest: Rest | None


def held_up(newsletter: Newsletter) -> HeldUp:
    """Look at one newsletter, in one query."""
    retried = Q(status=Delivery.Status.QUEUED, next_try_at__isnull=False)
    found = newsletter.deliveries.aggregate(
        retried=Count("pk", filter=retried),
        answer=Min("error", filter=retried),
        refusal=Max("error", filter=Q(status=Delivery.Status.QUEUED, next_try_at=None)),
        unsure=Count("pk", filter=Q(status=Delivery.Status.UNKNOWN, left_at=None)),
    )
    is_on_its_way = newsletter.status == Newsletter.Status.SENDING
    return HeldUp(
        retried=found["retried"],
        answer=found["answer"] or "",
        refusal=(found["refusal"] or "") if newsletter.status == Newsletter.Status.PAUSED else "",
        unsure=found["unsure"],
        rest=rests.current() if is_on_its_way else None,
    )
