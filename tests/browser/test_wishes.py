"""Wish, offer, booking in the browser: a teacher asks for what is missing, a partner that was asked offers a time.

Each page on the way is looked at by axe in both colour schemes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
OWNER = "ingrid.fjelldal@nordlys-robotikk.example.no"
STAFF = "sekretariat@stemportal.example.no"
TEACHER = "mari.solli@alta.example.no"
WORDS = "Vi vil programmere en robot som finner veien ut av en labyrint av is."


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_wish_offer_and_booking(portal: Portal, browser_context: NewContext, javascript: bool) -> None:
    words = f"{WORDS} {'Helst i mars.' if javascript else 'Helst i april.'}"
    teacher = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript).log_in(TEACHER)
    teacher.open("/en/activities/?q=qwxzzyk&grade=9")
    teacher.click("Make it a wish", role="link").look()
    assert teacher.field("text").input_value() == "qwxzzyk"
    make_wish(teacher, words, weeks_ahead=20 if javascript else 30)
    teacher.look().sees("Who was asked")
    address = teacher.page.url
    wait_until_asked(teacher)
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    ask_directly(staff, address.rstrip("/").rpartition("/")[2])

    partner = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript).log_in(OWNER)
    partner.click("Wishes", role="link").look()
    card = partner.page.locator("article", has_text=words)
    expect(card).not_to_contain_text("Mari Solli")
    card.get_by_role("link", name="Offer").click()
    partner.look().sees(words)
    offer_free_time(partner)
    partner.look().sees("Waiting for the teacher")

    teacher.page.goto(address)
    teacher.look().sees("1 offer waits for your answer").sees("Vi har is nok")
    teacher.click("Accept and book")
    teacher.look().sees("Nordlys Robotikk has confirmed your visit")
    partner.page.reload()
    partner.look().sees("Accepted").click("See the booking", role="link")
    partner.sees("You have an agreement with")


def make_wish(teacher: Visitor, words: str, *, weeks_ahead: int) -> None:
    """First without a week, which is told; then for weeks in which the class has nothing else."""
    teacher.fill(text=words)
    teacher.field("kind").select_option(label="Company visit")
    teacher.click("Make the wish").look().sees("This field is required")
    weeks = teacher.field("first_week").locator("option").evaluate_all("all => all.map(one => one.value)")
    teacher.field("first_week").select_option(weeks[weeks_ahead])
    teacher.field("last_week").select_option(weeks[weeks_ahead + 4])
    teacher.click("Make the wish")


def wait_until_asked(teacher: Visitor) -> None:
    """A worker chooses the partners."""
    for _ in range(40):
        if teacher.page.locator("main").get_by_text("may answer any day").count():
            return
        teacher.page.wait_for_timeout(500)
        teacher.page.reload()
    raise AssertionError(teacher.page.locator("main").inner_text())


def ask_directly(staff: Visitor, wish: str) -> None:
    """The secretariat asks the demo partner, in case it was asked so much already that others came first."""
    staff.page.goto(f"{staff.portal.base_url}/en/admin/schools/wish/{wish}/change/")
    choice = staff.page.locator("select[name='partner'] option", has_text="Nordlys Robotikk")
    if choice.count():
        staff.page.locator("select[name='partner']").select_option(choice.first.get_attribute("value"))
        staff.page.get_by_role("button", name="Save", exact=True).click()
        expect(staff.page.locator("body")).to_contain_text("Nordlys Robotikk was asked.")


def offer_free_time(partner: Visitor) -> None:
    """A day in the weeks that were wished for, as the field's limits tell them."""
    day = partner.field("day").get_attribute("min") or ""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    partner.fill(day=day, clock="10:00", note="Vi har is nok.")
    partner.click("Offer it")
