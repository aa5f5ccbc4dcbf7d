"""What comes back: mails that could not be delivered, complaints, and wishes to leave that came by mail.

An address that does not exist, or whose owner reports a newsletter as spam, is stopped at once; one that could not be
reached for a while, when that happened to ``NEWSLETTER_SOFT_BOUNCES`` newsletters in a row. Everything is noted once,
however often it is told (``fingerprint``), and what names nobody we know of changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stemportal.newsletters.models import Bounce, Delivery, Subscriber
from stemportal.newsletters.services import consents

logger = structlog.get_logger(__name__)

Kind = Bounce.Kind
# The class, subject and detail of RFC 3463, as they stand anywhere in what a mail server says.
ENHANCED_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
BASIC_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
# The mailbox or its host is not there, or takes no mail at all. 5.1.7 and 5.1.8 are about the sender's own address.
GONE = re.compile(r"^5\.(1\.(?!7$|8$)\d+|2\.1|4\.4|4\.310|7\.27)$")
# Without an enhanced code, these of RFC 5321 say it: no such mailbox, moved away, not allowed as a name.
GONE_BASIC = {"550", "551", "553", "556"}
# Who names an address alone may mean any mail of the portal. Mail servers give up within a week (RFC 5321, 4.5.4.1), so
# what comes later than this is not about the newsletter.
COMES_BACK_WITHIN = timedelta(days=14)
# What came of a delivery is told later than this state was written; until then a worker may still call it taken.
MAY_COME_BACK = (Delivery.Status.TAKEN, Delivery.Status.SENT, Delivery.Status.UNKNOWN)


def kind_of(status: str, diagnosis: str = "") -> Bounce.Kind:
    """Say what a refusal means for the address: HARD when it is gone for good, else SOFT.

    ``status`` is a code of SMTP or of RFC 3463 ("550", "5.1.1", may be empty), ``diagnosis`` the mail server's line. A
    code of the line itself counts for more: many servers report 5.0.0 around it. A refusal for what the mail is or who
    sends it (5.7.1, a full mailbox, a list of spammers) says nothing against the address.
    """
    told = [match.group() for match in ENHANCED_CODE.finditer(f"{diagnosis} {status}")]
    exact = next((code for code in told if not code.endswith(".0.0")), "")
    if exact:
        return Kind.HARD if GONE.match(exact) else Kind.SOFT
    basic = BASIC_CODE.search(f"{diagnosis} {status}")
    if basic:
        return Kind.HARD if basic.group() in GONE_BASIC else Kind.SOFT
    return Kind.HARD if "5.0.0" in told else Kind.SOFT


def note_bounce(
    *,
    kind: Bounce.Kind,
    source: Bounce.Source,
    delivery_id: int | None = None,
    subscriber_id: int | None = None,
    email: str = "",
    code: str = "",
    diagnosis: str = "",
    at: datetime | None = None,
    fingerprint: str = "",
) -> bool:
    """Note what came back and stop the address where it must be; True when it was news.

    Whom it is about is told by the delivery, the subscriber or the address, in this order; by nobody we know: False.
    Without a delivery it is taken to be about the newsletter that has just gone to the address, if any has.
    ``fingerprint`` is anything that is the same when the same thing is told again; without it a delivery can come back
    once in each kind. A delivery that was handed over becomes BOUNCED; a complaint leaves it, for it did arrive, and so
    does a refusal while sending, which the sender of newsletters marks itself.
    """
    with transaction.atomic():
        delivery = Delivery.objects.filter(pk=delivery_id).first() if delivery_id else None
        subscriber = _lock_subscriber(delivery, subscriber_id, email)
        if subscriber is None:
            logger.info("bounce_of_nobody", kind=kind, source=source)
            return False
        at = at or timezone.now()
        if delivery is None:
            recent = subscriber.deliveries.filter(created_at__gt=at - COMES_BACK_WITHIN)
            delivery = recent.order_by("-pk").first()
        key = fingerprint or f"{source}:{delivery.pk if delivery else f'u{subscriber.pk}'}:{kind}"
        bounce = Bounce(
            kind=kind,
            source=source,
            email=subscriber.email,
            subscriber=subscriber,
            newsletter_id=delivery.newsletter_id if delivery else None,
            code=code[:20],
            diagnosis=" ".join(diagnosis.split())[:500],
            at=at,
            fingerprint=hashlib.sha256(key.encode()).hexdigest(),
        )
        if Bounce.objects.filter(fingerprint=bounce.fingerprint).exists():
            return False
        if kind == Kind.SOFT and delivery and not _came_back_for_a_while(subscriber, delivery):
            _count_soft(subscriber, delivery)
        bounce.save(force_insert=True)
        if delivery and kind in {Kind.HARD, Kind.SOFT} and source != Bounce.Source.SMTP:
            Delivery.objects.filter(pk=delivery.pk, status__in=MAY_COME_BACK).update(
                status=Delivery.Status.BOUNCED, error=bounce.diagnosis[:300]
            )
        _act(bounce, subscriber, delivery)
        return True


def _lock_subscriber(delivery: Delivery | None, subscriber_id: int | None, email: str) -> Subscriber | None:
    """The lock lets what is told of one address come one after the other, so that nothing counts twice."""
    pk = delivery.subscriber_id if delivery else subscriber_id
    rows = Subscriber.objects.select_for_update(no_key=True)
    if pk:
        return rows.filter(pk=pk).first()
    return rows.of_address(email).first() if email else None


def _came_back_for_a_while(subscriber: Subscriber, delivery: Delivery) -> bool:
    """Whether this newsletter has come back so already: a server may tell of each of its tries."""
    return subscriber.bounces.filter(kind=Kind.SOFT, newsletter_id=delivery.newsletter_id).exists()


def _count_soft(subscriber: Subscriber, delivery: Delivery) -> None:
    """One more in a row, or the first when the newsletter before this one arrived."""
    before = subscriber.deliveries.filter(
        status__in=[Delivery.Status.SENT, Delivery.Status.BOUNCED], pk__lt=delivery.pk
    )
    last = before.order_by("-pk").first()
    has_arrived = last is not None and last.status == Delivery.Status.SENT
    subscriber.soft_bounces = 1 if has_arrived else subscriber.soft_bounces + 1
    subscriber.save(update_fields=["soft_bounces"])


def _act(bounce: Bounce, subscriber: Subscriber, delivery: Delivery | None) -> None:
    newsletter_id = delivery.newsletter_id if delivery else None
    if bounce.kind == Kind.REPLY:
        consents.leave(subscriber, source=consents.BY_MAIL, newsletter_id=newsletter_id)
    elif bounce.kind == Kind.COMPLAINT:
        consents.stop(subscriber, source=consents.COMPLAINT, newsletter_id=newsletter_id)
    elif bounce.kind == Kind.HARD or subscriber.soft_bounces >= settings.NEWSLETTER_SOFT_BOUNCES:
        consents.stop(subscriber, source=consents.CAME_BACK, newsletter_id=newsletter_id)
