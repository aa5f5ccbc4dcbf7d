"""The map beside the list: true counts a municipality, the same numbers as a list, and the policy of its page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from stemportal.activities.tests.conftest import at
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory

pytestmark = pytest.mark.django_db


def page(query: str = "", **headers):
    response = Client().get(at("search") + "?view=map" + query, headers=headers)
    assert response.status_code == 200
    return response


def data(html: str) -> dict:
    return json.loads(re.search(r'<script id="map-data" type="application/json">(.*?)</script>', html)[1])


def markers(html: str) -> dict[str, str]:
    """What each marker is called, and the search it leads to."""
    return {spot["label"]: spot["url"] for county in data(html)["counties"] for spot in county["places"]}


@pytest.fixture
def offers(offer, alta, oslo):
    hammerfest = MunicipalityFactory(
        number="5603", name="Hammerfest", county=alta.county, latitude=70.66, longitude=23.68
    )
    for number in range(3):
        offer(f"Drone {number}", municipality=alta)
    offer("Robot", municipality=hammerfest)
    offer("Kommer", municipality=oslo, format="at_school", kind="role_model_visit")
    offer("Begge deler", municipality=oslo, format="hybrid")
    offer("På nett", municipality=oslo, format="digital", partner=PartnerFactory(municipality=oslo))


def test_every_municipality_has_its_number_and_counties_their_sum(offers):
    html = page().text
    assert set(markers(html)) == {"Alta: 3 offers", "Hammerfest: 1 offer", "Oslo: 2 offers"}
    assert [county["label"] for county in data(html)["counties"]] == ["Oslo: 2 offers", "Finnmark: 4 offers"]


def test_link_of_a_place_finds_exactly_the_offers_it_counts(offers):
    for query in ("", "&q=drone", "&format=on_site", "&format=digital&format=on_site", "&county=03"):
        for label, url in markers(page(query).text).items():
            name, number = re.fullmatch(r"(.+): (\d+) offers?", label).groups()
            found = Client().get(at("search") + url).context["result"].total
            assert found == int(number), (query, name, url)


def test_numbers_follow_the_search_and_its_filters(offers):
    assert set(markers(page("&q=drone").text)) == {"Alta: 3 offers"}
    assert set(markers(page("&municipality=5603").text)) == {"Hammerfest: 1 offer"}


def test_list_beside_the_map_says_the_same_without_a_script(offers):
    html = page().text
    beside = html[html.index('id="map-list"') :]
    assert beside.index("Oslo") < beside.index("Finnmark")
    assert re.search(r'href="\?municipality=5601[^"]*">Alta</a> <span[^>]*>\(3\)', beside)


def test_digital_offers_and_those_that_come_are_told_beside_the_map(offers):
    html = page().text
    assert "2 offers are digital: every school can have them." in html
    assert "1 offer comes to the school; the map shows from where." in html
    only_there = page("&format=on_site").text
    assert "digital: every school" not in only_there


def test_only_digital_offers_have_no_place(offers):
    html = page("&format=digital").text
    assert data(html)["counties"] == []
    assert "None of these offers has a place of its own." in html


def test_list_and_map_lead_to_each_other_and_keep_the_search(offers):
    html = page("&q=drone&grade=9&page=3").text
    assert 'href="?q=drone&amp;grade=9"' in html
    assert 'href="?q=drone&amp;grade=9&amp;view=map"' in Client().get(at("search") + "?q=drone&grade=9").text


def test_script_gets_the_offers_of_a_place(offers):
    url = markers(page("&grade=9").text)["Alta: 3 offers"]
    answer = Client().get(at("search") + url, headers={"HX-Request": "true", "HX-Target": "place-offers"})
    assert "<html" not in answer.text
    assert "Alta: 3 offers" in answer.text
    assert answer.text.count("<article") == 3
    assert "HX-Push-Url" not in answer


def test_names_in_the_data_are_data(offer, alta):
    alta.name = "</script><script>alert(1)</script>"
    alta.save()
    offer(municipality=alta)
    assert "<script>alert(1)" not in page().text


def test_without_tiles_pictures_come_from_the_portal_only(offers):
    policy = page()["Content-Security-Policy"]
    assert "img-src 'self' data:" in [part.strip() for part in policy.split(";")]
    assert data(page().text)["tiles"] == ""


def test_tile_host_is_allowed_on_the_map_only(offers, settings):
    settings.MAP_TILES_URL = "https://{s}.tiles.example.org/{z}/{x}/{y}.png"
    answer = page()
    assert "img-src 'self' data: https://*.tiles.example.org" in answer["Content-Security-Policy"]
    assert data(answer.text)["tiles"] == settings.MAP_TILES_URL
    assert "tiles.example.org" not in Client().get(at("search"))["Content-Security-Policy"]


def test_outline_is_small_whole_and_names_its_source():
    file = Path(settings.BASE_DIR) / "static" / "geo" / "no_counties.geojson"
    assert file.stat().st_size < 200_000
    outline = json.loads(file.read_text(encoding="utf-8"))
    assert len(outline["features"]) == 15
    assert "Kartverket" in outline["attribution"]
    for feature in outline["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert all(4 < x < 32 and 57 < y < 72 for x, y in ring)
