from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from stemportal.newsletters import links
from stemportal.newsletters.models import Subscriber
from stemportal.newsletters.services import subscribing
from stemportal.newsletters.tests.people import interest, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.factories import CountyFactory

pytestmark = pytest.mark.django_db

RUN_OUT = timedelta(days=91)


def page_of(person: Subscriber) -> str:
    return reverse("newsletters:preferences", args=[links.choices_token(person.pk)])


def test_choices_are_changed_and_the_change_is_a_step_of_the_story(client):
    person, robots, county = subscriber(), interest("roboter"), CountyFactory()
    page = page_of(person)

    response = client.post(page, {"language": "nn", "county": county.pk, "interests": [robots.pk]}, follow=True)

    person.refresh_from_db()
    assert (person.language, person.county, list(person.interests.all())) == ("nn", county, [robots])
    assert [event.kind for event in person.consents.all()] == ["changed"]
    assert person.consents.get().source == "/en/newsletter/choices/…/"
    assert "Saved" in response.content.decode()


def test_saving_without_a_change_tells_no_story(client):
    person = subscriber(language="en")

    client.post(page_of(person), {"language": "en", "county": "", "interests": []})

    assert not person.consents.exists()


def test_opening_the_page_changes_nothing_and_shows_what_was_agreed_to(client):
    subscribing.subscribe(email="kari@example.org", language="en", source="/about/")
    person = Subscriber.objects.get()
    subscribing.confirm_subscription(person.confirm_token, source="/newsletter/confirm/…/")

    page = client.get(page_of(person)).content.decode()

    assert "kari@example.org" in page
    assert "/about/" in page
    assert person.consent_text in page
    assert person.consents.count() == 2


def test_language_that_is_none_is_explained(client):
    person = subscriber(language="nb")

    response = client.post(page_of(person), {"language": "tlh"})

    assert response.status_code == 200
    assert response.context["form"].errors["language"]
    person.refresh_from_db()
    assert person.language == "nb"


@pytest.mark.parametrize("change", ["other", "later", "signature"])
def test_forged_link_opens_nothing(client, change):
    person, other = subscriber(), subscriber()
    who, day, signature = links.choices_token(person.pk).split("-")
    forged = {
        "other": f"{links.choices_token(other.pk).split('-')[0]}-{day}-{signature}",
        "later": f"{who}-zzz-{signature}",
        "signature": f"{who}-{day}-{'a' * len(signature)}",
    }[change]

    assert client.get(reverse("newsletters:preferences", args=[forged])).status_code == 404
    assert client.post(reverse("newsletters:new_link", args=[forged])).status_code == 404


def test_link_that_has_run_out_shows_nothing_and_offers_a_new_one(client):
    with time_machine.travel("2026-08-01 12:00+02:00", tick=False):
        person = subscriber(email="kari@example.org")
        page = page_of(person)

    with time_machine.travel("2026-12-01 12:00+01:00", tick=False):
        shown = client.get(page).content.decode()
        client.post(page, {"language": "nn"})
        assert "kari@example.org" not in shown
        assert reverse("newsletters:new_link", args=[page.split("/")[-2]]) in shown
        person.refresh_from_db()
        assert person.language == "nb"

        for _time in range(2):
            client.post(reverse("newsletters:new_link", args=[page.split("/")[-2]]))
        mail = Mail.objects.get()
        assert mail.to_email == "kari@example.org"
        token = links.choices_token(person.pk)
        assert f"/newsletter/choices/{token}/" in mail.text
        assert "kari@example.org" in client.get(reverse("newsletters:preferences", args=[token])).content.decode()


def test_new_link_goes_to_nobody_who_left_and_the_answer_is_the_same(client):
    stays, left = subscriber(), subscriber(status=Subscriber.Status.UNSUBSCRIBED)

    answers = [
        client.post(reverse("newsletters:new_link", args=[links.choices_token(person.pk)])).status_code
        for person in (stays, left)
    ]

    assert answers == [302, 302]
    assert list(Mail.objects.values_list("to_email", flat=True)) == [stays.email]


def test_who_left_sees_so_and_cannot_choose(client):
    person = subscriber(status=Subscriber.Status.UNSUBSCRIBED)

    client.post(page_of(person), {"language": "nn"})

    person.refresh_from_db()
    assert person.language == "nb"
    assert "gets no newsletter now" in client.get(page_of(person)).content.decode()


def test_page_needs_its_csrf_token():
    assert Client(enforce_csrf_checks=True).post(page_of(subscriber()), {"language": "nn"}).status_code == 403


def test_link_is_good_in_capitals_and_until_the_last_day():
    with time_machine.travel("2026-08-01 12:00+00:00", tick=False) as now:
        token = links.choices_token(17)
        now.shift(RUN_OUT - timedelta(days=1))
        assert links.read_choices_token(token) == links.Choices(17, has_run_out=False)
        now.shift(timedelta(days=1))
        assert links.read_choices_token(token) == links.Choices(17, has_run_out=True)


@pytest.mark.parametrize("token", ["", "-", "--", "a-b", "a-b-c", "æ-ø-å", "1-1-" + "a" * 13])
def test_any_other_word_is_no_link(token):
    assert links.read_choices_token(token) is None
