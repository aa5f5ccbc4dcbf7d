"""A teacher asks with a file, the partner is told by mail and answers; the calendar and its secret address."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import psycopg
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"
OWNER = "ingrid.fjelldal@nordlys-robotikk.example.no"
NewContext = Callable[..., BrowserContext]

# The visit on which the demo's teacher and Nordlys Robotikk have written to each other.
TALKED_ABOUT = """
SELECT DISTINCT booking.id, activity.partner_id
FROM schools_message message
JOIN schools_booking booking ON booking.id = message.booking_id
JOIN accounts_user teacher ON teacher.id = booking.teacher_id
JOIN activities_activity activity ON activity.id = booking.activity_id
JOIN partners_membership membership ON membership.partner_id = activity.partner_id
JOIN accounts_user owner ON owner.id = membership.user_id
WHERE teacher.email = %s AND owner.email = %s
"""


def talked_about(portal: Portal) -> tuple[int, int]:
    """Return the booking and its partner."""
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute(TALKED_ABOUT, [TEACHER, OWNER]).fetchone()
    assert found, "the demo world has a conversation"
    return found


def wait_for_words(portal: Portal, address: str, words: str, *, seconds: float = 40) -> None:
    """Wait for a mail with these words, in whatever language the rest of it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any(words in mail.get_body(("plain",)).get_content() for mail in portal.read_mails(address)):
            return
        time.sleep(0.5)
    raise AssertionError(f"no mail to {address} says {words!r}")


def test_question_with_a_file_reaches_the_partner_and_is_answered(
    portal: Portal, browser_context: NewContext, tmp_path: Path
):
    booking, partner = talked_about(portal)
    plan = tmp_path / "Spørsmål fra klassen.pdf"
    plan.write_bytes(b"%PDF-1.7 sporsmal")

    mari = Visitor(portal, browser_context(viewport={"width": 360, "height": 800})).log_in(TEACHER)
    mari.open(f"/en/bookings/{booking}/")
    # What is on the screen is read; the button is for those without JavaScript.
    mari.page.locator("#talk form").first.scroll_into_view_if_needed()
    expect(mari.page.get_by_role("button", name="I have read this")).to_have_count(0)
    mari.fill(text="Klassen lurer på noe")
    mari.field("attachments").set_input_files([str(plan)])
    mari.click("Send to the partner").look().sees("Spørsmål fra klassen.pdf")

    ingrid = Visitor(portal, browser_context(java_script_enabled=False), javascript=False).log_in(OWNER)
    wait_for_words(portal, OWNER, "Klassen lurer på noe")
    ingrid.open(f"/en/partner/{partner}/").sees(re.compile(r"new messages? from"))
    ingrid.open(f"/en/bookings/{booking}/").sees("Klassen lurer på noe")
    with ingrid.page.expect_download() as download:
        ingrid.page.get_by_role("link", name="Spørsmål fra klassen.pdf").click()
    assert Path(download.value.path()).read_bytes() == plan.read_bytes()
    ingrid.click("I have read this")
    ingrid.fill(text="Det svarer vi på her").click("Send to the school").sees("Det svarer vi på her")

    mari.open("/en/me/").sees("new message from Nordlys Robotikk")


def test_calendar_shows_a_week_and_its_address_can_be_renewed(portal: Portal, browser_context: NewContext):
    _booking, partner = talked_about(portal)
    ingrid = Visitor(portal, browser_context(viewport={"width": 360, "height": 800})).log_in(OWNER)
    ingrid.open(f"/en/partner/{partner}/calendar/").sees("Week")
    assert ingrid.page.evaluate("document.documentElement.scrollWidth") <= 360
    ingrid.click("Next week", role="link").click("List", role="link").look().sees("Coming visits")

    address = ingrid.page.locator("#calendar-address").input_value()
    with urlopen(address) as answer:
        assert b"BEGIN:VCALENDAR" in answer.read()
    ingrid.click("Make a new address")
    ingrid.page.locator("#confirm [data-confirm-yes]").click()
    ingrid.page.wait_for_load_state()
    ingrid.sees("Week").look()
    assert ingrid.page.locator("#calendar-address").input_value() != address
