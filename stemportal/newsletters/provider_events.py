"""What a mail provider tells about newsletters (django-anymail's ``tracking`` signal), in the portal's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking

from stemportal.newsletters.models import Bounce, Subscriber
from stemportal.newsletters.services.bounces import kind_of, note_bounce

Kind = Bounce.Kind

# Where providers say whether a bounce is for good: Postmark's Type, Mailgun's severity, bounceType of Amazon SES ….
CLASS_FIELDS = ("Type", "type", "severity", "bounceType", "bounce_class", "event")
FOR_A_WHILE = ("soft", "transient", "temporary", "undetermined", "blocked", "dns")
FOR_GOOD = ("hard", "permanent", "bademailaddress", "invalid")
BY_REASON = {
    RejectReason.INVALID: Kind.HARD,
    RejectReason.SPAM: Kind.COMPLAINT,
    RejectReason.UNSUBSCRIBED: Kind.REPLY,
}


def hear(sender: object, event: AnymailTrackingEvent, esp_name: str, **_more: Any) -> None:
    """Note what a provider's event means for the address it names."""
    if event.event_type == EventType.DELIVERED:
        Subscriber.objects.of_address(event.recipient or "").filter(soft_bounces__gt=0).update(soft_bounces=0)
        return
    kind = kind_of_event(event)
    if kind is None or not event.recipient:
        return
    told = event.event_id or f"{event.message_id}:{event.timestamp}"
    note_bounce(
        kind=kind,
        source=Bounce.Source.PROVIDER,
        email=event.recipient,
        code=event.reject_reason or event.event_type,
        diagnosis=event.mta_response or event.description or "",
        at=event.timestamp,
        fingerprint=f"{esp_name}:{told}:{event.event_type}:{event.recipient}",
    )


def kind_of_event(event: AnymailTrackingEvent) -> Bounce.Kind | None:
    """Return what the event is to us, None for what is no trouble (opened, queued, delayed …)."""
    if event.event_type == EventType.COMPLAINED:
        return Kind.COMPLAINT
    if event.event_type == EventType.UNSUBSCRIBED:
        return Kind.REPLY
    if event.event_type == EventType.REJECTED and event.reject_reason == RejectReason.BOUNCED:
        # The provider knows the address from before and did not even try.
        return Kind.HARD
    if event.event_type not in {EventType.BOUNCED, EventType.REJECTED}:
        return None
    return BY_REASON.get(event.reject_reason) or _by_class(event)


def _by_class(event: AnymailTrackingEvent) -> Bounce.Kind:
    facts = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    words = " ".join(str(facts.get(name, "")) for name in CLASS_FIELDS).lower()
    if any(word in words for word in FOR_A_WHILE):
        return Kind.SOFT
    if any(word in words for word in FOR_GOOD):
        return Kind.HARD
    return kind_of("", event.mta_response or event.description or "")


def listen() -> None:
    """Hear of every provider's events from now on."""
    tracking.connect(hear, dispatch_uid="stemportal.newsletters")
