"""What newsletters forget, and when: promised on the privacy page, kept by a job every night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from stemportal.newsletters.emails.subscribing import about
from stemportal.newsletters.models import Batch, Bounce, Delivery, Newsletter, Subscriber
from stemportal.outbox.models import Mail

Status = Subscriber.Status
# Rows deleted in one transaction.
CHUNK = 2000


def forget_old() -> None:
    """Do everything that is due. Running it again, or after a crash, changes nothing that was right."""
    forget_unconfirmed()
    forget_deliveries()
    forget_those_who_left()
    Bounce.objects.filter(at__lt=_before(settings.NEWSLETTER_BOUNCE_DAYS)).delete()


def forget_unconfirmed() -> int:
    """Forget addresses that nobody confirmed. One that left before goes back to that: the proof of its time stays."""
    waiting = Subscriber.objects.filter(
        status=Status.PENDING, asked_at__lt=_before(settings.NEWSLETTER_UNCONFIRMED_DAYS)
    )
    waiting.filter(unsubscribed_at__isnull=False).update(status=Status.UNSUBSCRIBED)
    return _delete_subscribers(waiting.filter(unsubscribed_at__isnull=True))


def forget_those_who_left() -> int:
    """Forget addresses with the whole proof when nobody can ask for it any more."""
    return _delete_subscribers(
        Subscriber.objects.filter(
            status__in=Subscriber.LEFT,
            unsubscribed_at__lt=_before(settings.NEWSLETTER_PROOF_DAYS),
        )
    )


def forget_deliveries() -> int:
    """Forget who got a newsletter; how many did stays with it. Returns how many deliveries were forgotten."""
    old = Newsletter.objects.filter(
        Exists(Delivery.objects.filter(newsletter=OuterRef("pk"))),
        status=Newsletter.Status.SENT,
        sent_at__lt=_before(settings.NEWSLETTER_DELIVERY_DAYS),
    )
    forgotten = 0
    for pk in old.values_list("pk", flat=True):
        while count := _forget_some_deliveries(pk):
            forgotten += count
        Batch.objects.filter(newsletter=pk).delete()
    return forgotten


@transaction.atomic
def _forget_some_deliveries(newsletter_id: int) -> int:
    """Deliveries become counts in the same transaction, so that the sum of both is right at any moment."""
    newsletter = Newsletter.objects.select_for_update(no_key=True).get(pk=newsletter_id)
    some = dict(newsletter.deliveries.order_by("pk").values_list("pk", "status")[:CHUNK])
    newsletter.kept_counts = dict(Counter(newsletter.kept_counts) + Counter(some.values()))
    newsletter.save(update_fields=["kept_counts"])
    Delivery.objects.filter(pk__in=some).delete()
    return len(some)


def _delete_subscribers(subscribers: QuerySet[Subscriber]) -> int:
    deleted = 0
    while count := _delete_some_subscribers(subscribers):
        deleted += count
    return deleted


@transaction.atomic
def _delete_some_subscribers(subscribers: QuerySet[Subscriber]) -> int:
    """Locked before they go: one who signs up anew in this moment is none of them any more."""
    return forget_subscribers(subscribers.select_for_update().order_by("pk").values_list("pk", flat=True)[:CHUNK])


def forget_subscribers(pks: Iterable[int]) -> int:
    """Delete addresses with the proof of their consent and the mails of their signing up; return how many."""
    ids = list(pks)
    with transaction.atomic():
        Mail.objects.filter(about__in=[about(pk) for pk in ids]).delete()
        Subscriber.objects.filter(pk__in=ids).delete()
    return len(ids)


def _before(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
