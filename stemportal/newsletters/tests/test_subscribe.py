from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.newsletters.models import Subscriber
from stemportal.newsletters.services import consents, subscribing
from stemportal.newsletters.tests.people import interest, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.factories import CountyFactory, StaffFactory
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db


def ask(client: Client, email: str, **headers):
    return client.post(reverse("newsletters:subscribe"), {"email": email}, **headers)


def test_subscribe_mails_a_link_and_subscribes_nobody_yet(client):
    response = ask(client, "kari@example.org", HTTP_REFERER="http://testserver/about/?from=mail")

    assert response.status_code == 302
    assert response.url == reverse("newsletters:subscribed")
    person = Subscriber.objects.get()
    assert person.status == Subscriber.Status.PENDING
    mail = Mail.objects.get()
    assert mail.to_email == "kari@example.org"
    assert reverse("newsletters:confirm", args=[person.confirm_token]) in mail.text


def test_subscribe_keeps_what_was_agreed_to_and_where(client):
    ask(client, "kari@example.org", HTTP_REFERER="http://testserver/about/?from=mail")

    person = Subscriber.objects.get()
    assert person.consent_text == consents.words_now("en").text
    assert person.consent_version == consents.FIRST_VERSION
    assert person.consent_source == "/about/"
    assert person.asked_at is not None


def test_each_step_is_kept_with_the_words_that_were_shown(client):
    ask(client, "kari@example.org", HTTP_REFERER="http://testserver/about/")
    consents.new_words(text_nb="Ja takk.", text_nn="Ja takk.", text_en="Yes please.", by=StaffFactory())
    person = Subscriber.objects.get()
    client.post(reverse("newsletters:confirm", args=[person.confirm_token]))
    client.post(reverse("newsletters:unsubscribe", args=[person.unsubscribe_token]))

    asked, said_yes, left = person.consents.all()
    assert (asked.kind, asked.source) == ("asked", "/about/")
    assert (said_yes.kind, said_yes.version) == ("confirmed", consents.FIRST_VERSION)
    assert said_yes.text == asked.text == person.consent_text, "new words do not change what was agreed to"
    assert (left.kind, left.text) == ("unsubscribed", "")
    assert person.confirm_token not in said_yes.source


def test_new_words_count_for_who_asks_from_then_on(client):
    consents.new_words(text_nb="Ja takk.", text_nn="Ja, takk.", text_en="Yes please.", by=StaffFactory())

    assert "Yes please." in client.get("/en/newsletter/").content.decode()
    ask(client, "kari@example.org")

    person = Subscriber.objects.get()
    assert (person.consent_text, person.consent_version) == ("Yes please.", 2)


def test_subscribe_remembers_the_language_of_the_page(client):
    client.post("/nn/newsletter/", {"email": "kari@example.org"})

    assert Subscriber.objects.get().language == "nn"
    assert "/nn/newsletter/confirm/" in Mail.objects.get().text


def test_opening_the_link_changes_nothing_but_the_button_subscribes(client):
    ask(client, "kari@example.org")
    person = Subscriber.objects.get()
    page = reverse("newsletters:confirm", args=[person.confirm_token])

    for _time in range(2):
        assert client.get(page).status_code == 200
        assert client.head(page).status_code == 200
    person.refresh_from_db()
    assert person.status == Subscriber.Status.PENDING

    response = client.post(page, follow=True)
    person.refresh_from_db()
    assert person.status == Subscriber.Status.ACTIVE
    assert person.confirmed_at is not None
    assert "kari@example.org" in response.content.decode()


def test_confirming_twice_is_harmless(client):
    person = subscriber(status=Subscriber.Status.PENDING)
    page = reverse("newsletters:confirm", args=[person.confirm_token])

    assert client.post(page).status_code == 302
    confirmed_at = Subscriber.objects.get().confirmed_at
    assert client.post(page).status_code == 302
    assert Subscriber.objects.get().confirmed_at == confirmed_at


