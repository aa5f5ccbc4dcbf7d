"""A full meeting: somebody waits, somebody else gives the place back by the link of a mail, and the next one comes."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"
OWNER = "ingrid.fjelldal@nordlys-robotikk.example.no"
TEACHER = "mari.solli@alta.example.no"
TITLE = "Rundt bordet"
NewContext = Callable[..., BrowserContext]

# One place, for partners and teachers of the whole country.
ONE_PLACE = """
INSERT INTO network_meeting (
    kind, status, title_nb, title_nn, title_en, text_nb, text_nn, text_en, starts_at, ends_at, place, address,
    video_link, capacity, places_taken, guests_at_most, asks_diet, audience, is_public, sequence, published_at,
    cancel_reason, minutes
) VALUES (
    'network', 'published', %(title)s, '', '', '', '', '', now() + interval '20 days',
    now() + interval '20 days 2 hours', 'Fjordsalen', '', '', 1, 0, 0, true,
    '{partners,teachers}', true, 0, now(), '', ''
) RETURNING id
"""


def one_place(portal: Portal) -> int:
    """Announce a meeting with a single place; return its number."""
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        made = connection.execute(ONE_PLACE, {"title": TITLE}).fetchone()
    assert made
    return int(made[0])


def invite(staff: Visitor, meeting: int, email: str) -> None:
    staff.page.goto(f"{staff.portal.base_url}/en/admin/network/meeting/{meeting}/invite-person/")
    staff.page.locator("[name='email']").fill(email)
    staff.page.get_by_role("button", name="Invite").click()
    staff.page.wait_for_load_state()


def test_place_that_is_given_back_goes_to_the_one_who_waits(portal: Portal, browser_context: NewContext):
    meeting = one_place(portal)
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    invite(staff, meeting, OWNER)

    # The owner answers by the link of the mail, without a login and without JavaScript.
    mail = Visitor(portal, browser_context(java_script_enabled=False), javascript=False)
    invitation = mail.wait_for_mail(OWNER, TITLE)
    link = re.search(r"https?://\S+/invitation/\S+", invitation.get_body(("plain",)).get_content())
    assert link
    path = link.group(0).removeprefix(portal.base_url)
    mail.open(path).sees("Fjordsalen")
    mail.page.locator("main [name='answer'][value='yes']").check()
    mail.fill(diet="Uten nøtter")
    mail.page.locator("main form button[type='submit']").click()
    mail.page.wait_for_load_state()

    mari = Visitor(portal, browser_context(viewport={"width": 360, "height": 800})).log_in(TEACHER)
    mari.open(f"/en/network/meetings/{meeting}/").sees("None; there is a waiting list.")
    mari.page.locator("main [name='answer'][value='yes']").check()
    mari.click("Send the answer").look().sees("You are number 1 on the waiting list.")
    assert mari.page.evaluate("document.documentElement.scrollWidth") <= 360

    mail.open(path)
    mail.page.locator("main [name='answer'][value='no']").check()
    mail.page.locator("main form button[type='submit']").click()
    mail.page.wait_for_load_state()

    mari.page.reload()
    mari.sees("You have a place.")
    found = portal.wait_for_mail(TEACHER)
    assert found
    staff.page.goto(f"{portal.base_url}/en/admin/network/meeting/{meeting}/change/")
    expect(staff.page.locator("body")).to_contain_text("1 comes")
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="Name list for the door (PDF)").click()
    assert download.value.suggested_filename.endswith(".pdf")
    staff.look()
