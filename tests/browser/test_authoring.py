"""A contact person makes an offer: from a template, saved by itself, stopped by a guard, published; and last year's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

# Of a partner that no other test plays with.
OWNER = "didrik.hagelund@flystripa-teknikk.example.no"
LAST_YEARS = "Under vingen i hangar 3"
NewContext = Callable[..., BrowserContext]
# What stands open in the template of a job shadow, and what the partner says instead.
OWN_WORDS = {
    "title": "Follow a robot mechanic for a whole working day",
    "description": "The pupil has one person with us all day and tries to calibrate a gripper.",
    "bring": "- Packed lunch\n- Clothes fit for a workshop",
    "place": "The reception",
}


@pytest.fixture
def author(portal: Portal, browser_context: NewContext) -> Visitor:
    return Visitor(portal, browser_context()).log_in(OWNER)


def offers_of(author: Visitor) -> str:
    """The address of the partner's offers: who logs in comes to the partner's room."""
    found = re.search(r"/en/partner/\d+/", author.page.url)
    assert found, author.page.url
    return f"{found[0]}activities/"


def wait_until_saved(author: Visitor) -> None:
    expect(author.page.locator("#autosave-state")).to_contain_text(re.compile(r"^Saved \d\d:\d\d"), timeout=15_000)


def test_offer_from_a_template_saves_itself_is_stopped_by_guards_and_published(author: Visitor):
    author.open(offers_of(author) + "new/").click("A day as a job shadow", role="link").look()
    author.page.locator("main [name='grade_from']").select_option("8")
    author.fill(**OWN_WORDS)
    wait_until_saved(author)
    assert re.search(r"/en/activities/\d+/edit/$", author.page.url), "the new offer has an address of its own"

    # It is there without any button having been pressed.
    author.page.reload()
    expect(author.field("title")).to_have_value(OWN_WORDS["title"])
    author.page.get_by_label("Technology", exact=True).check()
    author.click("Save and publish").sees("Saved, but not published: 3 things are missing.").look()
    author.sees("Let it start at 9th grade or later").sees("Fill in when the written risk assessment was made")
    author.sees("Replace “‹profession›” with your own words")
    assert author.page.get_by_role("link", name="Read the rule").count() == 2

    author.page.locator("main [name='grade_from']").select_option("9")
    author.fill(learning="What a robot mechanic does.", risk_assessed_on=date(2026, 3, 12).isoformat())
    wait_until_saved(author)
    expect(author.page.locator("#rail")).to_contain_text("Ready to be published")
    author.click("Preview").sees("This is how teachers will see it.").sees("March 12, 2026").look()
    author.click("Publish", exact=True).sees("Published. Teachers find it now.")


def test_change_of_a_published_offer_waits_and_last_years_is_copied(author: Visitor):
    offers = offers_of(author)
    author.open(offers)
    row = author.page.locator("main tr", has_text=LAST_YEARS).first
    row.get_by_role("link", name=re.compile("^Edit")).click()
    author.page.wait_for_load_state()
    author.fill(bring="- Matpakke\n- Godt humør")
    wait_until_saved(author)
    expect(author.page.locator("#rail")).to_contain_text("Changes that are not published yet")
    author.page.reload()
    expect(author.field("bring")).to_have_value("- Matpakke\n- Godt humør")
    author.look()
    author.page.locator("#rail").get_by_role("button", name="Throw away").click()
    author.page.locator("#confirm [data-confirm-yes]").click()
    author.sees("Thrown away. The editor shows what teachers see.")

    author.open(offers)
    author.click(f"Copy {LAST_YEARS}").sees("Copied. Look through it").sees("Draft").look()
    expect(author.field("title")).to_have_value(LAST_YEARS)
    author.click("Put away")
    author.page.locator("#confirm [data-confirm-yes]").click()
    author.sees("Put away.")