@pytest.mark.parametrize("status", [None, *Subscriber.Status.values])
def test_answer_is_the_same_whoever_the_address_belongs_to(client, status):
    if status:
        subscriber(email="kari@example.org", status=status)

    response = ask(client, "kari@example.org")

    assert (response.status_code, response.url) == (302, reverse("newsletters:subscribed"))
    assert Mail.objects.count() == 1


def test_subscriber_who_asks_again_is_told_so_by_mail_and_stays(client):
    person = subscriber(email="kari@example.org", language="en")

    ask(client, "Kari@Example.org")

    person.refresh_from_db()
    assert person.status == Subscriber.Status.ACTIVE
    mail = Mail.objects.get()
    assert mail.template == "newsletter_already"
    assert reverse("newsletters:unsubscribe", args=[person.unsubscribe_token]) in mail.text


def test_address_in_capitals_is_the_same_person(client):
    ask(client, "KARI@example.org")
    ask(client, "kari@EXAMPLE.org")

    assert Subscriber.objects.get().email == "kari@example.org"


def test_stranger_can_cause_one_mail_a_day_whatever_is_in_the_cache(client):
    with time_machine.travel("2026-11-02 08:00+01:00", tick=False) as now:
        answers = []
        for _time in range(3):
            answers.append(ask(client, "kari@example.org").url)
            cache.clear()
        assert Mail.objects.count() == 1

        now.shift(timedelta(hours=23))
        answers.append(ask(client, "kari@example.org").url)
        assert Mail.objects.count() == 1

        now.shift(timedelta(hours=2))
        answers.append(ask(client, "kari@example.org").url)
        assert Mail.objects.count() == 2
    assert set(answers) == {reverse("newsletters:subscribed")}


def test_subscriber_hears_once_a_day_that_the_address_is_on_the_list(client):
    subscriber(email="kari@example.org")

    for _time in range(3):
        ask(client, "kari@example.org")

    assert Mail.objects.count() == 1


def test_who_said_yes_and_left_may_come_back_the_same_day(client):
    ask(client, "kari@example.org")
    person = Subscriber.objects.get()
    client.post(reverse("newsletters:confirm", args=[person.confirm_token]))
    client.post(reverse("newsletters:unsubscribe", args=[person.unsubscribe_token]))

    ask(client, "kari@example.org")

    assert Mail.objects.count() == 2


def test_link_of_an_earlier_time_does_not_answer_a_new_question(client):
    person = subscriber(email="kari@example.org", status=Subscriber.Status.UNSUBSCRIBED)
    old = reverse("newsletters:confirm", args=[person.confirm_token])

    ask(client, "kari@example.org")

    assert client.post(old).status_code == 404
    person.refresh_from_db()
    assert person.status == Subscriber.Status.PENDING


def test_many_forms_without_proof_from_one_place_ask_for_the_check(client, settings):
    settings.PORTAL_RATE_LIMITS = settings.PORTAL_RATE_LIMITS | {"subscribe_without_proof": (1, 3600)}
    ask(client, "kari@example.org")

    response = ask(client, "ola@example.org")

    assert response.status_code == 429
    page = response.content.decode()
    assert "altcha-widget" in page
    assert "ola@example.org" in page
    assert list(Subscriber.objects.values_list("email", flat=True)) == ["kari@example.org"]


def test_wishes_are_kept_with_the_address(client):
    robots, space = interest("roboter"), interest("romfart")
    county = CountyFactory()

    client.post("/en/newsletter/", {"email": "kari@example.org", "interests": [robots.pk], "county": county.pk})

    person = Subscriber.objects.get()
    assert list(person.interests.all()) == [robots]
    assert person.county == county
    assert space.name_nb in client.get("/newsletter/").content.decode()


