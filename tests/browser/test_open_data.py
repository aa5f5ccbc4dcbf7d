"""The open data in a browser: a municipality puts the list on its own web site, and what is told about the API."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]


class Municipality:
    """A web site of somebody else, on a port of its own; ``body`` is what its only page shows."""

    def __init__(self) -> None:
        self.body = ""
        site = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802  # the name http.server calls
                html = f'<!doctype html><html lang="en"><title>Alta</title><main>{site.body}</main></html>'
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(html.encode())

            def log_message(self, *args: object) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def municipality() -> Iterator[Municipality]:
    site = Municipality()
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_municipality_shows_offers_on_its_own_web_site(
    portal: Portal, browser_context: NewContext, municipality: Municipality
) -> None:
    context = browser_context(locale="en-GB")
    maker = Visitor(portal, context).open("/en/embed/")
    maker.field("area").select_option(label="Alta")
    maker.field("limit").select_option("3")
    maker.click("Show the list").look()
    preview = maker.page.frame_locator("main iframe")
    expect(preview.locator("h1")).to_have_text("Offers for schools in Alta")
    expect(preview.locator("li")).to_have_count(3)
    snippet = maker.page.locator("main pre").inner_text()

    municipality.body = snippet
    there = context.new_page()
    there.goto(municipality.url)
    frame = there.frame_locator("iframe")
    expect(frame.locator("li")).to_have_count(3)
    title = frame.locator("li a").first
    shown = title.inner_text().partition("\n")[0]
    with context.expect_page() as opened:
        title.click()
    assert urlsplit(opened.value.url).netloc == urlsplit(portal.base_url).netloc
    expect(opened.value.locator("h1")).to_contain_text(shown[:20])
    assert not [cookie for cookie in context.cookies(portal.base_url) if cookie["name"] == "sessionid"]

    # Every other page of the portal refuses to stand in a frame.
    municipality.body = f'<iframe src="{portal.base_url}/en/activities/" title="Offers"></iframe>'
    there.goto(municipality.url)
    there.wait_for_timeout(1_000)
    assert "Find offers" not in "".join(frame.content() for frame in there.frames[1:])


def test_list_stands_by_itself_in_a_small_frame(portal: Portal, browser_context: NewContext) -> None:
    visitor = Visitor(portal, browser_context(viewport={"width": 320, "height": 250}))
    visitor.open("/en/embed/activities/?limit=10&theme=auto")
    overflow = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "it scrolls down only"
    assert visitor.page.context.cookies() == []


def test_feeds_of_a_search_and_the_page_about_the_api(portal: Portal, browser_context: NewContext) -> None:
    visitor = Visitor(portal, browser_context()).open("/en/activities/?q=robot&county=56")
    address = visitor.page.locator("#found").get_by_role("link", name="calendar").get_attribute("href")
    assert address == "/en/activities/feed.ics?q=robot&county=56"
    answer = visitor.page.request.get(portal.base_url + address)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert Calendar.from_ical(answer.body()).walk("VEVENT")

    visitor.click("Open data", role="link", within="footer").look()
    visitor.sees("curl")
    example = re.search(r'curl "([^"]+)"', visitor.page.locator("main pre").inner_text())
    assert example
    found = visitor.page.request.get(example.group(1)).json()
    assert found["total"] >= 1
    assert found["items"][0]["next_session"]["places_left"] >= 1
