"""A reader of the newsletter in a browser: signs up with wishes, changes them by the mailed link, and leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage

from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

EMAIL = "ragna.proveleser@example.org"


def link_in(mail: EmailMessage, page: str) -> str:
    found = re.search(rf"http://\S+/{page}/\S+", mail.get_body(("plain",)).get_content())
    assert found, mail.get_body(("plain",)).get_content()
    return found.group()


def test_reader_signs_up_with_wishes_changes_them_and_leaves(
    portal: Portal, browser_context: Callable[..., BrowserContext]
) -> None:
    reader = Visitor(portal, browser_context(viewport={"width": 360, "height": 740}))
    reader.open("/en/newsletter/").fill(email=EMAIL)
    reader.page.locator("main details summary").click()
    reader.page.get_by_label("Coding and robots").check()
    reader.look()
    reader.click("Subscribe").sees("One step left")

    reader.page.goto(link_in(reader.wait_for_mail(EMAIL, "Confirm"), "confirm"))
    reader.click("Yes, send me the newsletter").sees("You get our newsletter")
    reader.click("Choose what you get", role="link").look()
    expect(reader.page.get_by_label("Coding and robots")).to_be_checked()
    reader.page.get_by_label("Climate, sea and energy").check()
    reader.field("county").select_option(label="Finnmark")
    reader.click("Save")
    expect(reader.page.locator("body")).to_contain_text("Saved. The next newsletter comes as you have chosen.")
    reader.sees("Changed the choices")

    reader.click("Unsubscribe", role="link").look()
    reader.click("Unsubscribe").sees("You are unsubscribed")
    reader.look()
