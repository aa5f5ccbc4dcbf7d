"""The secretariat in a browser: deciding, noting, looking back, merging. Each page on the way is looked at by axe."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.lib.organisation_numbers import synthetic
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"
LIST = "/en/admin/partners/partner/"
NewContext = Callable[..., BrowserContext]

APPLY = """
from stemportal.partners.services.registration import Application, register_partner
register_partner(
    application=Application(
        organisation_number={number!r}, legal_name={name!r}.upper() + " AS", display_name={name!r}, kind="company",
        contact_name="Siri Prøve", contact_email={email!r}, signed_name="Siri Prøve", website={website!r},
    ),
    language={language!r},
    has_proof=True,
)
"""


def apply(portal: Portal, name: str, number: int, *, language: str = "en", website: str = "") -> str:
    """Have an organisation apply, as its form does, and return the contact's address."""
    email = f"siri@{name.lower().replace(' ', '-')}.example.no"
    facts = {"name": name, "number": synthetic(70_000 + number), "email": email, "language": language}
    portal.manage("shell", "-v0", "-c", APPLY.format(**facts, website=website))
    return email


@pytest.fixture
def staff(portal: Portal, browser_context: NewContext) -> Visitor:
    return Visitor(portal, browser_context()).log_in(STAFF)


def press(staff: Visitor, name: str, *, role: str = "button") -> Visitor:
    """Press what has this name on the page (the admin has no main element)."""
    staff.page.locator("#content").get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]
    staff.page.wait_for_load_state()
    return staff.look()


def sees(staff: Visitor, text: str | re.Pattern[str]) -> None:
    expect(staff.page.locator("#main")).to_contain_text(text)


def open_partner(staff: Visitor, name: str) -> Visitor:
    """Find a partner by its name in the list and open its page."""
    staff.open(f"{LIST}?status__exact=all&q={name}")
    staff.page.get_by_role("link", name=name, exact=True).first.click()
    staff.page.wait_for_load_state()
    return staff.look()


def test_chosen_applications_are_declined_with_a_ready_reason(portal: Portal, staff: Visitor) -> None:
    nynorsk = apply(portal, "Sjokolade Sal", 1, language="nn")
    english = apply(portal, "Candy Sales", 2)
    staff.open(LIST)
    for name in ("Sjokolade Sal", "Candy Sales"):
        staff.page.locator("tr", has_text=name).locator("input[type='checkbox']").check()
    staff.page.locator("select[name='action']").first.select_option("decline_selected")
    staff.page.get_by_role("button", name="Run").first.click()
    staff.page.wait_for_load_state()
    staff.look()
    sees(staff, english)
    press(staff, "Decline and send the mails")
    sees(staff, "Choose a reason or write one")
    staff.page.locator("[name='reason']").select_option("sales")
    staff.page.locator("[name='words']").fill("Hilsen Sekretariatet")
    press(staff, "See the mail first")
    sees(staff, "ein stad for sal")
    sees(staff, "no place to sell")
    assert not [mail for mail in portal.read_mails(english) if "About the application" in str(mail["Subject"])]
    press(staff, "Decline and send the mails")
    sees(staff, "2 applications are declined")
    for email, subject, words in (
        (english, "About the application", "no place to sell"),
        (nynorsk, "Om søknaden", "ein stad for sal"),
    ):
        text = staff.wait_for_mail(email, subject).get_body(("plain",)).get_content()
        assert words in text
        assert "Hilsen Sekretariatet" in text


def test_approval_note_pause_and_what_the_history_says(portal: Portal, staff: Visitor) -> None:
    email = apply(portal, "Dybdesonar", 3)
    open_partner(staff, "Dybdesonar")
    sees(staff, "waits for an answer")
    press(staff, "Approve")
    sees(staff, "Dybdesonar is approved")
    assert staff.wait_for_mail(email, "is now a partner")

    open_partner(staff, "Dybdesonar")
    press(staff, "Notes", role="link")
    staff.page.locator("[name='text']").fill("Ring om bassenget")
    staff.page.locator("[name='follow_up_on']").fill(staff.page.evaluate("new Date().toLocaleDateString('sv')"))
    press(staff, "Save the note")
    sees(staff, "Ring om bassenget")

    staff.open("/en/admin/")
    staff.page.get_by_role("link", name=re.compile("Notes to come back to")).click()
    staff.page.wait_for_load_state()
    staff.look()
    sees(staff, "Ring om bassenget")

    open_partner(staff, "Dybdesonar")
    press(staff, "Pause", role="link")
    sees(staff, "While a partner is paused")
    staff.page.locator("[name='note']").fill("Bassenget pusses opp")
    press(staff, "Pause")
    sees(staff, "Dybdesonar is paused")

    open_partner(staff, "Dybdesonar")
    press(staff, "End the partnership", role="link")
    sees(staff, "This happens when you end it")
    press(staff, "History", role="link")
    sees(staff, "Bassenget pusses opp")
    sees(staff, "Approved → Paused")
    sees(staff, "Sekretariatet")


def test_two_registrations_become_one(portal: Portal, staff: Visitor) -> None:
    apply(portal, "Gripearm Teknikk", 4, website="https://gammel.example.no")
    late = apply(portal, "Gripearm Tekniikk", 5, website="https://ny.example.no")
    open_partner(staff, "Gripearm Teknikk")
    press(staff, "Approve")
    open_partner(staff, "Gripearm Tekniikk")
    sees(staff, "Nearly the same name")
    press(staff, "Merge with another registration", role="link")
    press(staff, "Compare with Gripearm Teknikk", role="link")
    sees(staff, "Gripearm Teknikk stays")
    staff.page.locator("[name='fact-website'][value='other']").check()
    press(staff, "Make them one")
    sees(staff, "Gripearm Tekniikk is now part of Gripearm Teknikk.")
    expect(staff.page.locator("[name='website']")).to_have_value("https://ny.example.no")
    sees(staff, late)
    assert staff.wait_for_mail(late, "are now one partner")

    press(staff, "People", role="link")
    expect(staff.page.locator("#memberships-group")).to_be_visible()
    staff.open("/en/partners/gripearm-tekniikk/")
    assert staff.page.url.endswith("/partners/gripearm-teknikk/")


def test_ready_reasons_are_looked_at_as_mails(staff: Visitor) -> None:
    staff.open("/en/admin/partners/declinereason/")
    staff.page.get_by_role("link", name="Selger til skoler").click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.get_by_role("link", name="See the mail").first.click()
    staff.page.wait_for_load_state()
    staff.look()
    for words in ("et sted for salg", "ein stad for sal", "no place to sell"):
        sees(staff, words)
