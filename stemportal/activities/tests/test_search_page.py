"""The search page as a visitor meets it."""

import pytest
from django.test import Client

from stemportal.activities.tests.conftest import at

pytestmark = pytest.mark.django_db


def page(query: str = "", **headers) -> str:
    response = Client().get(at("search") + query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_page_shows_offers_counts_and_what_was_chosen(offer):
    offer("Bygg en drone", kind="workshop", days=5)
    html = page("?q=drone&kind=workshop&grade=9")
    assert "1 offer about “drone” for 9th grade" in html
    assert "Bygg en drone" in html
    assert "Remove the filter Workshop" in html
    assert "Room for 2 groups" in html


def test_htmx_gets_only_the_part_that_changes_and_a_short_address(offer):
    offer("Bygg en drone")
    response = Client().get(at("search") + "?q=drone&place=&radius=60&sort=best&grade=", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "<html" not in html
    assert 'id="found"' in html
    assert 'id="facet-kind"' in html
    assert response["HX-Push-Url"] == at("search") + "?q=drone"
    assert "HX-Request" in response["Vary"]


def test_htmx_history_gets_the_whole_page(offer):
    html = page("", **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in html


def test_unknown_place_is_told_and_the_whole_country_shown(offer):
    offer("Bygg en drone")
    html = page("?place=Langtvekkistan")
    assert "We do not know the place “Langtvekkistan”" in html
    assert "Bygg en drone" in html


def test_nothing_found_says_what_to_do(offer, alta):
    html = page("?q=xyzzy&place=alta")
    assert "No offers fit all of this" in html
    assert "Search the whole country" in html


def test_script_in_the_query_is_text(offer):
    html = page("?q=<script>alert(1)</script>&place=<img src=x onerror=alert(1)>")
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html


def test_long_query_is_answered(offer):
    assert "No offers" in page("?q=" + "qwertyuiop" * 500)


def test_wrong_date_is_told_at_its_field(offer):
    html = page("?date_from=2030-05-02&date_to=2030-05-01")
    assert "This date is before the first one." in html
    assert 'aria-describedby="search-date_to-error"' in html


def test_page_in_every_language_names_kinds_in_it(offer):
    offer("Bygg en drone", kind="workshop")
    for prefix, name in (("", "Verksted"), ("/nn", "Verkstad"), ("/en", "Workshop")):
        assert name in Client().get(f"{prefix}/activities/").content.decode()


def test_post_is_not_a_search():
    assert Client().post(at("search")).status_code == 405


def test_filtered_searches_are_not_for_search_engines(offer):
    assert "noindex" not in page()
    assert "noindex" in page("?q=drone")
