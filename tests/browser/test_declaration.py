"""A new version of the declaration in a browser: written in the admin, read and signed by a partner, fetched as PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import urlsplit

import pikepdf
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"
# A partner of the demo world that no other browser test uses.
NAME, OWNER = "Elvevarme", "simen.ottersen@elvevarme.example.no"
NewContext = Callable[..., BrowserContext]


def publish(staff: Visitor) -> int:
    """Draft a version from the newest in all languages, look at it, and return its number."""
    staff.open("/en/admin/partners/declaration/add/")
    number = int(staff.page.locator("[name='version']").input_value())
    for code, old, new, news in (
        ("nb", "fem virkedager", "tre virkedager", "Fristen er kortere."),
        ("nn", "fem virkedagar", "tre virkedagar", "Fristen er kortare."),
        ("en", "five working days", "three working days", "The answer comes sooner."),
    ):
        text = staff.page.locator(f"[name='text_{code}']")
        assert old in text.input_value()
        text.fill(text.input_value().replace(old, new))
        staff.page.locator(f"[name='changes_{code}']").fill(news)
    staff.page.locator("[name='_save']").click()
    staff.page.wait_for_load_state()
    staff.look()
    expect(staff.page.locator("body")).to_contain_text("The answer comes sooner.")
    return number


def ask(staff: Visitor) -> None:
    """Go on from the preview to asking, and press the button."""
    staff.page.get_by_role("link", name="Go on to asking for signatures").click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.get_by_role("button", name="Ask them now").click()
    staff.page.wait_for_load_state()
    staff.look()


def test_new_version_is_published_read_signed_and_fetched(portal: Portal, browser_context: NewContext) -> None:
    partner = Visitor(portal, browser_context())
    partner.log_in_with_code(OWNER)
    room = urlsplit(partner.page.url).path
    partner.open(f"{room}declaration/").sees(f"{NAME} has signed the declaration")
    staff = Visitor(portal, browser_context())
    staff.log_in(STAFF)

    number = publish(staff)
    ask(staff)

    # The owner is asked by mail and among today's tasks, and sees what changed.
    partner.wait_for_mail(OWNER, NAME)
    partner.open(room).click("Read and sign", role="link").look()
    partner.sees("The answer comes sooner.")
    partner.page.get_by_text("See every change in the text").click()
    partner.look()
    expect(partner.page.locator("main del")).to_contain_text("five")
    expect(partner.page.locator("main ins")).to_contain_text("three")

    # Signed.
    partner.click(f"Sign version {number}")
    partner.look().sees("Please tick that you sign the declaration.")
    partner.fill(signed_name="Simen Ottersen")
    partner.field("signed").check()
    partner.click(f"Sign version {number}")
    partner.look().sees(f"Thank you! {NAME} has signed version {number}.")

    # Fetched: a real file with the words of the new version.
    with partner.page.expect_download() as fetched:
        partner.page.locator("main").get_by_role("link", name=f"Download Declaration, version {number}").click()
    content = fetched.value.path().read_bytes()
    assert content.startswith(b"%PDF")
    assert fetched.value.suggested_filename == f"elvevarme-declaration-{number}.pdf"
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == "en"

    # Everybody sees who signed which version; the secretariat sees who has not.
    visitor = Visitor(portal, browser_context())
    visitor.open("/en/partners/signatories/")
    row = visitor.page.locator("tr", has_text=NAME)
    expect(row).to_contain_text(f"Version {number}")
    expect(row).not_to_contain_text("Simen")
    staff.open("/en/admin/partners/declaration/")
    staff.page.locator("tr", has_text=f"version {number}").get_by_role("link", name="partners").click()
    staff.page.wait_for_load_state()
    staff.look()
    unsigned = staff.page.locator("table")
    expect(unsigned).to_contain_text("Bylinja")
    expect(unsigned).not_to_contain_text(NAME)
