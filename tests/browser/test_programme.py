"""The programme's report in a browser: begun, written, looked at and published by staff, and read by everybody."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from stemportal.lib.periods import Period
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"
NewContext = Callable[..., BrowserContext]


def test_programme_report_is_written_published_and_confirmed(portal: Portal, browser_context: NewContext) -> None:
    year = Period.current("calendar").previous
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    staff.open("/en/admin/reports/programmereport/add/")
    page = staff.page
    page.get_by_label("Year").select_option(year.slug)
    page.get_by_role("button", name="Begin", exact=True).click()
    page.wait_for_load_state()
    staff.look()

    # Publishing takes a worker some seconds; the page follows by itself.
    page.get_by_text("Publish …").click()
    page.get_by_role("button", name="Publish the report").click()
    expect(page.locator("#main")).to_contain_text("Fingerprint of the data", timeout=60_000)
    staff.look()

    # Everybody reads it, on a phone, and confirms the code that stands in it.
    reader = Visitor(portal, browser_context(viewport={"width": 360, "height": 780}))
    reader.open(f"/en/report/{year.slug}/").sees("The same chances everywhere")
    with reader.page.expect_download() as download:
        reader.page.get_by_role("link", name="Download the report (PDF)").click()
    assert download.value.suggested_filename == f"programme-report-{year.slug}-en.pdf"
    code = reader.page.locator(".p-code").inner_text()
    reader.click("Confirm a printed copy or a file", role="link")
    reader.sees(code).sees(f"The programme's report for {year.label}").look()
