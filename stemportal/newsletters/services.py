"""Every write of newsletters: who subscribes, on what consent, and who gets which issue.

Consent follows markedsføringsloven § 15: the words, the time and the place are kept, and an address counts only after
somebody who reads its mail pressed a button (double opt-in). Unsubscribing follows RFC 8058.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.newsletters import emails
from stemportal.newsletters.models import Delivery, Newsletter, Subscriber
from stemportal.newsletters.rendering import Content, content
from stemportal.outbox.models import Mail
from stemportal.outbox.services import hand_over

logger = structlog.get_logger(__name__)

# What the person agrees to. It is stored with the subscriber in the words that the page showed.
CONSENT_TEXT: Promise = _(
    "I would like the newsletter by e-mail, about six times a year. I can unsubscribe with one click at any time."
)
# A link in a forgotten mail must not sign anybody up a year later.
CONFIRM_WITHIN = timedelta(days=14)
# Mails written in one transaction: small enough to lose little in a crash, large enough to be quick.
BATCH = 200
# Workers that write one newsletter at the same time.
WRITERS = 4


class NewsletterError(Exception):
    """A newsletter cannot be sent; the message is for the editor."""


def subscribe(*, email: str, language: str, source: str, consent_text: str) -> None:
    """Note the wish and mail a link to confirm it. Nothing that the caller sees tells whether the address was known.

    An address that already subscribes gets a mail saying so; one that left starts anew. Asking again while waiting
    sends the link again: how often is the view's limit.
    """
    email = email.strip().lower()
    with transaction.atomic():
        Subscriber.objects.bulk_create(
            [Subscriber(email=email, language=language, consent_text=consent_text, consent_source=source[:200])],
            ignore_conflicts=True,
        )
        subscriber = Subscriber.objects.select_for_update(no_key=True).get(email__iexact=email)
        if subscriber.status == Subscriber.Status.ACTIVE:
            emails.already_subscribed(subscriber)
            return
        subscriber.status = Subscriber.Status.PENDING
        subscriber.language = language
        subscriber.consent_text = consent_text
        subscriber.consent_source = source[:200]
        subscriber.asked_at = timezone.now()
        subscriber.save(update_fields=["status", "language", "consent_text", "consent_source", "asked_at"])
        emails.confirm_subscription(subscriber)


def confirm_subscription(token: str) -> bool:
    """Make a waiting address a subscriber. False when the link has run out, or was used before."""
    now = timezone.now()
    return bool(
        Subscriber.objects.filter(
            confirm_token=token, status=Subscriber.Status.PENDING, asked_at__gte=now - CONFIRM_WITHIN
        ).update(status=Subscriber.Status.ACTIVE, confirmed_at=now, unsubscribed_at=None)
    )


def unsubscribe(token: str) -> bool:
    """Take an address off the list; True when it was on it. A second press changes nothing."""
    return bool(_take_off(Subscriber.objects.filter(unsubscribe_token=token)))


def unsubscribe_on_request(subscriber_ids: Sequence[int]) -> int:
    """Take off those who asked by telephone or reply. Returns how many."""
    return _take_off(Subscriber.objects.filter(pk__in=subscriber_ids))


def _take_off(subscribers: QuerySet[Subscriber]) -> int:
    return subscribers.exclude(status=Subscriber.Status.UNSUBSCRIBED).update(
        status=Subscriber.Status.UNSUBSCRIBED, unsubscribed_at=timezone.now()
    )


def send_newsletter(newsletter: Newsletter, by: User) -> int:
    """Start sending a draft to all who subscribe now; returns how many that is.

    Raises NewsletterError when it is no draft any more (somebody was faster) or when nobody subscribes.
    """
    with transaction.atomic():
        started = Newsletter.objects.filter(pk=newsletter.pk, status=Newsletter.Status.DRAFT).update(
            status=Newsletter.Status.SENDING, sent_by=by
        )
        if not started:
            raise NewsletterError(_("This newsletter is already on its way."))
        receivers = _list_receivers(newsletter.pk)
        if not receivers:
            raise NewsletterError(_("Nobody subscribes yet, so there is nobody to send to."))
        transaction.on_commit(lambda: _start_writers(newsletter.pk, receivers))
    newsletter.refresh_from_db()
    return receivers


def _list_receivers(newsletter_id: int) -> int:
    """One delivery for each who subscribes at this moment, in one statement however many they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO newsletters_delivery (newsletter_id, subscriber_id, created_at)
            SELECT %s, id, now() FROM newsletters_subscriber WHERE status = %s ORDER BY id
            ON CONFLICT (newsletter_id, subscriber_id) DO NOTHING
            """,
            [newsletter_id, Subscriber.Status.ACTIVE],
        )
        return int(cursor.rowcount)


def _start_writers(newsletter_id: int, receivers: int) -> None:
    from stemportal.newsletters.tasks import write_mails

    for _number in range(min(WRITERS, -(-receivers // BATCH))):
        hand_over(lambda: write_mails.delay(newsletter_id), newsletter=newsletter_id)


def write_batch(newsletter_id: int, size: int = BATCH) -> int:
    """Write the mails of the next deliveries that have none. Returns how many deliveries were dealt with.

    The rows are locked and other workers step over them; mail and mark are one transaction, so a crash leaves a
    delivery either to do or done, and nobody gets two. Who unsubscribed meanwhile gets none.
    """
    with transaction.atomic():
        newsletter = Newsletter.objects.filter(pk=newsletter_id, status=Newsletter.Status.SENDING).first()
        if newsletter is None:
            return 0
        deliveries = list(
            Delivery.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .filter(newsletter=newsletter, mail__isnull=True)
            .select_related("subscriber")
            .order_by("pk")[:size]
        )
        gone = [row.pk for row in deliveries if row.subscriber.status != Subscriber.Status.ACTIVE]
        Delivery.objects.filter(pk__in=gone).delete()
        contents = {code: content(newsletter, code) for code, _name in settings.LANGUAGES}
        written = [row for row in deliveries if row.pk not in set(gone)]
        for row in written:
            row.mail = _write(newsletter, row.subscriber, contents)
        Delivery.objects.bulk_update(written, ["mail"])
    finish_if_written(newsletter_id)
    return len(deliveries)


def _write(newsletter: Newsletter, subscriber: Subscriber, contents: dict[str, Content]) -> Mail:
    issue = contents.get(subscriber.language) or contents["nb"]
    return emails.newsletter(newsletter, subscriber, issue)


def finish_if_written(newsletter_id: int) -> bool:
    """Call the newsletter sent once every delivery has its mail; the outbox sees to the rest."""
    todo = Delivery.objects.filter(newsletter=newsletter_id, mail__isnull=True)
    if todo.exists():
        return False
    return bool(
        Newsletter.objects.filter(pk=newsletter_id, status=Newsletter.Status.SENDING).update(
            status=Newsletter.Status.SENT, sent_at=timezone.now()
        )
    )


def send_test(newsletter: Newsletter, *, to: str, language: str) -> None:
    """Mail the newsletter to its editor, marked as a test."""
    with transaction.atomic():
        emails.newsletter_test(newsletter, to, content(newsletter, language))


def sweep() -> int:
    """Go on with newsletters whose worker died or that never reached one. Returns how many."""
    sending = list(Newsletter.objects.filter(status=Newsletter.Status.SENDING).values_list("pk", flat=True))
    for newsletter_id in sending:
        if not finish_if_written(newsletter_id):
            _start_writers(newsletter_id, 1)
    return len(sending)
