"""Deliveries of which nobody knows whether they arrived: people decide, each on purpose."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.utils import timezone

from stemportal.newsletters.models import Delivery, Newsletter
from stemportal.newsletters.services import lanes


def send_again(delivery_ids: Collection[int]) -> int:
    """Send unknown ones once more; their receivers may get the newsletter twice. Returns how many.

    A newsletter that was over is on its way again for them.
    """
    with transaction.atomic():
        rows = Delivery.objects.unsure().filter(pk__in=delivery_ids)
        newsletters = sorted(set(rows.values_list("newsletter", flat=True)))
        # In the order in which a batch is settled: the newsletter's row is what others wait for.
        list(Newsletter.objects.select_for_update(no_key=True).filter(pk__in=newsletters).order_by("pk"))
        count = rows.update(status=Delivery.Status.QUEUED, next_try_at=None, error="")
        over = Newsletter.objects.filter(pk__in=newsletters, status=Newsletter.Status.SENT)
        over.update(status=Newsletter.Status.SENDING)
        for newsletter_id in newsletters:
            transaction.on_commit(partial(lanes.start, newsletter_id))
    return count


def leave(delivery_ids: Collection[int]) -> int:
    """Leave unknown ones as they are: they are counted as unknown and wait for nobody any more. Returns how many."""
    return Delivery.objects.unsure().filter(pk__in=delivery_ids).update(left_at=timezone.now())
