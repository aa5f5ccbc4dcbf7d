"""Signing up and leaving.

Consent follows markedsføringsloven § 15: the words, the time and the place are kept, and an address counts only after
somebody who reads its mail pressed a button (double opt-in). Unsubscribing follows RFC 8058.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from stemportal.newsletters.addresses import tidy_address
from stemportal.newsletters.emails import subscribing as emails
from stemportal.newsletters.models import ConsentEvent, Interest, Subscriber, new_token
from stemportal.newsletters.services import consents
from stemportal.places.models import County

Status = Subscriber.Status

# A link in a forgotten mail must not sign anybody up a year later.
CONFIRM_WITHIN = timedelta(days=14)
# Nobody gets more than one mail in this time because of what strangers write into the form.
ONE_MAIL_WITHIN = timedelta(days=1)


def subscribe(
    *, email: str, language: str, source: str, county: County | None = None, interests: Collection[Interest] = ()
) -> None:
    """Note the wish and mail a link to confirm it. Nothing that the caller sees tells whether the address was known.

    An address that already subscribes gets a mail saying so, and its choices stay; one that left starts anew. Within a
    day of such a mail no other is sent, whoever asks: the row knows, so no emptied cache lets two through.
    """
    with transaction.atomic():
        subscriber = lock_or_make(tidy_address(email), language=language, source=source)
        if subscriber.status == Status.ACTIVE:
            if may_be_mailed(subscriber):
                emails.already_subscribed(subscriber)
            return
        ask(subscriber, language=language, source=source, county=county, interests=interests)
        if may_be_mailed(subscriber):
            emails.confirm_subscription(subscriber)


def lock_or_make(email: str, *, language: str, source: str) -> Subscriber:
    """Return the one row of an address, locked until the transaction ends; a new one waits for confirmation."""
    words = consents.words_now(language)
    fresh = Subscriber(
        email=email,
        language=language,
        consent_text=words.text,
        consent_version=words.version,
        consent_source=source[:200],
    )
    Subscriber.objects.bulk_create([fresh], ignore_conflicts=True)
    return Subscriber.objects.select_for_update(no_key=True).of_address(email).get()


def ask(
    subscriber: Subscriber, *, language: str, source: str, county: County | None, interests: Collection[Interest]
) -> None:
    """Write down what a locked row's address now asks for, with the words in force. It waits for its confirmation."""
    words = consents.words_now(language)
    if subscriber.status != Status.PENDING:
        # Links of an earlier time must not say yes to this question.
        subscriber.confirm_token = new_token()
    subscriber.status = Status.PENDING
    subscriber.language = language
    subscriber.county = county
    subscriber.consent_text = words.text
    subscriber.consent_version = words.version
    subscriber.consent_source = source[:200]
    subscriber.asked_at = timezone.now()
    subscriber.save()
    subscriber.interests.set(interests)
    consents.record(subscriber, ConsentEvent.Kind.ASKED, source=source)


def may_be_mailed(subscriber: Subscriber) -> bool:
    """Say whether a locked row's address may get a mail that a stranger can cause, and count it as sent if so."""
    now = timezone.now()
    if subscriber.asked_mail_at and subscriber.asked_mail_at > now - ONE_MAIL_WITHIN:
        return False
    subscriber.asked_mail_at = now
    subscriber.save(update_fields=["asked_mail_at"])
    return True


def confirm_subscription(token: str, *, source: str) -> bool:
    """Make a waiting address a subscriber. False when the link has run out, or was used before."""
    with transaction.atomic():
        subscriber = (
            Subscriber.objects.select_for_update(no_key=True)
            .filter(confirm_token=token, status=Status.PENDING, asked_at__gte=timezone.now() - CONFIRM_WITHIN)
            .first()
        )
        if subscriber is None:
            return False
        say_yes(subscriber, source=source)
        return True


def say_yes(subscriber: Subscriber, *, source: str) -> None:
    """Make a locked row's address a subscriber from now on."""
    subscriber.status = Status.ACTIVE
    subscriber.confirmed_at = timezone.now()
    subscriber.unsubscribed_at = None
    # The mail arrived and its owner is no stranger.
    subscriber.asked_mail_at = None
    subscriber.soft_bounces = 0
    subscriber.save(update_fields=["status", "confirmed_at", "unsubscribed_at", "asked_mail_at", "soft_bounces"])
    consents.record(subscriber, ConsentEvent.Kind.CONFIRMED, source=source)


def unsubscribe(token: str, *, source: str) -> bool:
    """Take an address off the list; True when it was on it. A second press changes nothing."""
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update(no_key=True).filter(unsubscribe_token=token).first()
        return subscriber is not None and consents.leave(subscriber, source=source)


def unsubscribe_on_request(subscriber_ids: Sequence[int]) -> int:
    """Take off those who asked by telephone or letter. Returns how many."""
    with transaction.atomic():
        rows = Subscriber.objects.select_for_update(no_key=True).filter(pk__in=subscriber_ids).order_by("pk")
        return sum(consents.leave(subscriber, source=consents.SECRETARIAT) for subscriber in rows)
