"""A partner answers a hearing, another one stands behind it, the secretariat answers, and both hear of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

PARTNER = "ingrid.fjelldal@nordlys-robotikk.example.no"
STAFF = "sekretariat@stemportal.example.no"
TITLE = "Send utstyret med posten"
NewContext = Callable[..., BrowserContext]

# The owner of a partner that no other test plays with.
SOMEBODY_ELSE = """
SELECT person.email FROM partners_membership membership
JOIN accounts_user person ON person.id = membership.user_id
JOIN partners_partner partner ON partner.id = membership.partner_id
WHERE membership.role = 'owner' AND partner.status = 'approved' AND partner.slug <> 'nordlys-robotikk'
ORDER BY partner.id DESC LIMIT 1
"""


def owner_of_another_partner(portal: Portal) -> str:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute(SOMEBODY_ELSE).fetchone()
    assert found
    return str(found[0])


def test_input_is_sent_supported_and_answered(portal: Portal, browser_context: NewContext) -> None:
    other_email = owner_of_another_partner(portal)
    phone = browser_context(viewport={"width": 360, "height": 780})
    sender = Visitor(portal, phone).log_in(PARTNER)

    # From the list to the hearing, and on to the form, on a phone.
    sender.open("/en/network/input/").sees("We are asking now")
    sender.click("How do we reach schools far from the companies?", role="link").look()
    sender.sees("Open until")
    sender.click("Send input", role="link").look()
    sender.click("Send")
    sender.look().sees("Please look at these 2 things once more")
    sender.fill(title=TITLE, text="En eske til hver klasse, **en uke før** møtet.")
    sender.click("Send")
    sender.look().sees("Sent. Thank you!").sees("We have received it")
    address = sender.page.url.removeprefix(portal.base_url)
    narrow = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert sender.page.evaluate(narrow)
    received = sender.wait_for_mail(PARTNER, TITLE)
    assert address.removeprefix("/en") in received.get_body(("plain",)).get_content()

    # Another partner, without JavaScript.
    other = Visitor(portal, browser_context(java_script_enabled=False), javascript=False).log_in(other_email)
    other.open(address).sees("From Nordlys Robotikk")
    other.page.locator("main").get_by_role("button", name="supports this").click()
    other.sees("now supports this.").sees("1 partner supports it")

    # The secretariat, from its queue.
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    staff.open("/en/admin/network/input/?status__exact=received")
    staff.page.get_by_role("link", name=TITLE).first.click()
    staff.page.get_by_role("link", name="Answer or move on").click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.locator("[name='status']").select_option("not_taken_up")
    staff.page.locator("[name='answer']").fill("Vi kan ikke betale porto i år.")
    staff.page.get_by_role("button", name="Save and tell the partner").click()
    expect(staff.page.locator("#main")).to_contain_text("Say why it is not taken up.")
    before = len(portal.read_mails(PARTNER))
    staff.page.locator("[name='status']").select_option("taken_up")
    staff.page.get_by_role("button", name="Save and tell the partner").click()
    expect(staff.page.locator("#main")).to_contain_text("The partner is told by mail")

    # Both hear of it and read the answer.
    told = [portal.wait_for_mail(PARTNER, count=before + 1), staff.wait_for_mail(other_email, TITLE)]
    for mail in told:
        assert "Vi kan ikke betale porto i år." in mail.get_body(("plain",)).get_content()
    sender.open(address).sees("It is taken up").sees(re.compile("The secretariat's answer"))
    expect(sender.page.get_by_role("button", name="Withdraw the input")).to_have_count(0)
