from __future__ import annotations

import pytest
from django.utils import timezone

from stemportal.newsletters.models import Bounce, Delivery, Subscriber
from stemportal.newsletters.services.bounces import kind_of, note_bounce
from stemportal.newsletters.tests.people import delivered, newsletter, subscriber

pytestmark = pytest.mark.django_db

Kind, Source, Status = Bounce.Kind, Bounce.Source, Subscriber.Status


def soft(delivery: Delivery, fingerprint: str = "") -> bool:
    return note_bounce(kind=Kind.SOFT, source=Source.MAILBOX, delivery_id=delivery.pk, fingerprint=fingerprint)


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind"),
    [
        ("5.1.1", "", Kind.HARD),
        ("5.0.0", "smtp; 550 5.1.1 <kari@example.org>: User unknown", Kind.HARD),
        ("5.0.0", "", Kind.HARD),
        ("550", "No such user here", Kind.HARD),
        ("5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound", Kind.HARD),
        ("5.2.1", "smtp; 550 5.2.1 The account is disabled", Kind.HARD),
        ("5.4.4", "", Kind.HARD),
        ("5.2.2", "smtp; 552 5.2.2 Mailbox full", Kind.SOFT),
        ("552", "mailbox full", Kind.SOFT),
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam by 10.5.1.1", Kind.SOFT),
        ("5.1.8", "sender's address rejected", Kind.SOFT),
        ("4.4.7", "delivery time expired", Kind.SOFT),
        ("5.3.4", "smtp; 552 5.3.4 Message too big", Kind.SOFT),
        ("", "", Kind.SOFT),
    ],
)
def test_refusal_counts_against_the_address_only_when_it_is_gone(status, diagnosis, kind):
    assert kind_of(status, diagnosis) == kind


def test_hard_bounce_stops_the_address_and_marks_its_delivery():
    delivery = delivered(subscriber())

    assert note_bounce(
        kind=Kind.HARD, source=Source.MAILBOX, delivery_id=delivery.pk, code="5.1.1", diagnosis="User\nunknown"
    )

    delivery.refresh_from_db()
    person = delivery.subscriber
    person.refresh_from_db()
    assert person.status == Status.STOPPED
    assert person.unsubscribed_at is not None
    assert (delivery.status, delivery.error) == (Delivery.Status.BOUNCED, "User unknown")
    event = person.consents.get()
    assert (event.kind, event.source, event.newsletter_id) == ("stopped", "came-back", delivery.newsletter_id)


def test_complaint_stops_the_address_but_the_mail_did_arrive():
    delivery = delivered(subscriber())

    note_bounce(kind=Kind.COMPLAINT, source=Source.MAILBOX, delivery_id=delivery.pk)

    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.SENT
    assert Subscriber.objects.get().status == Status.STOPPED


def test_wish_to_leave_by_mail_unsubscribes():
    delivery = delivered(subscriber())

    note_bounce(kind=Kind.REPLY, source=Source.MAILBOX, subscriber_id=delivery.subscriber_id)

    person = Subscriber.objects.get()
    assert person.status == Status.UNSUBSCRIBED
    assert person.consents.get().newsletter_id == delivery.newsletter_id, "the last newsletter they got"


def test_same_thing_told_twice_counts_once():
    delivery = delivered(subscriber())

    told = [
        note_bounce(kind=Kind.SOFT, source=Source.MAILBOX, delivery_id=delivery.pk, fingerprint=mail)
        for mail in ("a", "a", "b")
    ]

    assert told == [True, False, True]
    assert Bounce.objects.count() == 2
    assert Subscriber.objects.get().soft_bounces == 1, "one newsletter counts once"


def test_three_newsletters_in_a_row_that_could_not_be_delivered_stop_the_address():
    person = subscriber()
    for number in range(3):
        soft(delivered(person))
        person.refresh_from_db()
        assert person.status == (Status.STOPPED if number == 2 else Status.ACTIVE)


def test_newsletter_that_arrives_between_starts_the_count_anew():
    person = subscriber()
    soft(delivered(person))
    soft(delivered(person))
    delivered(person)

    soft(delivered(person))

    person.refresh_from_db()
    assert (person.status, person.soft_bounces) == (Status.ACTIVE, 1)


def test_address_of_nobody_changes_nothing():
    assert not note_bounce(kind=Kind.HARD, source=Source.PROVIDER, email="ukjent@example.org")
    assert not note_bounce(kind=Kind.HARD, source=Source.MAILBOX, delivery_id=2**60)
    assert not Bounce.objects.exists()


def test_address_is_found_in_any_case_with_its_last_newsletter():
    person = subscriber(email="kari@example.org")
    delivered(person)
    last = delivered(person)

    note_bounce(kind=Kind.HARD, source=Source.PROVIDER, email="Kari@Example.org")

    assert Bounce.objects.get().newsletter_id == last.newsletter_id


def test_refusal_while_sending_leaves_the_delivery_to_its_sender():
    delivery = delivered(subscriber(), status=Delivery.Status.TAKEN, sent_at=None)

    note_bounce(kind=Kind.HARD, source=Source.SMTP, delivery_id=delivery.pk, code="550")

    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.TAKEN
    assert Subscriber.objects.get().status == Status.STOPPED


def test_who_left_already_keeps_the_time_of_it():
    left_at = timezone.now()
    person = subscriber(status=Status.UNSUBSCRIBED, unsubscribed_at=left_at)

    note_bounce(kind=Kind.HARD, source=Source.MAILBOX, delivery_id=delivered(person, newsletter()).pk)

    person.refresh_from_db()
    assert (person.status, person.unsubscribed_at) == (Status.UNSUBSCRIBED, left_at)
    assert not person.consents.exists()
