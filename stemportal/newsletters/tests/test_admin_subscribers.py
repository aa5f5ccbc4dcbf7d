from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.newsletters.models import Bounce, ConsentText, Interest, Subscriber
from stemportal.newsletters.services import consents
from stemportal.newsletters.services.bounces import note_bounce
from stemportal.newsletters.services.subscribing import confirm_subscription, subscribe
from stemportal.newsletters.tests.people import delivered, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff(client):
    person = StaffFactory()
    client.force_login(person)
    return person


def test_secretariat_sees_the_proof_of_a_consent_and_what_came_back(client):
    subscribe(email="kari@example.org", language="en", source="/about/")
    person = Subscriber.objects.get()
    confirm_subscription(person.confirm_token, source="/newsletter/confirm/…/")
    delivery = delivered(person)
    note_bounce(
        kind=Bounce.Kind.HARD, source=Bounce.Source.MAILBOX, delivery_id=delivery.pk, diagnosis="550 User unknown"
    )

    page = client.get(reverse("admin:newsletters_subscriber_change", args=[person.pk])).content.decode()

    for words in (person.consent_text, "/about/", "Said yes", "Mail came back", "550 User unknown"):
        assert words in page


def test_who_wants_to_be_forgotten_is_forgotten_with_the_mails_of_signing_up(client):
    subscribe(email="kari@example.org", language="en", source="/about/")
    person = Subscriber.objects.get()

    client.post(reverse("admin:newsletters_subscriber_delete", args=[person.pk]), {"post": "yes"})

    assert not Subscriber.objects.exists()
    assert not Mail.objects.exists()


def test_new_words_are_a_new_version_and_the_first_are_kept_beside_them(client, staff):
    add = reverse("admin:newsletters_consenttext_add")
    first = consents.words_now("nn").text
    assert first in client.get(add).content.decode(), "new words begin as those in force"

    client.post(add, {"text_nb": "Ja, gjerne.", "text_nn": "Ja, gjerne det.", "text_en": "Yes, please."})

    versions = dict(ConsentText.objects.values_list("version", "text_nn"))
    assert versions == {1: first, 2: "Ja, gjerne det."}
    assert ConsentText.objects.get(version=2).created_by == staff
    assert consents.words_now("nn") == consents.Words(text="Ja, gjerne det.", version=2)


def test_words_that_somebody_agreed_to_are_not_changed(client, staff):
    words = consents.new_words(text_nb="Ja.", text_nn="Ja.", text_en="Yes.", by=staff)
    change = reverse("admin:newsletters_consenttext_change", args=[words.pk])

    assert client.post(change, {"text_nb": "Nei.", "text_nn": "Nei.", "text_en": "No."}).status_code == 403
    assert client.post(reverse("admin:newsletters_consenttext_delete", args=[words.pk])).status_code == 403


def test_topics_are_the_secretariats(client):
    client.post(
        reverse("admin:newsletters_interest_add"),
        {
            "name_nb": "Roboter",
            "name_nn": "Robotar",
            "name_en": "Robots",
            "slug": "roboter",
            "order": 1,
            "is_active": "on",
        },
    )
    assert "Robots" in client.get("/en/newsletter/").content.decode()

    Interest.objects.update(is_active=False)
    assert "Robots" not in client.get("/en/newsletter/").content.decode()


def test_returned_mail_is_listed_and_not_written_by_hand(client):
    person = subscriber(email="kari@example.org")
    note_bounce(kind=Bounce.Kind.COMPLAINT, source=Bounce.Source.MAILBOX, delivery_id=delivered(person).pk)

    assert "kari@example.org" in client.get(reverse("admin:newsletters_bounce_changelist")).content.decode()
    assert client.get(reverse("admin:newsletters_bounce_add")).status_code == 403
