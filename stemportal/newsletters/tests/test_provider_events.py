from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.test import Client
from django.urls import reverse

from stemportal.newsletters.models import Bounce, Delivery, Subscriber
from stemportal.newsletters.provider_events import kind_of_event
from stemportal.newsletters.tests.people import delivered, subscriber

pytestmark = pytest.mark.django_db

SECRET = "portal:hemmelig"  # noqa: S105
Kind = Bounce.Kind


@pytest.fixture
def postmark(settings) -> None:
    settings.NEWSLETTER_PROVIDER = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


def tell(event: dict, secret: str = SECRET):
    login = base64.b64encode(secret.encode()).decode()
    return Client(enforce_csrf_checks=True).post(
        reverse("newsletters_machine:provider"),
        event,
        content_type="application/json",
        headers={"Authorization": f"Basic {login}"},
    )


def bounce(email: str, kind: str = "HardBounce", number: int = 1) -> dict:
    return {
        "RecordType": "Bounce",
        "ID": number,
        "Type": kind,
        "MessageID": "883953f4",
        "Email": email,
        "Details": "smtp;550 5.1.1 unknown",
        "BouncedAt": "2026-11-02T08:00:00Z",
    }


def test_hard_bounce_that_a_provider_tells_stops_the_address(postmark):
    delivery = delivered(subscriber(email="kari@example.org"))

    for _time in range(2):
        assert tell(bounce("kari@example.org")).status_code == 200

    assert Subscriber.objects.get().status == Subscriber.Status.STOPPED
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.BOUNCED
    noted = Bounce.objects.get()
    assert (noted.source, noted.kind) == ("provider", "hard")


def test_complaint_that_a_provider_tells_stops_the_address(postmark):
    subscriber(email="kari@example.org")

    tell(bounce("kari@example.org", "SpamComplaint") | {"RecordType": "SpamComplaint"})

    assert Subscriber.objects.get().status == Subscriber.Status.STOPPED


def test_mail_that_arrives_ends_a_row_of_failures(postmark):
    delivered(subscriber(email="kari@example.org"))
    tell(bounce("kari@example.org", "SoftBounce"))
    assert Subscriber.objects.get().soft_bounces == 1

    tell({"RecordType": "Delivery", "Recipient": "Kari@example.org", "DeliveredAt": "2026-11-02T08:00:00Z"})

    assert Subscriber.objects.get().soft_bounces == 0


def test_other_mail_that_comes_back_says_nothing_of_a_newsletter_of_long_ago(postmark):
    """Providers tell of every mail of the portal, and name the address alone."""
    delivery = delivered(subscriber(email="kari@example.org"), created_at=datetime(2026, 9, 1, tzinfo=UTC))

    tell(bounce("kari@example.org", "SoftBounce"))

    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.SENT
    assert delivery.subscriber.soft_bounces == 0
    assert Bounce.objects.get().newsletter is None


@pytest.mark.parametrize("secret", ["portal:feil", ":", "portal"])
def test_nobody_else_can_stop_an_address(postmark, secret):
    subscriber(email="kari@example.org")

    assert tell(bounce("kari@example.org"), secret).status_code == 400
    assert Subscriber.objects.get().status == Subscriber.Status.ACTIVE


@pytest.mark.parametrize(("name", "secret"), [("", SECRET), ("postmark", ""), ("ukjent", SECRET)])
def test_without_a_provider_and_its_secret_there_is_nothing(settings, name, secret):
    settings.NEWSLETTER_PROVIDER, settings.ANYMAIL = name, {"WEBHOOK_SECRET": secret}

    assert tell(bounce("kari@example.org")).status_code == 404


@pytest.mark.parametrize(
    ("event_type", "reason", "facts", "line", "kind"),
    [
        (EventType.BOUNCED, RejectReason.BOUNCED, {"Type": "HardBounce"}, "", Kind.HARD),
        (EventType.BOUNCED, RejectReason.BOUNCED, {"Type": "SoftBounce"}, "550 5.1.1", Kind.SOFT),
        (EventType.BOUNCED, RejectReason.BOUNCED, {"severity": "permanent"}, "", Kind.HARD),
        (EventType.BOUNCED, RejectReason.BOUNCED, {"bounceType": "Transient"}, "", Kind.SOFT),
        (EventType.BOUNCED, RejectReason.OTHER, {}, "550 5.1.1 User unknown", Kind.HARD),
        (EventType.BOUNCED, RejectReason.OTHER, {}, "", Kind.SOFT),
        (EventType.BOUNCED, RejectReason.INVALID, {}, "", Kind.HARD),
        (EventType.REJECTED, RejectReason.BOUNCED, {}, "", Kind.HARD),
        (EventType.REJECTED, RejectReason.SPAM, {}, "", Kind.COMPLAINT),
        (EventType.REJECTED, RejectReason.UNSUBSCRIBED, {}, "", Kind.REPLY),
        (EventType.UNSUBSCRIBED, None, {}, "", Kind.REPLY),
        (EventType.COMPLAINED, None, {}, "", Kind.COMPLAINT),
        (EventType.DEFERRED, None, {}, "451 4.7.1 later", None),
        (EventType.OPENED, None, {}, "", None),
    ],
)
def test_event_means_what_the_provider_says(event_type, reason, facts, line, kind):
    event = AnymailTrackingEvent(event_type=event_type, reject_reason=reason, esp_event=facts, mta_response=line)

    assert kind_of_event(event) == kind
