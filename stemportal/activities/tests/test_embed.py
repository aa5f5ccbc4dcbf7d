"""The list for other web sites, and the page on which it is made."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client

from stemportal.activities.tests.conftest import at
from stemportal.testing.factories import CountyFactory, MunicipalityFactory, PostalCodeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> None:
    """No answer and no count of another test."""
    cache.clear()


def embedded(query: str = "", client: Client | None = None) -> str:
    return (client or Client()).get(f"/en/embed/activities/{query}").content.decode()


def test_list_shows_offers_of_the_search_and_leads_to_the_portal(offer, oslo, alta):
    there = offer("Bygg en drone", municipality=alta, days=5)
    offer("Noe i Oslo", municipality=oslo, reach="local")

    text = embedded("?municipality=5601")

    assert "Bygg en drone" in text
    assert "Noe i Oslo" not in text
    assert f'href="http://127.0.0.1:8000{there.get_absolute_url()}" target="_blank" rel="noopener"' in text
    assert 'href="http://127.0.0.1:8000/en/activities/?municipality=5601"' in text


def test_only_this_page_may_stand_in_a_frame(offer):
    offer()
    response = Client().get("/en/embed/activities/")

    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "script-src 'self'" in response["Content-Security-Policy"]
    for path in (at("search"), at("embed_make"), "/en/"):
        other = Client().get(path)
        assert other["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]


def test_kept_list_may_stand_in_a_frame_too(offer, django_assert_num_queries):
    offer()
    first = Client().get("/en/embed/activities/")
    with django_assert_num_queries(1):
        again = Client().get("/en/embed/activities/")

    assert again.content == first.content
    assert "X-Frame-Options" not in again
    assert "frame-ancestors *" in again["Content-Security-Policy"]


def test_nothing_of_the_reader_is_asked_for_or_kept(offer, member):
    offer()
    response = member.get("/en/embed/activities/")

    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert b"csrf" not in response.content
    assert b"<script" not in response.content


@pytest.mark.parametrize(("limit", "shown"), [("3", 3), ("99", 10), ("0", 1), ("x", 5), ("9" * 40, 5)])
def test_list_is_never_longer_than_ten(offer, limit, shown):
    for number in range(11):
        offer(f"Tilbud {number}")

    text = embedded(f"?limit={limit}")

    assert text.count("<li>") == shown
    assert "See all 11 at stemportal" in text


def test_empty_list_says_so_and_where_there_is_more(db):
    text = embedded("?q=finnesikke")

    assert "No offers just now" in text
    assert "Find more at stemportal" in text


def test_language_and_colours_can_be_chosen(offer):
    offer()

    text = embedded("?lang=nn&theme=dark")
    assert '<html lang="nn" data-color-scheme="dark"' in text
    assert "/nn/activities/" in text
    assert 'data-color-scheme="auto"' in embedded("?theme=%22onload=")


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_follow_the_rows(offer, django_assert_num_queries, rows):
    for number in range(rows):
        offer(f"Tilbud {number}", days=3)
    embedded("?limit=1")

    with django_assert_num_queries(1):
        assert embedded().count("<li>") == rows


# --- The page on which it is made


def test_lines_to_put_into_a_page_are_those_of_the_preview(offer, alta, client):
    offer("Bygg en drone", municipality=alta)

    text = unescape(client.get(at("embed_make"), {"area": "m5601", "limit": "3", "lang": "nn"}).content.decode())

    path = "/en/embed/activities/?place=Alta+kommune&limit=3&lang=nn&theme=auto"
    assert f'src="{path}"' in text
    assert f'<iframe src="http://127.0.0.1:8000{path.replace("&", "&amp;")}" title="Offers for schools in Alta"' in text
    assert 'loading="lazy"' in text
    assert "/en/activities/feed.ics?place=Alta+kommune" in text
    assert "Bygg en drone" in client.get(path).content.decode()


def test_list_can_be_kept_to_what_takes_place_there(alta, client):
    found = client.get(at("embed_make"), {"area": "m5601", "only_there": "on"})
    assert "?municipality=5601&" in found.context["path"]
    found = client.get(at("embed_make"), {"area": "c56"})
    assert "?place=Finnmark+fylke&" in found.context["path"]


def test_municipalities_of_the_same_name_are_told_apart(client):
    for number in ("1818", "1515"):
        county = CountyFactory(number=number[:2], name=f"Fylke {number}")
        town = MunicipalityFactory(number=number, name="Herøy", county=county)
        PostalCodeFactory(code=f"{number[:2]}99", place="HERØY", municipality=town)

    found = client.get(at("embed_make"), {"area": "m1515"})

    assert "place=1599" in found.context["path"]


def test_odd_choices_are_the_usual_ones(client, kinds):
    response = client.get(
        at("embed_make"), {"area": "m9999", "kind": "x", "limit": "99", "lang": "xx", "theme": "\x00"}
    )

    assert response.status_code == 200
    assert response.context["path"] == "/en/embed/activities/?limit=5&lang=en&theme=auto"
