"""A school's own pages: the classes, carried over to the next school year with one button, and the school's page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"


def test_teacher_carries_a_class_over(portal: Portal, browser_context: Callable[..., BrowserContext]) -> None:
    visitor = Visitor(portal, browser_context(locale="en")).log_in(TEACHER)
    visitor.open("/en/me/classes/new/").fill(name="9Q", pupils="24")
    visitor.field("grade").select_option(label="9th grade")
    visitor.click("Save").look()
    next_year = visitor.page.locator("section", has_text="Next school year")
    # Only this one: other tests use the school's classes too.
    for box in next_year.get_by_role("checkbox").all():
        box.uncheck()
    next_year.get_by_label("9Q").check()
    visitor.click("Carry over").sees("10Q")
    visitor.look()
    assert next_year.get_by_role("row", name="10Q").count() == 1
    assert next_year.get_by_label("9Q").count() == 0, "it is carried over once"
    visitor.click("My school", role="link", exact=True).sees("About the school").sees("9Q")
    visitor.look()
