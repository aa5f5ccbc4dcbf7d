"""What crawlers read: the map of the public pages, and what to leave alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from defusedxml import ElementTree
from django.conf import settings as portal
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stemportal.activities.sitemaps import ActivitySitemap
from stemportal.testing.factories import ActivityFactory, PartnerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_corner")]

SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(autouse=True)
def fresh() -> None:
    """No answer of another test."""
    cache.clear()


def read(path: str) -> Any:
    response = Client().get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"].startswith("application/xml")
    return ElementTree.fromstring(response.content)


def locations(path: str) -> list[str]:
    return [node.text for node in read(path).iterfind(".//s:loc", SPACE)]


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}".rstrip("?")


def test_map_names_every_public_page_and_all_of_them_open():
    activity = ActivityFactory()
    PartnerFactory(slug="berg")
    ActivityFactory(status="draft", title="Utkast")
    PartnerFactory(slug="venter", status="applied")

    named = [address for file in locations("/sitemap.xml") for address in locations(path_of(file))]

    paths = {path_of(address) for address in named}
    assert {"/", "/en/", "/nn/activities/", "/partners/berg/", "/en/partners/berg/"} <= paths
    assert {f"{prefix}/activities/{activity.pk}-{activity.slug}/" for prefix in ("", "/nn", "/en")} <= paths
    assert not [path for path in paths if "utkast" in path or "venter" in path]
    for path in paths:
        assert Client().get(path).status_code == 200, path


def test_each_address_names_the_other_languages():
    activity = ActivityFactory()

    for url in read("/sitemap-activities.xml").iterfind("s:url", SPACE):
        others = {node.get("hreflang"): path_of(node.get("href")) for node in url.iterfind("x:link", SPACE)}
        page = f"/activities/{activity.pk}-{activity.slug}/"
        assert others == {"nb": page, "nn": f"/nn{page}", "en": f"/en{page}", "x-default": page}
        assert url.find("s:lastmod", SPACE).text == activity.updated_at.date().isoformat()


def test_many_offers_come_in_files_that_read_only_their_own(monkeypatch, settings):
    # How many files there are follows from the highest number that an offer has got so far.
    settings.PORTAL_RATE_LIMITS |= {"sitemap": (100_000, 60)}
    monkeypatch.setattr(ActivitySitemap, "rows", 2)
    rows = ActivityFactory.create_batch(5)
    first = rows[0].pk

    files = [path_of(file) for file in locations("/sitemap.xml") if "activities" in file]
    found = [address for file in files for address in locations(file)]

    assert len(files) == -(-(first + 4) // 2)
    assert len(found) == 5 * len(portal.LANGUAGES)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert len(locations(files[-1])) <= 2 * len(portal.LANGUAGES)
    assert len(asked) == 2


@pytest.mark.parametrize("page", ["0", "99", "x", "-1", "9" * 5000])
def test_file_that_does_not_exist_is_not_found(page):
    assert Client().get("/sitemap-activities.xml", {"p": page}).status_code == 404
    assert Client().get("/sitemap-nothing.xml").status_code == 404


def test_map_is_kept_for_an_hour_but_not_the_people_on_it(django_assert_num_queries):
    ActivityFactory()
    read("/sitemap-activities.xml")

    with django_assert_num_queries(0):
        assert Client().get("/sitemap-activities.xml")["Cache-Control"] == "public, max-age=3600"
    # Who takes a yes back is gone at once.
    assert Client().get("/sitemap-role_models.xml")["Cache-Control"] == "public, no-cache"


def test_robots_leave_rooms_and_searches_alone_and_find_the_map():
    lines = Client().get("/robots.txt").content.decode().splitlines()

    assert {"Disallow: /admin/", "Disallow: /en/account/", "Disallow: /partner/", "Disallow: /nn/me/"} <= set(lines)
    assert "Disallow: /activities/?" in lines
    assert not [line for line in lines if line in {"Disallow: /", "Disallow: /partners/", "Disallow: /activities/"}]
    assert f"Sitemap: {portal.PORTAL_BASE_URL}/sitemap.xml" in lines
