from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from stemportal.newsletters import tasks
from stemportal.newsletters.models import Batch, Bounce, Delivery, Newsletter, Subscriber
from stemportal.newsletters.services import retention
from stemportal.newsletters.services.bounces import note_bounce
from stemportal.newsletters.services.subscribing import subscribe
from stemportal.newsletters.tests.people import delivered, newsletter, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.together import while_held

pytestmark = pytest.mark.django_db

START = datetime.fromisoformat("2026-01-12T09:00+01:00")


def forget_after(days: int) -> None:
    with time_machine.travel(START + timedelta(days=days), tick=False):
        tasks.forget_old()


@pytest.fixture(autouse=True)
def begin():
    with time_machine.travel(START, tick=False):
        yield


def test_address_that_nobody_confirmed_is_forgotten_with_its_mail_after_30_days():
    subscribe(email="kari@example.org", language="nb", source="/")
    subscriber(email="ola@example.org")

    forget_after(29)
    assert Subscriber.objects.count() == 2
    forget_after(31)

    assert list(Subscriber.objects.values_list("email", flat=True)) == ["ola@example.org"]
    assert not Mail.objects.exists()


def test_who_left_and_was_asked_by_a_stranger_keeps_the_proof():
    person = subscriber(status=Subscriber.Status.UNSUBSCRIBED, unsubscribed_at=timezone.now())
    subscribe(email=person.email, language="nb", source="/")

    forget_after(31)

    person.refresh_from_db()
    assert person.status == Subscriber.Status.UNSUBSCRIBED


@pytest.mark.parametrize("status", [Subscriber.Status.UNSUBSCRIBED, Subscriber.Status.STOPPED])
def test_proof_is_kept_for_three_years_after_leaving(status):
    subscriber(status=status, unsubscribed_at=timezone.now())

    forget_after(3 * 365 - 1)
    assert Subscriber.objects.exists()
    forget_after(3 * 365 + 1)
    assert not Subscriber.objects.exists()


def test_who_subscribes_is_kept():
    subscriber()

    forget_after(10_000)

    assert Subscriber.objects.exists()


def test_who_got_a_newsletter_is_forgotten_and_the_counts_stay(monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 2)
    issue = newsletter(status=Newsletter.Status.SENT, sent_at=timezone.now())
    batch = Batch.objects.create(newsletter=issue)
    for status in ("sent", "sent", "sent", "failed", "bounced"):
        delivered(subscriber(), issue, status=status, batch=batch)

    forget_after(179)
    assert Delivery.objects.count() == 5
    forget_after(181)
    forget_after(182)

    issue.refresh_from_db()
    assert issue.kept_counts == {"sent": 3, "failed": 1, "bounced": 1}
    assert not Delivery.objects.exists()
    assert not Batch.objects.exists()


def test_deliveries_of_a_batch_are_found_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "newsletters_delivery_held" in Delivery.objects.filter(batch=1).explain()


@pytest.mark.django_db(transaction=True)
def test_who_asks_again_in_the_moment_of_being_forgotten_stays():
    subscribe(email="kari@example.org", language="nb", source="/")

    with time_machine.travel(START + timedelta(days=31), tick=False):
        while_held(lambda: subscribe(email="kari@example.org", language="nb", source="/"), retention.forget_unconfirmed)

    assert Subscriber.objects.get().asked_at == START + timedelta(days=31)


def test_counts_of_a_job_that_was_cut_off_go_on():
    issue = newsletter(status=Newsletter.Status.SENT, sent_at=timezone.now(), kept_counts={"sent": 5, "failed": 1})
    delivered(subscriber(), issue)

    forget_after(181)

    issue.refresh_from_db()
    assert issue.kept_counts == {"sent": 6, "failed": 1}
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("status", [Newsletter.Status.SENDING, Newsletter.Status.PAUSED])
def test_newsletter_on_its_way_keeps_its_deliveries(status):
    delivered(subscriber(), newsletter(status=status, started_at=timezone.now()))

    forget_after(1000)

    assert Delivery.objects.exists()


def test_returned_mail_is_forgotten_after_a_year():
    note_bounce(
        kind=Bounce.Kind.SOFT, source=Bounce.Source.MAILBOX, delivery_id=delivered(subscriber()).pk, at=timezone.now()
    )

    forget_after(364)
    assert Bounce.objects.exists()
    forget_after(366)
    assert not Bounce.objects.exists()