def test_many_addresses_from_one_visitor_are_stopped_kindly(client, settings):
    settings.PORTAL_RATE_LIMITS = settings.PORTAL_RATE_LIMITS | {"subscribe": (2, 3600)}

    codes = [ask(client, f"kari{n}@example.org").status_code for n in range(3)]

    assert codes == [302, 302, 429]
    assert Mail.objects.count() == 2


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "kari",
        "kari@",
        "kari @example.org",
        f"{'k' * 300}@example.org",
        "kari@example.org\nBcc: all@example.org",
        "<script>alert(1)</script>@example.org",
        "kjærsti@example.org",
        "kari@example.org, ola@example.org",
        f"kari@{'x' * 64}.example.org",
    ],
)
def test_bad_address_is_explained_and_kept(client, typed):
    response = ask(client, typed)

    assert response.status_code == 200
    assert response.context["form"].errors["email"]
    assert "<script>alert(1)" not in response.content.decode()
    if typed and "\n" not in typed:
        assert response.context["form"]["email"].value() == typed
    assert not Subscriber.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("kari+skole@example.org", "kari+skole@example.org"),
        ("kari@blåbær.example.no", "kari@xn--blbr-roah.example.no"),
        ("KARI@Blåbær.Example.NO", "kari@xn--blbr-roah.example.no"),
        ("  kari@example.org  ", "kari@example.org"),
        ("post@example.org", "post@example.org"),
    ],
)
def test_unusual_address_is_taken_as_mail_servers_write_it(client, typed, kept):
    assert ask(client, typed).status_code == 302
    assert Subscriber.objects.get().email == kept


def test_letters_that_mail_servers_refuse_are_named(client):
    errors = ask(client, "kjærsti@example.org").context["form"].errors["email"]

    assert "before the @ sign" in errors[0]


def test_program_that_fills_in_everything_is_refused(client):
    response = client.post(reverse("newsletters:subscribe"), {"email": "kari@example.org", "nickname": "Kari"})

    assert response.status_code == 200
    assert not Mail.objects.exists()


def test_old_link_says_so_and_subscribes_nobody(client):
    asked_at = timezone.now() - subscribing.CONFIRM_WITHIN - timedelta(minutes=1)
    person = subscriber(status=Subscriber.Status.PENDING, asked_at=asked_at)
    page = reverse("newsletters:confirm", args=[person.confirm_token])

    client.post(page)
    response = client.get(page)

    assert reverse("newsletters:subscribe") in response.content.decode()
    assert 'method="post" action="' + page not in response.content.decode()
    person.refresh_from_db()
    assert person.status == Subscriber.Status.PENDING


def test_used_link_does_not_bring_back_who_left(client):
    person = subscriber(status=Subscriber.Status.UNSUBSCRIBED)

    client.post(reverse("newsletters:confirm", args=[person.confirm_token]))

    person.refresh_from_db()
    assert person.status == Subscriber.Status.UNSUBSCRIBED


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["newsletters:confirm", "newsletters:unsubscribe", "newsletters_machine:one_click"])
def test_unknown_token_is_not_found(client, name, method):
    assert getattr(client, method)(reverse(name, args=["nobody-has-this"])).status_code == 404


def test_form_needs_its_csrf_token():
    assert ask(Client(enforce_csrf_checks=True), "kari@example.org").status_code == 403


@pytest.mark.parametrize("page", ["newsletters:subscribe", "newsletters:subscribed"])
def test_pages_are_public(client, page):
    assert client.get(reverse(page)).status_code == 200


def test_address_is_found_among_a_hundred_thousand_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    ask_for = Subscriber.objects.of_address(" Kari@Example.org")

    assert "newsletters_subscriber_email_unique" in ask_for.explain()
    assert list(ask_for) == []
    kari = subscriber(email="kari@example.org")
    assert ask_for.get() == kari


@pytest.mark.django_db(transaction=True)
def test_four_at_once_make_one_subscriber_and_one_mail():
    at_once(lambda _n: subscribing.subscribe(email="kari@example.org", language="nb", source="/"), 4)

    assert Subscriber.objects.count() == 1
    assert Mail.objects.count() == 1, "one mail a day, also for four at once"
