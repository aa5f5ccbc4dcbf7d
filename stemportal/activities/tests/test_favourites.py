"""Favourites: kept from a list and from an offer's page, with and without a script."""

from __future__ import annotations

import pytest
from django.test import Client

from stemportal.accounts.deletion import delete_unused_account
from stemportal.activities.models import Activity, Favourite
from stemportal.activities.services import favourites as services
from stemportal.activities.tests.conftest import at, client_of
from stemportal.testing.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return UserFactory()


def test_offer_is_kept_and_let_go_and_the_page_shows_it(offer, person):
    activity, client = offer("Bygg en drone"), client_of(person)
    page = activity.get_absolute_url()
    assert 'aria-pressed="false"' in client.get(page).text

    answer = client.post(at("favourite", activity.pk), {"keep": "yes", "next": page}, follow=True)

    assert answer.redirect_chain == [(page, 302)]
    assert "“Bygg en drone” is among your favourites." in answer.text
    assert 'aria-pressed="true"' in answer.text
    assert 'aria-pressed="true"' in client.get(at("search")).text
    assert "Bygg en drone" in client.get(at("favourites")).text
    client.post(at("favourite", activity.pk), {"keep": "no"})
    assert not Favourite.objects.exists()
    assert "You keep no offers yet" in client.get(at("favourites")).text


def test_twice_is_as_good_as_once(offer, person):
    activity, client = offer(), client_of(person)
    for keep in ("yes", "yes", "no", "no"):
        assert client.post(at("favourite", activity.pk), {"keep": keep}).status_code == 302
    assert not Favourite.objects.exists()


def test_htmx_gets_the_button_back(offer, person):
    activity = offer("Bygg en drone")
    answer = client_of(person).post(
        at("favourite", activity.pk), {"keep": "yes", "next": "/en/"}, headers={"HX-Request": "true"}
    )
    assert 'aria-pressed="true"' in answer.text
    assert "<html" not in answer.text


def test_visitor_is_led_to_the_login_and_back(offer):
    activity = offer()
    page = Client().get(activity.get_absolute_url()).text
    assert "/account/login/?next=%2F" in page
    assert Client().post(at("favourite", activity.pk)).status_code == 302
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("place", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)"])
def test_the_way_back_stays_in_the_portal(offer, person, place):
    answer = client_of(person).post(at("favourite", offer().pk), {"next": place})
    assert answer["Location"] == at("favourites")


def test_what_is_not_public_cannot_be_kept(offer, person):
    draft = offer(status=Activity.Status.DRAFT)
    assert client_of(person).post(at("favourite", draft.pk)).status_code == 404


def test_favourite_that_was_taken_down_stays_with_a_word_about_it(offer, person):
    activity, client = offer("Bygg en drone"), client_of(person)
    services.keep_offer(user=person, activity=activity)
    Activity.objects.filter(pk=activity.pk).update(status=Activity.Status.ARCHIVED)
    page = client.get(at("favourites")).text
    assert "Bygg en drone" in page
    assert "Not offered now" in page
    assert client.post(at("favourite", activity.pk), {"keep": "no"}).status_code == 302
    assert not Favourite.objects.exists()


def test_there_is_an_end_to_keeping(offer, person, monkeypatch):
    monkeypatch.setattr(services, "MOST_KEPT", 1)
    first, second, client = offer(), offer(), client_of(person)
    client.post(at("favourite", first.pk))
    assert "Let go of some" in client.post(at("favourite", second.pk), follow=True).text
    assert Favourite.objects.count() == 1
    assert client.post(at("favourite", second.pk), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_favourites_of_others_are_not_shown(offer, person):
    services.keep_offer(user=UserFactory(), activity=offer("Bygg en drone"))
    assert "Bygg en drone" not in client_of(person).get(at("favourites")).text


def test_favourites_go_with_the_account_and_do_not_hold_it(offer, person):
    services.keep_offer(user=person, activity=offer())
    person.saved_searches.create(name="Roboter", query="q=robot")
    assert delete_unused_account(user_pk=person.pk) == person.email
    assert not Favourite.objects.exists()
