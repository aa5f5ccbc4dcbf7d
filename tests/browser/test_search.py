"""The search in a browser: the map by keyboard, favourites, asking for what is not there, the mail when it comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"
WORD = "gravitasjonsbølger"
NewContext = Callable[..., BrowserContext]

# What a partner's button does, with a copy of an offer that is complete.
PUBLISH = f"""
from stemportal.activities.models import Activity
from stemportal.activities.services.activities import publish_activity
old = Activity.objects.published().filter(kind__code="workshop").order_by("pk").first()
new = Activity.objects.get(pk=old.pk)
new.pk, new.title, new.status, new.published_at = None, "Lytt etter {WORD}", "draft", None
new.save(force_insert=True)
new.subjects.set(old.subjects.all())
publish_activity(activity=new)
"""


def test_map_by_keyboard(portal: Portal, browser_context: NewContext) -> None:
    visitor = Visitor(portal, browser_context(viewport={"width": 1280, "height": 900}))
    visitor.open("/en/activities/?grade=9")
    visitor.click("Map", role="link").look()
    page, spots = visitor.page, visitor.page.locator(".p-map__spot")
    expect(spots.first).to_be_visible()
    first = spots.first.get_attribute("aria-label") or ""
    assert "offer" in first

    # Past it with one key, and around in it with arrows.
    page.get_by_role("link", name="Skip the map").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "map-list"
    place = page.get_by_role("application", name="Map of offers")
    place.focus()
    where = "document.querySelector('.leaflet-map-pane').style.transform"
    before = page.evaluate(where)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{where} !== {before!r}")

    # From county to municipality to its offers, with Enter alone.
    spots.first.focus()
    heading = page.locator("[data-place-heading]")
    for _step in range(9):
        page.keyboard.press("Enter")
        page.wait_for_timeout(700)
        if heading.count():
            break
    expect(heading).to_be_focused()
    number = int(heading.inner_text().split(":")[1].split()[0])
    expect(page.locator("#place-offers article")).to_have_count(min(number, 24))
    visitor.look()
    visitor.click("See them in the list", role="link")
    expect(page.locator("#found-sentence")).to_contain_text(f"{number} offer")


def test_map_without_javascript_is_a_list(portal: Portal, browser_context: NewContext) -> None:
    visitor = Visitor(portal, browser_context(java_script_enabled=False), javascript=False)
    visitor.open("/en/activities/?view=map")
    expect(visitor.page.locator("[data-map]")).to_be_hidden()
    visitor.page.locator("#map-list summary", has_text="Finnmark").click()
    link = visitor.page.locator("#map-list a", has_text="Alta").first
    link.click()
    visitor.sees("Remove all")
    expect(visitor.page.locator("#found article").first).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_favourite_from_the_list(portal: Portal, browser_context: NewContext, javascript: bool) -> None:
    teacher = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript)
    teacher.log_in(TEACHER)
    teacher.open("/en/activities/?kind=competition")
    button = teacher.page.locator("main button[name=keep][value=yes]").first
    name = button.get_attribute("id")
    button.click()
    kept = teacher.page.locator(f"#{name}")
    expect(kept).to_have_attribute("aria-pressed", "true")
    teacher.look()
    teacher.open("/en/activities/favourites/")
    teacher.page.locator(f"#{name}").click()
    if javascript:
        expect(teacher.page.locator(f"#{name}")).to_have_attribute("aria-pressed", "false")
    else:
        expect(teacher.page.locator(f"#{name}")).to_have_count(0)


def test_what_is_not_there_is_asked_for_and_mailed_when_it_comes(portal: Portal, browser_context: NewContext) -> None:
    teacher = Visitor(portal, browser_context(viewport={"width": 360, "height": 780}))
    teacher.log_in(TEACHER)
    teacher.open(f"/en/activities/?q={WORD}&grade=9&place=Alta")
    teacher.sees("No offers fit all of this")
    teacher.sees("Without the words:")
    teacher.click("Ask for this").look()
    teacher.sees("What happens next")

    teacher.open(f"/en/activities/?q={WORD}")
    teacher.click("Save this search", role="link").look()
    teacher.field("name").fill("Bølger")
    teacher.page.get_by_label("As soon as something new fits").check()
    teacher.click("Save").look()
    teacher.sees("We mail you within minutes")
    portal.manage("shell", "-c", PUBLISH)
    mail = teacher.wait_for_mail(TEACHER, "Bølger", seconds=60)
    text = mail.get_body(("plain",)).get_content()
    assert f"Lytt etter {WORD}" in text
    assert "Bølger" in text.rpartition("-- ")[2], "it says why it came"

    stop = text[text.rindex("http") :].strip()
    visitor = Visitor(portal, browser_context())
    visitor.page.goto(stop)
    visitor.look()
    visitor.page.locator("main form button").first.click()
    visitor.page.wait_for_load_state()
    teacher.open("/en/activities/searches/")
    teacher.sees("No mail")
