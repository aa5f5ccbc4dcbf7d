from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from stemportal.newsletters.models import Subscriber
from stemportal.newsletters.tests.people import subscriber
from stemportal.outbox.models import Mail

pytestmark = pytest.mark.django_db


def one_click(person: Subscriber) -> str:
    return reverse("newsletters_machine:one_click", args=[person.unsubscribe_token])


def page_of(person: Subscriber) -> str:
    return reverse("newsletters:unsubscribe", args=[person.unsubscribe_token])


def test_one_click_needs_no_login_cookie_or_csrf_token():
    person = subscriber()
    mail_program = Client(enforce_csrf_checks=True)

    response = mail_program.post(one_click(person), {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    assert not response.cookies
    person.refresh_from_db()
    assert person.status == Subscriber.Status.UNSUBSCRIBED
    assert person.unsubscribed_at is not None


def test_one_click_address_has_no_language_prefix():
    assert one_click(subscriber()).startswith("/newsletter/one-click/")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        ("", "application/x-www-form-urlencoded"),
        ("{}", "application/json"),
    ],
)
def test_one_click_never_refuses_a_wish_to_leave(body, kind):
    person = subscriber()

    assert Client(enforce_csrf_checks=True).post(one_click(person), body, content_type=kind).status_code == 200
    person.refresh_from_db()
    assert person.status == Subscriber.Status.UNSUBSCRIBED


def test_one_click_twice_is_harmless(client):
    person = subscriber()

    client.post(one_click(person))
    left_at = Subscriber.objects.get().unsubscribed_at
    assert client.post(one_click(person)).status_code == 200
    assert Subscriber.objects.get().unsubscribed_at == left_at


def test_opening_the_one_click_address_changes_nothing_and_shows_the_page(client):
    person = subscriber(language="nn")

    response = client.get(one_click(person), follow=True)

    assert response.redirect_chain[-1][0].startswith("/nn/newsletter/unsubscribe/")
    person.refresh_from_db()
    assert person.status == Subscriber.Status.ACTIVE


def test_opening_the_page_changes_nothing_but_the_button_unsubscribes(client):
    person = subscriber()

    assert person.email in client.get(page_of(person)).content.decode()
    person.refresh_from_db()
    assert person.status == Subscriber.Status.ACTIVE

    response = client.post(page_of(person), follow=True)
    assert reverse("newsletters:resubscribe", args=[person.unsubscribe_token]) in response.content.decode()
    person.refresh_from_db()
    assert person.status == Subscriber.Status.UNSUBSCRIBED


def test_coming_back_takes_the_mailed_link_again(client):
    person = subscriber(status=Subscriber.Status.UNSUBSCRIBED)

    client.post(reverse("newsletters:resubscribe", args=[person.unsubscribe_token]))

    person.refresh_from_db()
    assert person.status == Subscriber.Status.PENDING
    assert reverse("newsletters:confirm", args=[person.confirm_token]) in Mail.objects.get().text

    client.post(reverse("newsletters:confirm", args=[person.confirm_token]))
    person.refresh_from_db()
    assert person.status == Subscriber.Status.ACTIVE
    assert person.unsubscribed_at is None


def test_coming_back_is_no_link():
    person = subscriber(status=Subscriber.Status.UNSUBSCRIBED)

    response = Client().get(reverse("newsletters:resubscribe", args=[person.unsubscribe_token]))

    assert response.status_code == 405
    assert not Mail.objects.exists()
