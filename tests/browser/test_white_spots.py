"""The map of white spots by keyboard alone: from the country to a county, to a kommune, and on to inviting schools."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"


def tab_to(page: Page, name: re.Pattern[str]) -> str:
    """Press the tab key until something with this name has the focus; return the whole name."""
    for _press in range(60):
        page.keyboard.press("Tab")
        words = page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || ''"
        )
        if name.match(words):
            return str(words)
    raise AssertionError(f"the tab key does not lead to {name.pattern}")


def test_map_is_walked_by_keyboard(portal: Portal, browser_context: Callable[..., BrowserContext]) -> None:
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    page = staff.page
    staff.open("/en/admin/reports/nudge/map/")

    page.get_by_role("link", name="Past the map").focus()
    words = tab_to(page, re.compile(r"Finnmark: \d+ of \d+ schools met"))
    # The same stands in the list beside the map.
    met = re.search(r"\d+ of \d+", words)
    expect(page.get_by_role("row", name=re.compile("^Finnmark"))).to_contain_text(met.group() if met else "?")
    page.keyboard.press("Enter")
    page.wait_for_url("**/map/56/")
    expect(page.get_by_role("heading", name="White spots in Finnmark")).to_be_visible()
    staff.look()

    page.get_by_role("link", name="Past the map").focus()
    tab_to(page, re.compile(r"Alta: \d+ of \d+ schools met"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/map/5601/")
    expect(page.get_by_role("row", name=re.compile("^Alta ungdomsskole"))).to_contain_text("10th grade")

    page.get_by_role("link", name="Invite schools").press("Enter")
    page.wait_for_url("**/invite/?place=5601")
    staff.look()
