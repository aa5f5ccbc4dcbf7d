"""Importing partners in a browser: upload a table, see line by line what it would do, apply it, find the partner."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from stemportal.lib.organisation_numbers import synthetic
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"
KNOWN, NEW = synthetic(61_001), synthetic(61_002)
TITLES = (
    "Organisation number;Registered name;Kind of organisation;Contact person;E-mail of the contact person;Employees"
)


def upload(staff: Visitor, file: Path, *lines: str) -> None:
    """From the menu to the page of the import, which is ready when it says what can be applied."""
    file.write_text("\n".join([TITLES, *lines]), encoding="latin-1")
    staff.open("/en/admin/partners/partnerimport/")
    staff.page.get_by_role("link", name="Import partners").first.click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.locator("input[type='file']").set_input_files(file)
    staff.page.get_by_role("button", name="Read the file").click()
    expect(staff.page.locator("body")).to_contain_text("can be applied", timeout=60_000)
    staff.look()


def apply(staff: Visitor) -> None:
    staff.page.get_by_role("link", name=re.compile(r"^(done_all )?Apply \d")).click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.get_by_role("button", name="Apply").click()
    expect(staff.page.locator("body")).to_contain_text("Applied on", timeout=60_000)
    staff.look()


def test_table_is_looked_at_applied_and_taken_away_again(
    portal: Portal, browser_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    staff = Visitor(portal, browser_context(accept_downloads=True)).log_in(STAFF)
    upload(staff, tmp_path / "first.csv", f"{KNOWN};GAMLE FJORD AS;Company;Kari Prøve;kari@fjord.example.no;5")
    apply(staff)

    upload(
        staff,
        tmp_path / "second.csv",
        f"{NEW};NYE FJORD AS;Bedrift;Ola Prøve;ola@fjord.example.no;12",
        f"{KNOWN};;;;;38",
        "123;FEIL AS;Circus;Ola Prøve;ola@fjord.example.no;1",
    )
    rows = staff.page.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("Cannot be used")
    expect(rows.nth(0)).to_contain_text("4")
    expect(rows.nth(0)).to_contain_text(re.compile(r"Organisation number:.*Kind of organisation:", re.S))
    expect(rows.nth(1)).to_contain_text("New partner")
    expect(rows.nth(2)).to_contain_text(re.compile(r"Employees:\s*5 → 38"))
    apply(staff)

    staff.page.get_by_role("link", name="Nye Fjord AS").or_(staff.page.get_by_role("link", name="NYE FJORD AS")).click()
    staff.page.wait_for_load_state()
    expect(staff.page.locator("[name='contact_email']")).to_have_value("ola@fjord.example.no")
    staff.open(f"/en/admin/partners/partner/?status__exact=approved&q={KNOWN}")
    with staff.page.expect_download() as download:
        staff.page.locator("form[action*='/export/']").get_by_role("button", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert KNOWN in text
    assert ";38;" in text
