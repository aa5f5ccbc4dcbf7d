"""From a figure down to a booking, for a partner and for the secretariat; and what a partner tells of itself."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from stemportal.lib.school_year import current_school_year, label
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
OWNER = "ingrid.fjelldal@nordlys-robotikk.example.no"
STAFF = "sekretariat@stemportal.example.no"


def last_year() -> str:
    return label(current_school_year() - 1)


def test_partner_goes_from_a_figure_to_the_booking_behind_it(portal: Portal, browser_context: NewContext):
    partner = Visitor(portal, browser_context())
    partner.log_in(OWNER)
    partner.page.goto(portal.base_url + rooms_address(partner))
    partner.click("Go from every figure to what it counts", role="link")
    partner.click(last_year(), role="link", exact=True).look()

    partner.click("Pupils reached", role="link")
    partner.look().sees(re.compile(r"\d+ rows stand behind this figure"))
    partner.page.locator("main td a").first.click()

    expect(partner.page).to_have_url(re.compile(r"/bookings/\d+/"))
    expect(partner.page.locator("main h1")).to_be_visible()


def test_partner_tells_what_it_did_outside_the_portal(portal: Portal, browser_context: NewContext):
    partner = Visitor(portal, browser_context(viewport={"width": 360, "height": 800}))
    partner.log_in(OWNER)
    partner.page.goto(portal.base_url + rooms_address(partner))
    partner.click("Tell what you did outside the portal", role="link").look()
    partner.click("Tell of something", role="link")
    partner.fill(title="Åpen dag på verkstedet", held_on=timezone.localdate().isoformat(), pupils="65", girls="66")
    partner.fill(hours="3").click("Save", exact=True)
    partner.look().sees("There cannot be more girls than pupils.")
    partner.field("kind").select_option(label="Workshop")
    partner.fill(girls="31").click("Save", exact=True)

    partner.sees("Åpen dag på verkstedet").click("Back to your reports", role="link")
    partner.click("Go from every figure to what it counts", role="link")
    partner.click("Pupils reached outside the portal", role="link")
    partner.look().sees("no school has confirmed it").sees("Åpen dag på verkstedet")


def test_secretariat_goes_from_the_programme_to_a_booking(portal: Portal, browser_context: NewContext):
    staff = Visitor(portal, browser_context())
    staff.log_in(STAFF)
    staff.page.goto(f"{portal.base_url}/en/admin/schools/visit/")
    staff.page.get_by_label("Year").select_option(label=last_year())
    staff.page.get_by_role("button", name="Show", exact=True).click()
    staff.look()
    staff.page.get_by_role("link", name="Visits held", exact=True).click()
    staff.look()
    staff.page.locator("table.adm-table td a").first.click()

    expect(staff.page).to_have_url(re.compile(r"/admin/schools/booking/\d+/change/"))


def rooms_address(partner: Visitor) -> str:
    """Where the partner's reports are: its number is in the address of the page that opens after the login."""
    found = re.search(r"/en/partner/\d+/", partner.page.url)
    assert found, partner.page.url
    return f"{found[0]}reports/"
