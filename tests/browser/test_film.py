"""A film before and after play, the picker of goals, and "I teach this": what only a browser can show."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Route, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
FILM = "Film: Natt i robothallen"
PLAYER = "www.youtube-nocookie.com"
# A partner of the demo world that no other test touches.
OWNER, SLUG = "havard.isaksen@skavl-sensor.example.no", "skavl-sensor"


def foreign(visitor: Visitor) -> list[str]:
    """Answer every request that would leave the portal; return the list into which their addresses come."""
    home = urlsplit(visitor.portal.base_url).netloc
    asked: list[str] = []

    def stop(route: Route) -> None:
        if urlsplit(route.request.url).netloc == home:
            route.continue_()
            return
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>player</title>")

    visitor.page.context.route(re.compile("^https?://"), stop)
    return asked


def open_film(visitor: Visitor) -> None:
    visitor.open("/en/activities/?q=robothallen")
    visitor.click(FILM, role="link")
    visitor.look()


def test_nothing_leaves_before_play_and_then_only_to_the_player(portal: Portal, browser_context: NewContext):
    visitor = Visitor(portal, browser_context())
    asked = foreign(visitor)
    open_film(visitor)
    visitor.sees("The film comes from YouTube")
    address = visitor.page.url
    assert asked == []
    visitor.click("Play the film", role="link")
    frame = visitor.page.locator("#film iframe")
    expect(frame).to_have_attribute("src", re.compile(rf"^https://{re.escape(PLAYER)}/embed/"))
    frame.content_frame.locator("html").wait_for(state="attached")
    assert visitor.page.url == address, "put in place, without leaving the page"
    assert {urlsplit(url).netloc for url in asked} == {PLAYER}
    visitor.look()


def test_play_needs_no_script_and_a_link_from_elsewhere_plays_nothing(portal: Portal, browser_context: NewContext):
    visitor = Visitor(portal, browser_context(java_script_enabled=False), javascript=False)
    asked = foreign(visitor)
    open_film(visitor)
    assert asked == []
    visitor.click("Play the film", role="link")
    expect(visitor.page.locator("#film iframe")).to_have_count(1)
    playing = visitor.page.url
    assert "play=1" in playing

    stranger = Visitor(portal, browser_context(java_script_enabled=False), javascript=False)
    asked = foreign(stranger)
    stranger.page.goto(playing)
    expect(stranger.page.locator("#film iframe")).to_have_count(0)
    stranger.sees("The film comes from YouTube")
    assert asked == []


def test_from_a_goal_to_the_text_for_the_year_plan(portal: Portal, browser_context: NewContext):
    visitor = Visitor(portal, browser_context()).open("/en/teach/")
    page = visitor.page
    page.get_by_label("What do you teach?").select_option("NAT01-05")
    page.get_by_label(re.compile("use programming to explore natural-science phenomena")).check()
    page.get_by_role("button", name="Show offers").click()
    page.wait_for_url("**goal=KM13860**")
    visitor.look()
    page.get_by_role("link", name=re.compile("^Text for the year plan")).first.click()
    text = page.get_by_label("Copy it into your plan")
    expect(text).to_have_value(re.compile(r"^Week \d+ .*Competence goals:\n- use programming", re.DOTALL))
    expect(page.get_by_role("button", name="Copy the text")).to_be_visible()
    visitor.look()


@pytest.fixture
def offer_with_old_goals(portal: Portal) -> int:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute(
            "SELECT a.id FROM activities_activity a JOIN partners_partner p ON p.id = a.partner_id"
            " JOIN activities_activity_goals g ON g.activity_id = a.id JOIN activities_goal o ON o.id = g.goal_id"
            " JOIN activities_curriculumplan c ON c.id = o.plan_id"
            " WHERE p.slug = %s AND c.valid_to IS NOT NULL LIMIT 1",
            [SLUG],
        ).fetchone()
    assert found
    return int(found[0])


def test_goals_are_found_by_their_words(portal: Portal, browser_context: NewContext, offer_with_old_goals: int):
    visitor = Visitor(portal, browser_context()).log_in(OWNER)
    visitor.open(f"/en/activities/{offer_with_old_goals}/edit/")
    picker = visitor.page.locator("#div_id_goals")
    expect(picker).to_contain_text("Use the successor instead")
    picker.get_by_label("Find a goal").fill("plate tectonic")
    expect(picker.get_by_role("status")).to_have_text("Goals with these words: 1")
    expect(picker.get_by_label(re.compile("plate tectonic theory"))).to_be_visible()
    visitor.look()
    picker.get_by_label("Find a goal").fill("zzz")
    expect(picker.get_by_role("status")).to_have_text("No goal has these words.")
